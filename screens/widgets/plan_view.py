"""What a plan would send, what not, and what to think of before sending it."""

from __future__ import annotations

from typing import Final

from rich.text import Text
from textual import getters
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import DataTable, Static

from console.submissions.model import LeftOut, Plan
from screens.widgets.cells import count_cell
from screens.widgets.numbers import counted, number, size
from screens.widgets.text import cell, styled

_SHORT_HASH: Final = 16


class LeftOutTable(DataTable[Text]):
    """The records that stay behind, and why."""


class PlanView(VerticalScroll, can_focus=False):
    """The plan of a submission, for reading before it is sent."""

    facts = getters.query_one("#facts", Static)
    warnings = getters.query_one("#warnings", Static)
    left_out = getters.query_one(LeftOutTable)

    def compose(self) -> ComposeResult:
        """Facts, warnings, and the records that stay behind."""
        yield Static(id="facts")
        yield Static(id="warnings")
        yield LeftOutTable(cursor_type="row")

    def on_mount(self) -> None:
        """Make the columns."""
        self.left_out.add_columns(Text("Record"), Text("Line"), Text("Why it is left out"))
        self.clear()

    def clear(self) -> None:
        """Show no plan."""
        self.display = False

    def show(self, plan: Plan) -> None:
        """Show a plan."""
        self.display = True
        self.facts.update(_facts(plan))
        warnings = _warnings(plan)
        self.warnings.display = bool(warnings)
        self.warnings.update(Content("\n").join(warnings))
        self.left_out.clear()
        self.left_out.add_rows(_row(left) for left in plan.left_out)
        self.left_out.display = bool(plan.left_out)


def _facts(plan: Plan) -> Content:
    hashes = ", ".join(frozen.batch.sha256[:_SHORT_HASH] for frozen in plan.batches)
    return styled(
        "[dim]Target[/]   [b]$target[/b] at $origin\n"
        "[dim]Records[/]  [b]$records[/b]\n"
        "[dim]Size[/]     $size\n"
        "[dim]SHA-256[/]  $hashes\n"
        "[dim]Sent as[/]  $form",
        target=plan.target,
        origin=plan.origin,
        records=number(plan.records),
        size=f"{size(plan.bytes)} ({plan.bytes:,} bytes)",
        hashes=hashes,
        form=", ".join(frozen.wrapped or "the file, byte for byte" for frozen in plan.batches),
    )


def _warnings(plan: Plan) -> list[Content]:
    """What the operator should know before sending."""
    found = []
    if plan.sent_before:
        found.append(
            styled(
                "! The same content was sent to $target before; sending it opens another job.\n"
                "  Before: submission $earlier",
                target=plan.target,
                earlier=", ".join(plan.sent_before),
            )
        )
    if plan.refusable:
        found.append(
            styled(
                "! By its own rules, the target will refuse $records.",
                records=counted(plan.refusable, "record"),
            )
        )
    if plan.left_out_count:
        found.append(
            styled(
                "! $count left out$first:",
                count=number(plan.left_out_count),
                first=f", the first {len(plan.left_out)} are" if plan.left_out_count > len(plan.left_out) else "",
            )
        )
    return found


def _row(left: LeftOut) -> list[Text]:
    return [
        count_cell(left.index),
        count_cell(left.line),
        cell(left.reason),
    ]
