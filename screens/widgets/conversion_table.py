"""What became of a finding file on the way to a target that takes another format: the worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from rich.text import Text
from textual.content import Content

from console.convert.changes import ChangeKind
from console.convert.tally import Counted, Refusal
from console.submissions.model import Conversion
from screens.widgets.cells import count_cell
from screens.widgets.numbers import NOTHING, counted, number
from screens.widgets.plan_table import PlanTable
from screens.widgets.text import cell, styled

_SHOWN: Final = 200
"""Rows: whoever wants to see more converts the file."""
_WORST_FIRST: Final = (
    ChangeKind.REPEATED,
    ChangeKind.LEFT_OUT,
    ChangeKind.SHORTENED,
    ChangeKind.REPLACED,
    ChangeKind.UNMAPPED,
    ChangeKind.FILLED_IN,
    ChangeKind.MAPPED,
)
_NOT_CONVERTED: Final = "not converted"


class ConversionTable(PlanTable):
    """A row for each reason why records could not be converted, then for each kind of change."""

    def on_mount(self) -> None:
        """The headings."""
        self.add_columns(Text("Became"), Text("Times"), Text("First in"), Text("Value"), Text("Why"))

    def show(self, conversions: Sequence[Conversion]) -> None:
        """List what became of some files. Nothing is seen where there are none."""
        self.clear()
        rows = list(_rows(conversions))
        self.add_rows(rows[:_SHOWN])
        self.display = bool(rows)


def _rows(conversions: Sequence[Conversion]) -> Iterator[list[Text]]:
    for one in conversions:
        for refusal in one.tally.refusals:
            yield _row(cell(_NOT_CONVERTED, "red"), refusal, f"{refusal.code}: {refusal.message}")
    for kind in _WORST_FIRST:
        for one in conversions:
            for change in one.tally.changes:
                if change.kind is kind:
                    yield _row(cell(_said(kind)), change, change.message)


def _row(became: Text, what: Refusal | Counted, why: str) -> list[Text]:
    return [became, count_cell(what.count), count_cell(what.index), cell(what.path or NOTHING, width=30), cell(why)]


def conversion_facts(conversion: Conversion) -> Content:
    """How many records were converted to what, and what became of their values."""
    tally = conversion.tally
    kinds = Counter[ChangeKind]()
    for change in tally.changes:
        kinds[change.kind] += change.count
    values = ", ".join(f"{number(kinds[kind])} {_said(kind)}" for kind in _WORST_FIRST if kinds[kind])
    return styled(
        "$converted of $records to [b]$form[/b]$values",
        converted=number(tally.converted),
        records=counted(tally.records, "record"),
        form=conversion.form.label,
        values=f"; values: {values}" if values else "",
    )


def region_words(conversions: Sequence[Conversion]) -> str:
    """How many findings are for which region of AWS; empty where they are for one, or for none."""
    regions = Counter[str]()
    for one in conversions:
        regions += Counter(one.tally.regions)
    return (
        ", ".join(f"{number(count)} {region}" for region, count in sorted(regions.items())) if len(regions) > 1 else ""
    )


def _said(kind: ChangeKind) -> str:
    return kind.value.replace("_", " ")
