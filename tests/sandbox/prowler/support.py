"""An intake on a real socket whose requests can be disturbed, and clients that speak raw HTTP."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from uuid import uuid4

import httpx
import uvicorn
from starlette.types import Receive, Scope, Send

from console.paths import private_dir
from console.sandbox.database import Database
from console.sandbox.disturbance import UNDISTURBED, Disturbance, disturb
from console.sandbox.http_server import Server
from console.sandbox.prowler.intake import ProwlerIntake, ProwlerSettings, prowler_intake
from console.sandbox.prowler.store import SCHEMA
from tests.sandbox.conftest import MEDIA_TYPE, PATH, no_bad_records

NOON = datetime(2026, 2, 17, 12, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Stand:
    """An intake that answers, and what is done wrong with the requests to it."""

    intake: ProwlerIntake
    client: httpx.Client
    clock: Clock
    wrong: list[Disturbance] = field(default_factory=lambda: [UNDISTURBED])

    def disturb(self, disturbance: Disturbance) -> None:
        self.wrong[0] = disturbance

    def submit(self, disturbance: Disturbance = UNDISTURBED, content: bytes = b'[{"a": 1}]') -> httpx.Response:
        """Submit a file while something is done wrong."""
        self.disturb(disturbance)
        answer = self.client.post(PATH, files={"file": ("a.ocsf.json", content)})
        self.disturb(UNDISTURBED)
        return answer


@contextmanager
def standing(folder: Path, settings: ProwlerSettings | None = None) -> Iterator[Stand]:
    """An intake with the small rule of the tests, on a socket of its own. The worker's clock stands still, too."""
    settings = settings or ProwlerSettings(check=no_bad_records)
    clock, wrong = Clock(), [UNDISTURBED]
    database = Database(folder / "jobs.sqlite3", SCHEMA, 1)
    uploads = private_dir(folder / "uploads")
    with prowler_intake(settings, database, uploads, clock=clock, new_id=uuid4) as intake:

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            disturb(scope, wrong[0])
            await intake.app(scope, receive, send)

        headers = {"Authorization": f"Api-Key {settings.api_key.reveal()}", "Accept": MEDIA_TYPE}
        with _served(app) as url, httpx.Client(base_url=url, headers=headers) as client:
            yield Stand(intake, client, clock, wrong)
    database.close()


@contextmanager
def _served(app: Callable[..., object]) -> Iterator[str]:
    # asyncio sends without delay only where it is said that this is TCP: else each answer takes 40 ms.
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = Server(
            uvicorn.Config(app, http="h11", lifespan="off", log_config=None, log_level="error", access_log=False)
        )
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.stop()
            thread.join()


def ask(url: str, request: bytes, timeout: float = 10) -> bytes:
    """All that a server answers to bytes, until it closes the connection. The request must ask it to."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=timeout) as connection:
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer
