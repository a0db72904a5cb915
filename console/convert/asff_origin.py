"""Whose finding it is in AWS: the account, the region, and the product that reports it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from console.convert.asff_limits import ACCOUNT_PATTERN, LONGEST_ARN, MOST_RESOURCES, PRODUCT_ARN_PATTERN
from console.convert.asff_regions import partition_of
from console.convert.changes import CannotConvert, Change, ChangeKind
from console.convert.taking import Taking

_PRODUCT_ARN: Final = re.compile(PRODUCT_ARN_PATTERN.removesuffix("$") + r"\Z")
_ACCOUNT: Final = re.compile(ACCOUNT_PATTERN.removesuffix("$") + r"\Z", re.ASCII)
_REGION: Final = re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}", re.ASCII)
_PARTITION: Final = re.compile(r"aws(?:-[a-z]+)*", re.ASCII)
_COMMON: Final = "aws"
"""The partition of what names none."""
_AWS_ACCOUNT: Final = 10
"""`cloud.account.type_id` of an AWS account."""


@dataclass(frozen=True, slots=True)
class AsffOptions:
    """What findings of AWS need, and not every record says. The record's own word counts where it has one."""

    account: str = ""
    """The account of a finding that is about none of AWS: 12 digits."""
    region: str = ""
    """The region of a finding that is about none of AWS."""
    partition: str = ""
    """The partition, such as `aws-cn`; that of the region, where it is empty."""
    product_arn: str = ""
    """The ARN of the product that reports; the account's default product, where it is empty."""
    unknown_severity: str = ""
    """The label of findings whose severity is unknown; where it is empty, they are not converted."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose finding it is."""

    is_aws: bool
    """Whether the record is about something in AWS."""
    account: str
    account_is_own: bool
    """Whether the record names the account."""
    partition: str
    region: str
    product_arn: str
    is_default_product: bool
    """Whether the ARN is that of the account's default product, for which the names of the product may be set."""


def is_account(text: str) -> bool:
    """Whether *text* could be the number of an account."""
    return _ACCOUNT.match(text) is not None


def is_product_arn(text: str) -> bool:
    """Whether *text* has the shape of a product's ARN."""
    return len(text) <= LONGEST_ARN and _PRODUCT_ARN.match(text) is not None


def is_partition(text: str) -> bool:
    """Whether *text* could be the name of a partition of AWS."""
    return _PARTITION.fullmatch(text) is not None


def is_region(text: str) -> bool:
    """Whether *text* could be the name of a region of AWS."""
    return _REGION.fullmatch(text) is not None


def origin_of(event: Taking, options: AsffOptions) -> Origin:
    """Whose finding *event* is. Nothing is taken but what goes nowhere else. Raises `CannotConvert`."""
    cloud = event.object("cloud")
    account = cloud.object("account")
    first = next(iter(event.objects("resources", MOST_RESOURCES) or [event.object("resource")]))
    is_aws = _is_aws(cloud, account, first)
    own_account = account.sees("uid") if is_aws else ""
    own_account = own_account if is_account(own_account) else ""
    if own_account:
        account.text("uid", "'AwsAccountId'")
    elif options.account:
        _filled_in(event, "AwsAccountId", "The record names no AWS account: it is the one that was given.")
    else:
        raise CannotConvert("asff_account_missing", "cloud.account.uid", "It names no AWS account; none was given.")
    number = own_account or options.account
    region, own_partition = _region(cloud, first, is_aws=is_aws), first.sees("cloud_partition")
    if options.product_arn:
        return Origin(
            is_aws, number, bool(own_account), options.product_arn.split(":")[1], region, options.product_arn, False
        )
    chosen = region or options.region
    if not chosen:
        raise CannotConvert("asff_region_missing", "cloud.region", "It names no AWS region; none was given.")
    own_partition = own_partition if is_aws and _PARTITION.fullmatch(own_partition) else ""
    known = partition_of(chosen)
    partition = known or own_partition or options.partition
    if not region:
        partition = options.partition or known or own_partition
    whose = "of the record's region" if region else "of the region that was given: the record names none of AWS"
    _filled_in(event, "ProductArn", f"It is the account's default product, {whose}.")
    partition = partition or _COMMON
    arn = f"arn:{partition}:securityhub:{chosen}:{number}:product/{number}/default"
    return Origin(is_aws, number, bool(own_account), partition, chosen, arn, True)


def _is_aws(cloud: Taking, account: Taking, resource: Taking) -> bool:
    """Whether the record says that it is about AWS: by the provider, or else by the account or the partition."""
    provider = cloud.sees("provider")
    if provider:
        return provider.lower() == "aws"
    return account.look("type_id") == _AWS_ACCOUNT or bool(_PARTITION.fullmatch(resource.sees("cloud_partition")))


def _region(cloud: Taking, resource: Taking, *, is_aws: bool) -> str:
    """The region of AWS that the record names; empty where it names none."""
    named = (resource.sees("region"), cloud.sees("region")) if is_aws else ()
    return next((one for one in named if is_region(one)), "")


def _filled_in(event: Taking, path: str, message: str) -> None:
    event.changes.append(Change(ChangeKind.FILLED_IN, path, message))
