"""The API client that the token endpoint knows, and the form of a request for a token (RFC 6749, section 4.4)."""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

from console.credentials import Secret

GRANT: Final = "client_credentials"
"""The only grant that is given."""
FORM_TYPE: Final = "application/x-www-form-urlencoded"
MAX_FORM_BYTES: Final = 64 * 1024
_MOST_FIELDS: Final = 100


@dataclass(frozen=True, slots=True)
class Client:
    """An API client: its id, and its password."""

    id: str
    secret: Secret

    def is_named_by(self, authorization: str | None) -> bool:
        """Whether a `Basic` header names this client and its password, percent-encoded (RFC 6749 §2.3.1) or plain."""
        wanted = _pair(self.id, self.secret.reveal())
        found = False
        for client_id, secret in _offered(authorization):  # all of them, so that the time taken tells nothing
            found |= hmac.compare_digest(wanted, _pair(client_id, secret))
        return found


def _pair(client_id: str, secret: str) -> bytes:
    return f"{client_id}\0{secret}".encode("utf-8", "surrogatepass")


def _offered(authorization: str | None) -> Iterator[tuple[str, str]]:
    """The ids and passwords that a header may mean."""
    scheme, _, encoded = (authorization or "").strip().partition(" ")
    if scheme.lower() != "basic":
        return
    try:
        text = b64decode(encoded.strip().encode(), validate=True).decode()
    except (binascii.Error, UnicodeError):
        return
    client_id, colon, secret = text.partition(":")
    if colon:
        yield client_id, secret
        yield unquote_plus(client_id), unquote_plus(secret)


class BadForm(Exception):
    """The body is no form that can be read. The message is a sentence."""


def grant_type(body: bytes) -> str:
    """The `grant_type` of a form. Raises `BadForm` when it is not there just once."""
    try:
        fields = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise BadForm("The body is not a valid form.") from error
    found = [value for name, value in fields if name == "grant_type"]
    if len(found) > 1:
        raise BadForm("The parameter grant_type is repeated.")
    if not found or not found[0]:
        raise BadForm("The parameter grant_type is missing.")
    return found[0]
