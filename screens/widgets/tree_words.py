"""How the lines of a record's tree are worded: the key, the value, what it means, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.text import Text

from console.ocsf.issue_counts import IssueCounts
from console.ocsf.issues import Issue, Severity
from console.records.fields import text
from console.records.model import JsonValue
from screens.widgets.text import cell

_LABEL: Final = 300
"""Characters of a value in the tree. The whole of it is behind enter."""
_SAID: Final = 200
"""Characters of what is wrong with it."""
_SIGNS: Final = {Severity.ERROR: ("✗", "red"), Severity.WARNING: ("!", "yellow"), Severity.INFO: ("·", "dim")}


def member(key: str, value: JsonValue, meaning: str, issues: Sequence[Issue]) -> Text:
    """A line for a value. All is foreign text."""
    line = Text.assemble(cell(key, "bold"), "  ", _value(value))
    if meaning:
        line = Text.assemble(line, "  ", cell(meaning, "dim", width=_SAID))
    return Text.assemble(line, said(issues)) if issues else line


def lacking(name: str, issues: Sequence[Issue]) -> Text:
    """A line for what is not there."""
    return Text.assemble(cell(name, "bold dim"), "  ", cell("not there", "dim"), said(issues) if issues else "")


def said(issues: Sequence[Issue]) -> Text:
    """What is wrong: the first sentence, and how many more there are. The gravest comes first."""
    order = list(_SIGNS)
    first = min(issues, key=lambda issue: order.index(issue.severity))
    sign, style = _SIGNS[first.severity]
    line = Text.assemble("  ", cell(f"{sign} {first.message}", style, width=_SAID))
    return Text.assemble(line, cell(f" (+{len(issues) - 1})", "dim")) if len(issues) > 1 else line


def inside(counts: IssueCounts) -> Text:
    """How many issues are inside of what is folded; nothing where there are none."""
    line = Text()
    for count, severity in ((counts.errors, Severity.ERROR), (counts.warnings, Severity.WARNING)):
        if count:
            sign, style = _SIGNS[severity]
            line = Text.assemble(line, "  ", cell(f"{count:,}{sign}", style))
    return line


def rest(count: int) -> Text:
    """The line that opens more members."""
    return cell(f"… {count:,} more", "dim")


def _value(value: JsonValue) -> Text:
    """A value in one line, coloured by its type; of an object or a list, how much is in it."""
    if isinstance(value, dict):
        return cell(f"{{{len(value):,}}}", "dim")
    if isinstance(value, list):
        return cell(f"[{len(value):,}]", "dim")
    if isinstance(value, str):
        return cell(value, "green", width=_LABEL) if value else cell('""', "dim")
    if value is None:
        return cell("null", "dim")
    return cell(text(value), "magenta" if isinstance(value, bool) else "cyan", width=_LABEL)
