"""Security Hub of one region, as it is asked over the network: signed, at its pace, and by its own clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from console.config import LimitsConfig
from console.targets.base import Outcome, Sent
from console.targets.http import Http, Response, SecretHeaders, Upload
from console.targets.pace import Pace
from console.targets.security_hub.answers import Imported, read_import, read_refusal
from console.targets.security_hub.aws import CredentialChain, Place
from console.targets.security_hub.refusals import (
    is_skewed,
    outcome_of_refusal,
    speaks_of_the_key,
    unreadable,
    without_answer,
)
from console.targets.security_hub.signing import CONTENT_TYPE, signed

IMPORT: Final = "/findings/import"
PER_SECOND: Final = 10.0
"""Requests that an account may begin in a region in a second."""
_PIECE: Final = 256 * 1024


class Hub:
    """The way to one region. Made without any network; the credentials may be those of other regions too."""

    def __init__(self, place: Place, chain: CredentialChain, limits: LimitsConfig) -> None:
        self.place = place
        self.chain = chain
        self._pace = Pace(PER_SECOND)
        self._skew = timedelta()
        """What our clock has to be set forward by for signatures to fit."""
        self._http = Http(
            place.endpoint,
            None,
            accept=CONTENT_TYPE,
            timeout=limits.request_seconds,
            upload_timeout=limits.upload_seconds,
        )

    @property
    def origin(self) -> str:
        """Scheme, host and port that it is reached at."""
        return self._http.origin

    @property
    def clock_offset(self) -> float | None:
        """How far its clock was last seen to be ahead of ours, in seconds."""
        return self._http.clock_offset

    @property
    def off_by(self) -> float | None:
        """What the time that we sign with is behind its own, in seconds."""
        return None if self.clock_offset is None else self.clock_offset - self._skew.total_seconds()

    async def ask(self, path: str, *, unsigned: bool = False) -> Response:
        """Ask for something. Raises `RequestFailed`, `TargetDenied`, `TargetUnavailable`."""
        if unsigned:
            return await self._http.get(path)
        return await self._twice_if_skewed(lambda: self._ask_once(path))

    async def import_findings(self, payload: bytes, sent: Sent) -> Imported | Response:
        """What the service counted of a request; its answer where that is none. Raises as `ask` does."""
        response = await self._twice_if_skewed(lambda: self._import_once(payload, sent))
        return (read_import(response) if response.status == 200 else None) or response

    def refused(self, response: Response) -> Outcome:
        """What an answer means that counts nothing."""
        if response.status == 200:
            return without_answer(unreadable(response, self.place), handed_over=response.handed_over)
        return outcome_of_refusal(response, self.place, self.off_by)

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    async def _import_once(self, payload: bytes, sent: Sent) -> Response:
        await self._pace.turn()
        auth = await asyncio.to_thread(self._signed, "POST", IMPORT, payload)
        return await self._http.post(IMPORT, Upload(CONTENT_TYPE, len(payload), _pieces(payload, sent)), {}, auth)

    async def _ask_once(self, path: str) -> Response:
        await self._pace.turn()
        auth = await asyncio.to_thread(self._signed, "GET", path, b"")
        return await self._http.get(path, auth=auth)

    def _signed(self, method: str, path: str, body: bytes) -> SecretHeaders:
        """Signed as of now: each try anew. Waits for the credentials. Raises `TargetDenied`, `TargetUnavailable`."""
        credentials = self.chain.frozen()
        at = datetime.now(UTC) + self._skew
        return signed(credentials, self.place.region, method, self._http.base_url + path, body, at)

    async def _twice_if_skewed(self, once: Callable[[], Awaitable[Response]]) -> Response:
        """Ask, and once more by the service's clock where ours is why the signature was refused."""
        response = await once()
        if response.status in (400, 401, 403):
            refusal = read_refusal(response)
            if self.clock_offset is not None and is_skewed(refusal, self.off_by):
                self._skew = timedelta(seconds=self.clock_offset)
                return await once()
            if speaks_of_the_key(refusal):
                self.chain.forget()
        return response


async def _pieces(payload: bytes, sent: Sent) -> AsyncGenerator[bytes, None]:
    """The payload in pieces. Each counts as handed over before it goes: a write that fails may have delivered it."""
    for start in range(0, len(payload), _PIECE):
        piece = payload[start : start + _PIECE]
        sent(start + len(piece))
        yield piece
