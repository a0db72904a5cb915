"""Access tokens: asked for with the API client's secrets, kept in memory only, and renewed before they end.

Source: Cisco's pages on authentication (client credentials, a form, Basic), and RFC 6749, sections 4.4 and 5.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from console.credentials import Secret, checked_secret
from console.display import safe_text
from console.errors import BadInput, TargetDenied
from console.targets.cisco_xdr.client import ApiClient
from console.targets.cisco_xdr.refusals import Source, no_token_service, refused_token
from console.targets.http import Http, Response, SecretHeader, Upload

FORM: Final = b"grant_type=client_credentials"
FORM_TYPE: Final = "application/x-www-form-urlencoded"

USUAL_SECONDS: Final = 600.0
"""How long a token is good where the answer does not say. Documented."""
MARGIN_SECONDS: Final = 60.0
"""How long before its end a token is not used any more, so that no request begins with one that ends under way."""
_LONGEST_SECONDS: Final = 86_400.0
"""A token is not believed to be good for longer."""

Clock = Callable[[], float]
"""Seconds of a clock that nobody sets."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token, and what was said of it."""

    secret: Secret
    scopes: str
    """What it grants, as the server wrote it. Foreign text, fit to show."""
    seconds: float
    """How long it is good for, from when it was asked for."""

    @property
    def header(self) -> SecretHeader:
        """What a request is let in with."""
        return SecretHeader("Authorization", "Bearer ", self.secret)

    @property
    def use_seconds(self) -> float:
        """How long it is used. Half of its time at least: one that is short-lived is not asked for again at once."""
        return self.seconds - min(MARGIN_SECONDS, self.seconds / 2)


class Tokens:
    """Gives out the token of one API client; whoever needs one meanwhile waits for the same request.

    Used from one event loop. Made without any network. Raises `BadConfig` for an address that secrets must not go to.
    """

    def __init__(self, url: str, client: ApiClient, timeout: float, clock: Clock = time.monotonic) -> None:
        self._http = Http(url, None, accept="application/json", timeout=timeout, upload_timeout=timeout)
        self._source = Source(client.target, self._http.origin)
        self._client = client
        self._clock = clock
        self._asking = asyncio.Lock()
        self._token: Token | None = None
        self._used_until = 0.0
        self.seen: Response | None = None
        """The last answer that came, without what it said: for a probe to tell of the way there."""

    @property
    def source(self) -> Source:
        """Who gives tokens out."""
        return self._source

    async def current(self) -> Token:
        """A token that is good for a while. Raises `RequestFailed`, `TargetDenied`, and as `refused_token` says."""
        async with self._asking:
            if self._token is None or self._clock() >= self._used_until:
                self._token = None
                asked_at = self._clock()
                token = await self._ask()
                self._token, self._used_until = token, asked_at + token.use_seconds
            return self._token

    def refuse(self, token: Token) -> None:
        """Note that a token is not taken any more: the next one is asked for anew."""
        if self._token is token:
            self._token = None

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    async def _ask(self) -> Token:
        header = self._client.header()
        self.seen = None
        response = await self._http.post("", Upload(FORM_TYPE, len(FORM), _form()), {}, auth=header)
        self.seen = replace(response, body=b"")
        if not 200 <= response.status < 300:
            raise refused_token(response, self._source)
        return read_token(response, self._source)


class _Granted(msgspec.Struct):
    """What an answer says of a token. The token itself is in nothing that prints."""

    access_token: Secret | None = None
    expires_in: Any = None
    scope: Any = None


def read_token(response: Response, source: Source) -> Token:
    """The token in an answer. Raises `TargetDenied` where there is none that can be used, `BadAnswer` for no JSON."""
    try:
        granted = msgspec.json.decode(response.body, type=_Granted, dec_hook=_as_secret)
    except msgspec.ValidationError:
        raise _unusable(source, "an answer without an access token") from None
    except (ValueError, RecursionError):  # no JSON at all, or not UTF-8
        raise no_token_service(response, source) from None
    if granted.access_token is None:
        raise _unusable(source, "an answer without an access token")
    try:
        secret = checked_secret(granted.access_token, "access token")
    except BadInput:
        raise _unusable(source, "an access token that can't be put into a header") from None
    scopes = granted.scope if isinstance(granted.scope, str) else ""
    return Token(secret, safe_text(scopes, width=1_000), _seconds(granted.expires_in, source))


def _seconds(expires_in: object, source: Source) -> float:
    """How long a token is good. Where that can't be, we would ask for one after the other."""
    if expires_in is None:
        return USUAL_SECONDS
    if isinstance(expires_in, bool) or not isinstance(expires_in, int | float) or not expires_in > 0:
        raise _unusable(source, f"an access token whose 'expires_in' is {safe_text(repr(expires_in), width=40)}")
    return float(min(expires_in, _LONGEST_SECONDS))


def _as_secret(kind: type, value: object) -> Secret:
    if kind is not Secret or not isinstance(value, str) or not value.strip():
        raise ValueError("a token is a text")
    return Secret(value)


def _unusable(source: Source, what: str) -> TargetDenied:
    return TargetDenied(
        f"{source.origin} gave {what}. Nothing was sent.",
        hint=f"Check token_url of target '{source.target}': it must be the OAuth2 token endpoint of your region.",
    )


async def _form() -> AsyncGenerator[bytes, None]:
    yield FORM
