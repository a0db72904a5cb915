"""Following a job to its end: how often it is looked at, what is put up with, and what ends our patience."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from console.display import safe_text
from console.errors import JobTimeout, JobVanished, NoSuchJob, TargetUnavailable
from console.submissions.model import TrackedJob

FIRST_LOOKS: Final = (0.2, 0.5, 1.0, 2.0)
"""Seconds between the first looks at a job; after them comes the configured refresh interval."""

LAST_LOOK_SECONDS: Final = 5
"""What the look at the end of one's patience may take."""

STALLED_LOOK_SECONDS: Final = 300
"""Seconds between looks at a job that may be stuck."""

LOOKS_FOR_THE_VANISHED: Final = 3
"""Looks in a row after which a job that the target does not show is gone: it may show a new one late."""


@dataclass(slots=True)
class Watch:
    """One job that somebody waits for."""

    target: str
    job_id: str
    look: Callable[[], Awaitable[TrackedJob]]
    """Asks the target for the job."""
    is_known: Callable[[], Awaitable[bool]]
    """Whether the target is known to have accepted it: then it can vanish, and is not merely misspelt."""
    refresh_seconds: float

    async def run(self, timeout: float | None) -> AsyncGenerator[TrackedJob, None]:
        """Yield the job each time it is looked at, until it has ended. See `Desk.watch`."""
        clock = asyncio.get_running_loop().time
        deadline = float("inf") if timeout is None else clock() + timeout
        pauses = iter(FIRST_LOOKS)
        silence: TargetUnavailable | None = None
        seen: TrackedJob | None = None
        missed = 0
        while True:
            last_look = clock() >= deadline
            pause = next(pauses, self.refresh_seconds)
            try:
                async with asyncio.timeout(None if timeout is None else max(deadline - clock(), LAST_LOOK_SECONDS)):
                    seen = await self.look()
            except TargetUnavailable as error:
                silence = error
                pause = max(error.retry_after or 0, pause)
            except NoSuchJob as error:
                missed += 1
                if seen is None and not await self.is_known():
                    raise
                if missed >= LOOKS_FOR_THE_VANISHED:
                    raise self._vanished() from error
            except TimeoutError:
                last_look = True
            else:
                silence, missed = None, 0
                yield seen
                if seen.job.ended:
                    return
                if seen.stalled:
                    pause = max(STALLED_LOOK_SECONDS, pause)
            if last_look:
                raise self._out_of_patience(silence)
            await asyncio.sleep(min(pause, max(deadline - clock(), 0)))

    def _vanished(self) -> JobVanished:
        """The error of a job that was accepted and is not there any more. That does not mean that it failed."""
        return JobVanished(
            f"{self.target} accepted job {safe_text(self.job_id, width=80)}, and has shown no such job in the last"
            f" {LOOKS_FOR_THE_VANISHED} looks. What became of its records is not known.",
            hint="Ask the administrator of the target whether it was removed, before you send the records again.",
        )

    def _out_of_patience(self, silence: TargetUnavailable | None) -> JobTimeout:
        """The error of a job that was not seen to end, with what the target's last failure to answer was."""
        why = "" if silence is None else f" {silence.message}"
        return JobTimeout(
            f"Job {self.job_id} was accepted and was not seen to end in time.{why}",
            hint=f"It goes on; look again with: ocsf-console jobs show --target {self.target} {self.job_id}",
        )
