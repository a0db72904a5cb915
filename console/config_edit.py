"""Changing targets in the configuration file, with its comments, its order and everything else left as they are."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping, MutableMapping
from pathlib import Path
from typing import Final

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable, Item, Table

from console.config import Config, load, parse
from console.display import safe_text
from console.errors import BadConfig, BadInput
from console.paths import atomic_write, ensure_dir

_PRIVATE: Final = 0o600

Value = str | list[str]
"""What a key of a target may hold."""
Keys = Mapping[str, Value | None]
"""Keys of a target with their new values; None takes one away."""


def add_target(path: Path, name: str, kind: str, keys: Keys) -> Config:
    """Write a new target into the file, which is made where there is none. Returns the new configuration.

    Raises `BadInput` where the name is taken, `BadConfig` where the file is wrong or would become so, and `StateError`
    when it can't be written. Nothing is written then.
    """
    before = load(path)
    if name in before.targets:
        raise BadInput(
            f"There is a target named '{safe_text(name)}' in {safe_text(path)} already.",
            hint=f"Change it with: ocsf-console targets edit {safe_text(name)}",
        )

    def change(document: TOMLDocument) -> None:
        targets = document.setdefault("targets", tomlkit.table(is_super_table=True))
        table = tomlkit.inline_table() if isinstance(targets, InlineTable) else tomlkit.table()
        for key, value in {"kind": kind, **keys}.items():
            if value is not None:
                table[key] = value
        targets[name] = table

    return _rewritten(path, before, name, change)


def edit_target(path: Path, name: str, keys: Keys) -> Config:
    """Change keys of a target in the file. Raises as `add_target` does, and `BadInput` where it has no such target."""
    before = _with(path, name)

    def change(document: TOMLDocument) -> None:
        table = document["targets"][name]
        for key, value in keys.items():
            if value is None:
                table.pop(key, None)
            elif key in table:
                table[key] = value
            else:
                _append(table, key, value)

    return _rewritten(path, before, name, change)


def remove_target(path: Path, name: str) -> Config:
    """Take a target out of the file. Raises as `edit_target` does."""
    before = _with(path, name)

    def change(document: TOMLDocument) -> None:
        del document["targets"][name]

    return _rewritten(path, before, name, change)


def check_target(path: Path, name: str) -> None:
    """Raise `BadInput` where the file has no such target, and `BadConfig` where it is wrong."""
    _with(path, name)


def _with(path: Path, name: str) -> Config:
    """The configuration, which has that target."""
    found = load(path)
    if name not in found.targets:
        raise BadInput(
            f"There is no target named '{safe_text(name)}' in {safe_text(path)}.",
            hint="Those of the file are: " + (", ".join(found.targets) or "none") + ".",
        )
    return found


def _rewritten(path: Path, before: Config, name: str, change: Callable[[TOMLDocument], None]) -> Config:
    """Change the text of the file and write it, if it then says what it said and nothing but that target changed."""
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8") if path.exists() else "")
        change(document)
        text = tomlkit.dumps(document)
    except (TOMLKitError, TypeError, ValueError) as error:
        raise _by_hand(path) from error
    try:
        after = parse(text, path)
    except BadConfig as error:
        raise BadConfig(f"It would not be right: {error.message}", hint="Nothing was written.") from error
    others = [{key: one for key, one in config.targets.items() if key != name} for config in (before, after)]
    if others[0] != others[1] or before.model_copy(update={"targets": {}}) != after.model_copy(update={"targets": {}}):
        raise _by_hand(path)
    _write(path, text)
    return after


def _append(table: MutableMapping[str, object], key: str, value: Value) -> None:
    """Add a key after the others, and before the comments that follow them: those belong to what comes next."""
    below: list[Item] = []
    if isinstance(table, Table):
        body = table.value.body
        while body and body[-1][0] is None:
            below.append(body.pop()[1])
    table[key] = value
    if isinstance(table, Table):
        for item in reversed(below):
            table.value.append(None, item)


def _by_hand(path: Path) -> BadConfig:
    return BadConfig(
        f"{safe_text(path)} is written in a way that can't be changed here without changing more.",
        hint="Change it with an editor, and run: ocsf-console config validate",
    )


def _write(path: Path, text: str) -> None:
    """Write the file whole, where a link leads, with the mode that it has; a new one is its owner's alone."""
    real = Path(os.path.realpath(path))
    ensure_dir(real.parent)
    mode = stat.S_IMODE(real.stat().st_mode) if real.exists() else _PRIVATE
    with atomic_write(real, mode=mode) as file:
        file.write(text.encode())
