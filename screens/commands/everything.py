"""All commands there are, in the order in which people meet them: for the keymap, and for `docs/keys.md`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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

GROUPS: Final[tuple[Group, ...]] = (
    everywhere.APP,
    everywhere.SCREEN,
    lists.LIST,
    lists.TREE,
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


def commands() -> dict[str, type[Command]]:
    """Each command by what the keymap calls it."""
    return {name: command for group in GROUPS for name, command in group.keymap()}


def check_keymap(keymap: Mapping[str, str], path: Path) -> None:
    """Raise `BadConfig` for keys of the configuration file *path* that are for no command, or another's already."""
    known = commands()
    unknown = [name for name in keymap if name not in known]
    text = path.read_text("utf-8", "replace") if unknown else ""
    faults = [unknown_key(("keys", name), text, path, known) for name in unknown]
    faults += [f"{path}: {words}" for group in GROUPS for words in _clashes(group, keymap)]
    if faults:
        raise BadConfig("\n".join(faults), hint="docs/keys.md lists all commands and their keys.")


def _clashes(group: Group, keymap: Mapping[str, str]) -> Iterator[str]:
    """Where the keymap gives a command the key of another one of the same group."""
    holders: dict[str, str] = {}
    for name, command in group.keymap():
        for key in keymap.get(name, command.key).split(","):
            other = holders.setdefault(key, name)
            if other != name and (other in keymap or name in keymap):
                yield f"'keys': {key!r} would be the key of {other!r} and of {name!r}."
