"""What the headers of a request to the intake must say, and how its body is packed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import Headers

from console.sandbox.cisco_xdr.answers import MEDIA_TYPE, container_error
from console.sandbox.cisco_xdr.model import Caller
from console.sandbox.words import NewId

REQUEST_ID: Final = "x-request-id"
MODULE_INSTANCE: Final = "module-instance-id"
_WORKFLOW_RUN: Final = "workflow-run-id"
_LONGEST_ID: Final = 256
"""Characters of an identifier in a header. Not published; ours."""
_GZIP: Final = "gzip"


def request_id(headers: Headers, new_id: NewId) -> str:
    """The client's own id of its request, or a new one where it sent none that can be sent back."""
    sent = headers.get(REQUEST_ID, "").strip()
    return sent if _is_id(sent) else str(new_id())


def caller_of(headers: Headers, instances: Mapping[str, str], sent_id: str) -> Caller:
    """Who sends findings. Raises a 400 `ApiError` where the required `module-instance-id` is missing or unusable.

    A module instance that isn't among *instances* is taken as well, and is its own name.
    """
    instance = headers.get(MODULE_INSTANCE, "").strip()
    if not instance:
        detail = f"The header {MODULE_INSTANCE} is required."
        raise container_error(400, "A required header is missing.", [detail])
    run = headers.get(_WORKFLOW_RUN, "").strip()
    for name, value in ((MODULE_INSTANCE, instance), (_WORKFLOW_RUN, run)):
        if value and not _is_id(value):
            detail = f"The header {name} must be at most {_LONGEST_ID} printable ASCII characters."
            raise container_error(400, "A header is invalid.", [detail])
    return Caller(instance, instances.get(instance, instance), run or None, sent_id)


def require_json(headers: Headers) -> None:
    """Raise a 415 unless the body is said to be JSON."""
    sent = headers.get("content-type", "")
    if sent.partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise container_error(415, "The content type is not supported.", [f"Content-Type must be {MEDIA_TYPE}."])


def is_gzip(headers: Headers) -> bool:
    """Whether the body is packed. Raises a 415 for any other packing than gzip."""
    sent = headers.get("content-encoding", "").strip().lower()
    if sent not in (_GZIP, "identity", ""):
        detail = "Content-Encoding must be gzip, or left out."
        raise container_error(415, "The content encoding is not supported.", [detail], {"Accept-Encoding": _GZIP})
    return sent == _GZIP


def require_plain(headers: Headers) -> None:
    """Raise a 415 for a body that is said to be packed in any way."""
    if "content-encoding" in headers:
        detail = "This endpoint does not support Content-Encoding."
        raise container_error(415, "The content encoding is not supported.", [detail], {"Accept-Encoding": "identity"})


def accepts_gzip(headers: Headers) -> bool:
    """Whether the client takes a packed answer (RFC 9110, section 12.5.3)."""
    for part in ",".join(headers.getlist("accept-encoding")).split(","):
        name, _, parameter = part.partition(";")
        if name.strip().lower() in (_GZIP, "x-gzip"):
            return parameter.replace(" ", "").lower() not in ("q=0", "q=0.", "q=0.0", "q=0.00", "q=0.000")
    return False


def _is_id(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_ID and text.isascii() and text.isprintable()
