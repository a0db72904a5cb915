"""All commands there are, in the order in which people meet them: for the keymap, and for `docs/keys.md`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import combinations
from pathlib import Path
from typing import Final

from console.config_errors import unknown_key, where_set
from console.errors import BadConfig
from screens.commands import (
    compare,
    dialogs,
    everywhere,
    files,
    job,
    jobs,
    lists,
    log,
    records,
    settle,
    submit,
    targets,
    validation,
)
from screens.commands.command import Command, Group
from screens.commands.key_names import canonical, is_key, nearest

GROUPS: Final[tuple[Group, ...]] = (
    everywhere.APP,
    everywhere.SCREEN,
    lists.LIST,
    lists.TREE,
    lists.FOLDED_OUT,
    files.FILES,
    files.MARKS,
    files.FOLDERS,
    files.NAMES,
    compare.COMPARE,
    compare.DIFFERENCES,
    records.RECORDS,
    records.FILTER,
    records.READING,
    records.RECORD_LIST,
    records.RECORD,
    validation.VALIDATION,
    validation.ISSUES,
    validation.ISSUE_FILTER,
    submit.SUBMIT,
    submit.LEFT_OUT,
    submit.SENDING,
    submit.UNDER_WAY,
    settle.SETTLE,
    settle.CANDIDATES,
    jobs.JOBS,
    jobs.JOB_LIST,
    jobs.STATUSES,
    job.JOB,
    job.ERRORS,
    job.GROUPS,
    targets.TARGETS,
    targets.TARGET_LIST,
    log.LOG,
    dialogs.MESSAGE,
    dialogs.QUESTION,
    dialogs.FORM,
    dialogs.NEW_FILE,
    dialogs.SAVED_FORM,
    dialogs.COLUMNS,
    dialogs.SAVED,
    dialogs.HELP,
)

_FOCUS: Final[Mapping[tuple[Group, ...], tuple[tuple[Group, ...], ...]]] = {
    (files.FILES,): ((files.NAMES,), (files.FOLDERS, lists.TREE, files.MARKS), (lists.LIST,)),
    (compare.COMPARE,): ((compare.DIFFERENCES, lists.LIST),),
    (records.RECORDS,): (
        (records.FILTER,),
        (records.RECORD_LIST, records.READING),
        (records.RECORD, lists.TREE, records.READING),
        (lists.LIST, records.READING),
    ),
    (validation.VALIDATION,): ((validation.ISSUES, lists.LIST), (validation.ISSUE_FILTER,)),
    (submit.SUBMIT, submit.SENDING, submit.UNDER_WAY): (
        (records.FILTER,),
        (submit.LEFT_OUT, lists.LIST),
        (lists.LIST, lists.FOLDED_OUT),
    ),
    (settle.SETTLE, submit.SENDING, submit.UNDER_WAY): ((settle.CANDIDATES, lists.LIST),),
    (jobs.JOBS, jobs.STATUSES): ((jobs.JOB_LIST, lists.LIST), (lists.LIST, lists.FOLDED_OUT)),
    (job.JOB,): ((job.ERRORS, lists.LIST), (job.GROUPS, lists.LIST)),
    (targets.TARGETS,): ((targets.TARGET_LIST, lists.LIST),),
    (log.LOG,): ((lists.LIST,),),
}
"""What each screen offers, and with it what has the focus there."""
_ASKED: Final = (
    (dialogs.MESSAGE, lists.LIST),
    (dialogs.QUESTION,),
    (dialogs.FORM, lists.LIST),
    (dialogs.NEW_FILE, lists.LIST, lists.FOLDED_OUT),
    (dialogs.SAVED_FORM, lists.LIST, lists.FOLDED_OUT),
    (dialogs.COLUMNS, lists.LIST),
    (dialogs.SAVED, lists.LIST),
    (dialogs.HELP, lists.LIST),
)
"""What dialogs offer. Nothing of what lies below one is there."""
TOGETHER: Final[tuple[tuple[Group, ...], ...]] = (
    *(
        (*focused, *screen, everywhere.SCREEN, everywhere.APP)
        for screen, widgets in _FOCUS.items()
        for focused in widgets
    ),
    *_ASKED,
)
"""The groups that are there at the same time, for whatever has the focus: two of their commands need two keys."""

TAKEN: Final = frozenset(
    {
        *("ctrl+q", "ctrl+c", "super+c", "ctrl+p", "tab", "shift+tab", "enter"),
        *("up", "down", "left", "right", "home", "end", "pageup", "pagedown"),
        *("ctrl+home", "ctrl+end", "ctrl+pageup", "ctrl+pagedown"),
        *("shift+up", "shift+down", "shift+left", "shift+right"),
    }
)
"""Keys that Textual itself has for the app, for each screen or for what has the focus."""
_QUIT: Final = everywhere.Quit.keymap_id(everywhere.APP.place)


def commands() -> dict[str, type[Command]]:
    """Each command by what the keymap calls it."""
    return {name: command for group in GROUPS for name, command in group.keymap()}


def check_keymap(keymap: Mapping[str, str], path: Path) -> None:
    """Raise `BadConfig` for keys of the configuration file *path* that are none, for no command, or another's already.

    Two commands that share a key without a keymap may share any: only one of them is there at a time, or what has the
    focus has it before the screen.
    """
    known = commands()
    wrong = dict.fromkeys([*_no_keys(keymap), *_taken(keymap, known), *_all_clashes(keymap)])
    unknown = [name for name in keymap if name not in known]
    if not unknown and not wrong:
        return
    text = ""
    with suppress(OSError):  # it may have gone since it was read
        text = path.read_text("utf-8", "replace")
    faults = [unknown_key(("keys", name), text, path, known) for name in unknown]
    faults += [f"{where_set(('keys', name), text, path)}: {words}" for name, words in wrong]
    raise BadConfig("\n".join(faults), hint="docs/keys.md lists all commands and their keys.")


def _no_keys(keymap: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Where the keymap names a key that there is not: the command, and what to say."""
    for name, keys in keymap.items():
        for key in keys.split(","):
            if not is_key(key):
                near = nearest(key)
                meant = f"; did you mean {near!r}?" if near else "."
                yield name, f"'keys.{name}': there is no key {key!r}{meant}"


def _taken(keymap: Mapping[str, str], known: Mapping[str, type[Command]]) -> Iterator[tuple[str, str]]:
    """Where a command would get a key of Textual's that it does not have anyway. To quit is what `ctrl+q` does."""
    for name in filter(known.get, keymap):
        free = {"ctrl+q"} if name == _QUIT else set()
        for key in sorted((_keys(keymap[name]) & TAKEN) - _keys(known[name].key) - free):
            yield name, f"'keys.{name}': {key!r} has a use of its own and can't be given to a command."


def _all_clashes(keymap: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Where two commands that are there at the same time would have the same key: the one that got it, what to say."""
    for groups in TOGETHER:
        yield from _clashes({name: command for group in groups for name, command in group.keymap()}, keymap)


def _clashes(found: Mapping[str, type[Command]], keymap: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Where the keymap gives one of these commands the key of another one of them."""
    ours = {name: _keys(command.key) for name, command in found.items()}
    now = {name: _keys(keymap[name]) if name in keymap else ours[name] for name in found}
    for one, other in combinations(sorted(found), 2):
        if not ours[one] & ours[other]:
            named = other if other in keymap else one
            for key in sorted(now[one] & now[other]):
                yield named, f"'keys': {key!r} would be the key of {one!r} and of {other!r}."


def _keys(keys: str) -> set[str]:
    return {canonical(key) for key in keys.split(",")}
