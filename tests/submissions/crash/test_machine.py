"""Any order of what can happen to submissions: two consoles, a target with moods, other clients, an operator, a clock.

The sandbox is the real one and its journal the witness. A console that dies is one whose ledger takes nothing any more
and whose locks are free: that is all that the next one finds of it. `CRASH_EXAMPLES` sets how many orders are tried.
"""

from __future__ import annotations

import asyncio
import functools
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

import console.submissions.delivery
import console.submissions.desk
import console.submissions.ledger_thread
import console.targets.http
from console.config import LimitsConfig
from console.errors import ConsoleError, StateError
from console.sandbox.samples import as_array, findings
from console.sandbox.server import Sandbox
from console.submissions.desk import Desk
from console.submissions.ledger import Ledger
from console.submissions.ledger_thread import LedgerThread
from console.submissions.model import UNSENT, BatchState, Selection
from console.submissions.retention import Retention
from console.submissions.sender import Sender
from console.targets.base import JobQuery
from console.targets.trust import tls_context
from tests.submissions.conftest import make_desk
from tests.submissions.crash.conftest import memory_folder
from tests.submissions.crash.stage import forget_jobs

EXAMPLES = int(os.environ.get("CRASH_EXAMPLES", "12"))
STEPS = 12 if EXAMPLES < 100 else 40

R = TypeVar("R")
Attempts = dict[str, tuple[Any, ...]]
"""The rows of `_ATTEMPTS` by their ids."""
Taken = dict[str, tuple[str, str]]
"""By attempt, the job that the target opened and the hash of what it took in."""

FILES = {"large": (0, 5), "small": (5, 8), "like the large one": (8, 13)}
"""Finding files, by the records that they hold: batches of 3 and 2, of 3, and of 3 and 2."""
MOODS = {
    "accepts": "",
    "drops the answer": "no-reply=reset",
    "answers nonsense": "cut=10",
    "is behind a gateway that fails": "status=503",
    "refuses": "status=400",
    "denies": "status=401",
    "is busy": "status=429,retry-after=0",
    "is busy for long": "status=429,retry-after=3600",
    "breaks off before the body": "reset=before",
    "breaks off after the body": "reset=after",
    "lists late": "no-reply=reset;late=3600",
}
PAUSES = ("", "before the intent", "after the intent", "before the outcome")
JUMPS = [timedelta(seconds=seconds) for seconds in (-2 * 86400, -7200, -20, 20, 7200, 2 * 86400)]

_BATCHES = """
SELECT submission, number, sha256, records, state, job_id, inferred FROM batch"""
_ATTEMPTS = """
SELECT attempt.id, attempt.submission, attempt.batch, outcome, sha256, job_id, inferred FROM attempt JOIN batch
ON batch.submission = attempt.submission AND batch.number = attempt.batch ORDER BY attempt.sequence"""
_RESENDS = """
SELECT attempt.submission, attempt.batch, count(*) FROM settlement JOIN attempt ON attempt.id = settlement.attempt
WHERE verdict = 'resend' GROUP BY attempt.submission, attempt.batch"""
_INFERRED_WITHOUT_EVIDENCE = """
SELECT submission FROM batch WHERE inferred AND NOT EXISTS (
    SELECT 1 FROM settlement JOIN attempt ON attempt.id = settlement.attempt
    WHERE attempt.submission = batch.submission AND attempt.batch = batch.number
    AND settlement.verdict = 'adopted' AND settlement.job_id = batch.job_id AND evidence <> '{}')"""

# Where the outcome says that nothing was accepted, nothing may have been.
_CERTAIN = frozenset({"ready", "waiting", "refused", "denied"})
_TARGET: list[Sandbox] = []
"""The one sandbox of all examples."""


