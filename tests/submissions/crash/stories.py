"""The stories that are cut off: each prepares what lies before it, and returns the command that is to die."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Final

from console.errors import ExitCode
from tests.submissions.crash.stage import ELSEWHERE, Mine, Stage
from tests.submissions.version_1 import SCHEMA

Story = Callable[[Stage], tuple[str, ...]]

_TO: Final = ("--target", "prowler")
_SECOND: Final = "on=prowler.submit,nth=2"
_BODY_SENT: Final = "net:http11.send_request_body.complete"


def submit(stage: Stage) -> tuple[str, ...]:
    """Nothing goes wrong."""
    return ("submit", str(stage.scan), *_TO)


def dry_run(stage: Stage) -> tuple[str, ...]:
    """Nothing is to be sent."""
    return (*submit(stage), "--dry-run")


def throttled(stage: Stage) -> tuple[str, ...]:
    """The second batch is to be tried again at once."""
    stage.sandbox.faults.add(f"status=429,retry-after=0,{_SECOND}")
    return submit(stage)


def denied(stage: Stage) -> tuple[str, ...]:
    """The key is refused for the second batch."""
    stage.sandbox.faults.add(f"status=401,{_SECOND}")
    return submit(stage)


def resumed(stage: Stage) -> tuple[str, ...]:
    """What was denied is gone on with."""
    assert stage.run(*denied(stage)).code == ExitCode.DENIED
    return ("jobs", "resume", *_TO, _one(stage))


def unanswered(stage: Stage) -> tuple[str, ...]:
    """The second batch becomes a job, and nobody says so."""
    stage.sandbox.faults.add(f"no-reply=reset,{_SECOND}")
    return submit(stage)


def never_arrived(stage: Stage) -> tuple[str, ...]:
    """A gateway answers for the second batch, which never becomes a job."""
    stage.sandbox.faults.add(f"status=503,{_SECOND}")
    return submit(stage)


def settled(stage: Stage) -> tuple[str, ...]:
    """The target is asked what became of what a dead process sent."""
    assert stage.submit(mine=Mine(_BODY_SENT, visit=2)).was_killed
    return ("jobs", "settle", *_TO, _one(stage))


def found_dead(stage: Stage) -> tuple[str, ...]:
    """Somebody looks at the jobs after a process died."""
    assert stage.submit(mine=Mine(_BODY_SENT, visit=2)).was_killed
    return ("jobs", "list", *_TO)


def sent_once_more(stage: Stage) -> tuple[str, ...]:
    """The operator says that what never arrived is to be sent once more."""
    assert stage.run(*never_arrived(stage)).code == ExitCode.UNKNOWN
    stage.words.update(row["sha256"] for row in stage.batches() if row["state"] == "unknown")
    return ("jobs", "settle", *_TO, _one(stage), "--resend")


def let_be(stage: Stage) -> tuple[str, ...]:
    """The operator says that what never arrived is let be, and the rest given up."""
    assert stage.run(*never_arrived(stage)).code == ExitCode.UNKNOWN
    return ("jobs", "settle", *_TO, _one(stage), "--abandon")


def watched(stage: Stage) -> tuple[str, ...]:
    """The jobs are waited for."""
    return (*submit(stage), "--wait")


def upgraded(stage: Stage) -> tuple[str, ...]:
    """The ledger is one of version 1, with something of every kind in it."""
    stage.state.mkdir(mode=0o700)
    stage.ledger.touch(mode=0o600)
    with closing(sqlite3.connect(stage.ledger)) as ledger:
        ledger.executescript(SCHEMA + _OF_VERSION_1.format(elsewhere=ELSEWHERE))
    return submit(stage)


def forgotten(stage: Stage) -> tuple[str, ...]:
    """What is settled is old enough to be forgotten: the latest submission is, since ages count back from that."""
    assert stage.submit().code == ExitCode.OK
    stage.limits["history_days"] = 0
    stage.make_older(days=3)
    return ("jobs", "list", *_TO)


def made_room(stage: Stage) -> tuple[str, ...]:
    """The payloads take more room than they may."""
    assert stage.submit().code == ExitCode.OK
    stage.limits["history_bytes"] = 0
    return ("jobs", "list", *_TO)


def _one(stage: Stage) -> str:
    """The one submission that there is."""
    (submission,) = {row["submission"] for row in stage.batches()}
    assert isinstance(submission, str)
    return submission


STORIES: Final[Mapping[str, Story]] = {
    story.__name__.replace("_", " "): story
    for story in (
        submit, dry_run, throttled, denied, resumed, unanswered, never_arrived, settled, found_dead, sent_once_more,
        let_be, watched, upgraded, forgotten, made_room,
    )
}  # fmt: skip

_OF_VERSION_1: Final = """
INSERT INTO submission VALUES
    ('done', 'prowler', 'prowler', '{elsewhere}', '2026-01-01T00:00:00+00:00'),
    ('cut-off', 'prowler', 'prowler', '{elsewhere}', '2026-01-02T00:00:00+00:00');
INSERT INTO batch (submission, number, records, bytes, sha256, source, source_sha256, state, job_id) VALUES
    ('done', 1, 5, 50, 'aa', x'61', 'aa', 'accepted', 'job-1'),
    ('cut-off', 1, 6, 60, 'bb', x'62', 'bb', 'refused', NULL),
    ('cut-off', 2, 6, 60, 'cc', x'62', 'bb', 'sending', NULL),
    ('cut-off', 3, 6, 60, 'dd', x'62', 'bb', 'ready', NULL);
INSERT INTO attempt VALUES
    ('one', 'done', 1, 'f', '2026-01-01T00:00:01+00:00', '2026-01-01T00:00:02+00:00', 'accepted'),
    ('two', 'cut-off', 1, 'f', '2026-01-02T00:00:01+00:00', '2026-01-02T00:00:02+00:00', 'refused'),
    ('three', 'cut-off', 2, 'f', '2026-01-02T00:00:03+00:00', NULL, NULL);
"""
