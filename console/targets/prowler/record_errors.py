"""Error entries, of a job or of a refused request, tied to the record that they speak of.

What an entry of `/ingestions/{id}/errors` looks like is documented nowhere. So any keys are taken: a JSON:API resource
with attributes, a bare error object, or a text. The places where an index is looked for are those of the public
proposal for an importer (prowler-cloud/prowler, pull request 9704).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from console.records.model import JsonValue
from console.targets import pointers
from console.targets.base import JobError, Page
from console.targets.http import Response
from console.targets.prowler.envelope import Source, bad_answer, count_of, object_of, page_of, read_document, text_of

_MESSAGE_KEYS: Final = ("detail", "message", "error", "title", "reason", "description")
_CODE_KEYS: Final = ("code", "error_code")
_INDEX_KEYS: Final = ("index", "record", "record_index")
_UID_KEYS: Final = ("uid", "finding_uid", "finding_info_uid")
_DETAIL_INDEX: Final = re.compile(r"\bat index ([0-9]{1,18})\b")


def read_errors(response: Response, source: Source, *, number: int, size: int) -> Page[JobError]:
    """The page of errors of an answer to a request for page *number* of at most *size*. Raises `BadAnswer`."""
    document = read_document(response, source)
    entries = next((value for key in ("data", "errors") if isinstance(value := document.get(key), list)), None)
    if entries is None:
        raise bad_answer(response, source, "a document without a list of errors")
    return page_of(document, entries, job_error, number=number, size=size)


def job_error(entry: JsonValue) -> JobError:
    """One entry, whatever it looks like."""
    if not isinstance(entry, dict):
        return JobError(message=_as_text(entry), raw={"value": entry})
    attributes = entry.get("attributes")
    said = attributes if isinstance(attributes, dict) else entry
    source = {**object_of(entry.get("source")), **object_of(said.get("source"))}
    pointer = _first_text(said, ("pointer",)) or text_of(source.get("pointer"))
    message = _first_text(said, _MESSAGE_KEYS) or _as_text(said)
    return JobError(
        message=message,
        code=_first_text(said, _CODE_KEYS) or "",
        record=_index(said, pointer, message),
        uid=_first_text(said, _UID_KEYS) or text_of(object_of(said.get("finding_info")).get("uid")),
        pointer=pointer,
        raw=entry,
    )


def _index(said: Mapping[str, JsonValue], pointer: str | None, message: str) -> int | None:
    """The index of the record within the batch, wherever the entry has it."""
    for key in _INDEX_KEYS:
        index = count_of(said.get(key))
        if index is not None:
            return index
    match = pointers.RECORD.search(pointer or "") or _DETAIL_INDEX.search(message)
    return int(match[1]) if match else None


def _first_text(said: Mapping[str, JsonValue], keys: tuple[str, ...]) -> str | None:
    """The first of these keys that holds a text; a number is taken for one."""
    for key in keys:
        value = said.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if text := text_of(value):
            return text
    return None


def _as_text(value: JsonValue) -> str:
    """Any JSON value as text, for want of a message."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
