"""The tables of a plan: the accounts that its records are about, and the records that stay behind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType

from console.submissions.model import Account, LeftOut
from screens.commands.submit import LEFT_OUT
from screens.widgets.cells import count_cell
from screens.widgets.numbers import NOTHING
from screens.widgets.plan_table import PlanTable
from screens.widgets.text import cell


class AccountTable(PlanTable):
    """The accounts that the records are about, those that may be new first."""

    def on_mount(self) -> None:
        """Make the columns."""
        self.add_columns(Text("Account"), Text("Provider"), Text("Records"), Text("There before"))

    def show(self, accounts: Sequence[Account]) -> None:
        """List accounts. Nothing is seen where there are none."""
        self.clear()
        self.add_rows(_account_row(account) for account in accounts)
        self.display = bool(accounts)


class LeftOutTable(PlanTable):
    """The records that stay behind, and why."""

    BINDINGS: ClassVar[list[BindingType]] = LEFT_OUT.bindings()

    def on_mount(self) -> None:
        """Make the columns."""
        self.add_columns(Text("Record"), Text("Line"), Text("Why it is left out"))

    def show(self, left_out: Sequence[LeftOut]) -> None:
        """List what stays behind. Nothing is seen where nothing does."""
        self.clear()
        self.add_rows(_left_out_row(left) for left in left_out)
        self.display = bool(left_out)


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
