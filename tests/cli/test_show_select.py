"""`--select`: `show` writes what matches as it is found, and says what was not searched; `submit` tells its counts."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from console.sandbox.samples import as_array, findings
from console.sandbox.server import Sandbox
from tests.cli.conftest import COMMAND, Run, access

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "filters.md").read_text("utf-8")
CATASTROPHE = "message~/(x+x+)+y/"


def test_all_records_that_match_are_shown(run: Run, sound: Path) -> None:
    everything = json.loads(sound.read_bytes())
    wanted = [one for one in everything if one["severity_id"] >= 4 and one["status_code"] == "FAIL"]

    done = run("show", sound, "--select", "severity>=high status_code=FAIL")

    assert 0 < len(wanted) < len(everything)
    assert (done.code, done.json(), done.stderr) == (0, wanted, "")


def test_what_is_written_one_by_one_reads_as_if_it_were_written_at_once(run: Run, sound: Path) -> None:
    some = run("show", sound, "--select", "severity=*", "--record", "3", "--count", "2").stdout
    one = run("show", sound, "--select", "severity=*", "--record", "3", "--count", "1").stdout

    assert some == run("show", sound, "--record", "3", "--count", "2").stdout
    assert one == run("show", sound, "--record", "3").stdout
    assert json.loads(one) == json.loads(sound.read_bytes())[3:4]


def test_raw_records_are_the_bytes_of_the_file(run: Run, sound: Path) -> None:
    shown = run("show", sound, "--select", "severity=critical", "--format", "raw").stdout.encode()

    content = sound.read_bytes()
    records = [record for record in re.split(rb"(?<=\})\n(?=\{)", shown.strip()) if record]
    assert len(records) == sum(one["severity"] == "Critical" for one in json.loads(content))
    assert all(record in content for record in records)


def test_nothing_that_matches_is_an_empty_list_and_a_word(run: Run, sound: Path) -> None:
    done = run("show", sound, "--select", "nosuchthing")

    assert (done.code, done.json()) == (0, [])
    assert "no record matches" in done.stderr


def test_a_mistake_is_told_with_its_place_and_nothing_is_written(run: Run, sound: Path) -> None:
    done = run("show", sound, "--select", "severity>=hgih")

    assert (done.code, done.stdout) == (2, "")
    assert "column 11" in done.stderr


def test_a_broken_file_is_searched_as_far_as_it_is_whole_and_that_is_said(run: Run, sound: Path) -> None:
    sound.write_bytes(sound.read_bytes()[:-300])

    done = run("show", sound, "--select", "severity=*")

    assert (done.code, len(done.json())) == (0, 19)
    assert "1 broken place" in done.stderr


def test_what_was_not_decided_in_time_is_an_error_after_what_was(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "slow.json"
    path.write_text(json.dumps([{"message": "xxy"}, {"message": "x" * 5_000}, {"message": "1xxy"}]))

    done = run("show", path, "--select", CATASTROPHE)

    assert done.code == 2
    assert done.json() == [{"message": "xxy"}, {"message": "1xxy"}]
    assert "1 record may match or not" in done.stderr


def test_a_reader_that_has_seen_enough_ends_the_search(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    path.write_bytes(as_array(list(findings(3_000))))

    with subprocess.Popen(
        [*COMMAND, "show", str(path), "--select", "severity=*", "--format", "raw"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        assert command.stdout.readline() == b"{\n"
        command.stdout.close()
        assert command.stderr.read() == b""
        assert command.wait(timeout=30) == 0


def test_hostile_text_in_an_expression_is_only_ever_displayed(run: Run, sound: Path) -> None:
    for expression in ("\x1b]0;owned\x07 x", "\x1b[2J =x", "a=\x1b("):
        done = run("show", sound, "--select", expression)
        assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize("line", re.findall(r"^\$ ocsf-console (show .*)$", PAGE, re.MULTILINE))
def test_the_commands_of_the_page_show_something(run: Run, tmp_path: Path, line: str) -> None:
    path = tmp_path / "scan.ocsf.json"
    path.write_bytes(as_array(list(findings(200))))

    done = run(*(str(path) if word == path.name else word for word in shlex.split(line)))

    assert (done.code, done.stderr) == (0, "")
    assert len(done.stdout) > 1_000


def test_submit_tells_the_counts_of_a_dry_run_and_sends_nothing(run: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "scan.ocsf.json"
    path.write_bytes(as_array(list(findings(40))))
    lines = re.findall(r"^\$ ocsf-console (submit .*)$", PAGE, re.MULTILINE)
    assert lines
    for line in lines:
        arguments = [str(path) if word == path.name else word for word in shlex.split(line)]
        done = run(*arguments, "--format", "json", **access(sandbox))

        assert done.code == 0
        assert 0 < done.json()["records"] < 40
        assert f"{40 - done.json()['records']} records not selected" in done.stderr
    misspelt = run("submit", path, "--target", "prowler", "--select", "valdi", **access(sandbox))
    nothing = run("submit", path, "--target", "prowler", "--select", "severity=fatal", **access(sandbox))

    assert (misspelt.code, nothing.code) == (2, 2)
    assert "Did you mean valid?" in misspelt.stderr
    assert "nothing to submit" in nothing.stderr
    assert sandbox.prowler.store.count() == 0
