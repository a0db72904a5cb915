"""Finding files on their way to a target that misbehaves: what the command says, and what the ledger has of it."""

from __future__ import annotations

import json
import os
import re
import socket
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from console.sandbox.server import Sandbox
from tests.cli.conftest import COMMAND, Done
from tests.faults.support import array, finding
from tests.targets.fault_server import Behaviour, Connection, FaultServer, answering
from tests.targets.prowler.conftest import CANARY, JOB_ID, KEY, job_document

OTHER_ID: Final = "0b7e0a8c-5d7c-4c8e-9b53-6a3d7f3c1f11"
"""A job that is not ours."""
TARGET: Final = ("--target", "prowler")
RECORDS: Final = 5
"""Records of the finding file that goes."""
HTML: Final = b"<!doctype html><html><title>Sign in</title></html>"
PATIENT: Final = 20.0
"""Seconds that answers are waited for, unless a test says otherwise."""

JUST_NOW: Final = "just now"
"""Stands for the time at which a server answers."""

Resource = dict[str, Any]
"""A job as the API writes it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the ledger has, of all submissions in their order."""

    states: list[str]
    """Of each batch."""
    attempts: list[str]
    """What each try came to, in their order."""
    settlements: list[str]
    """What each look at a doubt came to."""
    jobs: list[str | None]
    inferred: list[bool]
    details: list[str]
    submissions: list[str]


def kept(state: Path) -> Kept:
    """Read the ledger, past the console."""
    with closing(sqlite3.connect(state / "ledger.sqlite3")) as ledger:
        ordered = "FROM batch JOIN submission ON submission.id = batch.submission ORDER BY sequence, number"
        batches = ledger.execute(f"SELECT state, job_id, inferred, detail {ordered}").fetchall()
        return Kept(
            states=[row[0] for row in batches],
            attempts=[row[0] for row in ledger.execute("SELECT outcome FROM attempt ORDER BY sequence")],
            settlements=[row[0] for row in ledger.execute("SELECT verdict FROM settlement ORDER BY sequence")],
            jobs=[row[1] for row in batches],
            inferred=[bool(row[2]) for row in batches],
            details=[row[3] for row in batches],
            submissions=[row[0] for row in ledger.execute("SELECT id FROM submission ORDER BY sequence")],
        )


def check_invariants(state: Path) -> None:
    """What must hold of the ledger and the spool whenever nobody is at work: I1 to I4, I6 and I7 of the catalogue."""
    with closing(sqlite3.connect(state / "ledger.sqlite3")) as ledger:
        assert ledger.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        for inferred, evidence in ledger.execute(
            "SELECT inferred, (SELECT max(evidence) FROM settlement JOIN attempt ON attempt.id = settlement.attempt"
            " WHERE attempt.submission = batch.submission AND attempt.batch = batch.number AND verdict = 'adopted')"
            " FROM batch WHERE state = 'accepted'"
        ):
            assert not inferred or json.loads(evidence), "what is inferred has its evidence"
        in_flight = "SELECT count(*) FROM attempt WHERE ended_at IS NULL"
        assert ledger.execute(in_flight).fetchone() == (0,), "an attempt is in flight, and nobody is at work"
        again = ledger.execute(
            "SELECT (SELECT count(*) FROM settlement WHERE settlement.attempt = attempt.id AND verdict = 'resend')"
            " FROM attempt WHERE outcome = 'unknown' AND EXISTS (SELECT 1 FROM attempt AS later WHERE"
            " later.submission = attempt.submission AND later.batch = attempt.batch"
            " AND later.sequence > attempt.sequence)"
        )
        assert all(allowed for (allowed,) in again), "what is in doubt was sent again, and nobody allowed it"
        for submission, number, records, digest in ledger.execute(
            "SELECT submission, number, records, sha256 FROM batch WHERE state <> 'cancelled'"
        ):
            path = state / "spool" / submission / f"{number}.payload"
            if not path.exists():
                # Only of what was taken whole is nothing kept.
                ended = "SELECT count(*) FROM ending WHERE submission = ? AND batch = ? AND status = 'completed'"
                assert ledger.execute(ended, (submission, number)).fetchone() == (1,)
                continue
            payload = path.read_bytes()
            assert sha256(payload).hexdigest() == digest
            assert len(json.loads(payload)) == records
    no_secret_in(state)


def no_secret_in(folder: Path) -> None:
    """No file there holds a part of the key that the errands are run with."""
    for path in folder.rglob("*"):
        assert not path.is_file() or CANARY.encode() not in path.read_bytes(), path


