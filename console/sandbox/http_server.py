"""uvicorn's server, stopped without delay: its own looks ten times a second whether it should stop, and then waits."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import Final

import uvicorn

_LOOK_SECONDS: Final = 0.005
"""How often a server that stops looks whether everybody has got an answer."""

_ACCEPTING_TURNS: Final = 3
"""Turns of the loop after which a connection that was taken is among the others (asyncio, up to 3.13)."""


class Server(uvicorn.Server):
    """Answers until `stop` is called."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._asked = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def stop(self) -> None:
        """Ask it to stop, from any thread or a signal's handler, at any time."""
        self.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):  # it has stopped already
                self._loop.call_soon_threadsafe(self._asked.set)

    async def main_loop(self) -> None:
        """Wait until it is asked to stop."""
        # Who asks before the next line is heard by `on_tick`, who asks later by the event.
        self._loop = asyncio.get_running_loop()
        if not await self.on_tick(0):
            await self._asked.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, and let go of those that are there when they are answered or the time is over."""
        listeners = sockets or []
        for listener in listeners:
            asyncio.get_running_loop().remove_reader(listener)
        # A connection that was taken just now would stay open: asyncio makes nothing of it once the server is closed.
        for _ in range(_ACCEPTING_TURNS):
            await asyncio.sleep(0)
        for server in self.servers:
            server.close()
        for listener in listeners:
            listener.close()
        state = self.server_state
        for connection in list(state.connections):
            connection.shutdown()
        with suppress(TimeoutError):
            async with asyncio.timeout(self.config.timeout_graceful_shutdown):
                while state.connections or state.tasks:
                    await asyncio.sleep(_LOOK_SECONDS)
        for task in state.tasks:
            task.cancel()
