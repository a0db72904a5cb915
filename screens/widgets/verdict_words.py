"""What validation came to, in words."""

from __future__ import annotations

from textual.binding import Keymap
from textual.content import Content

from console.ocsf.report import Report
from console.targets.offline import LENIENT, OWN_FORMATS, Rules
from screens.commands.validation import VALIDATION, Convert, Repair
from screens.validating import Checked
from screens.widgets.group_order import Order
from screens.widgets.numbers import counted, number
from screens.widgets.rules_words import unusual
from screens.widgets.text import styled


def verdict_words(checked: Checked, keymap: Keymap) -> Content:
    """Whether the file is valid, in one line; and what may help, in another."""
    report = checked.report
    counts = styled(
        "  [dim]·[/dim]  $errors, $warnings",
        errors=counted(report.errors, "error"),
        warnings=counted(report.warnings, "warning"),
    )
    help_with = _helps(checked, keymap)
    line = _verdict(report) + counts
    return Content("\n").join([line, help_with]) if help_with else line


def _helps(checked: Checked, keymap: Keymap) -> Content:
    """What may help with a file that is not valid."""
    rules = checked.rules
    if checked.is_broken:
        return styled(
            "[dim]The file itself is broken: [b]$key[/b] writes all that is whole to a new one.[/dim]",
            key=VALIDATION.key_of(Repair, keymap),
        )
    if checked.report.invalid and (OWN_FORMATS | LENIENT).intersection(rules.kinds):
        kinds = ", ".join(rules.kinds)
        return styled(
            "[dim]For $kinds, [b]$key[/b] converts the records to what it takes.[/dim]",
            kinds=kinds,
            key=VALIDATION.key_of(Convert, keymap),
        )
    return Content("")


def how_words(rules: Rules, order: Order) -> Content:
    """What the file is held to, and what the kinds of issues are sorted by, where that is not the usual."""
    parts = [*unusual(rules), *([] if order is Order.SEVERITY else [f"by {order.value}"])]
    return styled("$how", how=" · ".join(parts))


def _verdict(report: Report) -> Content:
    records, invalid = number(report.records), number(report.invalid)
    if report.invalid:
        return styled("[$text-error]✗ $invalid of $records records are invalid[/]", invalid=invalid, records=records)
    if report.records:
        return styled("[$text-success]● All $records records are valid[/]", records=records)
    if report.errors:
        return styled("[$text-warning]! No record could be read[/]")
    return styled("[$text-warning]! The file holds no records[/]")
