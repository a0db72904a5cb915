"""The sandbox as a server on a socket of this machine: in the background of a program, or as a command."""

from __future__ import annotations

import logging
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from types import FrameType
from typing import Final
from uuid import uuid4

import uvicorn
from starlette.types import ASGIApp

from console.credentials import Secret
from console.errors import BadInput
from console.paths import private_dir
from console.records.model import JsonValue
from console.sandbox.auth import ApiKeys, Permission, new_key
from console.sandbox.checks import default_check
from console.sandbox.model import Clock, NewId
from console.sandbox.prowler import Intake
from console.sandbox.store import Store
from console.sandbox.worker import Check, Pace, Worker

__all__ = ["MAX_UPLOAD_BYTES", "Access", "Pace", "ProwlerAccess", "Sandbox", "Settings", "running", "serve", "utc_now"]

MAX_UPLOAD_BYTES: Final = 2 * 1024**3
"""How large a file may be by default. The real service publishes no number."""
_SHUTDOWN_SECONDS: Final = 3
"""How long a stop waits for requests that are being answered."""

# What strangers send is no news: a library's warnings about it must not reach the terminal that a screen is drawn on.
logging.getLogger("python_multipart").addHandler(logging.NullHandler())


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Settings:
    """How a sandbox is set up."""

    host: str = "127.0.0.1"
    """The address to listen on. A name is looked up."""
    port: int = 0
    """0 for any free one."""
    data: Path | None = None
    """The folder that keeps jobs over restarts; made private. None for one that is removed at the end."""
    pace: Pace = field(default_factory=Pace)
    max_upload_bytes: int = MAX_UPLOAD_BYTES
    api_key: Secret = field(default_factory=new_key)
    api_key_without_permission: Secret = field(default_factory=new_key)
    check: Check = field(default_factory=default_check)
    """What says which records are invalid."""
    clock: Clock = utc_now
    new_id: NewId = uuid4


@dataclass(frozen=True, slots=True)
class ProwlerAccess:
    """What a client of the Prowler intake must know."""

    base_url: str
    """`{base_url}/api/v1/ingestions` is the resource."""
    api_key: Secret
    api_key_without_permission: Secret
    """A key whose owner lacks the Manage Ingestions permission."""


@dataclass(frozen=True, slots=True)
class Access:
    """What a client of the sandbox must know."""

    url: str
    prowler: ProwlerAccess

    def as_json(self) -> dict[str, JsonValue]:
        """The line that the command prints. It holds the keys."""
        return {
            "url": self.url,
            "prowler": {
                "base_url": self.prowler.base_url,
                "api_key": self.prowler.api_key.reveal(),
                "api_key_without_permission": self.prowler.api_key_without_permission.reveal(),
            },
        }


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A sandbox that runs."""

    access: Access
    store: Store
    """Its jobs: wait for them, or put some there."""
    keys: ApiKeys
    """Who may speak to it: add and revoke at will."""

    @property
    def url(self) -> str:
        """Where it answers."""
        return self.access.url


@contextmanager
def running(settings: Settings) -> Iterator[Sandbox]:
    """A sandbox that answers while the context lasts, in threads of its own.

    Several may run at once, on folders of their own. Raises `BadInput` when the address can't be listened on and
    `StateError` when the folder can't be used.
    """
    with _running(settings) as (sandbox, _server, _thread):
        yield sandbox


def serve(settings: Settings, ready: Callable[[Access], None]) -> None:
    """Run a sandbox until SIGTERM or SIGINT, and stop it cleanly. Call it on the main thread.

    *ready* is called once it answers. Raises as `running` does.
    """
    with _running(settings) as (sandbox, server, thread), _stopped_by_signals(server):
        ready(sandbox.access)
        thread.join()


@contextmanager
def _running(settings: Settings) -> Iterator[tuple[Sandbox, uvicorn.Server, Thread]]:
    with ExitStack() as stack:
        listener = stack.enter_context(_listen(settings.host, settings.port))
        folder = _data_folder(settings, stack)
        store = Store(folder / "sandbox.sqlite3")
        stack.callback(store.close)
        keys = ApiKeys()
        keys.add(settings.api_key, Permission.MANAGE_INGESTIONS)
        keys.add(settings.api_key_without_permission, Permission.NONE)
        worker = Worker(store, settings.check, pace=settings.pace, clock=settings.clock, new_id=settings.new_id)
        worker.start()
        stack.callback(worker.stop)
        intake = Intake(
            keys=keys,
            store=store,
            uploads=private_dir(folder / "uploads"),
            max_upload_bytes=settings.max_upload_bytes,
            clock=settings.clock,
            new_id=settings.new_id,
        )
        server, thread = _start(intake.application(), listener)
        stack.callback(_stop, server, thread)
        yield Sandbox(_access(settings, listener), store, keys), server, thread


def _data_folder(settings: Settings, stack: ExitStack) -> Path:
    if settings.data is None:
        return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ocsf-console-sandbox-")))
    return private_dir(settings.data.resolve())


def _listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections from here on: a client may connect before the server looks."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(128)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise BadInput(
            f"The sandbox can't listen on {host} port {port}: {error.strerror}.",
            hint="Name another --host or --port; port 0 takes any free one.",
        ) from error
    return listener


def _access(settings: Settings, listener: socket.socket) -> Access:
    host, port = listener.getsockname()[:2]
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    return Access(url, ProwlerAccess(url, settings.api_key, settings.api_key_without_permission))


def _start(app: ASGIApp, listener: socket.socket) -> tuple[uvicorn.Server, Thread]:
    config = uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, name="sandbox-server")
    thread.start()
    return server, thread


def _stop(server: uvicorn.Server, thread: Thread) -> None:
    server.should_exit = True
    thread.join()


@contextmanager
def _stopped_by_signals(server: uvicorn.Server) -> Iterator[None]:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    earlier = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
