"""Which commands are there at the same time: what is declared to check a keymap by, and what the screens have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from textual.app import App
from textual.binding import Binding
from textual.content import Content
from textual.dom import DOMNode
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from console.config_file import ConfigFile
from console.errors import BadInput
from screens.base import ConsoleScreen
from screens.commands.everything import TAKEN, TOGETHER
from screens.navigation import OpenCompare, OpenJob, OpenRecords, OpenSettle, OpenSubmit, OpenValidation
from screens.widgets.dialog import Dialog
from screens.widgets.dialogs import ConfirmDialog, ErrorDialog, NumberDialog, ValueDialog
from screens.widgets.pick_dialog import PickDialog
from screens.widgets.save_dialog import SaveDialog
from tests.screens.fixed_desk import SUBMISSION, FixedDesk, in_doubt, job, plan
from tests.screens.job_stories import WIDE, Story, at_console
from tests.screens.scan import scan

_WORDS: Final = Content("words")
Way = Message | Screen[Any] | str
"""How one gets somewhere: by a message, or by a key; or what is shown."""

_OTHER: Final = {"space", "shift+space", "escape"}
"""What folds in Textual's trees, and opens and closes its drop-downs: elsewhere they are free."""


def ways(path: Path) -> Mapping[str, Sequence[Way]]:
    """The way to each screen, from the Files screen with a file under the cursor."""
    return {
        "FilesScreen": (),
        "RecordsScreen": (OpenRecords(path),),
        "ValidationScreen": (OpenValidation(path),),
        "CompareScreen": (OpenCompare(path, path),),
        "SubmitScreen": (OpenSubmit(path),),
        "SettleScreen": (OpenSettle(SUBMISSION),),
        "JobScreen": (OpenJob("prowler", job(1).job.id),),
        "JobsScreen": ("2",),
        "TargetsScreen": ("3",),
        "LogScreen": ("!",),
        "HelpScreen": ("?",),
        "RepairDialog": ("R",),
        "ConvertDialog": ("c",),
        "ColumnsDialog": (OpenRecords(path), "c"),
        "SavedFilters": (OpenRecords(path), "F"),
        "RulesDialog": (OpenValidation(path), "t"),
        "ExportDialog": (OpenValidation(path), "x"),
        "DaysDialog": ("2", "d"),
        "TargetForm": ("3", "a"),
        "LoginScreen": ("3", "l"),
        "ErrorDialog": (ErrorDialog(BadInput("It failed.")),),
        "ConfirmDialog": (ConfirmDialog(_WORDS, yes=_WORDS),),
        "NumberDialog": (NumberDialog(_WORDS, highest=9),),
        "ValueDialog": (ValueDialog("key", "value"),),
        "PickDialog": (PickDialog(_WORDS, [_WORDS], _WORDS),),
        "SaveDialog": (SaveDialog(_WORDS, "name", [".csv"]),),
    }


def leaves(kind: type[object]) -> Iterator[str]:
    """The names of the classes that nothing is made of but objects."""
    below = kind.__subclasses__()
    if not below and kind.__module__.startswith("screens."):
        yield kind.__name__
    for one in below:
        yield from leaves(one)


def offered(widget: DOMNode) -> tuple[frozenset[str], set[str]]:
    """The commands that are there while *widget* has the focus, and the keys that Textual has then."""
    commands, keys = set[str](), set[str]()
    for node in widget.ancestors_with_self:
        for kind in type(node).__mro__:
            for binding in vars(kind).get("BINDINGS", ()):
                if isinstance(binding, Binding) and binding.id:
                    commands.add(binding.id)
                elif kind.__module__.startswith("textual."):
                    named = binding.key if isinstance(binding, Binding) else binding[0]
                    keys.update(named.split(","))
        if node.is_modal:
            break
        if isinstance(node, App):
            keys.add(node.COMMAND_PALETTE_BINDING)
    return frozenset(commands), keys


async def go(story: Story, way: Way) -> None:
    """Go a step, and wait until one is there."""
    before = story.app.screen
    if isinstance(way, str):
        await story.press(way)
    elif isinstance(way, Screen):
        story.app.push_screen(way)
    else:
        story.app.post_message(way)
    await story.until(lambda: story.app.screen is not before and story.app.screen.is_mounted)


async def test_what_is_declared_to_be_there_at_the_same_time_is_what_the_screens_have(tmp_path: Path) -> None:
    path = scan(tmp_path)
    found, textuals = set[frozenset[str]](), set[str]()
    for name, steps in ways(path).items():
        desk = FixedDesk(tmp_path / "state", plan=plan(), submission=in_doubt())
        async with at_console(desk, path, WIDE, ConfigFile(tmp_path / "config.toml")) as story:
            await story.sees("30 records")
            for step in steps:
                await go(story, step)
            assert type(story.app.screen).__name__ == name
            for widget in story.app.screen.query("*"):
                if widget.can_focus:
                    commands, keys = offered(widget)
                    found.add(commands)
                    textuals |= keys if not isinstance(widget, Input) else set()
    assert {*leaves(ConsoleScreen), *leaves(Dialog)} <= ways(path).keys()

    declared = {frozenset(name for group in groups for name, _ in group.keymap()) for groups in TOGETHER}
    undeclared = [sorted(commands) for commands in found if not any(commands <= known for known in declared)]
    assert not undeclared
    assert not [sorted(commands) for commands in declared - found]
    assert textuals - _OTHER == TAKEN
