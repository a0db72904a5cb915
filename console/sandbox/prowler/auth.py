"""API keys: who may speak to the Prowler intake, and what it answers to the others.

The header is `Authorization: Api-Key <key>`; anything else falls through to the service's token authentication, which
knows none of our clients.
"""

from __future__ import annotations

import hmac
import secrets
import string
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from threading import Lock
from typing import Final

from console.credentials import Secret
from console.sandbox.prowler.jsonapi import ApiError, ErrorObject
from console.sandbox.words import Clock, utc_now

_KEYWORD: Final = "Api-Key "
_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="api"'}
EXPIRED: Final = "API Key has already expired."
"""What the bearer of a key is told that was good for a time."""
_PREFIX_LETTERS: Final = string.ascii_letters + string.digits


class Permission(StrEnum):
    """What a key may do, by the service's name of the role's permission."""

    MANAGE_INGESTIONS = "manage_ingestions"
    NONE = "none"


@dataclass(slots=True)
class _Key:
    secret: Secret
    permission: Permission
    expires_at: datetime | None
    revoked: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose request it is."""

    number: int
    """That of the key, in the order in which keys were added."""
    permission: Permission


def new_key() -> Secret:
    """A random key of the service's shape: a visible prefix, a dot, and the secret part."""
    prefix = "".join(secrets.choice(_PREFIX_LETTERS) for _ in range(8))
    return Secret(f"pk_{prefix}.{secrets.token_urlsafe(48)}")


class ApiKeys:
    """The keys that the intake knows. May be used from any thread."""

    def __init__(self, clock: Clock = utc_now) -> None:
        self._keys: list[_Key] = []
        self._lock = Lock()
        self._clock = clock

    def add(self, key: Secret, permission: Permission, expires_at: datetime | None = None) -> None:
        """Let a key in, for ever or until it expires."""
        with self._lock:
            self._keys.append(_Key(key, permission, expires_at))

    def revoke(self, key: Secret) -> None:
        """Take a key's rights away, from the next request on. A key that isn't known stays unknown."""
        with self._lock:
            for known in self._keys:
                known.revoked = known.revoked or known.secret == key

    def delete(self, key: Secret) -> None:
        """Remove what a key stands for, from the next request on: the service can still read it, and finds nothing."""
        with self._lock:
            for known in self._keys:
                known.deleted = known.deleted or known.secret == key

    def authenticate(self, header: str | None) -> Caller:
        """Who sends this `Authorization` header. Raises a 401 `ApiError`."""
        if header is None or not header.startswith(_KEYWORD):
            raise _without_key(header or "")
        offered = header.removeprefix(_KEYWORD).encode("utf-8", "surrogateescape")
        found: tuple[int, _Key] | None = None
        with self._lock:
            for number, known in enumerate(self._keys):  # all of them, so that the time taken tells nothing
                if hmac.compare_digest(known.secret.reveal().encode(), offered):
                    found = number, known
        if found is None:
            raise failed("Invalid API Key.")
        number, key = found
        if key.expires_at is not None and key.expires_at <= self._clock():
            raise failed(EXPIRED)
        if key.deleted:
            raise failed("No entity matching this api key.")
        if key.revoked:
            raise failed("This API Key has been revoked.")
        return Caller(number, key.permission)


def require(permission: Permission) -> None:
    """Raise a 403 unless this is the permission that the ingestion endpoints ask for."""
    if permission is not Permission.MANAGE_INGESTIONS:
        raise denied()


def denied() -> ApiError:
    """A 403."""
    return ApiError(403, ErrorObject("You do not have permission to perform this action.", "permission_denied"))


def failed(detail: str) -> ApiError:
    """A 401 for a key that is not good any more, or never was."""
    return ApiError(401, ErrorObject(detail, "authentication_failed"), headers=_CHALLENGE)


def _without_key(header: str) -> ApiError:
    """The answer to a request with no API key in it: that of djangorestframework-simplejwt."""
    words = header.split()
    if not words or words[0] != "Bearer":
        detail = "Authentication credentials were not provided."
        return ApiError(401, ErrorObject(detail, "not_authenticated"), headers=_CHALLENGE)
    if len(words) != 2:
        return ApiError(
            401,
            ErrorObject("Authorization header must contain two space-delimited values", "authentication_failed"),
            ErrorObject("bad_authorization_header", "authentication_failed"),
            headers=_CHALLENGE,
        )
    return ApiError(
        401,
        ErrorObject("Token is invalid", "token_not_valid", pointer=None),
        ErrorObject("Given token not valid for any token type", "token_not_valid"),
        ErrorObject("token_not_valid", "token_not_valid"),
        headers=_CHALLENGE,
    )
