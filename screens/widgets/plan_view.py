"""What a plan would send, what not, and what to think of before sending it."""

from __future__ import annotations

from rich.text import Text
from textual import getters
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import DataTable, Static

from console.submissions.model import Account, LeftOut, Plan
from screens.widgets import plan_words
from screens.widgets.cells import count_cell
from screens.widgets.conversion_table import ConversionTable
from screens.widgets.numbers import NOTHING
from screens.widgets.text import cell


class AccountTable(DataTable[Text]):
    """The accounts that the records are about, those that may be new first."""


class LeftOutTable(DataTable[Text]):
    """The records that stay behind, and why."""


class PlanView(VerticalScroll, can_focus=False):
    """The plan of a submission, for reading before it is sent."""

    facts = getters.query_one("#facts", Static)
    warnings = getters.query_one("#warnings", Static)
    accounts = getters.query_one(AccountTable)
    left_out = getters.query_one(LeftOutTable)
    conversion = getters.query_one(ConversionTable)

    def compose(self) -> ComposeResult:
        """Facts, warnings, accounts, the records that stay behind, and what became of those that were converted."""
        yield Static(id="facts")
        yield Static(id="warnings")
        yield AccountTable(cursor_type="row")
        yield LeftOutTable(cursor_type="row")
        yield ConversionTable(cursor_type="row")

    def on_mount(self) -> None:
        """Make the columns."""
        self.accounts.add_columns(Text("Account"), Text("Provider"), Text("Records"), Text("There before"))
        self.left_out.add_columns(Text("Record"), Text("Line"), Text("Why it is left out"))
        self.clear()

    def clear(self) -> None:
        """Show no plan."""
        self.display = False

    def show(self, plan: Plan) -> None:
        """Show a plan."""
        self.display = True
        self.facts.update(plan_words.facts(plan))
        warnings = plan_words.warnings(plan)
        self.warnings.display = bool(warnings)
        self.warnings.update(Content("\n").join(warnings))
        self.accounts.clear()
        self.accounts.add_rows(_account_row(account) for account in plan.accounts)
        self.accounts.display = bool(plan.accounts)
        self.left_out.clear()
        self.left_out.add_rows(_left_out_row(left) for left in plan.left_out)
        self.left_out.display = bool(plan.left_out)
        self.conversion.show(plan.conversions)


def _account_row(account: Account) -> list[Text]:
    return [
        cell(account.uid or NOTHING, width=60),
        cell(account.provider or NOTHING, width=20),
        count_cell(account.records),
        cell("not seen", "yellow") if account.is_new else cell("yes"),
    ]


def _left_out_row(left: LeftOut) -> list[Text]:
    return [
        count_cell(left.index),
        count_cell(left.line),
        cell(left.reason),
    ]
