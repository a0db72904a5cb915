"""L01 to L10: processes that are killed or stopped, disks that are full, ledgers that can't be used, two at once."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from resource import RLIMIT_FSIZE, prlimit
from typing import Final

import pytest

from console.credentials import Secret
from console.paths import network_file_system
from console.submissions.model import Selection
from console.submissions.schema import APPLICATION_ID
from tests.faults.errands import ACCEPTED, NOTHING_LISTED, Errand, api, listed, resource, uploads
from tests.faults.support import without_privileges
from tests.screens.job_stories import make_desk
from tests.targets.fault_server import Behaviour, Connection, answer, answering, serving
from tests.targets.prowler.conftest import JOB_ID, KEY, job_document

PATIENCE: Final = 50
"""Seconds after which something that should have happened will not."""
BODY: Final = 8
"""Megabytes that no buffer holds: a server that does not read keeps us in the middle of the upload."""

TAKEN: Final = answer("202 Accepted", job_document())


@dataclass
class Arrival:
    """A server's behaviour with an upload, and the moment at which it has begun."""

    behave: Behaviour
    event: threading.Event = field(default_factory=threading.Event)

    def __call__(self, connection: Connection) -> None:
        """Behave, and let the test know first."""
        if self.behave is _amid:
            connection.read_head()
        else:
            connection.read_all()
        self.event.set()
        self.behave(connection)

    def wait(self) -> None:
        """Wait for an upload."""
        assert self.event.wait(PATIENCE)


def _amid(connection: Connection) -> None:
    """Read no further."""
    connection.hang()


def _silent(connection: Connection) -> None:
    """Never answer."""
    connection.drain()


