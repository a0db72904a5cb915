"""What a finding must have in common with the account and region that it is imported into. Offline.

Security Hub refuses the whole request for one finding that breaks any of this, and says `AccessDeniedException`, which
reads like a missing permission (prowler-cloud/prowler, issues 711 and 867).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from console.convert.asff_regions import partition_of
from console.ocsf.issues import Issue, Severity

if TYPE_CHECKING:
    from console.targets.security_hub.aws import Place  # which takes long to load, and is not needed offline

_ARN: Final = re.compile(r"arn:([^:]+):securityhub:([^:]*):([^:]*):product/([^/]+)/([^/]+)")
_DEFAULT: Final = "default"
_REFUSES: Final = "Security Hub would refuse the whole request"


def disagreements(finding: Mapping[str, object], place: Place | None = None) -> Iterator[Issue]:
    """The issues of a finding that belongs elsewhere; without a *place*, of one that contradicts itself.

    Of one without the attributes nothing is said: the rules do.
    """
    arn = finding.get("ProductArn")
    parts = _ARN.fullmatch(arn) if isinstance(arn, str) else None
    caller = place.account_id if place is not None else None
    if parts is not None:
        partition, region, account, company, product = parts.groups()
        if place is not None and region != place.region:
            yield _error(
                "region",
                "ProductArn",
                f"names the region {region!r}, and the target is in {place.region!r}",
                " More regions can be named in the target's configuration.",
            )
        expected = place.partition if place is not None else partition_of(region)
        if partition != expected and expected:
            other = "the target" if place is not None else f"{region!r}"
            yield _error(
                "partition", "ProductArn", f"names the partition {partition!r}, and {other} is in {expected!r}"
            )
        if product == _DEFAULT:
            if account != company:
                yield _error("account", "ProductArn", f"names two accounts, {account!r} and {company!r}")
            elif caller is not None and account != caller:
                yield _error("account", "ProductArn", f"names the account {account!r}, and the target is {caller!r}")
            caller = caller or account  # nobody else may use that product
        if place is not None and place.product_arn is not None and arn != place.product_arn and product != _DEFAULT:
            yield Issue(
                Severity.WARNING,
                "asff_other_product",
                "ProductArn",
                f"'ProductArn' is not the product of the target, {place.product_arn!r}: it must be enabled too.",
            )
    owner = finding.get("AwsAccountId")
    if caller is not None and isinstance(owner, str) and owner != caller:
        yield _error("account", "AwsAccountId", f"is {owner!r}, and findings are imported for {caller!r}")


def _error(what: str, path: str, message: str, advice: str = "") -> Issue:
    return Issue(Severity.ERROR, f"asff_other_{what}", path, f"{path!r} {message}: {_REFUSES}.{advice}")
