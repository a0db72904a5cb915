"""What Security Hub answers, taken apart: the count of an import, and errors in each of their forms.

The service writes JSON with `Message` and `Code`, the gateway before it JSON with `message`, other parts of AWS XML,
and proxies HTML. The name of an error is in a header, or in the body under one of several names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from typing import Final

from console.display import safe_text
from console.limits import Limits
from console.records.decode import BadRecord, decode
from console.records.model import JsonValue
from console.targets.http import ANSWER_LIMIT, Response

_LIMITS: Final = Limits(record_bytes=ANSWER_LIMIT, depth=64, digits=40)
"""What is larger or deeper could not be kept in the ledger."""
_QUOTED: Final = 300
_MOST: Final = 2**53
_NAMES: Final = ("__type", "Code", "code", "errorType")
_MESSAGES: Final = ("Message", "message", "errorMessage")
_XML: Final = {
    name: re.compile(rf"<{name}>([^<]{{0,2000}})</{name}>", re.IGNORECASE) for name in ("Code", "Message", "RequestId")
}


@dataclass(frozen=True, slots=True)
class FailedFinding:
    """A finding that was not imported. All text in it is foreign."""

    id: str
    code: str
    message: str
    raw: dict[str, JsonValue]
    """As the service wrote it."""


@dataclass(frozen=True, slots=True)
class Imported:
    """The count of an import. Nothing says that it adds up."""

    successes: int
    failures: int
    failed: Sequence[FailedFinding]
    raw: dict[str, JsonValue]
    """The whole answer."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is no success. All text in it is foreign and fit to show."""

    status: int
    name: str
    """By which AWS tells errors apart, as in `AccessDeniedException`; empty where there is none."""
    said: str
    """AWS's own sentence; what the answer is where there is none."""
    request_id: str
    """By which AWS's support finds the request."""
    of_aws: bool
    """Whether it can be told that AWS answered, and not something on the way."""


def read_import(response: Response) -> Imported | None:
    """The count of an import; None for an answer that is none. Its media type is not asked for: some get it wrong."""
    document = _document(response)
    successes, failures = _count(document.get("SuccessCount")), _count(document.get("FailedCount"))
    listed = document.get("FailedFindings")
    entries = listed if isinstance(listed, list) else []
    if successes is None or failures is None or not all(isinstance(entry, dict) for entry in entries):
        return None
    return Imported(successes, failures, [_failed(entry) for entry in entries if isinstance(entry, dict)], document)


def read_refusal(response: Response) -> Refusal:
    """An answer that is no success, understood as far as it can be."""
    document = _document(response)
    nested = document.get("Error") or document.get("error")
    places = [document, nested] if isinstance(nested, dict) else [document]
    xml = "" if document else response.body.decode("utf-8", "replace")
    name = (
        response.headers.get("x-amzn-errortype")
        or next((found for place in places for key in _NAMES if (found := _text(place, key))), "")
        or _tagged(xml, "Code")
    )
    said = next((found for place in places for key in _MESSAGES if (found := _text(place, key))), "") or _tagged(
        xml, "Message"
    )
    request_id = request_id_of(response) or safe_text(_tagged(xml, "RequestId"), width=80)
    return Refusal(
        status=response.status,
        name=_short(name),
        said=safe_text(said or what_it_is(response), width=_QUOTED),
        request_id=request_id,
        of_aws=bool(name or request_id),
    )


def read_object(response: Response) -> dict[str, JsonValue] | None:
    """The JSON object of an answer; None for anything else."""
    if not response.whole:
        return None
    try:
        return decode(response.body, _LIMITS)
    except BadRecord:
        return None


def request_id_of(response: Response) -> str:
    """What AWS's support finds the request by; empty where there is none."""
    found = response.headers.get("x-amzn-requestid") or response.headers.get("x-amz-request-id") or ""
    return safe_text(found, width=80)


def what_it_is(response: Response) -> str:
    """Name a body that is not the service's, without quoting it."""
    if not response.whole:
        return "a reply that could not be read whole"
    start = response.body[:1_000].lstrip().lower()
    if not start:
        return "an empty reply"
    if response.media_type == "text/html" or start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    return "a reply that is not Security Hub's"


def _document(response: Response) -> dict[str, JsonValue]:
    return read_object(response) or {}


def _failed(entry: dict[str, JsonValue]) -> FailedFinding:
    return FailedFinding(_text(entry, "Id"), _text(entry, "ErrorCode"), _text(entry, "ErrorMessage"), entry)


def _text(holder: dict[str, JsonValue], key: str) -> str:
    found = holder.get(key)
    return found if isinstance(found, str) else ""


def _count(value: JsonValue) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
        return None
    return value


def _tagged(xml: str, name: str) -> str:
    """What stands in the first element of that name. No XML is parsed: that of strangers may be made to harm."""
    found = _XML[name].search(xml)
    return unescape(found[1]).strip() if found else ""


def _short(name: str) -> str:
    """The name alone: AWS puts namespaces before it, and addresses behind."""
    return safe_text(name.partition(":")[0].rpartition("#")[2], width=80)
