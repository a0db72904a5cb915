"""Which region of AWS a finding is for: a request holds those of one, and goes to that region's Security Hub."""

from __future__ import annotations

import re
from typing import Final

import msgspec

_ARN: Final = re.compile(r"arn:[^:]+:securityhub:([a-z0-9-]{1,32}):[^:]*:product/.+", re.ASCII | re.DOTALL)

_PARTITIONS: Final = (
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-isof-", "aws-iso-f"),
    ("eusc-", "aws-eusc"),
)
"""The partitions of regions that start so, as botocore's `partitions.json` has them."""
_COMMON: Final = re.compile(r"(?:us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d+", re.ASCII)
"""The regions of the partition `aws`, from the same source."""


class _Finding(msgspec.Struct):
    product_arn: object = msgspec.field(default=None, name="ProductArn")


_decoder: Final = msgspec.json.Decoder(_Finding)


def partition_of(region: str) -> str:
    """The part of AWS that a region belongs to; empty for a region that is not known here."""
    common = "aws" if _COMMON.fullmatch(region) else ""
    return next((partition for start, partition in _PARTITIONS if region.startswith(start)), common)


def region_of(raw: bytes) -> str:
    """The region in the `ProductArn` of a finding of AWS, which it must be imported in; empty where there is none."""
    try:
        arn = _decoder.decode(raw).product_arn
    except (msgspec.DecodeError, RecursionError):
        return ""
    found = _ARN.fullmatch(arn) if isinstance(arn, str) else None
    return found[1] if found is not None else ""
