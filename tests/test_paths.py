"""Our folders and files: what is made is private, what was there is not ours to change."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.errors import BadInput, StateError
from console.paths import atomic_write, ensure_dir, new_file, private_dir

NOBODY = 65_534


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    """Files are readable by everybody unless somebody sees to it."""
    earlier = os.umask(0o022)
    yield
    os.umask(earlier)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


@pytest.mark.parametrize("make", [private_dir, ensure_dir])
def test_what_is_missing_is_made_private_and_so_is_the_way_to_it(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    made = make(tmp_path / "one" / "two" / "three")

    assert [mode(path) for path in (made, *made.parents[:2])] == [0o700] * 3


def test_a_folder_that_others_may_read_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)

    private_dir(tmp_path)

    assert mode(tmp_path) == 0o755


@pytest.mark.parametrize("open_mode", [0o777, 0o1777, 0o707, 0o702])
def test_a_folder_that_others_may_write_to_is_refused_and_left_as_it_is(tmp_path: Path, open_mode: int) -> None:
    tmp_path.chmod(open_mode)

    with pytest.raises(StateError, match=str(tmp_path)):
        private_dir(tmp_path)

    assert mode(tmp_path) == open_mode
    assert ensure_dir(tmp_path) == tmp_path


def test_a_folder_of_somebody_else_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    tmp_path.chmod(0o755)
    os.chown(tmp_path, NOBODY, -1)

    with pytest.raises(StateError, match="belongs to another user"):
        private_dir(tmp_path)

    assert mode(tmp_path) == 0o755


def test_a_file_in_the_way_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StateError, match="file can't be made: File exists"):
        private_dir(tmp_path / "file" / "state")


@pytest.mark.parametrize(("asked", "given"), [(0o600, 0o600), (0o666, 0o644)])
def test_a_written_file_has_the_mode_asked_for_less_the_umask(tmp_path: Path, asked: int, given: int) -> None:
    with atomic_write(tmp_path / "file", asked) as file:
        file.write(b"whole")

    assert mode(tmp_path / "file") == given
    assert (tmp_path / "file").read_bytes() == b"whole"


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")

    def interrupted() -> None:
        with atomic_write(tmp_path / "file") as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="can't be written: No such file"), atomic_write(tmp_path / "none" / "file"):
        pass


def test_a_new_file_appears_whole_with_the_mode_asked_for(tmp_path: Path) -> None:
    with new_file(tmp_path / "file", 0o640) as file:
        file.write(b"whole")
        assert (tmp_path / "file").read_bytes() == b""

    assert mode(tmp_path / "file") == 0o640
    assert (tmp_path / "file").read_bytes() == b"whole"


@pytest.mark.parametrize("kind", ["file", "link to nothing", "folder"])
def test_a_new_file_takes_the_place_of_nothing(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "taken"
    match kind:
        case "file":
            path.write_bytes(b"old")
        case "folder":
            path.mkdir()
        case _:
            path.symlink_to(tmp_path / "nowhere")
    before = os.lstat(path)

    with pytest.raises(BadInput, match="is there already"), new_file(path) as file:
        file.write(b"new")

    assert os.lstat(path) == before
    assert [one.name for one in tmp_path.iterdir()] == ["taken"]


def test_a_new_file_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def interrupted() -> None:
        with new_file(tmp_path / "file") as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert list(tmp_path.iterdir()) == []
