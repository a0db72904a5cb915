"""Commands: one class feeds the footer, the palette and the keymap."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.config import Config
from console.errors import BadConfig
from console.submissions.desk import Desk
from screens.commands.everything import GROUPS, check_keymap, commands
from screens.files import FilesScreen
from screens.help import HelpScreen
from screens.jobs import JobsScreen
from tests.screens.job_stories import WIDE, at_console


def test_the_keymap_knows_each_command_by_one_name() -> None:
    for group in GROUPS:
        names = [name for name, _ in group.keymap()]
        assert len(names) == len(set(names)), group.title
    shared = {name: {one for group in GROUPS for known, one in group.keymap() if known == name} for name in commands()}
    assert not {name: classes for name, classes in shared.items() if len(classes) > 1}


def test_keys_for_a_command_that_there_is_not_name_the_line_and_the_nearest(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[ui]\nread_only = true\n[keys]\n"jobs.refresh" = "f5"\n"jobs.refrehs" = "f6"\n')

    with pytest.raises(BadConfig) as caught:
        check_keymap({"jobs.refresh": "f5", "jobs.refrehs": "f6"}, file)
    assert caught.value.message == f"{file}, line 5: unknown key 'keys.jobs.refrehs'; did you mean 'jobs.refresh'?"


def test_a_key_that_another_command_has_is_an_error_that_names_both(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[keys]\n"jobs.refresh" = "f5"\n"files.parent" = "v"\n')

    with pytest.raises(BadConfig) as caught:
        check_keymap({"jobs.refresh": "f5", "files.parent": "v"}, file)
    said = "'keys': 'v' would be the key of 'files.parent' and of 'files.validate'."
    assert caught.value.message == f"{file}, line 3: {said}"
    check_keymap({"files.parent": "v", "files.validate": "full_stop", "jobs.refresh": "v"}, file)


@pytest.mark.parametrize(
    ("keymap", "one", "other"),
    [
        ({"app.quit": "j"}, "list.down", "app.quit"),
        ({"jobs.export": "j"}, "list.down", "jobs.export"),
        ({"jobs.refresh": "1"}, "app.files", "jobs.refresh"),
        ({"jobs.pause": "?"}, "app.help", "jobs.pause"),
        ({"records.validate": "escape"}, "screen.back", "records.validate"),
        ({"columns.forward": "j"}, "list.down", "columns.forward"),
        ({"records.sort": "i"}, "records.next_issue", "records.sort"),
        ({"records.mark": "n"}, "records.mark", "records.next"),
        ({"jobs.all": "s"}, "jobs.all", "jobs.sort"),
        ({"record.fold": "v"}, "record.fold", "records.validate"),
        ({"sending.go_on": "c"}, "sending.go_on", "submit.convert"),
    ],
)
def test_a_key_of_what_is_there_at_the_same_time_is_taken(
    tmp_path: Path, keymap: dict[str, str], one: str, other: str
) -> None:
    with pytest.raises(BadConfig) as caught:
        check_keymap(keymap, tmp_path / "config.toml")
    assert any({repr(one), repr(other)} <= set(line.rstrip(".").split()) for line in caught.value.message.splitlines())


def test_what_is_under_a_dialog_or_shares_its_key_anyway_clashes_with_nothing(tmp_path: Path) -> None:
    check_keymap({"dialog.yes": "1", "app.quit": "q,ctrl+q"}, tmp_path / "config.toml")
    check_keymap({"settle.let_be": "f4", "settle.give_up": "f4", "record.fold": "m"}, tmp_path / "config.toml")


def test_the_keys_that_there_are_without_a_configuration_clash_with_nothing(tmp_path: Path) -> None:
    check_keymap({name: command.key for name, command in commands().items()}, tmp_path / "config.toml")


@pytest.mark.parametrize("key", ["ctrl+q", "ctrl+c", "ctrl+p", "tab", "shift+tab", "enter", "pagedown"])
def test_a_key_that_textual_has_is_given_to_no_other_command(tmp_path: Path, key: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f'[keys]\n"jobs.refresh" = "f5,{key}"\n')
    with pytest.raises(BadConfig) as caught:
        check_keymap({"jobs.refresh": f"f5,{key}"}, file)
    said = f"'keys.jobs.refresh': {key!r} has a use of its own and can't be given to a command."
    assert f"{file}, line 2: {said}" in caught.value.message.splitlines()


@pytest.mark.parametrize(
    ("keys", "wrong", "meant"),
    [
        ("ctrl+nonsense+", "ctrl+nonsense+", "."),
        ("f5,pgup", "pgup", "; did you mean 'pageup'?"),
        ("ctlr+f", "ctlr+f", "; did you mean 'ctrl+f'?"),
        ("qestion_mark", "qestion_mark", "; did you mean 'question_mark'?"),
        ("f5,", "", "."),
        ("shift", "shift", "."),
    ],
)
def test_a_key_that_there_is_not_is_told_with_the_nearest(tmp_path: Path, keys: str, wrong: str, meant: str) -> None:
    with pytest.raises(BadConfig) as caught:
        check_keymap({"jobs.refresh": keys}, tmp_path / "config.toml")
    assert caught.value.message == f"{tmp_path / 'config.toml'}: 'keys.jobs.refresh': there is no key {wrong!r}{meant}"


@pytest.mark.parametrize("key", ["+", "é", "f12", "section_sign", "ctrl+shift+left", "alt+x", "shift+f3", "ctrl+at"])
def test_all_keys_that_there_are_can_be_given(tmp_path: Path, key: str) -> None:
    check_keymap({"dialog.yes": key}, tmp_path / "config.toml")


def desk_with_keys(desk: Desk, keys: dict[str, str]) -> Desk:
    desk.config = desk.config.model_copy(update={"keys": keys})
    return desk


async def test_the_keys_of_the_configuration_take_the_place_of_ours(tmp_path: Path, desk: Desk) -> None:
    keys = Config.model_validate({"keys": {"app.help": "f1", "app.jobs": "f2,ctrl+j", "files.compare": "u"}}).keys
    async with at_console(desk_with_keys(desk, keys), tmp_path, (120, 60)) as story:
        files = await story.on(FilesScreen)
        await story.sees("f1 Help", "u Compare")
        await story.press("question_mark")
        assert story.app.screen is files
        await story.press("f1")
        await story.on(HelpScreen)
        await story.sees("f2 ^j")
        await story.press("escape")
        await story.press("f2")
        await story.on(JobsScreen)


async def test_the_palette_does_what_is_offered_where_one_is(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        await story.on(FilesScreen)
        titles = [command.title for command in story.app.get_system_commands(story.app.screen)]
        assert "Validate" not in titles  # greyed: there is no file under the cursor

        await story.press("ctrl+p")
        await story.press(*"jobs")
        await story.sees("Watch the jobs of a target")
        await story.press("enter")
        await story.on(JobsScreen)
        titles = [command.title for command in story.app.get_system_commands(story.app.screen)]
        assert {"Refresh", "Sort", "Log", "Help"} <= set(titles)
        assert "Parent" not in titles


async def test_the_palette_names_the_keys_as_the_keymap_has_them(tmp_path: Path, desk: Desk) -> None:
    keys = {"jobs.refresh": "f5,left_square_bracket"}
    async with at_console(desk_with_keys(desk, keys), tmp_path, WIDE) as story:
        await story.press("2")
        await story.on(JobsScreen)
        await story.press("ctrl+p", *"refresh")
        await story.sees("f5 [ Ask the target")


async def test_the_help_keeps_names_apart_from_what_they_mean(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, (100, 60)) as story:
        await story.press("2")
        await story.on(JobsScreen)
        await story.press("question_mark")
        await story.on(HelpScreen)
        await story.sees("Larger pages More on a page")
