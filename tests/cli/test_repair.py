"""`repair`: a new file that is whole or is not there, the old one as it was, and a report of what became of it."""

from __future__ import annotations

import ctypes
import json
import os
import pty
import resource
import signal
import subprocess
import time
from pathlib import Path

import pytest

from console.sandbox.samples import as_array, findings
from tests.cli.conftest import COMMAND, Run

HOSTILE = "\x1b]0;owned\x07\x1b[2J\u009b2J\u202e"
DEADLINE_SECONDS = 30


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A second run of 20 findings appended to a first of 20, whose writer was killed: 39 records are whole."""
    path = tmp_path / "broken.ocsf.json"
    run = as_array(list(findings(20)))
    path.write_bytes(run + run[:-300])
    return path


def folder(path: Path) -> list[str]:
    """The names in a folder: what was left behind would be among them."""
    return sorted(each.name for each in path.iterdir())


def test_what_is_whole_goes_into_a_new_file_and_the_old_one_stays(run: Run, broken: Path, tmp_path: Path) -> None:
    before = broken.read_bytes()
    out = tmp_path / "whole.ocsf.json"

    done = run("repair", broken, "-o", out, "--format", "json")

    report = done.json()
    assert done.code == 1
    assert done.stderr == ""
    assert broken.read_bytes() == before
    records = json.loads(out.read_bytes())
    assert records == [*findings(20), *findings(19)]
    assert set(report) == {
        "file", "out", "format", "compression", "bytes", "records", "written", "mended", "dropped", "dropped_count",
        "duplicates", "duplicates_complete",
    }  # fmt: skip
    assert (report["file"], report["out"]) == (str(broken), str(out))
    assert (report["format"], report["compression"], report["bytes"]) == ("concatenated", "none", len(before))
    assert (report["records"], report["written"]) == (39, out.stat().st_size)
    assert (report["duplicates"], report["duplicates_complete"]) == (19, True)
    (mend,), (drop,) = report["mended"], report["dropped"]
    assert (mend["code"], mend["count"], mend["record"]) == ("second_document", 1, None)
    assert before[mend["offset"] :].startswith(b"[")
    assert set(drop) == {"code", "message", "record", "offset", "line"}
    assert (drop["code"], drop["record"], report["dropped_count"]) == ("truncated", 39, 1)
    assert before[drop["offset"] :].startswith(b"{")
    assert before.count(b"\n", 0, drop["offset"]) + 1 == drop["line"]
    assert run("validate", out).code == 0


def test_a_person_is_told_the_same(run: Run, broken: Path, tmp_path: Path) -> None:
    done = run("repair", broken, "-o", tmp_path / "whole.json")

    first, mended, dropped, duplicates = done.stdout.splitlines()
    assert done.code == 1
    assert "39 records written to" in first
    assert mended.split()[0] == "mended"
    assert "second document" in mended
    assert dropped.split()[:3] == ["dropped", "record", "39,"]
    assert duplicates.split()[:2] == ["duplicates", "19"]


def test_a_sound_file_is_written_all_the_same(run: Run, sound: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"

    done = run("repair", sound, "-o", out)

    assert done.code == 0
    assert "nothing to mend" in done.stdout
    assert json.loads(out.read_bytes()) == json.loads(sound.read_bytes())


def test_what_loses_nothing_exits_0(run: Run, sound: Path, tmp_path: Path) -> None:
    sound.write_bytes(sound.read_bytes().rstrip().removesuffix(b"]"))

    done = run("repair", sound, "-o", tmp_path / "out.json", "--format", "json")

    assert done.code == 0
    assert [mend["code"] for mend in done.json()["mended"]] == ["not_closed"]


def test_stdin_to_stdout_keeps_the_report_apart(run: Run, broken: Path) -> None:
    done = run("repair", "-", "-o", "-", "--format", "json", stdin=broken.read_bytes())

    report = json.loads(done.stderr)
    assert done.code == 1
    assert len(done.json()) == 39
    assert (report["file"], report["out"], report["records"]) == ("-", "-", 39)
    assert report["written"] == len(done.stdout.encode())


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b'[{"half": ', "no whole record"), (b"<html></html>", "HTML"), (b"[null, 1]", "no whole record")],
)
def test_where_nothing_is_whole_there_is_no_new_file(run: Run, tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(content)

    done = run("repair", path, "-o", tmp_path / "out.json", "--format", "json")

    assert done.code == 2
    assert said in done.stderr
    assert done.stdout == ""
    assert folder(tmp_path) == ["bad.json"]


def test_the_new_file_is_never_the_old_one_by_whatever_name(run: Run, broken: Path, tmp_path: Path) -> None:
    before = broken.read_bytes()
    (tmp_path / "link.json").symlink_to(broken)
    (tmp_path / "hard.json").hardlink_to(broken)

    for name in ("broken.ocsf.json", "link.json", "hard.json", f"../{tmp_path.name}/broken.ocsf.json"):
        done = run("repair", broken, "-o", tmp_path / name)
        assert done.code == 2, name
        assert "itself" in done.stderr
    for shell in ('"$@" repair - -o "$0" < "$0"', '"$@" repair "$0" -o - >> "$0"', '"$@" repair - -o - < "$0" >> "$0"'):
        done_in_shell = subprocess.run(["sh", "-c", shell, str(broken), *COMMAND], capture_output=True, check=False)
        assert done_in_shell.returncode == 2, shell
        assert b"itself" in done_in_shell.stderr

    assert broken.read_bytes() == before


def test_a_file_that_is_there_is_replaced_where_a_link_leads(run: Run, sound: Path, tmp_path: Path) -> None:
    (tmp_path / "there.json").write_text("old")
    (tmp_path / "link.json").symlink_to("there.json")

    done = run("repair", sound, "-o", tmp_path / "link.json")

    assert done.code == 0
    assert (tmp_path / "link.json").is_symlink()
    assert len(json.loads((tmp_path / "there.json").read_bytes())) == 20


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("", "directory"),
        ("missing/out.json", "No such file"),
        ("sound.ocsf.json/out.json", "Not a directory"),
        ("loop.json", "symbolic links"),
        ("n" * 300, "too long"),
        ("/dev/full", "No space left"),
    ],
)
def test_a_new_file_that_cannot_be_is_an_error_and_leaves_nothing(
    run: Run, sound: Path, tmp_path: Path, out: str, said: str
) -> None:
    (tmp_path / "loop.json").symlink_to("loop.json")

    done = run("repair", sound, "-o", tmp_path / out)

    assert done.code == 2
    assert said in done.stderr
    assert done.stdout == ""
    assert folder(tmp_path) == ["loop.json", "sound.ocsf.json"]


def _forget_to_be_root() -> None:
    """Lose the right to write anywhere (CAP_DAC_OVERRIDE), which root has: prctl(PR_CAPBSET_DROP, ...)."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)


