"""What a command comes to whose reader leaves, or whose stdout has no room."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.reports.formats import FORMATS
from console.sandbox.server import Sandbox
from tests.cli.conftest import access, on_a_full_disk, without_reader

NO_ROOM = "Error: stdout can't be written: No space left on device.\n"


@pytest.mark.parametrize("command", ["validate", "inspect"])
def test_a_reader_who_leaves_does_not_hide_a_file_that_is_not_there(command: str, sound: Path, tmp_path: Path) -> None:
    done = without_reader(command, tmp_path / "nope.json", sound)

    assert done.code == 2
    assert "nope.json" in done.stderr


@pytest.mark.parametrize("form", FORMATS)
def test_a_reader_who_leaves_at_once_does_not_hide_what_is_invalid_in_the_last_file(
    form: str, sound: Path, partly_bad: Path
) -> None:
    assert without_reader("validate", sound, partly_bad, "--for", "prowler", "--format", form).code == 1


@pytest.mark.parametrize("command", ["validate", "inspect"])
def test_a_reader_who_leaves_does_not_hide_that_the_last_file_is_not_there(
    command: str, sound: Path, tmp_path: Path
) -> None:
    done = without_reader(command, sound, tmp_path / "nope.json")

    assert done.code == 2
    assert "nope.json" in done.stderr


def test_once_the_exit_code_is_known_nothing_more_is_read_for_nobody(
    sound: Path, partly_bad: Path, tmp_path: Path
) -> None:
    done = without_reader("validate", sound, partly_bad, tmp_path / "nope.json", "--for", "prowler")

    assert (done.code, done.stderr) == (1, "")


def test_a_reader_who_leaves_does_not_make_a_sound_file_wrong(sound: Path) -> None:
    assert without_reader("validate", sound).code == 0


@pytest.mark.parametrize("words", [("--version",), ("--help",), ("--read-only", "--version"), ("validate", "--help")])
def test_what_the_command_says_of_itself_needs_a_reader_and_room(words: tuple[str, ...]) -> None:
    gone, refused = without_reader(*words), on_a_full_disk(*words)

    assert (gone.code, gone.stderr) == (0, "")
    assert (refused.code, refused.stderr) == (2, NO_ROOM)


def test_records_that_have_no_room_are_no_success(sound: Path) -> None:
    done = on_a_full_disk("show", sound)

    assert (done.code, done.stderr) == (2, NO_ROOM)


@pytest.mark.parametrize(("fault", "code", "state"), [("", 2, "accepted"), ("status=503", 5, "unknown")])
def test_a_result_that_has_no_room_is_told_and_counts_least(
    sandbox: Sandbox, sound: Path, fault: str, code: int, state: str
) -> None:
    if fault:
        sandbox.faults.add(f"{fault},on=prowler.submit,nth=1")

    done = on_a_full_disk("submit", sound, "--target", "prowler", "--format", "json", **access(sandbox))

    assert done.code == code, done.stderr
    assert NO_ROOM in done.stderr
    assert f" is {state}.\n" in done.stderr
