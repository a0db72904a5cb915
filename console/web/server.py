"""textual-serve, on this machine only, behind a gate, with a page that loads nothing from elsewhere.

Each page that is opened runs the terminal UI in a process of its own, and its end is that of the process.
"""

from __future__ import annotations

import asyncio
import logging
import shlex
import signal
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from aiohttp import web
from textual_serve.server import Server

from console.errors import BadInput
from console.web.gate import Gate

HOST: Final = "127.0.0.1"
_PAGE: Final = Path(__file__).with_name("page")
_PATIENCE: Final = 5
"""Seconds that the processes of the UI have to end in, when the server ends."""
_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def serve(command: Sequence[str], port: int, ready: Callable[[str], None]) -> None:
    """Serve what *command* shows until SIGINT, SIGTERM or SIGHUP. Call it on the main thread.

    *ready* is called with the address to open, once it answers. Raises `BadInput` when the port is taken.
    """
    with _listen(port) as listener:
        asyncio.run(GuardedServer(command, listener).run(ready))


class GuardedServer(Server):
    """The server of textual-serve, with its way in guarded, its page ours, and its talk on stdout left out."""

    def __init__(self, command: Sequence[str], listener: socket.socket) -> None:
        port = listener.getsockname()[1]
        # textual-serve starts it by a shell, which gives its place to the command.
        started_by_shell = f"exec {shlex.join(command)}"
        super().__init__(started_by_shell, host=HOST, port=port, title="ocsf-console", templates_path=_PAGE)
        self._listener = listener
        self._gate = Gate(f"{HOST}:{port}")
        self._sessions: set[asyncio.Future[web.WebSocketResponse]] = set()

    async def run(self, ready: Callable[[str], None]) -> None:
        """Serve until a signal comes, and see that every process of the UI has ended."""
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in _ENDING:
            loop.add_signal_handler(number, stopped.set)
        logging.getLogger("textual-serve").addHandler(logging.NullHandler())
        runner = web.AppRunner(await self._make_app(), access_log=None, shutdown_timeout=_PATIENCE)
        await runner.setup()
        try:
            await web.SockSite(runner, self._listener).start()
            ready(self._gate.url)
            await stopped.wait()
        finally:
            await runner.cleanup()

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        self._gate.guard(app)
        app.router.add_static("/page", _PAGE)
        return app

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing: the command does."""

    async def on_shutdown(self, app: web.Application) -> None:
        """End the sessions. Each tells its process to end, and waits for that."""
        for session in self._sessions:
            session.cancel()
        if self._sessions:
            await asyncio.wait(self._sessions, timeout=_PATIENCE)

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Run the UI for one page."""
        session = asyncio.ensure_future(super().handle_websocket(request))
        self._sessions.add(session)
        try:
            return await session
        finally:
            self._sessions.discard(session)


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise BadInput(
            f"Port {port} of {HOST} can't be listened on: {error.strerror}.",
            hint="Name another --port; port 0 takes any free one.",
        ) from error
    return listener
