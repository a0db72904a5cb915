"""A stage for crashes: a sandbox, a state folder, commands as processes that may die, and what must hold afterwards."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import tomli_w

from console.errors import ExitCode
from console.sandbox.samples import as_array, findings
from console.sandbox.server import Sandbox

EVERYWHERE: Final = bool(os.environ.get("CRASH_EVERYWHERE"))
"""Whether to take every place where a process can die, and not some."""
RECORDS: Final = 7
"""Records of the finding file: batches of 3, 3 and 1."""
PATIENCE: Final = 20
"""Seconds for what takes some milliseconds. Whoever waits so long waits for nothing."""
SETTLED: Final = frozenset({"accepted", "refused", "abandoned", "cancelled"})
ROUNDS: Final = 12
"""How often an operator has to see to a submission at most."""

_STATE_OF_BATCHES: Final = """
SELECT submission, number, records, sha256, state, job_id, inferred
FROM batch JOIN submission ON submission.id = batch.submission WHERE origin <> '{elsewhere}'
ORDER BY submission.rowid, number"""
ELSEWHERE: Final = "http://elsewhere"
"""The address of what is in a ledger from the start and is not for this target."""
_ATTEMPTS: Final = "SELECT id, submission, batch, started_at, ended_at, outcome FROM attempt ORDER BY sequence"
# I3: whatever follows an attempt in doubt follows somebody's word that it may be sent once more.
_UNSETTLED: Final = """
SELECT doubtful.id FROM attempt AS doubtful JOIN attempt AS later
ON later.submission = doubtful.submission AND later.batch = doubtful.batch AND later.sequence > doubtful.sequence
WHERE doubtful.outcome = 'unknown' AND NOT EXISTS (
    SELECT 1 FROM settlement WHERE settlement.attempt = doubtful.id AND settlement.verdict = 'resend')"""


@dataclass(frozen=True, slots=True)
class Mine:
    """Where a command dies, or what else becomes of it there."""

    spot: str
    """As `victim.lay` reads it."""
    side: str = "before"
    visit: int = 1
    number: int = signal.SIGKILL


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    """Its exit code, or the signal that killed it, negative."""
    stdout: str
    stderr: str

    @property
    def was_killed(self) -> bool:
        return self.code == -signal.SIGKILL

    def json(self) -> Any:
        """What it wrote, as JSON."""
        return json.loads(self.stdout)


class ForkServer:
    """Starts commands quickly. See `victim`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.submissions.crash.victim"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ask(self, **order: object) -> int:
        """Give an order, and take the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End the server. What it started must have ended."""
        with self._process:
            pass


@dataclass(slots=True)
class Command:
    """A command that runs."""

    server: ForkServer
    process: int
    out: Path

    def wait_until_stopped(self) -> None:
        """Wait until it has stopped itself, at its mine."""
        self.server.ask(do="stopped", pid=self.process)

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.process, number)

    def wait(self) -> Ended:
        """Wait for its end."""
        code = self.server.ask(do="wait", pid=self.process)
        errors = self.out / "stderr"
        return Ended(code, (self.out / "stdout").read_text(), errors.read_text() if errors.exists() else "")


