"""BatchUpdateFindings: what a customer notes on findings, and providers may not overwrite."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from console.records.model import JsonValue
from console.sandbox.security_hub.answers import invalid_input
from console.sandbox.security_hub.merging import with_changes
from console.sandbox.security_hub.requests import check_size, parse_object
from console.sandbox.security_hub.store import Change, Identifier, Store, Stored, as_text
from console.targets.security_hub.asff import (
    FINDING_BYTES,
    NOTE,
    PROVIDER_FIELDS,
    RELATED_FINDINGS,
    SCORE,
    SEVERITY_LABELS,
    TYPES,
    USER_DEFINED_FIELDS,
    VERIFICATION_STATE,
    WORKFLOW,
)
from console.targets.security_hub.kinds import Items, Number, Shape, Text
from console.targets.security_hub.walker import compiled

_CHANGES: Final = Shape(
    {
        "Note": Shape({name: NOTE.members[name] for name in ("Text", "UpdatedBy")}, ("Text", "UpdatedBy")),
        "Severity": Shape(
            {"Normalized": SCORE, "Product": Number(whole=False), "Label": Text(allowed=SEVERITY_LABELS)}
        ),
        "VerificationState": VERIFICATION_STATE,
        "Confidence": SCORE,
        "Criticality": SCORE,
        "Types": TYPES,
        "UserDefinedFields": USER_DEFINED_FIELDS,
        "Workflow": WORKFLOW,
        "RelatedFindings": RELATED_FINDINGS,
    }
)
_IDENTIFIER: Final = Shape({"Id": Text(), "ProductArn": Text()}, ("Id", "ProductArn"))
_check: Final = compiled(Shape({"FindingIdentifiers": Items(_IDENTIFIER), **_CHANGES.members}))

_DUPLICATED: Final = ("DuplicatedFindingIdentifier", "Finding Identifier is duplicated")
_NOT_FOUND: Final = ("FindingNotFound", "Finding Not Found")
_TOO_LARGE: Final = ("FindingSizeExceeded", "Finding size exceeded 240 KB")


def update_findings(body: bytes, store: Store, now: datetime) -> dict[str, JsonValue]:
    """The answer to a request whose body this is. What it changed is kept before this returns. Raises `Problem`."""
    asked = parse_object(body)
    identifiers = _identifiers(asked)
    changes = {name: value for name, value in asked.items() if name in _CHANGES.members and value is not None}
    processed: list[JsonValue] = []
    unprocessed: list[JsonValue] = []
    seen: set[Identifier] = set()
    with store.changing() as change:
        for identifier in identifiers:
            wrong = _DUPLICATED if identifier in seen else _update(change, identifier, changes, now)
            seen.add(identifier)
            shown: dict[str, JsonValue] = {"Id": identifier.id, "ProductArn": identifier.product_arn}
            if wrong is None:
                processed.append(shown)
            else:
                unprocessed.append({"FindingIdentifier": shown, "ErrorCode": wrong[0], "ErrorMessage": wrong[1]})
    return {"ProcessedFindings": processed, "UnprocessedFindings": unprocessed}


def _identifiers(asked: Mapping[str, JsonValue]) -> list[Identifier]:
    """Whose findings are meant. Raises `Problem` for that, and for values that none of them can take."""
    named = asked.get("FindingIdentifiers")
    if named is None:
        raise invalid_input("Missing required parameter 'FindingIdentifiers'.")
    wrong = _check({name: value for name, value in asked.items() if value is not None})
    if wrong or not isinstance(named, list):
        said = ", ".join(f"data{complaint.path} {complaint.text}" for complaint in wrong)
        raise invalid_input(f"Invalid parameter in the request. {said}.")
    check_size("FindingIdentifiers", len(named))
    return [Identifier(str(one["ProductArn"]), str(one["Id"])) for one in named if isinstance(one, dict)]


def _update(
    change: Change, identifier: Identifier, changes: Mapping[str, JsonValue], now: datetime
) -> tuple[str, str] | None:
    """Change one finding. Returns what is wrong, by code and message, when it is not changed."""
    stored = change.find(identifier)
    if stored is None:
        return _NOT_FOUND
    made = with_changes(stored.finding, changes, now)
    if len(as_text(made).encode()) > FINDING_BYTES:
        return _TOO_LARGE
    touched = {*stored.touched, *(name for name in changes if name in PROVIDER_FIELDS)}
    change.put(identifier, Stored(made, stored.updated_at, touched))
    return None
