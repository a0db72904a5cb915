"""Access tokens: given out to a client, kept in memory, and looked at with every request.

A token looks like the JWT that it is at Cisco, so that clients which read the expiry out of it can; here it is only
compared. The words of the refusals are those of Cisco's `ring-jwt-middleware`.
"""

from __future__ import annotations

import binascii
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

import msgspec

from console.sandbox.cisco_xdr.regions import Region

LIFETIME: Final = timedelta(seconds=600)
"""How long a token is good for."""
SCOPE: Final = "enrich:read casebook inspect:read security-events detection"
"""The scopes of the sandbox's client. Which of them the intake needs is not published, and it asks for none."""
NO_TOKEN: Final = "invalid_request"  # noqa: S105 - the word of a refusal
"""The word of the refusal of a request that brings no token."""

_MOST_TOKENS: Final = 100_000
"""Tokens that are remembered. The oldest are forgotten first, and are unknown from then on."""
_LONGEST: Final = 4_096
"""Characters of a token that are looked at."""
_PARTS: Final = 3


class TokenRefused(Exception):
    """A request has no token that lets it in."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error = error
        """The stable word."""
        self.description = description
        """A sentence."""


class _Claims(msgspec.Struct):
    """What is read out of a token that is not ours."""

    region: str = ""


@dataclass(frozen=True, slots=True)
class _Issued:
    token: bytes
    region: Region
    expires_at: datetime


class Tokens:
    """The tokens of one sandbox. Used from the event loop only."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._key = secrets.token_bytes(32)
        self._issued: OrderedDict[bytes, _Issued] = OrderedDict()

    def issue(self, client_id: str, now: datetime, token_id: UUID) -> str:
        """A new token for a client, good from *now* until `LIFETIME` later."""
        expires_at = now + LIFETIME
        claims = {
            "iss": f"IROH Auth {self._region.value}",
            "sub": client_id,
            "client_id": client_id,
            "region": self._region.value,
            "scopes": SCOPE.split(),
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
            "jti": str(token_id),
        }
        signed = f"{_encoded({'alg': 'HS256', 'typ': 'JWT'})}.{_encoded(claims)}"
        token = f"{signed}.{_base64(hmac.digest(self._key, signed.encode(), 'sha256'))}"
        self._issued[_digest(token.encode())] = _Issued(token.encode(), self._region, expires_at)
        while len(self._issued) > _MOST_TOKENS:
            self._issued.popitem(last=False)
        return token

    def check(self, authorization: str | None, now: datetime) -> None:
        """Raise `TokenRefused` unless the header carries a token of ours that is still good."""
        token = _bearer(authorization)
        known = self._issued.get(_digest(token))
        if known is None or not hmac.compare_digest(known.token, token):
            raise _unknown(token, self._region)
        if known.region is not self._region:
            raise _other_region()
        if known.expires_at <= now:
            raise expired(now - known.expires_at)


def no_token() -> TokenRefused:
    """The refusal of a request that brings no token."""
    return TokenRefused(NO_TOKEN, "No JWT found in HTTP Authorization header")


def expired(since: timedelta) -> TokenRefused:
    """The refusal of a token that was good until *since* ago."""
    return TokenRefused("jwt_expired", f"This JWT max lifetime has expired {_spoken(since)} ago")


def _bearer(authorization: str | None) -> bytes:
    """The token in an `Authorization` header."""
    scheme, _, token = (authorization or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise no_token()
    return token.strip().encode("utf-8", "surrogateescape")


def _unknown(token: bytes, region: Region) -> TokenRefused:
    """Why a token that we did not give out is refused."""
    parts = token.split(b".")
    try:
        if len(token) > _LONGEST or len(parts) != _PARTS:
            raise ValueError
        claims = msgspec.json.decode(_bytes(parts[1]), type=_Claims)
    except (ValueError, RecursionError):  # both decoders' errors are ValueErrors
        return TokenRefused("jwt_decode_failed_exception", "JWT decode failed")
    if claims.region and claims.region != region.value:
        return _other_region()
    return TokenRefused("jwt_invalid_signature", "Invalid Signature")


def _other_region() -> TokenRefused:
    return TokenRefused(
        "jwt_public_key_not_found",
        "Cannot retrieve a key for your JWT. One common reason would be that it has the wrong `iss` claim",
    )


def _spoken(duration: timedelta) -> str:
    """A duration as `1h 2min 3s`; at least one second."""
    seconds = max(1, int(duration.total_seconds()))
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{number}{unit}" for number, unit in parts if number)


def _digest(token: bytes) -> bytes:
    """What a token is found by, so that the time of the search says nothing about those that there are."""
    return sha256(token).digest()


def _encoded(part: object) -> str:
    return _base64(msgspec.json.encode(part))


def _base64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _bytes(part: bytes) -> bytes:
    """The content of a part of a token. Raises `ValueError`."""
    try:
        return urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    except binascii.Error as error:
        raise ValueError from error
