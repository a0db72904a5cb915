"""Whose findings an account may import: product ARNs, regions and accounts.

Everything that is wrong here the service answers with the same misleading `AccessDeniedException`, as AWS's support has
confirmed (prowler-cloud/prowler, issue 867).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from console.convert.asff_regions import partition_of
from console.sandbox.security_hub.answers import Problem, invalid_input
from console.targets.security_hub.asff import ARN

PROWLER: Final = "prowler/prowler"
"""Prowler's company and product."""
_ARN: Final = re.compile(r"arn:([^:]+):securityhub:([^:]+):([^:]*):product/([^/]+)/([^/]+)")
_DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True)
class Account:
    """The account that clients speak for, and what it is set up for."""

    id: str
    region: str
    user: str = "sandbox"
    """The name of the IAM user that the access key belongs to."""
    integrations: tuple[str, ...] = (PROWLER,)
    """Products that the account has enabled, as `company/product`."""

    @property
    def partition(self) -> str:
        """The part of AWS that the region belongs to."""
        return partition_of(self.region) or "aws"

    @property
    def user_arn(self) -> str:
        """Who clients are."""
        return f"arn:{self.partition}:iam::{self.id}:user/{self.user}"

    @property
    def hub_arn(self) -> str:
        """The account's hub in the region."""
        return f"arn:{self.partition}:securityhub:{self.region}:{self.id}:hub/default"

    @property
    def default_product_arn(self) -> str:
        """What an account's own findings are imported under."""
        return f"arn:{self.partition}:securityhub:{self.region}:{self.id}:product/{self.id}/{_DEFAULT}"

    def product_arn(self, integration: str) -> str:
        """What a partner's findings are imported under."""
        return f"arn:{self.partition}:securityhub:{self.region}::product/{integration}"

    def subscription_arn(self, integration: str) -> str:
        """That the account has enabled a partner's product."""
        return f"arn:{self.partition}:securityhub:{self.region}:{self.id}:product-subscription/{integration}"

    def may_import(self, product_arn: str) -> bool:
        """Whether findings of this product are taken."""
        return product_arn == self.default_product_arn or product_arn in map(self.product_arn, self.integrations)


@dataclass(frozen=True, slots=True)
class Product:
    """Names that the service shows for a product."""

    name: str
    company: str


def product_of(product_arn: str) -> Product:
    """The names of a product: of an account's own findings the service's, of others those in the ARN.

    AWS keeps the partners' names; of those in the ARN ours are the capitalised words.
    """
    found = _ARN.fullmatch(product_arn)
    if found is None or found[5] == _DEFAULT:
        return Product("Default", "Personal")
    return Product(_capitalised(found[5]), _capitalised(found[4]))


def check_caller(finding: Mapping[str, object], account: Account) -> None:
    """Refuse the whole request because of one finding that the caller may not import. Raises `Problem`.

    A finding without the attributes, or with an ARN of no possible length, is left to the check of its format.
    """
    product_arn = finding.get("ProductArn")
    if not isinstance(product_arn, str) or not ARN.shortest <= len(product_arn) <= (ARN.longest or 0):
        return
    if not _ARN.fullmatch(product_arn):
        raise invalid_input(f'productArn: "{product_arn}"')
    owner = finding.get("AwsAccountId")
    if account.may_import(product_arn) and (owner == account.id or not isinstance(owner, str)):
        return
    message = (
        f"User: {account.user_arn} is not authorized to perform: securityhub:BatchImportFindings on resource:"
        f" {product_arn}"
    )
    raise Problem(403, "AccessDeniedException", message)


def _capitalised(words: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in words.split("-"))
