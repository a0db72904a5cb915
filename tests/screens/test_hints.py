"""Sentences that name keys: they name those that the configuration puts in place of ours."""

from __future__ import annotations

import ast
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from textual.message import Message

import screens
from console.config import Config
from console.errors import GoesInPart, OutcomeUnknown
from console.submissions.desk import Desk
from console.submissions.model import BatchState
from screens.commands.command import Command, Group
from screens.commands.everything import commands
from screens.commands.everywhere import APP, SCREEN, Back, Help
from screens.commands.files import FILES, Filter, Parent, Recent
from screens.commands.lists import LIST, HalfDown
from screens.commands.records import READING, Read
from screens.navigation import OpenRecords, OpenSettle, OpenSubmit, OpenValidation
from screens.widgets.dialogs import ConfirmDialog
from screens.widgets.outcome_words import of_break, of_failure, of_look, of_stop
from tests.screens.fixed_desk import FILE, KEPT, SUBMISSION, FixedDesk, in_doubt, job, sent, submission
from tests.screens.fixed_desk import plan as fixed_plan
from tests.screens.job_stories import WIDE, Story, at_console, finding_file, make_desk

_LETTERS: Final = filter(str.isalpha, map(chr, range(ord("Ѐ"), ord("Ԁ"))))
KEYS: Final = dict(zip(commands(), _LETTERS, strict=False))
"""Another key for each command: none of them is on a keyboard that ours were chosen for."""


def said(sentence: str) -> str:
    """A sentence with the keys that there are now in the place of commands."""
    return re.sub(r"<([\w.]+)>", lambda found: KEYS[found[1]], sentence)


def with_keys(desk: Desk) -> Desk:
    """A desk of somebody who has given every command another key."""
    desk.config = desk.config.model_copy(update={"keys": {**KEYS}})
    return desk


@pytest.mark.parametrize(
    ("group", "command", "keys", "words"),
    [
        (FILES, Recent, None, "ctrl+r"),
        (FILES, Filter, None, "/"),
        (FILES, Parent, None, "."),
        (APP, Help, None, "?"),
        (SCREEN, Back, None, "esc"),
        (READING, Read, None, "enter"),
        (LIST, HalfDown, "f7,ctrl+r", "f7"),
        (FILES, Filter, "question_mark", "?"),
        (FILES, Filter, "+", "+"),
        (FILES, Filter, "alt+pageup", "alt+pgup"),
        (FILES, Filter, "L", "L"),
    ],
)
def test_a_key_is_named_by_what_is_on_it(group: Group, command: type[Command], keys: str | None, words: str) -> None:
    keymap = {command.keymap_id(group.place): keys} if keys else {}
    assert group.key_of(command, keymap) == words


def test_the_key_of_another_place_is_another() -> None:
    keymap = {"records.filter": "f4"}
    assert FILES.key_of(Filter, keymap) == "/"


@dataclass(frozen=True)
class Place:
    """Somewhere, the way there, and what is said there."""

    desk: Callable[[Path], Desk]
    go: Message | str
    """A message that opens it, or the command that leads there; empty where one begins."""
    sentences: tuple[str, ...]


def nobody(folder: Path) -> Desk:
    """A desk whose secrets are missing."""
    return make_desk("http://127.0.0.1:9", folder, key=None)


def nowhere(folder: Path) -> Desk:
    """A desk that knows no target."""
    desk = nobody(folder)
    desk.config = Config()
    return desk


MODES: Final = "<app.files> Files <app.jobs> Jobs <app.targets> Targets"
PLACES: Final = {
    "files": Place(
        nowhere,
        "",
        (
            MODES,
            "<files.parent> goes to the folder above",
            "<files.filter> finds a file",
            "<files.recent> lists the files of before",
            "Press <app.targets>, then <targets.sandbox>: a sandbox",
        ),
    ),
    "jobs-without-secrets": Place(
        nobody,
        "app.jobs",
        (
            MODES,
            "All Pending Processing Completed Failed Unknown Waiting",
            "<jobs.search> search <jobs.days> days <jobs.target> target",
            "Press <app.targets> for Targets: <targets.login> logs in, <targets.test> tests the way",
            "and <targets.sandbox> starts a sandbox",
        ),
    ),
    "jobs-without-jobs": Place(
        lambda folder: FixedDesk(folder, jobs=()), "app.jobs", ("Press <app.files> for Files, open a finding file",)
    ),
    "targets": Place(
        nobody,
        "app.targets",
        (
            "Press <targets.login> to log in",
            "<targets.login> logs in to this target, <targets.add> adds another one",
            "<targets.sandbox> starts a sandbox",
        ),
    ),
    "log": Place(nobody, "app.log", ("Press <screen.back> to go back",)),
    "plan": Place(
        lambda folder: FixedDesk(folder, plan=fixed_plan(sent_before=True, invalid=3)),
        OpenSubmit(Path(FILE)),
        ("<submit.copy> copies it", "<submit.which>: only the valid ones", "<submit.sent_before> opens it"),
    ),
    "in-doubt": Place(
        lambda folder: FixedDesk(folder, submission=in_doubt()),
        OpenSettle(SUBMISSION),
        ("Press <settle.look> to look again", "<settle.again> Send again", "<settle.let_be> Let it be"),
    ),
    "candidates": Place(
        lambda folder: FixedDesk(folder, submission=in_doubt(), candidates=[job(1), job(2)]),
        OpenSettle(SUBMISSION),
        ("<settle.adopt> Adopt",),
    ),
    "kept": Place(
        lambda folder: FixedDesk(folder, submission=KEPT),
        OpenSettle(SUBMISSION),
        ("<sending.go_on> Go on", "<settle.give_up> Give up"),
    ),
}


