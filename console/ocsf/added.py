"""The schemas that the user adds: newer versions of OCSF, and versions with private extensions.

Each is a file in a private folder, kept as the bytes that came, so that a later version of ours can compact them anew.
`console.ocsf.store` reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from console.errors import BadInput, StateError
from console.ocsf.compile import compile_export
from console.ocsf.datatypes import matcher
from console.ocsf.schema import Schema
from console.ocsf.store import Origin, SchemaStore, Source, added_file
from console.paths import atomic_write, private_dir, sync_dir

MAX_BYTES: Final = 64 * 1024**2
"""The most bytes of an export. That of OCSF 1.8.0 has 3.4 MB; what is made for browsers has some tens of them."""


@dataclass(frozen=True, slots=True)
class Added:
    """What was added."""

    schema: Schema
    origin: Origin
    unchecked: tuple[str, ...]
    """The data types whose pattern can't be used, so that it is not checked."""


def read_export(file: BinaryIO) -> bytes:
    """All bytes of *file*. Raises `BadInput` when there are more than an export has; the rest is not read."""
    raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise BadInput(
            f"This file has more than the {MAX_BYTES // 1024**2} MiB that a schema export may have.",
            hint="If ocsf-schema-compiler wrote it, run that without --browser-mode.",
        )
    return raw


def add(folder: Path, raw: bytes, *, replace: bool = False) -> Added:
    """Put an export into *folder*, whole or not at all.

    Raises `BadInput` when it is no sound export, and when its version has been added before, unless it is to
    *replace* that; `StateError` when the disk refuses.
    """
    schema = compile_export(raw)
    path = added_file(private_dir(folder), schema.version)
    if path.exists() and not replace:
        raise BadInput(
            f"OCSF {schema.version} has been added before.", hint="Use --replace to put this one in its place."
        )
    with atomic_write(path) as file:
        file.write(raw)
    return Added(schema, SchemaStore(None, folder).source(schema.version).origin, _unchecked(schema))


def remove(folder: Path, version: str) -> Source:
    """Take an added file out of *folder*, and return what it was the source of.

    Raises `BadInput` when that version has not been added; `StateError` when the disk refuses.
    """
    source = SchemaStore(None, folder).source(version)
    if source.origin is Origin.PACKAGED:
        raise BadInput(f"OCSF {source.version} comes with this tool: only what was added can be removed.")
    path = added_file(folder, source.version)
    try:
        path.unlink()
        sync_dir(folder)
    except OSError as error:
        raise StateError(f"{path} can't be removed: {error.strerror}.") from error
    return source


def _unchecked(schema: Schema) -> tuple[str, ...]:
    return tuple(
        name for name, found in schema.types.items() if found.regex is not None and matcher(found.regex) is None
    )
