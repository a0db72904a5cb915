"""What a plan would send, what not, and what to think of before sending it."""

from __future__ import annotations

from collections.abc import Sequence

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Keymap
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import DescendantFocus
from textual.geometry import Region
from textual.widgets import DataTable, Static

from console.submissions.model import LeftOut, Plan
from screens.widgets import plan_words
from screens.widgets.conversion_table import ConversionTable
from screens.widgets.plan_table import PlanTable
from screens.widgets.plan_tables import AccountTable, LeftOutTable


class PlanView(VerticalScroll, can_focus=False):
    """The plan of a submission, for reading before it is sent.

    Its tables are as long as they are, so that there is one bar to scroll by: that of the plan.
    """

    facts = getters.query_one("#facts", Static)
    warnings = getters.query_one("#warnings", Static)
    accounts = getters.query_one(AccountTable)
    left_out = getters.query_one(LeftOutTable)
    conversion = getters.query_one(ConversionTable)

    def __init__(self, keymap: Keymap) -> None:
        super().__init__()
        self._keymap = keymap
        self._left_out: Sequence[LeftOut] = ()

    def compose(self) -> ComposeResult:
        """Facts, warnings, the records that stay behind, accounts, and what became of those that were converted."""
        yield Static(id="facts")
        yield Static(id="warnings")
        yield LeftOutTable(cursor_type="row")
        yield AccountTable(cursor_type="row")
        yield ConversionTable(cursor_type="row")

    def on_mount(self) -> None:
        """There is no plan yet."""
        self.clear()

    def clear(self) -> None:
        """Show no plan."""
        self.display = False

    def show(self, plan: Plan) -> None:
        """Show a plan, from its start."""
        self.display = True
        self.facts.update(plan_words.facts(plan))
        warnings = plan_words.warnings(plan, self._keymap)
        self.warnings.display = bool(warnings)
        self.warnings.update(Content("\n").join(warnings))
        self.accounts.show(plan.accounts)
        self._left_out = plan.left_out
        self.left_out.show(plan.left_out)
        self.conversion.show(plan.conversions)
        self.scroll_home(animate=False)

    @on(DataTable.RowHighlighted)
    def _follow(self, message: DataTable.RowHighlighted) -> None:
        """Keep the row under the cursor in view."""
        table = message.data_table
        if isinstance(table, PlanTable) and table.has_focus:
            self._show_row(table)

    @on(DescendantFocus)
    def _enter(self, event: DescendantFocus) -> None:
        """Show where the cursor is in the table that it has come to: a long one is not seen whole."""
        if isinstance(event.widget, PlanTable):
            self.call_after_refresh(self._show_row, event.widget)

    def _show_row(self, table: PlanTable) -> None:
        """Bring the row under the cursor into view; the first one with its headings."""
        place, row = table.virtual_region, table.cursor_row
        height = 1 if row else 1 + table.header_height
        self.scroll_to_region(
            Region(0, place.y + table.header_height + row + 1 - height, 1, height), animate=False, force=True
        )

    def left_out_at(self, row: int) -> LeftOut | None:
        """What a row of those that stay behind is of."""
        return self._left_out[row] if row < len(self._left_out) else None
