"""GetFindings, DescribeHub and ListEnabledProductsForImport: what the account has."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final, TypeVar

from console.credentials import Secret
from console.records.model import JsonValue
from console.sandbox.security_hub.answers import Problem, invalid_input
from console.sandbox.security_hub.attributes import ATTRIBUTES, Attribute, Kind
from console.sandbox.security_hub.filters import condition
from console.sandbox.security_hub.merging import Finding, timestamp
from console.sandbox.security_hub.products import Account
from console.sandbox.security_hub.requests import parse_object
from console.sandbox.security_hub.store import Store
from console.targets.security_hub.moments import milliseconds

MAX_RESULTS: Final = 100
"""How many a page has at most, and by default. The default is not published."""
_MAC_BYTES: Final = 32
_NO_SUCH_TOKEN: Final = "Invalid parameter 'NextToken'."  # noqa: S105 - a message
_SORTED: Final = (Kind.STRING, Kind.DATE, Kind.NUMBER)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pager:
    """Cuts lists into pages. Its tokens can't be made or changed by clients, and are good for one question only."""

    secret: Secret

    def page(self, items: Sequence[T], question: str, size: int, token: str | None) -> tuple[Sequence[T], str | None]:
        """The items after *token*, and the token of the next page; None after the last. Raises `Problem`."""
        start = 0 if token is None else self._start(token, question)
        end = start + size
        return items[start:end], self._token(end, question) if end < len(items) else None

    def _token(self, start: int, question: str) -> str:
        return urlsafe_b64encode(self._mac(start, question) + str(start).encode()).decode()

    def _start(self, token: str, question: str) -> int:
        try:
            found = urlsafe_b64decode(token.encode())
        except ValueError as error:
            raise invalid_input(_NO_SUCH_TOKEN) from error
        mac, digits = found[:_MAC_BYTES], found[_MAC_BYTES:]
        start = int(digits) if digits.isdigit() and len(digits) < 20 else 0
        if not hmac.compare_digest(mac, self._mac(start, question)):
            raise invalid_input(_NO_SUCH_TOKEN)
        return start

    def _mac(self, start: int, question: str) -> bytes:
        asked = sha256(question.encode()).hexdigest()
        return hmac.digest(self.secret.reveal().encode(), f"next-token {start} {asked}".encode(), "sha256")


def get_findings(body: bytes, store: Store, pager: Pager, now: datetime) -> dict[str, JsonValue]:
    """The answer to a request whose body this is. Raises `Problem`."""
    asked = parse_object(body)
    meets = condition(asked.get("Filters"), now)
    order = _order(asked.get("SortCriteria"))
    size = _size(asked.get("MaxResults"))
    token = asked.get("NextToken")
    if token is not None and not isinstance(token, str):
        raise invalid_input(_NO_SUCH_TOKEN)
    findings = [finding for finding in store.findings() if meets(finding)]
    for attribute, descending in reversed(order):
        findings = _sorted(findings, attribute, descending=descending)
    question = json.dumps([asked.get("Filters"), asked.get("SortCriteria")], sort_keys=True)
    page, following = pager.page(findings, question, size, token)
    answer: dict[str, JsonValue] = {"Findings": list(page)}
    return answer if following is None else {**answer, "NextToken": following}


def describe_hub(query: Mapping[str, str], account: Account, since: datetime) -> dict[str, JsonValue]:
    """The answer about the account's hub. Raises `Problem` when another one is asked for."""
    if query.get("HubArn", account.hub_arn) != account.hub_arn:
        message = f"Hub {query['HubArn']} was not found."
        raise Problem(404, "ResourceNotFoundException", message)
    return {
        "HubArn": account.hub_arn,
        "SubscribedAt": timestamp(since),
        "AutoEnableControls": True,
        "ControlFindingGenerator": "SECURITY_CONTROL",
    }


def list_products(query: Mapping[str, str], account: Account, pager: Pager) -> dict[str, JsonValue]:
    """The answer about enabled integrations. Raises `Problem`."""
    text = query.get("MaxResults")
    digits = text is not None and text.isascii() and text.isdigit() and len(text) <= 3
    size = _size(int(text) if text is not None and digits else text)
    subscriptions = [account.subscription_arn(integration) for integration in account.integrations]
    page, following = pager.page(subscriptions, "products", size, query.get("NextToken"))
    answer: dict[str, JsonValue] = {"ProductSubscriptions": list(page)}
    return answer if following is None else {**answer, "NextToken": following}


def _size(asked: JsonValue) -> int:
    if asked is None:
        return MAX_RESULTS
    if isinstance(asked, bool) or not isinstance(asked, int) or not 1 <= asked <= MAX_RESULTS:
        raise invalid_input(f"Invalid parameter 'MaxResults'. It must be a whole number from 1 to {MAX_RESULTS}.")
    return asked


def _order(asked: JsonValue) -> list[tuple[Attribute, bool]]:
    """What to sort by, first things first, and whether from the largest down."""
    if asked is None:
        return []
    if not isinstance(asked, list):
        raise invalid_input("Invalid parameter 'SortCriteria': a list is expected.")
    return [_criterion(at, criterion) for at, criterion in enumerate(asked)]


def _criterion(at: int, asked: JsonValue) -> tuple[Attribute, bool]:
    field = asked.get("Field") if isinstance(asked, dict) else None
    attribute = ATTRIBUTES.get(field) if isinstance(field, str) else None
    if not isinstance(asked, dict) or attribute is None or attribute.kind not in _SORTED:
        raise invalid_input(f"Invalid parameter 'SortCriteria[{at}].Field': there is no such attribute to sort by.")
    order = asked.get("SortOrder", "asc")
    if order not in ("asc", "desc"):
        raise invalid_input(f"Invalid parameter 'SortCriteria[{at}].SortOrder': it must be asc or desc.")
    return attribute, order == "desc"


def _sorted(findings: list[Finding], attribute: Attribute, *, descending: bool) -> list[Finding]:
    return sorted(findings, key=lambda finding: _sort_key(attribute, finding), reverse=descending)


def _sort_key(attribute: Attribute, finding: Finding) -> tuple[bool, float, str]:
    """By what a finding is sorted: its first value there. Those without any come first."""
    for value in attribute.values(finding):
        if attribute.kind is Kind.NUMBER and isinstance(value, int | float):
            return True, min(max(value, -1e300), 1e300), ""
        if isinstance(value, str):
            at = milliseconds(value) if attribute.kind is Kind.DATE else None
            return True, float(at or 0), "" if at is not None else value
    return False, 0.0, ""
