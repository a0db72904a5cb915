"""Which region of AWS a finding is for: a request holds those of one, and goes to that region's Security Hub."""

from __future__ import annotations

import re
from typing import Final

import msgspec

_ARN: Final = re.compile(r"arn:[^:]+:securityhub:([a-z0-9-]{1,32}):[^:]*:product/.+", re.ASCII | re.DOTALL)


class _Finding(msgspec.Struct):
    product_arn: object = msgspec.field(default=None, name="ProductArn")


_decoder: Final = msgspec.json.Decoder(_Finding)


def region_of(raw: bytes) -> str:
    """The region in the `ProductArn` of a finding of AWS, which it must be imported in; empty where there is none."""
    try:
        arn = _decoder.decode(raw).product_arn
    except (msgspec.DecodeError, RecursionError):
        return ""
    found = _ARN.fullmatch(arn) if isinstance(arn, str) else None
    return found[1] if found is not None else ""
