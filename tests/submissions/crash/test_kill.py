"""A process dies at each point of a submission's way. Whatever was sent went once, and nothing is lost.

A quick run takes each point at the visits that the table names. With `CRASH_EVERYWHERE` set, at all that there are.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from itertools import count

import pytest

from console.errors import ExitCode
from tests.submissions.crash.conftest import NewStage
from tests.submissions.crash.points import POINTS, Point
from tests.submissions.crash.stage import EVERYWHERE, Ended, Mine, Stage
from tests.submissions.crash.stories import STORIES

_A_DAY_AND_MORE = 25 * 3600


CHOSEN = [point for point in POINTS if point.visits or EVERYWHERE]


@pytest.mark.parametrize("point", CHOSEN, ids=[point.id for point in CHOSEN])
def test_whatever_is_cut_off_is_sent_once(point: Point, new_stage: NewStage) -> None:
    reached = 0
    for visit in count(1) if EVERYWHERE else point.visits:
        if not _cut_off(new_stage(), point, visit):
            break
        reached += 1
    assert reached >= (1 if EVERYWHERE else len(point.visits)), "the story does not come by here: the table is stale"


def _cut_off(stage: Stage, point: Point, visit: int) -> bool:
    """Tell a story until the point, and then to its end. False when it did not come by."""
    command = STORIES[point.story](stage)
    ended = stage.run(*command, mine=Mine(point.spot, point.side, visit, point.signal))
    if not _was_cut_off(ended, point.signal):
        return False
    stage.drive_to_rest()
    _ENDINGS.get(point.story, Stage.check_all_sent)(stage)
    if EVERYWHERE:
        stage.check_idle()
    return True


def _was_cut_off(ended: Ended, by: signal.Signals) -> bool:
    if by is signal.SIGINT:
        return ended.code == ExitCode.INTERRUPTED
    # What was told to stop ends by a code of its own, unless it had not come so far as to listen.
    return ended.code in (-by, 128 + by)


def _let_be(stage: Stage) -> None:
    stage.check(sent=False)


def _nothing_sent(stage: Stage) -> None:
    """A plan that nobody sent is gone a day later."""
    assert not stage.taken()
    assert not stage.batches()
    for folder in stage.state.glob("spool/*"):
        long_ago = folder.stat().st_mtime - _A_DAY_AND_MORE
        os.utime(folder, (long_ago, long_ago))
    assert not stage.open_ones()
    assert not list(stage.state.glob("spool/*"))


def _forgotten(stage: Stage) -> None:
    """What was settled is forgotten, and sent by nobody."""
    assert not stage.batches()
    assert [len(jobs) for jobs in stage.taken().values()] == [1, 1, 1]


def _made_room(stage: Stage) -> None:
    assert not list(stage.state.glob("spool/*/*.payload"))
    stage.check()


def _upgraded(stage: Stage) -> None:
    """What the older ledger knew is known; what was being sent by it is in doubt; a copy of it is kept."""
    older = stage.ask("SELECT submission, number, state FROM batch WHERE submission IN ('done', 'cut-off')")
    assert sorted(older) == [
        ("cut-off", 1, "refused"), ("cut-off", 2, "unknown"), ("cut-off", 3, "ready"), ("done", 1, "accepted")
    ]  # fmt: skip
    assert stage.ask("PRAGMA user_version") == [(2,)]
    assert stage.ledger.with_name("ledger.sqlite3.version-1").exists()
    stage.check_all_sent()


_ENDINGS: dict[str, Callable[[Stage], None]] = {
    "dry run": _nothing_sent,
    "let be": _let_be,
    "forgotten": _forgotten,
    "made room": _made_room,
    "upgraded": _upgraded,
}


def test_the_points_are_those_that_a_submission_has() -> None:
    """1 to 18, 21 to 25, 28 and 30: none is left out."""
    assert {point.number for point in CHOSEN} == {*range(1, 19), *range(21, 26), 28, 30}
    assert len({point.id for point in POINTS}) == len(POINTS)
