"""The JSON of requests: taken apart without trusting it, and refused in AWS's words.

The service says `SerializationException` of what is no JSON object; the messages are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from console.limits import Limits
from console.records.decode import BadRecord, decode
from console.records.model import JsonValue
from console.sandbox.security_hub.answers import Problem, invalid_input

REQUEST_BYTES: Final = 6 * 1024 * 1024
"""How large a request may be."""
MAX_FINDINGS: Final = 100
"""How many findings, or identifiers of findings, a request may hold."""

_LIMITS: Final = Limits(record_bytes=REQUEST_BYTES, depth=64, digits=400)
_envelope: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_array: Final = msgspec.json.Decoder(list[msgspec.Raw])


@dataclass(frozen=True, slots=True)
class SentFinding:
    """A finding of a request: its bytes, and what they mean."""

    raw: bytes
    finding: dict[str, JsonValue]


def parse_findings(body: bytes) -> Sequence[SentFinding]:
    """The findings of a BatchImportFindings request. Raises `Problem`."""
    try:
        found = _envelope.decode(body or b"{}").get("Findings")
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _no_json(error) from error
    if found is None or bytes(found) == b"null":
        raise invalid_input("Missing required parameter 'Findings'.")
    try:
        elements = [bytes(element) for element in _array.decode(found)]
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise serialization_problem("'Findings' is not a list.") from error
    check_size("Findings", len(elements))
    return [SentFinding(raw, _element(index, raw)) for index, raw in enumerate(elements)]


def parse_object(body: bytes) -> dict[str, JsonValue]:
    """The body of another request; one that is empty counts as an empty object. Raises `Problem`."""
    try:
        return decode(body or b"{}", _LIMITS)
    except BadRecord as error:
        raise serialization_problem(error.message) from error


def check_size(name: str, size: int) -> None:
    """Refuse a list that is empty or too long. Raises `Problem`."""
    if size > MAX_FINDINGS:
        raise invalid_input(f"Invalid parameter '{name}'. Size '{size}' is greater than maximum value: {MAX_FINDINGS}.")
    if size < 1:
        raise invalid_input(f"Invalid parameter '{name}'. Size '{size}' is less than minimum value: 1.")


def serialization_problem(message: str) -> Problem:
    """The answer to what can't be read as the operation's input."""
    return Problem(400, "SerializationException", message)


def _element(index: int, raw: bytes) -> dict[str, JsonValue]:
    try:
        return decode(raw, _LIMITS)
    except BadRecord as error:
        raise serialization_problem(f"Findings[{index}]: {error.message}") from error


def _no_json(error: Exception) -> Problem:
    said = "nested too deep" if isinstance(error, RecursionError) else str(error)
    return serialization_problem(f"The request is not a JSON object: {said}.")
