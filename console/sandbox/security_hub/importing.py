"""BatchImportFindings: each finding is checked, created, updated or ignored, and the answer counts them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from console.records.model import JsonValue
from console.sandbox.security_hub.merging import created, timestamp, updated
from console.sandbox.security_hub.products import Account, check_caller
from console.sandbox.security_hub.requests import SentFinding, parse_findings
from console.sandbox.security_hub.store import CREATED, IGNORED, UPDATED, Change, Identifier, Store, Stored, Taken
from console.targets.security_hub.asff import FINDING_BYTES
from console.targets.security_hub.moments import milliseconds
from console.targets.security_hub.rules import errors_of, refusal

_TOO_LARGE: Final = ("FindingSizeExceeded", "Finding size exceeded 240 KB")
"""What BatchUpdateFindings is documented to say. What BatchImportFindings says is not published."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A finding that was not imported."""

    id: str
    """Its `Id`; empty when it has none."""
    code: str
    message: str

    def as_json(self) -> dict[str, JsonValue]:
        """It as the service shows it."""
        return {"Id": self.id, "ErrorCode": self.code, "ErrorMessage": self.message}


def import_findings(
    body: bytes, account: Account, store: Store, now: datetime, tell: Callable[[Sequence[Taken]], None]
) -> dict[str, JsonValue]:
    """The answer to a request whose body this is. Everything good in it is kept before this returns.

    *tell* is told what was taken in. Raises `Problem` when nothing of it is taken.
    """
    sent = parse_findings(body)
    for one in sent:
        check_caller(one.finding, account)
    failures: list[Failure] = []
    good: list[SentFinding] = []
    for one in sent:
        failure = _failure(one)
        if failure is None:
            good.append(one)
        else:
            failures.append(failure)
    tell(_keep(good, account, store, now))
    return {
        "FailedCount": len(failures),
        "SuccessCount": len(good),
        "FailedFindings": [failure.as_json() for failure in failures],
    }


def _failure(sent: SentFinding) -> Failure | None:
    identity = sent.finding.get("Id")
    known = identity if isinstance(identity, str) else ""
    if len(sent.raw) > FINDING_BYTES:
        return Failure(known, *_TOO_LARGE)
    errors = errors_of(sent.finding)
    return Failure(known, "InvalidInput", refusal(errors)) if errors else None


def _keep(good: Sequence[SentFinding], account: Account, store: Store, now: datetime) -> Sequence[Taken]:
    """Keep the findings, all or none. Of those in one request with the same identity the last one counts."""
    taken: list[Taken] = []
    last = {_identifier(sent): at for at, sent in enumerate(good)}
    with store.changing() as change:
        for at, sent in enumerate(good):
            identifier = _identifier(sent)
            outcome = _put(sent, identifier, change, account, now) if last[identifier] == at else IGNORED
            taken.append(Taken(identifier, sha256(sent.raw).hexdigest(), outcome, timestamp(now)))
            change.take(taken[-1])
    return taken


def _identifier(sent: SentFinding) -> Identifier:
    return Identifier(str(sent.finding["ProductArn"]), str(sent.finding["Id"]))


def _put(sent: SentFinding, identifier: Identifier, change: Change, account: Account, now: datetime) -> str:
    """Create or update a finding, unless it is no newer than the one that is there. Returns what was done."""
    at = milliseconds(str(sent.finding["UpdatedAt"]))
    assert at is not None  # noqa: S101 - the check of the format has seen to that
    stored = change.find(identifier)
    if stored is None:
        change.put(identifier, Stored(created(sent.finding, account, now), at))
        return CREATED
    if at <= stored.updated_at:
        return IGNORED
    made = updated(stored.finding, sent.finding, stored.touched, account, now)
    change.put(identifier, Stored(made, at, stored.touched))
    return UPDATED