class Clock:
    """The clock of the machine that the consoles run on: somebody sets it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def as_datetime(self) -> type[datetime]:
        """`datetime` as a module sees it on this machine."""
        clock = self

        class Here(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> Any:
                return clock().astimezone(tz)

        return Here


class MortalLedger(LedgerThread):
    """A ledger whose process can be held up at one place, and die."""

    def __init__(self, state: Path, retention: Retention) -> None:
        super().__init__(state, retention)
        self.pause = ""
        self.is_there = asyncio.Event()
        """It has come to the pause."""
        self.goes_on = asyncio.Event()
        self.is_dead = False

    async def run(self, work: Callable[[Ledger], R]) -> R:
        if self.is_dead:
            raise StateError("The process is dead.")
        return await super().run(work)

    async def begin_attempt(self, *args: Any) -> None:
        await self._come_to("before the intent")
        await super().begin_attempt(*args)
        await self._come_to("after the intent")

    async def end_attempt(self, *args: Any, **named: Any) -> None:
        await self._come_to("before the outcome")
        await super().end_attempt(*args, **named)

    async def _come_to(self, place: str) -> None:
        if place == self.pause:
            self.pause = ""
            self.is_there.set()
            await self.goes_on.wait()
        if self.is_dead:
            raise StateError("The process is dead.")


@dataclass(slots=True)
class Console:
    """A process: a desk, and what it is sending."""

    desk: Desk
    ledger: MortalLedger
    sending: asyncio.Task[None] | None = None


class Submissions(RuleBasedStateMachine):
    """See the rules."""

    def __init__(self) -> None:
        super().__init__()
        self.sandbox = _TARGET[0]
        forget_jobs(self.sandbox)
        self.since = self.sandbox.journal.count()
        self.clock = Clock()
        self.runner = asyncio.Runner()
        self.scratch = TemporaryDirectory(dir=memory_folder(), prefix="ocsf-console-test-")
        self.folder = Path(self.scratch.name)
        self.patch = pytest.MonkeyPatch()
        context = tls_context()
        self.patch.setattr(console.targets.http, "tls_context", lambda: context)
        self.patch.setattr(console.targets.http, "datetime", self.clock.as_datetime())
        self.patch.setattr(console.submissions.desk, "now", self.clock)
        self.patch.setattr(console.submissions.delivery, "Sender", functools.partial(Sender, clock=self.clock))
        self.patch.setattr(console.submissions.ledger_thread, "Ledger", functools.partial(Ledger, clock=self.clock))
        records = list(findings(13))
        for name, (start, end) in FILES.items():
            self._path(name).write_bytes(as_array(records[start:end]))
        self.consoles = {name: self._open(self.folder / "state") for name in ("first", "second")}
        self.stranger = self._open(self.folder / "elsewhere")
        self.decided: dict[str, int] = {}
        """Records of each submission that was decided on."""
        self.words: Counter[tuple[str, int]] = Counter()
        """How often the operator said that a batch may be sent once more."""
        self.killed = 0

    def teardown(self) -> None:
        """Bring everything to rest, and look once more."""
        try:
            self._rest()
            self.nothing_is_sent_twice_or_lost()
        finally:
            for one in (*self.consoles.values(), self.stranger):
                self._bury(one)
            self.runner.close()
            self.patch.undo()
            self.scratch.cleanup()

    # What the rules are made of.

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.ocsf.json"

    def _open(self, state: Path) -> Console:
        async def opened() -> Console:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(console.submissions.desk, "LedgerThread", MortalLedger)
                desk = make_desk(self.sandbox, state, LimitsConfig(batch_records=3, send_attempts=2))
            desk._delivery.patience = replace(desk._delivery.patience, draw=lambda least, _most: least)
            assert isinstance(desk._ledger, MortalLedger)
            return Console(desk, desk._ledger)

        return self.runner.run(opened())

    def _bury(self, one: Console) -> None:
        """End what is left of a process."""

        async def bury() -> None:
            one.ledger.is_dead = True
            one.ledger.goes_on.set()
            if one.sending is not None:
                await one.sending
            await one.desk.close()

        self.runner.run(bury())

    def _do(self, work: Coroutine[None, None, R]) -> R | None:
        """Do what may be refused. None when it was."""

        async def done() -> R | None:
            try:
                return await work
            except ConsoleError:
                return None

        return self.runner.run(done())

    def _ask(self, question: str) -> list[tuple[Any, ...]]:
        path = self.folder / "state" / "ledger.sqlite3"
        if not path.exists():
            return []
        with closing(sqlite3.connect(path)) as ledger:
            return ledger.execute(question).fetchall()

    def _in_mood(self, mood: str) -> None:
        self.sandbox.faults.clear()
        for fault in filter(None, MOODS[mood].split(";")):
            self.sandbox.faults.add(f"{fault},on=prowler.submit,times=1")

    def _send(self, one: Console, pause: str, outcomes: Callable[[], Coroutine[None, None, None]]) -> None:
        """Let a console send, to its end or to a pause."""

        async def send() -> None:
            with suppress(ConsoleError):
                await outcomes()

        async def begin() -> None:
            one.ledger.pause = pause
            one.ledger.is_there.clear()
            one.ledger.goes_on.clear()
            one.sending = asyncio.create_task(send())
            there = asyncio.create_task(one.ledger.is_there.wait())
            await asyncio.wait([one.sending, there], return_when=asyncio.FIRST_COMPLETED)
            there.cancel()
            one.ledger.pause = ""
            if one.sending.done():
                one.sending = None

        self.runner.run(begin())

    async def _submit(self, one: Console, path: Path) -> None:
        plan = await one.desk.prepare([path], "prowler", Selection.ALL)
        async for _ in one.desk.send(plan):
            if one is not self.stranger:
                self.decided[plan.submission] = plan.records

    async def _resume(self, one: Console, submission: str) -> None:
        async for _ in one.desk.resume(submission):
            pass

    def _of(self, *states: BatchState) -> list[str]:
        """Submissions with a batch in one of these states, in their order."""
        return list(dict.fromkeys(row[0] for row in self._ask(_BATCHES + " ORDER BY rowid") if row[4] in states))

    @property
    def idle(self) -> list[str]:
        """The consoles that are not sending."""
        return [name for name, one in self.consoles.items() if one.sending is None]

    def _free(self, who: str) -> str:
        """A console that can do something: that one, or the other; where both are held up, that one goes on first.

        What rules do never hangs on what may come out one way or the other, or no order could be tried again.
        """
        if who not in self.idle:
            if not self.idle:
                self._go_on(who)
                return who
            return self.idle[0]
        return who

    def _doubtful(self, name: str) -> list[str]:
        """Submissions in doubt. Where there is none, something is done for one."""
        if not self._of(BatchState.UNKNOWN):
            self.submit(name, "small", "drops the answer", "")
        return self._of(BatchState.UNKNOWN)

    @property
    def busy(self) -> list[str]:
        return [name for name, one in self.consoles.items() if one.sending is not None]

    # What happens.

    who = st.sampled_from(["first", "second"])
    which = st.integers(0, 3)
    moods = st.sampled_from(list(MOODS))
    names = st.sampled_from(list(FILES))

    @initialize(files=st.tuples(names, names), moods=st.tuples(moods, moods), pause=st.sampled_from(PAUSES))
    def begin(self, files: tuple[str, str], moods: tuple[str, str], pause: str) -> None:
        """There is something that can go wrong from the start."""
        self.submit("first", files[0], moods[0], pause)
        self.submit("second", files[1], moods[1], "")

    @rule(who=who, file=names, mood=moods)
    def submit_whole(self, who: str, file: str, mood: str) -> None:
        self.submit(self._free(who), file, mood, "")

    @rule(who=who, file=names, mood=moods, pause=st.sampled_from(PAUSES))
    def submit_and_be_held_up(self, who: str, file: str, mood: str, pause: str) -> None:
        self.submit(self._free(who), file, mood, pause)

    def submit(self, who: str, file: str, mood: str, pause: str) -> None:
        one = self.consoles[who]
        self._in_mood(mood)
        self._send(one, pause, lambda: self._submit(one, self._path(file)))

    @rule(who=who, which=which, mood=moods, pause=st.sampled_from(("", *PAUSES)))
    def resume(self, who: str, which: int, mood: str, pause: str) -> None:
        """One goes on with what is unsent; where nothing is, with something new."""
        name, found = self._free(who), self._of(*UNSENT)
        if not found:
            self.submit(name, "large", mood, pause)
            return
        one = self.consoles[name]
        self._in_mood(mood)
        self._send(one, pause, lambda: self._resume(one, found[which % len(found)]))

    @rule(who=who)
    def go_on(self, who: str) -> None:
        """A console that was held up goes on."""
        for name in self.busy[:1] if who == "first" else self.busy[-1:]:
            self._go_on(name)

    def _go_on(self, who: str) -> None:
        one = self.consoles[who]
        sending = one.sending
        assert sending is not None

        async def end() -> None:
            one.ledger.goes_on.set()
            await sending

        self.runner.run(end())
        one.sending = None

    @rule(who=who)
    def die(self, who: str) -> None:
        """A console dies, in the middle of sending if it is, and another takes its place."""
        name = who if who in self.busy or not self.busy else self.busy[0]
        self.killed += name in self.busy
        self._bury(self.consoles[name])
        self.consoles[name] = self._open(self.folder / "state")

    @rule(who=who)
    def look(self, who: str) -> None:
        self._do(self.consoles[self._free(who)].desk.look("prowler"))

    @rule(who=who)
    def list_jobs(self, who: str) -> None:
        self._do(self.consoles[self._free(who)].desk.jobs("prowler", JobQuery()))

    @rule(who=who, which=which)
    def allow_resend(self, who: str, which: int) -> None:
        name = self._free(who)
        found = self._doubtful(name)
        if found:
            self._allow_resend(name, found[which % len(found)])

    def _allow_resend(self, who: str, submission: str) -> None:
        for row in self._ask(_BATCHES):
            if row[0] == submission and row[4] == BatchState.UNKNOWN:
                self.words[submission, row[1]] += 1
        assert self._do(self.consoles[who].desk.allow_resend(submission)) is not None

    @rule(who=who, which=which, job=which)
    def adopt(self, who: str, which: int, job: int) -> None:
        """The operator names a job: perhaps the right one."""
        name = self._free(who)
        found, jobs = self._doubtful(name), self.sandbox.prowler.store.ingestions(limit=4)
        if found and jobs:
            self._do(self.consoles[name].desk.adopt(found[which % len(found)], str(jobs[job % len(jobs)].id)))

    @rule(who=who, which=which)
    def abandon(self, who: str, which: int) -> None:
        name = self._free(who)
        found = self._doubtful(name) + self._of(*UNSENT)
        if found:
            self._do(self.consoles[name].desk.abandon(found[which % len(found)]))

    @rule(file=names)
    def another_client_submits(self, file: str) -> None:
        """Something of the same size, from elsewhere: a look-alike."""
        path = self.folder / "other.ocsf.json"
        start, end = FILES[file]
        path.write_bytes(as_array([*findings(60 + end)][60 + start :]))
        self.sandbox.faults.clear()
        self._do(self._submit(self.stranger, path))

    @rule(jump=st.sampled_from(JUMPS))
    def set_the_clock(self, jump: timedelta) -> None:
        self.clock.ahead += jump

    # What holds.

    @invariant()
    def nothing_is_sent_twice_or_lost(self) -> None:
        batches = {(row[0], row[1]): row for row in self._ask(_BATCHES)}
        attempts = {row[0]: row for row in self._ask(_ATTEMPTS)}
        taken = self._taken()
        self._every_byte_was_announced(attempts, taken)
        self._every_job_was_wanted(attempts, taken)
        self._what_is_called_certain_is(attempts, taken)
        in_flight = Counter((row[1], row[2]) for row in attempts.values() if row[3] is None)
        assert all(count == 1 for count in in_flight.values()), "two attempts in flight"
        assert not self._ask(_INFERRED_WITHOUT_EVIDENCE), "inferred from nothing"
        for submission, records in self.decided.items():
            found = [row for (owner, _), row in batches.items() if owner == submission]
            assert sum(row[3] for row in found) == records, "a record is not accounted for"

    def _taken(self) -> Taken:
        """The job and the hash that came of each attempt of ours, by the journal of the target."""
        strangers = set(self._attempts_of_strangers())
        taken: Taken = {}
        for entry in self.sandbox.journal.entries("prowler.submit", after=self.since):
            attempt = dict(entry.headers)["transaction-id"]
            if isinstance(entry.taken, dict) and attempt not in strangers:
                assert attempt not in taken, "one attempt opened two jobs"
                taken[attempt] = (str(entry.taken["job"]), str(entry.taken["sha256"]))
        return taken

    def _attempts_of_strangers(self) -> Iterator[str]:
        path = self.folder / "elsewhere" / "ledger.sqlite3"
        if path.exists():
            with closing(sqlite3.connect(path)) as ledger:
                yield from (row[0] for row in ledger.execute("SELECT id FROM attempt"))

    def _every_byte_was_announced(
        self, attempts: dict[str, tuple[Any, ...]], taken: dict[str, tuple[str, str]]
    ) -> None:
        for attempt, (_, sha256) in taken.items():
            assert attempt in attempts, "something was sent that is not in the ledger"
            assert attempts[attempt][4] == sha256, "something else was sent than the ledger says"

    def _every_job_was_wanted(self, attempts: Attempts, taken: Taken) -> None:
        jobs = Counter((attempts[attempt][1], attempts[attempt][2]) for attempt in taken)
        for batch, count in jobs.items():
            assert count <= 1 + self.words[batch], "sent once more in silence"

    def _what_is_called_certain_is(self, attempts: Attempts, taken: Taken) -> None:
        for attempt, (_, _, _, outcome, _, job_id, inferred) in attempts.items():
            if outcome in _CERTAIN:
                assert attempt not in taken, f"called {outcome}, and the target has it"
            if outcome == BatchState.ACCEPTED:
                assert not inferred
                assert taken[attempt][0] == job_id, "accepted as a job that is none of it"

    # The end.

    def _rest(self) -> None:
        """See to everything that is open."""
        for name in self.busy:
            self._go_on(name)
        self.sandbox.faults.clear()
        one = self.consoles["first"]
        self._do(one.desk.jobs("prowler", JobQuery()))
        for _ in range(4):
            self._do(one.desk.look("prowler"))
            for submission in self._of(BatchState.UNKNOWN):
                self._allow_resend("first", submission)
            self.clock.ahead += timedelta(days=4)
            for submission in self._of(*UNSENT):
                self._send(one, "", functools.partial(self._resume, one, submission))
        assert not self._of(BatchState.UNKNOWN, BatchState.SENDING, *UNSENT), "there is no rest"


def test_whatever_happens_is_sent_once_and_accounted_for(target: Sandbox) -> None:
    _TARGET[:] = [target]
    run_state_machine_as_test(
        Submissions,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=EXAMPLES < 100,
            suppress_health_check=list(HealthCheck),
        ),
    )