async def at(place: Place, folder: Path, see: Callable[[Story], Awaitable[None]]) -> None:
    """Go to a place with other keys than ours, and see."""
    async with at_console(with_keys(place.desk(folder / "state")), folder, WIDE) as story:
        if isinstance(place.go, Message):
            story.app.post_message(place.go)
        elif place.go:
            await story.press(KEYS[place.go])
        await see(story)


@pytest.mark.parametrize("name", PLACES)
async def test_a_screen_names_the_keys_that_there_are(tmp_path: Path, name: str) -> None:
    place = PLACES[name]

    async def see(story: Story) -> None:
        await story.sees(*map(said, place.sentences))

    await at(place, tmp_path, see)


async def test_what_is_broken_is_repaired_by_the_key_that_there_is(tmp_path: Path) -> None:
    path = finding_file(tmp_path)
    path.write_bytes(path.read_bytes()[:-40])
    async with at_console(with_keys(nobody(tmp_path / "state")), path, WIDE) as story:
        await story.sees(said("<files.repair> repairs it"))
        story.app.post_message(OpenValidation(path))
        await story.sees(said("<validation.repair> writes all that is whole"))
        await story.press(KEYS["screen.back"])
        path.unlink()
        await story.sees("This file is gone", said("renamed. <files.reload> reads the folder"))


async def test_what_a_filter_lets_through_names_the_keys_that_there_are(tmp_path: Path) -> None:
    path = finding_file(tmp_path)
    desk = with_keys(nobody(tmp_path / "state"))
    # A letter would be typed.
    del desk.config.keys["filter.search"]
    async with at_console(desk, path, WIDE) as story:
        story.app.post_message(OpenRecords(path))
        await story.sees("30 records")
        await story.press(KEYS["records.filter"], *"nowhere", "enter")
        await story.sees(said("Press <screen.back> to see all, or <records.filter> to change the filter."))


async def test_a_question_names_the_keys_of_its_answers(tmp_path: Path) -> None:
    place = PLACES["in-doubt"]

    async def see(story: Story) -> None:
        await story.sees(said("<settle.let_be> Let it be"))
        await story.press(KEYS["settle.let_be"])
        await story.on(ConfirmDialog)
        await story.sees(said("<dialog.yes> yes <dialog.no> no enter the marked one"))

    await at(place, tmp_path, see)


def test_what_became_of_a_submission_names_the_keys_that_there_are() -> None:
    doubtful = OutcomeUnknown("Another one is in doubt.")
    denied = submission(sent(BatchState.DENIED))
    spoilt = GoesInPart("It would spoil others. Nothing was sent.", hint="--select valid", advice="See the limits.")
    broken = GoesInPart("It is broken. Nothing was sent.", hint="--select valid", repairable=True)
    words = {
        of_failure(spoilt, KEYS).words: "It would spoil others. See the limits. Press <submit.which> to choose only",
        of_failure(broken, KEYS).words: "Nothing was sent. It is broken. Press <submit.which> to choose only the valid"
        " ones; or <files.repair>, in Files, to write all that is whole to a new file.",
        of_look(in_doubt(), KEYS).words: "Press <submit.settle> to settle it",
        of_stop(KEPT, KEYS).words: "press <sending.go_on> then, here or in Jobs",
        of_stop(denied, KEYS).words: "press <app.targets> for Targets to log in, then <sending.go_on> here",
        of_stop(submission(sent(BatchState.READY)), KEYS).words: "press <sending.go_on> to go on",
        of_break(doubtful, said("<app.jobs>")).words: "before you have looked: <app.jobs> for Jobs",
        of_failure(doubtful, KEYS).words: "Press <app.jobs> for Jobs: it is listed first, and <jobs.open> settles it",
    }
    for told, sentence in words.items():
        assert said(sentence) in told.plain


# What no sentence in the code may say by itself.

_FIXED: Final = re.compile(
    r"\[b\](?:[\w./]|ctrl\+\S)\[/b\]|\b[Pp]ress (?:\w|/|esc|enter|ctrl\+\w) |\besc (?:stops|shows|clears|to)\b"
    r"|(?:^|[.:;,·] |\b(?:and|then) )[\w/] (?:here|reads|opens|lists|copies|starts|logs|tests|to|for|search|days)\b"
)


def sentences(tree: ast.Module) -> list[str]:
    """The texts of a module, without its docstrings."""
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docs)
    return [node.value for node in texts if isinstance(node.value, str)]


def test_no_sentence_has_a_key_in_it_that_may_be_another_by_then() -> None:
    folder = Path(str(screens.__file__)).parent
    found = [
        f"{path.relative_to(folder)}: {text}"
        for path in folder.rglob("*.py")
        for text in sentences(ast.parse(path.read_text()))
        if _FIXED.search(text)
    ]
    assert not found
