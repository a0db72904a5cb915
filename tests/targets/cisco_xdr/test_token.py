"""Tokens: asked for as Cisco documents it, shared, renewed in time, and never asked for in a loop."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from console.credentials import Found, Secret, Source
from console.errors import BadAnswer, TargetDenied, TargetError, TargetUnavailable
from console.records.model import JsonValue
from console.targets.cisco_xdr.client import ApiClient
from console.targets.cisco_xdr.token import Tokens
from tests.targets.cisco_xdr.conftest import CLIENT, GRANTED, PATIENCE, SECRETS, TOKEN
from tests.targets.fault_server import FaultServer, answering, serving


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def client() -> ApiClient:
    client_id, password = map(Secret, CLIENT.values())
    return ApiClient(
        "xdr", Found(client_id, Source.ENVIRONMENT, "A"), Found(password, Source.ENVIRONMENT, "B")
    )  # fmt: skip


@asynccontextmanager
async def asking(server: FaultServer, clock: Clock | None = None) -> AsyncIterator[Tokens]:
    tokens = Tokens(f"{server.url}/iroh/oauth2/token", client(), PATIENCE, clock or Clock())
    try:
        yield tokens
    finally:
        await tokens.close()


ABSENT = "absent"


def granting(**changes: JsonValue) -> bytes:
    kept = {key: value for key, value in {**GRANTED, **changes}.items() if value != ABSENT}
    return json.dumps(kept).encode()


async def failure(status: str, body: bytes, *headers: str, media_type: str = "application/json") -> TargetError:
    """What asking for a token ends in. No secret is in it."""
    with serving(answering(status, body, *headers, media_type=media_type)) as server:
        async with asking(server) as tokens:
            with pytest.raises(TargetError) as caught:
                await tokens.current()
            assert len(server.requests) == 1
    assert not any(secret in f"{caught.value!r}{caught.value}" for secret in SECRETS)
    return caught.value


async def test_a_token_is_asked_for_as_cisco_documents_it() -> None:
    with serving(answering("200 OK", granting(), media_type="application/json")) as server:
        async with asking(server) as tokens:
            token = await tokens.current()
            [request] = server.requests

    assert token.secret == Secret(TOKEN)
    assert (token.scopes, token.seconds) == ("enrich:read casebook", 600)
    assert request.line == "POST /iroh/oauth2/token HTTP/1.1"
    basic = base64.b64encode(":".join(CLIENT.values()).encode()).decode()
    assert request.header("authorization") == f"Basic {basic}"
    assert request.header("content-type") == "application/x-www-form-urlencoded"
    assert request.header("accept") == "application/json"
    assert request.body == b"grant_type=client_credentials"


async def test_everybody_waits_for_the_same_request_and_uses_its_token() -> None:
    with serving(answering("200 OK", granting())) as server:
        async with asking(server) as tokens:
            found = await asyncio.gather(*(tokens.current() for _ in range(5)))
            assert len(server.requests) == 1
    assert len({id(token) for token in found}) == 1


@pytest.mark.parametrize(
    ("seconds", "used"),
    [(600, 540), (90, 45), (1, 0.5), (None, 540), (ABSENT, 540), (1e300, 86_340), (10**400, 86_340)],
)
async def test_a_token_is_renewed_before_it_ends_and_not_sooner(seconds: JsonValue, used: float) -> None:
    """S30. A token that is short-lived is used for half of its time: else each request would ask for one."""
    clock = Clock()
    with serving(answering("200 OK", granting(expires_in=seconds))) as server:
        async with asking(server, clock) as tokens:
            await tokens.current()
            clock.now += used - 0.01
            await tokens.current()
            assert len(server.requests) == 1
            clock.now += 0.01
            await tokens.current()
            assert len(server.requests) == 2


@pytest.mark.parametrize("seconds", [0, -1, -0.5, "600", "soon", True, [600], {}])
async def test_a_token_that_can_not_last_is_an_error(seconds: JsonValue) -> None:
    """S31: no tight loop."""
    error = await failure("200 OK", granting(expires_in=seconds))

    assert isinstance(error, TargetDenied)
    assert "expires_in" in error.message
    assert "token_url" in error.hint


@pytest.mark.parametrize("token", [ABSENT, None, "", " ", 5, ["a"], "a\r\nX-Evil: 1", "é"])
async def test_an_answer_without_a_token_is_an_error(token: JsonValue) -> None:
    error = await failure("200 OK", granting(access_token=token))

    assert isinstance(error, TargetDenied)
    assert "an access token" in error.message


@pytest.mark.parametrize(
    "body", [b"<html>Sign in</html>", b"", b"\xff", b'{"access_token": "a', b'{"a":' * 100_000], ids=range(5)
)
async def test_what_is_no_token_service_is_told_as_such(body: bytes) -> None:
    error = await failure("200 OK", body)

    assert isinstance(error, BadAnswer)
    assert "gives no tokens at this address" in error.message


async def test_an_array_is_no_token() -> None:
    assert isinstance(await failure("200 OK", b"[]"), TargetDenied)


async def test_the_words_of_the_platform_are_shown_without_the_secret_in_them() -> None:
    envelope = {
        "error": "invalid_client",
        "error_description": f"bad password {CLIENT['CISCO_XDR_CLIENT_SECRET']}",
        "trace_id": "trace-1",
    }
    error = await failure("401 Unauthorized", json.dumps(envelope).encode())

    assert isinstance(error, TargetDenied)
    assert "invalid_client; bad password ***" in error.message
    assert (error.status, error.code, error.transaction) == (401, "invalid_client", "trace-1")
    assert "region" in error.hint


@pytest.mark.parametrize(
    ("status", "headers", "kind", "words"),
    [
        ("400 Bad Request", (), TargetDenied, "refused the client ID"),
        ("403 Forbidden", (), TargetDenied, "refused the client ID"),
        ("404 Not Found", (), BadAnswer, "gives no tokens at this address"),
        ("415 Unsupported", (), TargetDenied, "gave no token"),
        ("429 Too Many", ("Retry-After: 3172s",), TargetUnavailable, "asks us to slow down"),
        ("503 Unavailable", (), TargetUnavailable, "is failing"),
        ("307 Temporary", ("Location: https://evil.example/x",), TargetError, "redirects to https://evil.example"),
    ],
)
async def test_each_refusal_says_what_it_means(
    status: str, headers: tuple[str, ...], kind: type[TargetError], words: str
) -> None:
    error = await failure(status, b"{}", *headers)

    assert isinstance(error, kind)
    assert words in error.message


async def test_a_missing_secret_is_named_before_anything_is_sent() -> None:
    missing = Found(None, Source.MISSING, "The keyring is locked.")
    half = ApiClient("xdr", Found(Secret("a"), Source.KEYRING, "K"), missing)
    with serving(answering("200 OK", granting())) as server:
        tokens = Tokens(server.url, half, PATIENCE)
        with pytest.raises(TargetDenied, match="There is no client secret for the target 'xdr'"):
            await tokens.current()
        await tokens.close()
        assert server.requests == []
    assert half.fingerprint == ""


async def test_a_token_that_was_refused_is_renewed_once_for_all() -> None:
    with serving(answering("200 OK", granting())) as server:
        async with asking(server) as tokens:
            old = await tokens.current()
            tokens.refuse(old)
            new = await tokens.current()
            tokens.refuse(old)  # somebody else who had it comes late
            assert await tokens.current() is new
            assert len(server.requests) == 2


def test_a_token_is_in_nothing_that_prints() -> None:
    from console.targets.cisco_xdr.refusals import Source as Server
    from console.targets.cisco_xdr.token import read_token
    from console.targets.http import Response

    response = Response(200, "application/json", granting(), True, True, None, "", "", "", "")
    token = read_token(response, Server("xdr", "https://x.example"))

    assert not any(secret in f"{token!r}{response!r}" for secret in SECRETS)
