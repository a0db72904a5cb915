"""Asking a server through our HTTP layer, with a key that must never be seen."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable

import pytest

from console.credentials import Secret
from console.targets.failures import RequestFailed
from console.targets.http import Http, Response, SecretHeader, Upload

KEY = "pk_canary.c2VjcmV0/cGF5bG9hZCtvZittaW5l=="
CANARY = "c2VjcmV0"
"""A part of the key that must never be seen."""
QUICK = 0.4
"""Seconds after which the clients of these tests give up."""
SOON = 5.0
"""Seconds within which that must have happened, on a busy machine."""


def client(url: str, *, timeout: float = SOON, upload_timeout: float = SOON) -> Http:
    auth = SecretHeader("Authorization", "Api-Key ", Secret(KEY))
    return Http(url, auth, accept="application/vnd.api+json", timeout=timeout, upload_timeout=upload_timeout)


async def get(url: str, *, timeout: float = SOON) -> Response:
    http = client(url, timeout=timeout)
    try:
        return await http.get("/thing")
    finally:
        await http.close()


async def post(url: str, *pieces: bytes, timeout: float = SOON, upload_timeout: float = SOON) -> Response:
    async def body() -> AsyncGenerator[bytes, None]:
        for piece in pieces:
            yield piece

    http = client(url, timeout=timeout, upload_timeout=upload_timeout)
    try:
        return await http.post("/thing", Upload("text/plain", sum(map(len, pieces)), body()), {"X-Try": "1"})
    finally:
        await http.close()


async def failure_of(request: Awaitable[Response]) -> RequestFailed:
    with pytest.raises(RequestFailed) as caught:
        await request
    return caught.value
