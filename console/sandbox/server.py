"""The sandbox as a server on a socket of this machine: in the background of a program, or as a command."""

from __future__ import annotations

import logging
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from console.errors import BadInput
from console.paths import private_dir
from console.sandbox.application import Application, Destinations
from console.sandbox.cisco_xdr import store as cisco_store
from console.sandbox.cisco_xdr.intake import CiscoXdrIntake, cisco_xdr_intake
from console.sandbox.connection import Protocol
from console.sandbox.control import Control
from console.sandbox.database import Database
from console.sandbox.faults.plan import Faults
from console.sandbox.http_server import Server
from console.sandbox.journal import SCHEMA as JOURNAL_SCHEMA
from console.sandbox.journal import Journal, Redaction
from console.sandbox.prowler import store
from console.sandbox.prowler.intake import ProwlerIntake, prowler_intake
from console.sandbox.security_hub import store as hub_store
from console.sandbox.security_hub.intake import SecurityHubIntake, security_hub_intake
from console.sandbox.security_hub.routing import SignedElsewhere
from console.sandbox.settings import Access, Settings, access_at

_SCHEMA_VERSION: Final = 3
_SHUTDOWN_SECONDS: Final = 3
"""How long a stop waits for requests that are being answered."""

# What strangers send is no news: a library's warnings about it must not reach the terminal that a screen is drawn on.
logging.getLogger("python_multipart").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A sandbox that runs."""

    access: Access
    faults: Faults
    """What goes wrong: plan more, or forget them, at any time."""
    journal: Journal
    """What was received."""
    prowler: ProwlerIntake
    cisco_xdr: CiscoXdrIntake
    security_hub: SecurityHubIntake

    @property
    def url(self) -> str:
        """Where it answers."""
        return self.access.url


@contextmanager
def running(settings: Settings) -> Iterator[Sandbox]:
    """A sandbox that answers while the context lasts, in threads of its own.

    Several may run at once, on folders of their own. Raises `BadInput` when the address can't be listened on or a
    fault can't be read, and `StateError` when the folder can't be used.
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
def _running(settings: Settings) -> Iterator[tuple[Sandbox, Server, Thread]]:
    with ExitStack() as stack:
        listener = stack.enter_context(_listen(settings.host, settings.port))
        folder = _data_folder(settings, stack)
        database = _database(folder / "sandbox.sqlite3", store.SCHEMA + cisco_store.SCHEMA + hub_store.SCHEMA, stack)
        journal = Journal(_database(folder / "journal.sqlite3", JOURNAL_SCHEMA, stack))
        prowler = stack.enter_context(
            prowler_intake(
                settings.prowler,
                database,
                private_dir(folder / "uploads"),
                clock=settings.clock,
                new_id=settings.new_id,
            )
        )
        cisco = cisco_xdr_intake(settings.cisco_xdr, database, clock=settings.clock, new_id=settings.new_id)
        hub = security_hub_intake(settings.security_hub, database, clock=settings.clock, new_id=settings.new_id)
        destinations = Destinations([prowler, cisco, hub], SignedElsewhere(hub.app, prowler.app))
        faults = _faults(settings, destinations)
        application = Application(
            destinations,
            Control(prowler.keys, faults, journal).application(),
            faults=faults,
            journal=journal,
            redaction=Redaction(settings.secrets()),
            clock=settings.clock,
        )
        server, thread = _start(application, listener)
        stack.callback(_stop, server, thread)
        yield Sandbox(access_at(_url(listener), settings), faults, journal, prowler, cisco, hub), server, thread


def _database(path: Path, schema: str, stack: ExitStack) -> Database:
    """A database that is closed in the end."""
    database = Database(path, schema, _SCHEMA_VERSION)
    stack.callback(database.close)
    return database


def _faults(settings: Settings, destinations: Destinations) -> Faults:
    faults = Faults([endpoint.name for endpoint in destinations.endpoints])
    for text in settings.faults:
        faults.add(text)
    return faults


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


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _start(app: ASGIApp, listener: socket.socket) -> tuple[Server, Thread]:
    config = uvicorn.Config(
        app,
        loop="asyncio",
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    server = Server(config)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, name="sandbox-server")
    thread.start()
    return server, thread


def _stop(server: Server, thread: Thread) -> None:
    server.stop()
    thread.join()


@contextmanager
def _stopped_by_signals(server: Server) -> Iterator[None]:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        server.stop()

    earlier = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