def test_a_folder_that_may_not_be_written_to_is_an_error(sound: Path, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)

    done = subprocess.run(
        [*COMMAND, "repair", sound, "-o", locked / "out.json"],
        capture_output=True, text=True, check=False, preexec_fn=_forget_to_be_root,
    )  # fmt: skip

    assert done.returncode == 2
    assert "out.json can't be written: Permission denied." in done.stderr
    assert folder(locked) == []


def test_a_full_disk_leaves_what_was_there(sound: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    out.write_text("old")

    done = subprocess.run(
        [*COMMAND, "repair", sound, "-o", out],
        capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )  # fmt: skip

    assert sound.stat().st_size > 20_000
    assert done.returncode == 2
    assert "can't be written: File too large" in done.stderr
    assert out.read_text() == "old"
    assert folder(tmp_path) == ["out.json", "sound.ocsf.json"]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["int", "term", "hup"]
)
def test_a_signal_leaves_no_file(sound: Path, tmp_path: Path, number: signal.Signals, code: int) -> None:
    long = tmp_path / "long.json"
    long.write_bytes(sound.read_bytes() * 1_000)
    target = tmp_path / "target"
    target.mkdir()

    with subprocess.Popen(
        [*COMMAND, "repair", long, "-o", target / "out.json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as command:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not any(each.stat().st_size for each in target.iterdir()):
            assert time.monotonic() < deadline
            assert command.poll() is None
        command.send_signal(number)
        _, err = command.communicate(timeout=DEADLINE_SECONDS)

    assert command.returncode == code
    assert b"Traceback" not in err
    assert folder(target) == []


def test_records_never_go_to_a_terminal_as_they_are(sound: Path) -> None:
    ours, theirs = pty.openpty()
    terminal = os.ttyname(theirs)

    for out in ("-", terminal):
        done = subprocess.run(
            [*COMMAND, "repair", sound, "-o", out], stdout=theirs, stderr=subprocess.PIPE, text=True, check=False
        )
        assert done.returncode == 2
        assert "terminal" in done.stderr

    os.set_blocking(ours, False)
    with pytest.raises(BlockingIOError):
        os.read(ours, 1)
    os.close(ours)
    os.close(theirs)


def test_foreign_text_in_the_report_only_displays(run: Run, tmp_path: Path) -> None:
    path = tmp_path / f"{HOSTILE.replace('/', '')}.json"
    path.write_text(f'[{{"a": 1}}, "{HOSTILE}", {{"a": 2}} {HOSTILE}]')

    for form in ("text", "json"):
        done = run("repair", path, "-o", tmp_path / f"{HOSTILE} out.json", "--format", form)
        assert done.code == 1
        assert done.stdout.replace("\n", "").isprintable(), form


def test_many_dropped_places_are_counted_and_only_the_first_are_listed(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "nulls.json"
    path.write_bytes(b'[{"a": 1}' + b", null" * 1_500 + b"]")

    listed = run("repair", path, "-o", tmp_path / "out.json", "--format", "json").json()
    told = run("repair", path, "-o", tmp_path / "out.json").stdout

    assert (len(listed["dropped"]), listed["dropped_count"]) == (1_000, 1_500)
    assert "1,480 places more" in told
    assert len(told.splitlines()) == 22


def test_a_folder_of_several_files_is_refused(run: Run, sound: Path, broken: Path, tmp_path: Path) -> None:
    done = run("repair", tmp_path, "-o", tmp_path / "out.json")

    assert done.code == 2
    assert "name one of them" in done.stderr
    assert folder(tmp_path) == sorted([sound.name, broken.name])


def test_out_must_be_named(run: Run, sound: Path) -> None:
    done = run("repair", sound)

    assert done.code == 2
    assert "'-o' / '--output'" in done.stderr
