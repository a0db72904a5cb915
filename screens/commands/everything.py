"""All commands there are, in the order in which people meet them: for the keymap, and for `docs/keys.md`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from console.config_errors import unknown_key
from console.errors import BadConfig
from screens.commands import dialogs, everywhere, files, job, jobs, lists, records, settle, submit, targets, validation
from screens.commands.command import Command, Group

GROUPS: Final[tuple[Group, ...]] = (
    everywhere.APP,
    everywhere.SCREEN,
    lists.LIST,
    lists.TREE,
    files.FILES,
    files.FOLDERS,
    records.RECORDS,
    records.FILTER,
    records.RECORD_LIST,
    records.RECORD,
    validation.VALIDATION,
    validation.ISSUES,
    submit.SUBMIT,
    submit.SENDING,
    settle.SETTLE,
    settle.CANDIDATES,
    jobs.JOBS,
    jobs.STATUSES,
    job.JOB,
    job.ERRORS,
    targets.TARGETS,
    dialogs.MESSAGE,
    dialogs.QUESTION,
    dialogs.FORM,
    dialogs.HELP,
)


def commands() -> dict[str, type[Command]]:
    """Each command by what the keymap calls it."""
    return {name: command for group in GROUPS for name, command in group.keymap()}


def check_keymap(keymap: Mapping[str, str], path: Path) -> None:
    """Raise `BadConfig` for keys of the configuration file *path* that are for no command that there is."""
    known = commands()
    unknown = [name for name in keymap if name not in known]
    if unknown:
        text = path.read_text("utf-8", "replace")
        faults = [unknown_key(("keys", name), text, path, known) for name in unknown]
        raise BadConfig("\n".join(faults), hint="docs/keys.md lists all commands.")
