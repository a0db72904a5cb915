"""All commands there are, in the order in which people meet them: for the keymap, and for `docs/keys.md`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Final

from console.config_errors import unknown_key
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

_DIALOGS: Final = (
    dialogs.MESSAGE,
    dialogs.QUESTION,
    dialogs.FORM,
    dialogs.NEW_FILE,
    dialogs.SAVED_FORM,
    dialogs.COLUMNS,
    dialogs.SAVED,
    dialogs.HELP,
)
"""But for lists, nothing else is there together with these."""
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
    *_DIALOGS,
)

_EVERYWHERE: Final = (everywhere.APP, everywhere.SCREEN, lists.LIST)
"""What is there together with any other group."""


def commands() -> dict[str, type[Command]]:
    """Each command by what the keymap calls it."""
    return {name: command for group in GROUPS for name, command in group.keymap()}


def check_keymap(keymap: Mapping[str, str], path: Path) -> None:
    """Raise `BadConfig` for keys of the configuration file *path* that are none, for no command, or another's already.

    A command may share a key with another where it does so without a keymap: only one of them is there at a time.
    """
    known = commands()
    unknown = [name for name in keymap if name not in known]
    text = path.read_text("utf-8", "replace") if unknown else ""
    faults = [unknown_key(("keys", name), text, path, known) for name in unknown]
    faults += [f"{path}: {words}" for words in dict.fromkeys([*_no_keys(keymap), *_all_clashes(keymap)])]
    if faults:
        raise BadConfig("\n".join(faults), hint="docs/keys.md lists all commands and their keys.")


def _no_keys(keymap: Mapping[str, str]) -> Iterator[str]:
    """Where the keymap names a key that there is not."""
    for name, keys in keymap.items():
        for key in keys.split(","):
            if not is_key(key):
                near = nearest(key)
                meant = f"; did you mean {near!r}?" if near else "."
                yield f"'keys.{name}': there is no key {key!r}{meant}"


def _all_clashes(keymap: Mapping[str, str]) -> Iterator[str]:
    """Where two commands that are there at the same time would have the same key."""
    for group in GROUPS:
        yield from _clashes(dict(group.keymap()), keymap)
    for number, general in enumerate(_EVERYWHERE):
        for group in GROUPS:
            is_apart = group in _DIALOGS and general is not lists.LIST
            if not is_apart and group not in _EVERYWHERE[:number]:
                yield from _clashes({**dict(general.keymap()), **dict(group.keymap())}, keymap)


def _clashes(found: Mapping[str, type[Command]], keymap: Mapping[str, str]) -> Iterator[str]:
    """Where the keymap gives one of these commands the key of another one of them."""
    ours = {name: _keys(command.key) for name, command in found.items()}
    now = {name: _keys(keymap[name]) if name in keymap else ours[name] for name in found}
    for one, other in combinations(found, 2):
        for key in sorted((now[one] & now[other]) - (ours[one] & ours[other])):
            yield f"'keys': {key!r} would be the key of {one!r} and of {other!r}."


def _keys(keys: str) -> set[str]:
    return {canonical(key) for key in keys.split(",")}
