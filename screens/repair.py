"""The dialog that repairs a broken finding file: all that is whole goes to a new one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from console.progress import Cancel, Report
from console.records.model import Fault
from console.records.reader import FindingFile
from console.records.repair import Mend, Repair, repair
from screens.new_file import NewFileDialog, Work, Write
from screens.new_names import Naming
from screens.widgets.numbers import counted, number, size
from screens.widgets.text import styled

_LISTED: Final = 200
"""Places that were dropped that are listed."""


class RepairDialog(NewFileDialog):
    """Writes a sound array of what is whole, and says what was mended and what was dropped."""

    @property
    def question(self) -> Content:
        """Which file it is."""
        return styled("Repair $name", name=self._path.name)

    @property
    def naming(self) -> Naming:
        """It is always an array."""
        return Naming("repaired", is_ocsf=True)

    def compose_choices(self) -> ComposeResult:
        """There is nothing to choose."""
        yield Static(
            "[dim]All whole records go to a new file, byte for byte, as one JSON array. The file itself stays as it is."
            "[/dim]\n"
        )

    def assignment(self) -> Work:
        """Repair it."""
        return _repaired


def _repaired(file: FindingFile, write: Write, tell: Report, cancel: Cancel) -> Content:
    """Repair a file; what became of it."""
    return Content("\n").join(_account(repair(file, write, tell, cancel)))


def _account(done: Repair) -> Iterator[Content]:
    yield styled("[b]$records[/b] · $bytes", records=counted(done.records, "record"), bytes=size(done.written))
    if done.was_sound:
        yield styled("\nThe file was sound: there was nothing to mend.")
    if done.mended:
        yield styled("\n[b]Mended[/b]")
    for mend in done.mended:
        times = f" ({number(mend.count)} times)" if mend.count > 1 else ""
        yield styled("  [dim]$where[/dim]$message$times", where=_place(mend), message=mend.message, times=times)
    if done.dropped_count:
        yield styled("\n[b $text-error]Dropped at $places[/]", places=counted(done.dropped_count, "place"))
    for fault in done.dropped[:_LISTED]:
        yield styled("  [dim]$where[/dim]$message", where=_place(fault), message=fault.message)
    if done.dropped_count > _LISTED:
        yield styled("  [dim]… $count more[/dim]", count=number(done.dropped_count - _LISTED))
    if done.duplicates:
        least = "" if done.duplicates_complete else "At least "
        yield styled(
            "\n[$text-warning]! $least$records with the identifier of an earlier one, and kept.[/]",
            least=least,
            records=counted(done.duplicates, "record"),
        )


def _place(what: Mend | Fault) -> str:
    """Where it is, and room behind it; nothing where it is the whole file."""
    if what.index is not None:
        return f"record {number(what.index)}  "
    return "" if what.line is None else f"line {number(what.line)}  "