@contextmanager
def _ended(command: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """A command that is not left behind, whatever becomes of the test."""
    with command:
        try:
            yield command
        finally:
            command.kill()


def test_l01_a_process_that_is_killed_while_it_sends_leaves_a_doubt_that_is_settled(errand: Errand) -> None:
    """Kill -9: invariants I1 to I9. At the one point that matters most; `tests/submissions/crash` has every other."""
    arrival = Arrival(_silent)
    with serving(api([arrival, ACCEPTED], lists=listed(resource()))) as server:
        with _ended(errand.process(server.url)) as command:
            arrival.wait()
            command.kill()
            assert command.wait(PATIENCE) == -signal.SIGKILL
        assert errand.kept.states == ["sending"]
        again = errand.submit(server.url)
        settled = errand.jobs(server.url, "settle", errand.submission)
    assert (again.code, settled.code) == (5, 0)
    assert (errand.kept.states, errand.kept.jobs, errand.kept.inferred) == (["accepted"], [JOB_ID], [True])
    assert uploads(server) == 1


@pytest.mark.parametrize(
    ("number", "behave", "code", "state"),
    [
        (signal.SIGTERM, _amid, 143, "ready"),
        (signal.SIGHUP, _silent, 129, "unknown"),
        (signal.SIGINT, _silent, 130, "unknown"),
    ],
)
def test_l02_a_signal_during_an_upload_leaves_what_is_known(
    errand: Errand, number: signal.Signals, behave: Behaviour, code: int, state: str
) -> None:
    """SIGTERM / SIGHUP / Ctrl-C during upload: row UNKNOWN or READY; exit code 130/143."""
    if behave is _amid:
        errand.fill(BODY)
    arrival = Arrival(behave)
    with serving(arrival) as server, _ended(errand.process(server.url)) as command:
        arrival.wait()
        command.send_signal(number)
        said, _ = command.communicate(timeout=PATIENCE)
    assert command.returncode == code, said
    assert "What was sent, and what is known of it, is kept" in said
    assert "Traceback" not in said
    assert (errand.kept.states, errand.kept.attempts) == ([state], [state])
    assert "Stopped" in errand.kept.details[0]


def _shortened(payload: Path) -> None:
    os.truncate(payload, payload.stat().st_size - 10)


def _changed(payload: Path) -> None:
    payload.write_bytes(payload.read_bytes().replace(b"finding-3", b"finding-7"))


@pytest.mark.parametrize("tear", [_shortened, _changed, Path.unlink])
def test_l03_a_payload_that_is_not_what_was_frozen_is_never_sent_whole(
    errand: Errand, tear: Callable[[Path], None]
) -> None:
    """Torn spool file: hash mismatch found; re-snapshot."""
    errand.limits["send_attempts"] = 1
    got: list[bytes] = []

    def take(connection: Connection) -> None:
        connection.read_head()
        while data := connection.sock.recv(65_536):
            got.append(data)

    with serving(api([answering("429 Too Many Requests"), take, ACCEPTED])) as server:
        assert errand.submit(server.url).code == 3
        (payload,) = errand.state.glob("spool/*/1.payload")
        tear(payload)
        torn = errand.jobs(server.url, "resume", errand.submission)
        assert (torn.code, errand.kept.states, errand.kept.attempts) == (2, ["ready"], ["ready", "ready"])
        assert "The frozen payload of batch 1 is not what it was" in torn.stderr
        assert "Submit the finding file again." in torn.stderr
        again = errand.submit(server.url)
    assert len(b"".join(got)) < int(server.requests[1].header("content-length"))
    assert (again.code, errand.kept.states) == (0, ["cancelled", "accepted"])


def test_l04_without_room_for_the_intent_nothing_is_sent(errand: Errand) -> None:
    """Disk full during ledger commit: no send happens (intent first)."""
    with serving(api()) as server:
        assert errand.command(server.url, "jobs", "list", "--target", "prowler").code == 0
        before, asked = (errand.state / "ledger.sqlite3").read_bytes(), len(server.requests)
        with _ended(errand.process(server.url)) as command:
            # As a disk that takes the payload, and nothing more into a ledger that is larger. Nothing is written yet.
            prlimit(command.pid, RLIMIT_FSIZE, (12_000, 12_000))
            said, _ = command.communicate(timeout=PATIENCE)
    assert command.returncode == 2, said
    assert "ledger" in said
    assert len(server.requests) == asked
    assert (errand.state / "ledger.sqlite3").read_bytes() == before
    assert not list(errand.state.glob("spool/*"))


def test_l04_without_room_for_the_outcome_nothing_is_sent_again(errand: Errand) -> None:
    """Disk full during ledger commit: what can't be written down is unknown, and found."""
    begun: list[subprocess.Popen[str]] = []

    def accept_and_fill_the_disk(connection: Connection) -> None:
        prlimit(begun[0].pid, RLIMIT_FSIZE, (0, 0))
        connection.send(TAKEN)

    started = Arrival(accept_and_fill_the_disk)
    with serving(api(started, lists=listed(resource()))) as server:
        with _ended(errand.process(server.url)) as command:
            begun.append(command)
            said, _ = command.communicate(timeout=PATIENCE)
        assert command.returncode == 5, said
        assert f"is accepted as job {JOB_ID}, and that could not be written down" in said
        assert errand.kept.states == ["sending"]
        assert errand.jobs(server.url, "settle", errand.submission).code == 0
    assert (errand.kept.states, errand.kept.jobs, uploads(server)) == (["accepted"], [JOB_ID], 1)


_HOLD: Final = """
import sqlite3, sys
ledger = sqlite3.connect(sys.argv[1], isolation_level=None)
ledger.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def _held(ledger: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the ledger to itself until its stdin is closed."""
    command = [sys.executable, "-c", _HOLD, str(ledger)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield holder


def test_l05_who_does_not_let_go_of_the_ledger_is_named(errand: Errand, monkeypatch: pytest.MonkeyPatch) -> None:
    """DB locked by another process: waits, then says who holds it."""
    with serving(api()) as server:
        assert errand.jobs(server.url, "list").code == 0
        monkeypatch.setattr("console.submissions.database.BUSY_SECONDS", 0.1)
        with _held(errand.state / "ledger.sqlite3") as holder:
            done = errand.submit(server.url)
    assert done.code == 2
    assert f"is in use by process {holder.pid}, which does not let go of it" in done.stderr
    assert uploads(server) == 0
    assert not list(errand.state.glob("spool/*"))


def test_l05_who_lets_go_of_the_ledger_is_waited_for(errand: Errand) -> None:
    """DB locked by another process: waits."""
    with serving(api()) as server:
        assert errand.jobs(server.url, "list").code == 0
        with _held(errand.state / "ledger.sqlite3") as holder:
            assert holder.stdin is not None
            letting_go = threading.Timer(0.05, holder.stdin.close)
            letting_go.start()
            done = errand.submit(server.url)
            letting_go.join()
    assert (done.code, errand.kept.states) == (0, ["accepted"])


def _foreign(ledger: Path) -> None:
    with closing(sqlite3.connect(ledger)) as database:
        database.executescript("CREATE TABLE theirs (a); PRAGMA application_id = 7;")


def _newer(ledger: Path) -> None:
    with closing(sqlite3.connect(ledger)) as database:
        database.executescript(
            f"CREATE TABLE a (b); PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 99;"
        )


def _no_database(ledger: Path) -> None:
    ledger.write_bytes(b"\x89PNG" * 1_000)


def _damaged(ledger: Path) -> None:
    whole = ledger.read_bytes()
    ledger.write_bytes(whole[:4096] + b"\xff" * 8192 + whole[12_288:])


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_no_database, "it is not an SQLite database"),
        (_foreign, "it is another program's file"),
        (_newer, "it has version 99"),
        (_damaged, ""),
    ],
)
def test_l06_a_ledger_that_can_not_be_used_is_left_alone(
    errand: Errand, spoil: Callable[[Path], None], said: str
) -> None:
    """DB corrupt / wrong application_id / newer schema: refuses, keeps file, offers new."""
    ledger = errand.state / "ledger.sqlite3"
    with serving(api()) as server:
        if spoil is _damaged:
            errand.submit(server.url)
        errand.state.mkdir(exist_ok=True)
        spoil(ledger)
        before, sent = ledger.read_bytes(), uploads(server)
        done = errand.submit(server.url, files=2)
        assert done.code == 2
        assert f"can't be used: {said}" in done.stderr
        assert "It was left as it is. Move it away to start a new one" in " ".join(done.stderr.split())
        assert (ledger.read_bytes(), uploads(server)) == (before, sent)
        ledger.rename(errand.folder / "away")
        assert errand.submit(server.url).code == 0


