"""`schema`: which versions of OCSF are known, and adding more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from console.cli import output, setup
from console.cli.options import format_option
from console.cli.parsing import FILE_TO_READ, STDIN, Group
from console.display import safe_text
from console.errors import BadInput, ExitCode

if TYPE_CHECKING:
    from console.ocsf.store import SchemaStore

_COLUMNS: Final = ("version", "origin", "classes", "objects", "profiles", "extensions")


@click.group(cls=Group)
def schema() -> None:
    """List the known versions of OCSF, or add newer ones and private extensions.

    \b
    Examples:
      ocsf-console schema list
      curl -fsS https://schema.example.org/export/schema | ocsf-console schema add -
      ocsf-console schema remove 1.9.0
    """


@schema.command("list")
@format_option("text", "json")
def list_schemas(form: str) -> ExitCode:
    """List the known versions, where each comes from, and how much it defines.

    \b
    Examples:
      ocsf-console schema list
      ocsf-console schema list --format json
    """
    from console.ocsf.store import user_store

    code = ExitCode.OK
    rows: list[dict[str, output.JsonData]] = []
    store = user_store()
    for version in store.versions():
        try:
            rows.append(_row(store, version))
        except BadInput as error:
            output.error(error)
            code = error.exit_code
    if form == "json":
        output.document({"schemas": rows})
    else:
        output.table(_COLUMNS, [list(row.values()) for row in rows])
    return code


def _row(store: SchemaStore, version: str) -> dict[str, output.JsonData]:
    found = store.get(version)
    numbers = (len(found.classes), len(found.objects), len(found.profiles), len(store.extensions(version)))
    return dict(zip(_COLUMNS, (version, store.source(version).origin, *numbers), strict=True))


@schema.command("add")
@click.argument("file", type=FILE_TO_READ)
@click.option("--replace", is_flag=True, help="Put it in the place of one of the same version that was added before.")
def add_schema(file: str, replace: bool) -> None:
    """Add a schema: what an OCSF server exports, or what ocsf-schema-compiler writes. `-` is stdin.

    Records that declare its version are then checked against it, even where that version comes with this tool: so a
    schema with private extensions takes the place of the packaged one, until it is removed.

    \b
    Examples:
      ocsf-console schema add ocsf-1.9.0.json
      ocsf-console schema add with-our-extension.json --replace
      curl -fsS https://schema.example.org/export/v2/schema | ocsf-console schema add -
    """
    from console.ocsf.added import add
    from console.ocsf.store import Origin, added_folder

    done = add(added_folder(), _read(file), replace=replace)
    found = done.schema
    output.say(
        f"Added OCSF {found.version}. Classes: {len(found.classes):,}, objects: {len(found.objects):,}, "
        f"profiles: {len(found.profiles):,}."
    )
    if done.origin is Origin.IN_PLACE:
        output.say("It takes the place of the packaged one until it is removed.")
    if done.unchecked:
        names = ", ".join(safe_text(name, width=40) for name in done.unchecked)
        output.say(f"The patterns of these data types can't be used here and will not be checked: {names}.")


def _read(file: str) -> bytes:
    from console.ocsf.added import read_export

    try:
        if file == STDIN:
            return read_export(setup.stdin())
        with Path(file).open("rb") as stream:
            return read_export(stream)
    except OSError as error:
        raise BadInput(f"{safe_text(file)} can't be read: {error.strerror}.") from error


@schema.command("remove")
@click.argument("version")
def remove_schema(version: str) -> None:
    """Remove a schema that was added.

    \b
    Examples:
      ocsf-console schema remove 1.9.0
    """
    from console.ocsf.added import remove
    from console.ocsf.store import Origin, added_folder

    source = remove(added_folder(), version)
    again = " The packaged one is used again." if source.origin is Origin.IN_PLACE else ""
    output.say(f"Removed OCSF {source.version}.{again}")
