"""How many jobs there are of each status: from the ledger where it knows, from the target where it must be asked."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from console.errors import ConsoleError, TargetError, TargetUnavailable
from console.submissions.job_board import ANSWER_SECONDS, JobBoard
from console.targets.base import COMPLETED, FAILED, PENDING, PROCESSING, JobQuery, Target

REMOTE_STATUSES: Final = (PENDING, PROCESSING, COMPLETED, FAILED)
"""What a target is asked for. Those that it invents itself can't be known before they are seen."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The jobs of one target or of several, by status."""

    counts: Mapping[str, int]
    """A status that nobody could count is not among them."""
    failures: Mapping[str, ConsoleError]
    """Why a target is not counted, by its name: the counts of what targets know are too low then."""


async def tally_of(
    board: JobBoard, targets: Sequence[Target], query: JobQuery, failures: Mapping[str, ConsoleError]
) -> Tally:
    """Count the jobs that a query means, whatever its statuses and page.

    A target that keeps a list is asked once for each status, one after the other, for a page of one job: what it
    says of how many there are is all that is wanted. *failures* are known already, and are passed on.
    """
    known = dict(failures)
    counts = Counter[str]()
    mine = {one.job.id: one for target in targets for one in await board.mine(target, replace(query, statuses=()))}
    counts.update(one.job.status for one in mine.values())
    for counted in await asyncio.gather(*(_count(board, target, query, known) for target in targets)):
        counts.update(counted)
    return Tally(counts, known)


async def _count(
    board: JobBoard, target: Target, query: JobQuery, failures: dict[str, ConsoleError]
) -> Mapping[str, int]:
    """What one target has; nothing, and why among *failures*, where it does not tell all."""
    if not target.capabilities.remote_jobs:
        return await board.count_kept(target, query)
    if (reason := board.left_alone(target)) is not None:
        failures[target.name] = reason
        return {}
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return {
                status: (await board.ask(target, replace(query, statuses=(status,), page=1, page_size=1))).count
                for status in REMOTE_STATUSES
            }
    except TargetError as error:
        failures[target.name] = error
    except TimeoutError:
        failures[target.name] = TargetUnavailable(f"The target '{target.name}' takes too long to count its jobs.")
    return {}
