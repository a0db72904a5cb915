"""A sandbox for one session: a stand-in for Prowler Cloud in this process, as a target that is in no file."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from console.config import ProwlerConfig
from console.errors import BadInput

if TYPE_CHECKING:
    from console.sandbox.settings import Access
    from console.submissions.desk import Desk

NAME: Final = "sandbox"
"""What its target is called."""
_ANYWHERE: Final = "http://127.0.0.1"
"""Variables of the environment are bound to no address."""


class LocalSandbox:
    """The sandbox of a session. Start it once at most, and stop it in the end."""

    def __init__(self) -> None:
        self._resources = ExitStack()
        self._starting = asyncio.Lock()
        self._target: ProwlerConfig | None = None

    async def start(self, desk: Desk) -> ProwlerConfig:
        """The target that leads to it, whose secret the *desk* knows from now on. Starts it if it does not run.

        Raises `BadInput`, `StateError`.
        """
        async with self._starting:
            if self._target is None:
                self._target = await asyncio.to_thread(self._start, desk)
            return self._target

    def _start(self, desk: Desk) -> ProwlerConfig:
        # What there is of the sandbox before it is started costs nothing: few start one.
        from console.credentials import Source
        from console.targets.registry import PROWLER_API_KEY

        found = desk.credentials.find(NAME, _ANYWHERE, PROWLER_API_KEY)
        if found.source is Source.ENVIRONMENT:
            raise BadInput(
                f"{found.detail} in the environment comes first, and a sandbox does not know that key.",
                hint="Unset it and start again, or run: ocsf-console demo",
            )
        prowler = self._run().prowler
        desk.credentials.remember(NAME, prowler.base_url, PROWLER_API_KEY, prowler.api_key)
        return ProwlerConfig(kind="prowler", base_url=prowler.base_url)

    def _run(self) -> Access:
        from console.sandbox.prowler.intake import ProwlerSettings
        from console.sandbox.prowler.worker import Pace
        from console.sandbox.server import running
        from console.sandbox.settings import Settings

        # Slow enough for a person to see a job go through its states.
        pace = Pace(pending_seconds=2, records_per_second=200)
        return self._resources.enter_context(running(Settings(prowler=ProwlerSettings(pace=pace)))).access

    async def stop(self) -> None:
        """End it, if it runs. What it took in goes with it."""
        async with self._starting:
            await asyncio.to_thread(self._resources.close)