@dataclass(slots=True)
class Stage:
    """One console with one target."""

    server: ForkServer
    sandbox: Sandbox
    folder: Path
    limits: dict[str, float] = field(default_factory=dict)
    """What the configuration says of limits, besides the size of a batch."""
    words: Counter[str] = field(default_factory=Counter)
    """How often the operator said of a payload, by its hash, that it is to be sent once more."""
    _commands: int = 0
    _since: int = 0
    _attempts: list[tuple[Any, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.scan.write_bytes(as_array(list(findings(RECORDS))))
        # Entries are numbered from 1, and none is forgotten before there are very many.
        self._since = self.sandbox.journal.count()

    @property
    def scan(self) -> Path:
        """The finding file."""
        return self.folder / "scan.ocsf.json"

    @property
    def state(self) -> Path:
        """The console's own folder."""
        return self.folder / "state"

    @property
    def ledger(self) -> Path:
        return self.state / "ledger.sqlite3"

    @property
    def _key(self) -> str:
        return self.sandbox.access.prowler.api_key.reveal()

    def start(
        self,
        *arguments: str,
        mine: Mine | None = None,
        gate: bool = False,
        terminal: str | None = None,
        errors: str | None = None,
    ) -> Command:
        """Start a command. *terminal* is its stdin and its stderr; or its stderr alone is what *errors* names."""
        self._commands += 1
        out = self.folder / f"command-{self._commands}"
        out.mkdir()
        config = self.folder / "config.toml"
        config.write_text(
            tomli_w.dumps({
                "targets": {"prowler": {"kind": "prowler", "base_url": self.sandbox.url}},
                "limits": {"batch_records": 3, "request_seconds": PATIENCE, **self.limits},
            })
        )  # fmt: skip
        environment = {
            **os.environ,
            "HOME": str(self.folder),
            "OCSF_CONSOLE_CONFIG": str(config),
            "OCSF_CONSOLE_STATE_DIR": str(self.state),
            "PROWLER_CLOUD_API_KEY": self._key,
        }
        process = self.server.ask(
            do="start", argv=arguments, env=environment, out=str(out), gate=gate,
            stdin=terminal, stderr=terminal or errors,
            mine=[mine.spot, mine.side, mine.visit, mine.number] if mine else None,
        )  # fmt: skip
        return Command(self.server, process, out)

    def run(self, *arguments: str, mine: Mine | None = None) -> Ended:
        """Run a command to its end, whatever that is."""
        ended = self.start(*arguments, mine=mine).wait()
        self.settle_down()
        assert "Traceback" not in ended.stderr, ended.stderr
        if not ended.was_killed and "history_days" not in self.limits:
            self.check_attempts()
        return ended

    def settle_down(self) -> None:
        """Wait until the target has done with every request that left."""
        requests = sum(file.stat().st_size for file in self.folder.glob("command-*/requests"))
        journal = self.sandbox.journal
        assert journal.wait(lambda: journal.count() >= self._since + requests, PATIENCE), "the target is not done"

    def run_at_once(self, *commands: Sequence[str]) -> list[Ended]:
        """Run commands at the same time, each to its end."""
        started = [self.start(*command, gate=True) for command in commands]
        self.server.ask(do="open")
        ended = [command.wait() for command in started]
        self.settle_down()
        for one in ended:
            assert "Traceback" not in one.stderr, one.stderr
        return ended

    def submit(self, *options: str, mine: Mine | None = None) -> Ended:
        """Submit the finding file."""
        return self.run("submit", str(self.scan), "--target", "prowler", *options, mine=mine)

    def open_ones(self) -> list[dict[str, Any]]:
        """What the console says that somebody has to see to."""
        listed = self.run("jobs", "list", "--target", "prowler", "--format", "json", "--status", "unknown,waiting")
        assert listed.code == ExitCode.OK, listed.stderr
        return [job for job in listed.json()["jobs"] if job["id"] == job["submission"]]

    def make_older(self, days: int) -> None:
        """Let what was submitted be that much older than the latest submission, which is one of nothing."""
        with closing(sqlite3.connect(self.ledger, isolation_level=None)) as ledger:
            ledger.execute(
                "UPDATE submission SET created_at = strftime('%Y-%m-%dT%H:%M:%S+00:00', created_at, ?)",
                (f"-{days} days",),
            )
            ledger.execute(
                "INSERT INTO submission (id, target, kind, origin, created_at) VALUES ('latest', '', '', '', ?)",
                (datetime.now(UTC).isoformat(),),
            )

    def submissions(self) -> list[str]:
        """All of them."""
        return list(dict.fromkeys(row["submission"] for row in self.batches()))

    def drive_to_rest(self) -> int:
        """See to what is open as a careful operator does, until nothing is. Returns how often there was something.

        What is unsent is gone on with. What is unknown is asked for at the target. Where the target shows nothing, and
        that is the truth, the operator says that it is to be sent once more.
        """
        found = self.open_ones()
        for rounds in range(ROUNDS):
            for job in found:
                self._see_to(job)
            if all(row["state"] in SETTLED for row in self.batches()):
                return rounds + bool(found)
            found = self.open_ones()
            assert found, "something is open, and nobody is told"
        raise AssertionError(f"there is no rest: {found}")

    def _see_to(self, job: dict[str, Any]) -> None:
        this = ("--target", "prowler", job["id"])
        if job["status"] == "waiting":
            self.run("jobs", "resume", *this)
            return
        asked = self.run("jobs", "settle", *this)
        if asked.code == ExitCode.UNKNOWN:
            taken = self.taken()
            for row in self.batches():
                if row["state"] == "unknown":
                    assert not taken[row["sha256"]], "the target has it, and the console does not find it"
                    self.words[row["sha256"]] += 1
            self.run("jobs", "settle", *this, "--resend")

    def count_words(self) -> None:
        """Believe the ledger which payloads the operator wanted to be sent once more."""
        self.words = Counter(
            row[0]
            for row in self.ask(
                "SELECT sha256 FROM settlement JOIN attempt ON attempt.id = settlement.attempt JOIN batch"
                " ON batch.submission = attempt.submission AND batch.number = attempt.batch"
                " WHERE judge = 'operator' AND verdict = 'resend'"
            )
        )

    def taken(self) -> dict[str, list[str]]:
        """The jobs that the target opened, by the hash of what it took in: its own journal says so."""
        jobs: dict[str, list[str]] = {row["sha256"]: [] for row in self.batches()}
        for entry in self.sandbox.journal.entries("prowler.submit", after=self._since):
            if isinstance(entry.taken, dict):
                jobs.setdefault(str(entry.taken["sha256"]), []).append(str(entry.taken["job"]))
        return jobs

    def batches(self) -> list[dict[str, Any]]:
        """What the ledger says of every batch."""
        return [
            dict(zip(("submission", "number", "records", "sha256", "state", "job_id", "inferred"), row, strict=True))
            for row in self.ask(_STATE_OF_BATCHES.format(elsewhere=ELSEWHERE))
        ]

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        """The rows of a question to the ledger, which no process has open."""
        if not self.ledger.exists() or not self.ledger.stat().st_size:
            return []
        with closing(sqlite3.connect(self.ledger)) as ledger:
            return ledger.execute(question).fetchall()

    def check_attempts(self) -> None:
        """I5: attempts are only ever added to, and one that has ended stays as it is."""
        now = self.ask(_ATTEMPTS)
        ended = [row for row in self._attempts if row[4] is not None]
        assert set(ended) <= set(now), "an attempt that had ended is another, or gone"
        assert {row[0] for row in self._attempts} <= {row[0] for row in now}, "an attempt is gone"
        self._attempts = now

    def check(self, *, sent: bool = True) -> None:
        """The invariants, at rest. *sent* says that all of the file must have been accepted."""
        batches, taken = self.batches(), self.taken()
        living = [row for row in batches if row["state"] not in ("cancelled", "abandoned")]
        for row in living:
            assert row["state"] == "accepted", row
            assert row["job_id"] in taken[row["sha256"]], f"job {row['job_id']} is none of this payload"
        for sha256, jobs in taken.items():
            assert len(jobs) <= 1 + self.words[sha256], f"{len(jobs)} jobs of one payload: {jobs}"
        assert set(taken) == {row["sha256"] for row in batches}, "the target has what the ledger does not know"
        if sent:
            assert [row["records"] for row in living] == [3, 3, 1], "something is lost"
            assert all(taken.values()), "something was never sent"
        self._check_announced()
        self._check_ledger()
        self._check_files()

    def _check_announced(self) -> None:
        """Each request names its attempt: it is in the ledger, and if that is certain of nothing, so is the target."""
        outcomes = {row[0]: row[5] for row in self.ask(_ATTEMPTS)}
        for entry in self.sandbox.journal.entries("prowler.submit", after=self._since):
            attempt = dict(entry.headers)["transaction-id"]
            assert attempt in outcomes, "something was sent that is not in the ledger"
            certain = outcomes[attempt] in ("ready", "waiting", "denied", "refused")
            assert not (certain and entry.taken), f"called {outcomes[attempt]}, and the target has it"

    def _check_ledger(self) -> None:
        assert self.ask("PRAGMA quick_check") == [("ok",)]
        assert not self.ask("PRAGMA foreign_key_check")
        assert not self.ask("SELECT id FROM attempt WHERE ended_at IS NULL"), "something is still said to be sent"
        assert not self.ask(_UNSETTLED), "something was sent again in silence"
        evidence = "SELECT attempt FROM settlement WHERE verdict = 'adopted' AND evidence = '{}'"
        assert not self.ask(evidence), "something was inferred from nothing"

    def _check_files(self) -> None:
        """I7: nothing of ours holds the secret, and nobody else can read any of it."""
        for path in [self.state, *self.state.rglob("*")]:
            assert not path.stat().st_mode & 0o077, f"others can get at {path}"
            if path.is_file():
                assert self._key.encode() not in path.read_bytes(), f"{path} holds the key"
        for path in self.folder.glob("command-*/std*"):
            assert self._key not in path.read_text(), f"{path} tells the key"

    def check_all_sent(self) -> None:
        """Everything was sent, once; where nothing had been decided, by whoever submits it after that."""
        if not self.batches():
            assert not self.taken()
            self.submit()
            self.drive_to_rest()
        self.check()

    def check_idle(self) -> None:
        """Whoever looks again finds nothing to do, and does nothing."""
        before = self.batches(), self.taken()
        assert not self.open_ones()
        for submission in self.submissions():
            assert self.run("jobs", "resume", "--target", "prowler", submission).code == ExitCode.USAGE
            assert self.run("jobs", "settle", "--target", "prowler", submission).code == ExitCode.OK
        assert (self.batches(), self.taken()) == before


def forget_jobs(sandbox: Sandbox) -> None:
    """Let the target forget its jobs and what shall go wrong: those of another test would be look-alikes."""
    sandbox.faults.clear()
    with sandbox.prowler.store._database.writing() as database:
        database.execute("DELETE FROM errors")
        database.execute("DELETE FROM ingestions")


@contextmanager
def fork_server() -> Iterator[ForkServer]:
    """A fork server that ends with the context."""
    server = ForkServer()
    try:
        yield server
    finally:
        server.close()