def test_l07_a_ledger_that_can_not_be_written_is_an_error_before_anything_is_sent(errand: Errand) -> None:
    """DB read-only: clear error."""
    ledger = errand.state / "ledger.sqlite3"
    with serving(api()) as server:
        errand.jobs(server.url, "list")
        ledger.chmod(0o400)
        with without_privileges():
            done = errand.submit(server.url)
        ledger.chmod(0o600)
    assert (done.code, uploads(server)) == (2, 0)
    assert "can't be used: Permission denied" in done.stderr
    assert not list(errand.state.glob("spool/*"))


def test_l07_a_home_that_is_not_there_is_made_or_said_to_be_missing(errand: Errand, own_environment: Path) -> None:
    """Home missing: clear error / fixed."""
    nowhere = errand.file(0) / "state"
    with serving(api()) as server:
        errand.environment["OCSF_CONSOLE_STATE_DIR"] = str(nowhere)
        refused = errand.submit(server.url)
        assert (refused.code, uploads(server)) == (2, 0)
        assert f"The folder {errand.file(0)} can't be made: File exists." in refused.stderr
        errand.state = own_environment / "far" / "away"
        errand.environment["OCSF_CONSOLE_STATE_DIR"] = str(errand.state)
        assert errand.submit(server.url).code == 0
    assert errand.state.stat().st_mode & 0o777 == 0o700


def test_l07_a_ledger_that_others_can_read_is_made_private(errand: Errand) -> None:
    """0644 permissions: fixed."""
    ledger = errand.state / "ledger.sqlite3"
    with serving(api()) as server:
        errand.jobs(server.url, "list")
        ledger.chmod(0o644)
        assert errand.submit(server.url).code == 0
    assert ledger.stat().st_mode & 0o777 == 0o600


async def test_l08_a_screen_and_a_command_that_submit_the_same_send_it_once(errand: Errand) -> None:
    """TUI and CLI submit the same file at once: one send."""
    release = threading.Event()

    def accept_late(connection: Connection) -> None:
        release.wait(PATIENCE)
        connection.send(TAKEN)

    arrival = Arrival(accept_late)
    with serving(api(arrival)) as server:
        desk = make_desk(server.url, errand.state, key=Secret(KEY))
        plan = await desk.prepare([errand.file(0)], "prowler", Selection.ALL)

        async def send() -> None:
            async for _ in desk.send(plan):
                pass

        sending = asyncio.create_task(send())
        await asyncio.to_thread(arrival.wait)
        with _ended(errand.process(server.url)) as command:
            said, _ = await asyncio.to_thread(command.communicate, timeout=PATIENCE)
        release.set()
        await sending
        await desk.close()
    assert command.returncode == 3, said
    assert f"Another process is sending the same content, as submission {plan.submission}. Nothing was sent." in said
    assert (errand.kept.states, uploads(server)) == (["accepted"], 1)


def test_l09_a_home_that_two_machines_share_is_refused(
    errand: Errand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hosts, one shared home: lock refused on network FS, warned."""
    errand.state.mkdir(mode=0o700)
    device = errand.state.stat().st_dev
    mounts = tmp_path / "mountinfo"
    place = f"{os.major(device)}:{os.minor(device)}"
    mounts.write_text(f"36 35 {place} / /home rw,noatime shared:1 - nfs4 server:/home rw,vers=4.2\n")
    monkeypatch.setattr("console.submissions.database.network_file_system", partial(network_file_system, mounts=mounts))
    with serving(api()) as server:
        done = errand.submit(server.url)
    assert (done.code, uploads(server)) == (2, 0)
    assert "is on a network file system (nfs4)" in done.stderr
    assert "OCSF_CONSOLE_STATE_DIR" in done.stderr
    assert not list(errand.state.glob("ledger*"))


@pytest.mark.parametrize("is_answered", [True, False], ids=["answered", "broken off"])
def test_l10_a_machine_that_slept_during_an_upload_goes_on(errand: Errand, is_answered: bool) -> None:
    """Suspend laptop mid-upload, resume: UNKNOWN or done; timers monotonic (for those, see S42)."""
    begun: list[subprocess.Popen[str]] = []

    def while_it_sleeps(connection: Connection) -> None:
        begun[0].send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, begun[0].pid, os.WSTOPPED | os.WNOWAIT)
        if is_answered:
            connection.send(TAKEN)
        else:
            connection.reset()
        begun[0].send_signal(signal.SIGCONT)

    behave = api(Arrival(while_it_sleeps), lists=[NOTHING_LISTED, listed(resource())])
    with serving(behave) as server, _ended(errand.process(server.url)) as command:
        begun.append(command)
        said, _ = command.communicate(timeout=PATIENCE)
    assert command.returncode == 0, said
    assert (errand.kept.states, errand.kept.jobs) == (["accepted"], [JOB_ID])
    assert errand.kept.attempts == ["accepted" if is_answered else "unknown"]
    assert uploads(server) == 1
