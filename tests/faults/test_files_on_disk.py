"""F28 to F36: files that change or are barred, what only looks like a file, and odd names."""

from __future__ import annotations

import hashlib
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from console.errors import ConsoleError
from console.progress import Progress
from console.sandbox.server import Sandbox
from console.submissions.desk import Desk
from console.submissions.model import Selection
from screens.files import FilesScreen
from tests.cli.conftest import access
from tests.faults.conftest import Refusal, Run
from tests.faults.support import NOWHERE, array, choose, finding, open_records, without_privileges
from tests.hostile import FOREIGN, NAME
from tests.screens.job_stories import WIDE, at_console


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(array(finding(7))[1:-1] + b"\n")


def shrink(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def rewrite(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"FAIL", b"PASS"))


def replace(path: Path) -> None:
    other = path.with_suffix(".new")
    other.write_bytes(path.read_bytes().replace(b"FAIL", b"PASS"))
    other.replace(path)


@pytest.mark.parametrize("change", [grow, shrink, rewrite, replace])
async def test_f28_a_file_that_changes_while_it_is_frozen_is_not_sent(
    tmp_path: Path, desk: Desk, state: Path, change: Callable[[Path], None]
) -> None:
    """File grows/shrinks/replaced during read: "changed on disk"; snapshot discarded."""
    path = tmp_path / "f.ndjson"
    path.write_bytes(b"".join(array(finding(number))[1:-1] + b"\n" for number in range(1_500)))

    changed: list[Progress] = []

    def midway(progress: Progress) -> None:
        if progress.total and progress.done > progress.total / 3 and not changed:
            changed.append(progress)
            change(path)

    try:
        with pytest.raises(ConsoleError, match=r"f\.ndjson.*(changed|shorter|replaced)"):
            await desk.prepare([path], "prowler", Selection.ALL, midway)
    finally:
        await desk.close()
    assert not list(state.glob("spool/*"))


async def test_f28_a_file_that_shrinks_while_it_is_looked_at_says_so(tmp_path: Path, desk: Desk) -> None:
    """File shrinks during read: "changed on disk"."""
    path = tmp_path / "f.json"
    path.write_bytes(array(*map(finding, range(300))))
    async with at_console(desk, tmp_path, WIDE) as story:
        await open_records(story, path)
        await story.sees("300 records")
        shrink(path)
        await story.press("G")
        await story.sees("became shorter while it was open")


async def test_f29_a_file_that_vanished_since_it_was_listed_is_marked(here: Path, desk: Desk) -> None:
    """Deleted between list and open: row marked gone."""
    for name in ("a.json", "b.json"):
        (here / name).write_bytes(array(finding()))
    async with at_console(desk, here, WIDE) as story:
        await story.sees("a.json", "b.json")
        (here / "a.json").unlink()
        await choose(story, "a.json")
        await story.sees("gone")
        await choose(story, "b.json")
        await story.sees("1 record")


def test_f29_a_file_that_vanished_is_named_and_the_others_go_on(refusal: Refusal, tmp_path: Path) -> None:
    """Deleted between list and open."""
    assert "does not exist" in refusal(tmp_path / "gone.json")


def test_f30_a_barred_file_is_named_and_the_others_go_on(refusal: Refusal, tmp_path: Path) -> None:
    """Permission denied: row marked, others go on."""
    path = tmp_path / "barred.json"
    path.write_bytes(array(finding()))
    path.chmod(0)
    with without_privileges():
        assert "can't be read: permission denied" in refusal(path)


async def test_f30_a_barred_file_is_marked_in_the_list(here: Path, desk: Desk) -> None:
    """Permission denied: row marked, others go on."""
    for name in ("a.json", "b.json"):
        (here / name).write_bytes(array(finding()))
    (here / "a.json").chmod(0)
    with without_privileges():
        async with at_console(desk, here, WIDE) as story:
            await choose(story, "a.json")
            await story.sees("a.json can't be read: permission denied")
            await choose(story, "b.json")
            await story.sees("1 record")