@dataclass
class Errand:
    """A finding file, and the command that sends it to a server."""

    run: Callable[..., Done]
    folder: Path
    """Of the finding files and the configuration."""
    state: Path
    limits: dict[str, float] = field(default_factory=lambda: {"request_seconds": PATIENT, "upload_seconds": PATIENT})
    environment: dict[str, str] = field(default_factory=dict)
    key: str = KEY

    def submit(self, url: str, *arguments: str | Path, files: int = 1) -> Done:
        """Submit as many finding files, each a batch of its own."""
        return self.command(url, "submit", *map(self.file, range(files)), *TARGET, *arguments)

    def jobs(self, url: str, command: str, *arguments: str | Path) -> Done:
        """Run one of the `jobs` commands."""
        return self.command(url, "jobs", command, *TARGET, *arguments)

    def process(self, url: str) -> subprocess.Popen[str]:
        """Begin to submit the first finding file, as a process of its own."""
        environment = {**os.environ, **self.access(url)}
        return subprocess.Popen(
            [*COMMAND, "submit", self.file(0), *TARGET, *self.options()],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
        )  # fmt: skip

    def access(self, url: str) -> dict[str, str]:
        """The environment of a command that has that server as its target."""
        return {"PROWLER_CLOUD_API_BASE_URL": url, "PROWLER_CLOUD_API_KEY": self.key, **self.environment}

    def options(self) -> list[str | Path]:
        """The options of every command: a configuration with the limits of now."""
        config = self.folder / "config.toml"
        limits = "\n".join(f"{name} = {value}" for name, value in self.limits.items())
        config.write_text(f"[ui]\nrefresh_seconds = 1\n[limits]\n{limits}\n")
        return ["--config", config]

    def command(self, url: str, *arguments: str | Path) -> Done:
        """Run any command with that server as its target. Nothing that it says may hold a secret."""
        done = self.run(*arguments, *self.options(), **self.access(url))
        assert CANARY not in done.stdout + done.stderr
        return done

    def file(self, number: int) -> Path:
        """The finding file of that number: each has records of its own."""
        path = self.folder / f"scan-{number}.ocsf.json"
        if not path.exists():
            path.write_bytes(array(*(finding(RECORDS * number + at) for at in range(RECORDS))))
        return path

    def fill(self, megabytes: int) -> None:
        """Make the first finding file so large that no buffer between us and a server holds it."""
        text = "x" * 1_000_000
        self.file(0).write_bytes(array(*(finding(number, unmapped={"text": text}) for number in range(megabytes))))

    @property
    def kept(self) -> Kept:
        """What the ledger has."""
        return kept(self.state)

    @property
    def submission(self) -> str:
        """The one submission that there is."""
        (submission,) = self.kept.submissions
        return submission


def at_sandbox(errand: Errand, sandbox: Sandbox) -> str:
    """Let an errand go to a sandbox, with a key that is good there."""
    access = sandbox.access.prowler
    errand.key = access.api_key.reveal()
    return access.base_url


def uploads(server: FaultServer) -> int:
    """How many uploads a server saw."""
    return sum(request.line.startswith("POST ") for request in server.requests)


def json_of(document: object) -> Behaviour:
    """Answer a question with a document, in which `JUST_NOW` is the time of the answer."""

    def behave(connection: Connection) -> None:
        text = json.dumps(document).replace(JUST_NOW, datetime.now(UTC).isoformat())
        answering("200 OK", text.encode())(connection)

    return behave


def resource(
    status: object = "pending", *, job_id: str = JOB_ID, total: object = RECORDS, **attributes: Any
) -> Resource:
    """A job as the API writes it: requested just now, unless *attributes* say otherwise."""
    summary = {"total": total, "processed": RECORDS if status == "completed" else 0, "invalid": 0}
    times = {"requested_at": JUST_NOW, "inserted_at": JUST_NOW}
    return {
        "type": "ingestions",
        "id": job_id,
        "attributes": {"status": status, "summary": summary, **times, **attributes},
    }


def shown(status: object = "pending", **attributes: Any) -> Behaviour:
    """Answer the question for one job. See `resource`."""
    return json_of({"data": resource(status, **attributes)})


def listed(*jobs: Resource, pages: int = 1, **links: object) -> Behaviour:
    """Answer with a page of a list of so many pages."""
    meta = {"pagination": {"page": 1, "pages": pages, "count": len(jobs) * pages}}
    return json_of({"data": list(jobs), "meta": meta, "links": links})


def hang(connection: Connection) -> None:
    """Take the whole request, and never answer, until the client goes away."""
    connection.read_all()
    connection.drain()


ACCEPTED: Final = answering("202 Accepted", job_document())
"""The upload became the job `JOB_ID`."""
NOTHING_LISTED: Final = listed()
DONE: Final = shown("completed")

Script = Behaviour | Sequence[Behaviour]
"""What a server does time after time; the last behaviour stays."""


def api(
    submit: Script = ACCEPTED,
    *,
    lists: Script = NOTHING_LISTED,
    shows: Script = DONE,
    errors: Script = NOTHING_LISTED,
) -> Behaviour:
    """An API that follows a script for each of its endpoints. For servers without TLS."""
    scripts = {"submit": _steps(submit), "lists": _steps(lists), "shows": _steps(shows), "errors": _steps(errors)}

    def behave(connection: Connection) -> None:
        # The request is left for the behaviour to read. Its line comes in one piece.
        line = connection.sock.recv(500, socket.MSG_PEEK).decode("latin-1").partition("\r\n")[0]
        next(scripts[_endpoint(line)])(connection)

    return behave


def _steps(script: Script) -> Iterator[Behaviour]:
    steps = [script] if callable(script) else list(script)
    yield from steps
    while True:
        yield steps[-1]


def _endpoint(line: str) -> str:
    if line.startswith("POST "):
        return "submit"
    path = re.split("[ ?]", line)[1]
    if path.endswith("/errors"):
        return "errors"
    return "lists" if path.endswith("/ingestions") else "shows"
