"""What a plan would send, what not, and what to think of before sending it."""

from __future__ import annotations

from collections.abc import Sequence

from textual import getters
from textual.app import ComposeResult
from textual.binding import Keymap
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from console.submissions.model import LeftOut, Plan
from screens.widgets import plan_words
from screens.widgets.conversion_table import ConversionTable
from screens.widgets.plan_tables import AccountTable, LeftOutTable


class PlanView(VerticalScroll, can_focus=False):
    """The plan of a submission, for reading before it is sent."""

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
        """Facts, warnings, accounts, the records that stay behind, and what became of those that were converted."""
        yield Static(id="facts")
        yield Static(id="warnings")
        yield AccountTable(cursor_type="row")
        yield LeftOutTable(cursor_type="row")
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

    def left_out_at(self, row: int) -> LeftOut | None:
        """What a row of those that stay behind is of."""
        return self._left_out[row] if row < len(self._left_out) else None