def test_f31_what_is_no_regular_file_is_named_and_never_waited_for(
    run: Run, sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FIFO / device / socket / directory named `.json`: "not a regular file", never opened blocking."""
    folder = sound.parent
    os.mkfifo(folder / "pipe.json")
    (folder / "device.json").symlink_to(os.devnull)
    (folder / "folder.json").mkdir()
    # The path of a socket may have some 100 bytes.
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.json")
        done = run("validate", folder, "--format", "json")
    assert done.code == 2
    assert [file["records"] for file in done.json()["files"]] == [5]
    said = {line.split(": ", 1)[1].removeprefix(f"{folder}/") for line in done.stderr.splitlines()}
    assert said == {
        "pipe.json is a named pipe, not a regular file.",
        "device.json is a device, not a regular file.",
        "socket.json is a socket or a device, not a regular file.",
    }


async def test_f31_what_is_no_regular_file_stalls_no_screen(tmp_path: Path, desk: Desk) -> None:
    """FIFO / directory named `.json`: never opened blocking."""
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder.json").mkdir()
    async with at_console(desk, tmp_path, WIDE) as story:
        await open_records(story, tmp_path / "pipe.json")
        await story.sees("is a named pipe, not a regular file")
        await story.press("escape")
        await open_records(story, tmp_path / "folder.json")
        await story.sees("is a directory, not a regular file")


async def test_f32_a_link_to_a_file_is_shown_as_one(here: Path, desk: Desk) -> None:
    """Symlink to file: shown as link."""
    (here / "real.json").write_bytes(array(finding()))
    (here / "latest.json").symlink_to("real.json")
    async with at_console(desk, here, WIDE) as story:
        await choose(story, "latest.json")
        await story.sees("1 record")
        assert any("latest.json" in line and "link" in line for line in story.text.splitlines()), story.text


async def test_f32_what_a_link_led_to_is_what_is_sent(tmp_path: Path, sandbox: Sandbox, desk: Desk) -> None:
    """Symlink to file: submitted only via resolved snapshot."""
    for name, count in (("old.json", 2), ("new.json", 3)):
        (tmp_path / name).write_bytes(array(*map(finding, range(count))))
    link = tmp_path / "latest.json"
    link.symlink_to("old.json")
    try:
        plan = await desk.prepare([link], "prowler", Selection.ALL)
        link.unlink()
        link.symlink_to("new.json")
        (frozen,) = plan.batches
        assert frozen.batch.path.read_bytes() == (tmp_path / "old.json").read_bytes()
        assert not frozen.batch.path.is_symlink()
        await desk.discard(plan)
    finally:
        await desk.close()


def test_f33_links_in_circles_are_passed_once(run: Run, sound: Path) -> None:
    """Symlink loop, directory loop: listed once, no hang."""
    (sound.parent / "circle").symlink_to(sound.parent, target_is_directory=True)
    (sound.parent / "loop.json").symlink_to("loop.json")
    done = run("validate", sound.parent, "--format", "json")
    assert done.code == 2
    assert [file["path"] for file in done.json()["files"]] == [str(sound)]
    (said,) = done.stderr.splitlines()
    assert said.endswith("loop.json is a link that leads in a circle.")


async def test_f33_a_folder_in_itself_is_listed_once(tmp_path: Path, desk: Desk) -> None:
    """Directory loop: listed once, no hang."""
    (tmp_path / "circle").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "loop.json").symlink_to("loop.json")
    async with at_console(desk, tmp_path, WIDE) as story:
        await choose(story, "circle")
        await story.press("enter", "right")
        await story.pilot.pause()
        assert story.text.count("circle") == 1


@pytest.mark.skipif(sys.platform == "darwin", reason="this file system takes UTF-8 names only")
def test_f34_a_hostile_name_opens_and_is_shown_harmlessly(run: Run, tmp_path: Path, sandbox: Sandbox) -> None:
    """Name with ESC, `\\n`, RLO, invalid UTF-8, `[@click]`: sanitised label; opens by bytes."""
    path = tmp_path / f"a{NAME}"
    path.write_bytes(array(finding(), finding(1)))
    for command in (["validate"], ["inspect"], ["show"]):
        assert run(*command, path).code == 0
    sent = run("submit", path, "--target", "prowler", "--wait", "--format", "json", **access(sandbox))
    assert (sent.code, sent.json()["accepted"]) == (0, 2)
    assert run("jobs", "list", "--target", "prowler", **access(sandbox)).code == 0


@pytest.mark.skipif(sys.platform == "darwin", reason="this file system takes UTF-8 names only")
async def test_f34_a_hostile_name_is_listed_harmlessly(tmp_path: Path, desk: Desk) -> None:
    """Name with ESC, `\\n`, RLO, invalid UTF-8, `[@click]`: sanitised label."""
    (tmp_path / f"a{NAME}").write_bytes(array(finding()))
    async with at_console(desk, tmp_path, WIDE) as story:
        screen = await story.on(FilesScreen)
        await story.until(lambda: bool(screen.folders.files))
        screen.folders.move_cursor(screen.folders.root.children[0])
        await story.sees("TILE[b]", "1 record")
        assert not FOREIGN.search(story.text.encode("utf-8", "surrogatepass"))
        assert "\x1b" not in story.text


def test_f35_names_may_start_with_a_dash_and_be_as_long_as_any(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    """Name starting `-`, 255 bytes: works."""
    monkeypatch.chdir(tmp_path)
    for name in ("-x.json", "n" * 250 + ".json"):
        Path(name).write_bytes(array(finding()))
        assert run("validate", "--", name).code == 0
        assert run("validate", f"./{name}").code == 0
        assert run("submit", "--target", "prowler", "--wait", "--", name, **access(sandbox)).code == 0


def test_f35_a_path_that_is_too_long_is_said_to_be(run: Run, sound: Path, tmp_path: Path) -> None:
    """Path > 4096: clear error."""
    done = run("validate", f"{tmp_path}/{'d/' * 2_100}f.json", tmp_path / ("n" * 300), sound, "--format", "json")
    assert done.code == 2
    assert [file["records"] for file in done.json()["files"]] == [5]
    assert done.stderr.count("has a name that is too long") == 2


@pytest.mark.parametrize(
    "arguments",
    [[], ["show"], ["submit", "--target", "prowler"], ["validate", os.devnull, "-o"], ["targets", "list", "--config"]],
    ids=["alone", "show", "submit", "output", "config"],
)
def test_f35_a_name_that_is_too_long_is_no_crash_anywhere(run: Run, arguments: list[str]) -> None:
    """Path > 4096: clear error."""
    done = run(*arguments, "n" * 300, **NOWHERE)
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr


def test_f36_a_name_adds_no_header_to_the_upload(run: Run, tmp_path: Path, sandbox: Sandbox) -> None:
    """Multipart filename with quotes/CRLF: encoded; no header injection."""
    path = tmp_path / 'a"; x="\r\nX-Evil: 1\r\n\r\n[].ocsf.json'
    path.write_bytes(array(finding()))
    sent = run("submit", path, "--target", "prowler", "--wait", "--format", "json", **access(sandbox))
    assert (sent.code, sent.json()["accepted"]) == (0, 1)
    (job,) = sandbox.prowler.store.ingestions(limit=10)
    assert job.filename == "a%22; x=%22%0D%0AX-Evil: 1%0D%0A%0D%0A[].ocsf.json"
    assert job.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
