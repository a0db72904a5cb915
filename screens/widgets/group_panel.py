"""What there is to say of one kind of issue: what it means, what to do, and the first records that have it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual import getters
from textual.app import ComposeResult
from textual.binding import Keymap
from textual.content import Content
from textual.widgets import Static

from console.ocsf.report import Group, GroupKey
from console.records.fields import Row
from console.reports.meaning import meaning_of
from screens.commands.validation import ISSUES, VALIDATION, Record, Repair
from screens.record_source import Line
from screens.widgets.group_order import Kind
from screens.widgets.issue_list import MARKS
from screens.widgets.numbers import counted
from screens.widgets.scrolled_text import ScrolledText
from screens.widgets.text import styled

_TITLE: Final = 60
"""Characters of a record's title that are shown."""


class GroupPanel(ScrolledText):
    """Shows one kind of issue. It can be scrolled, and is told everything."""

    about = getters.query_one("#about", Static)
    records = getters.query_one("#records", Static)

    def __init__(self, keymap: Keymap) -> None:
        """The *keymap* says which keys list all records, and repair the file."""
        super().__init__()
        self._key = ISSUES.key_of(Record, keymap)
        self._repair = VALIDATION.key_of(Repair, keymap)

    def compose(self) -> ComposeResult:
        """The words of the code over the records."""
        yield Static(id="about")
        yield Static(id="records")

    def show(self, kind: Kind | None) -> None:
        """Show a kind of issue, of which the records are not known yet."""
        self.about.update(Content("") if kind is None else _about(*kind, self._repair))
        self.records.update(Content("") if kind is None else _first(kind[1]))
        self.scroll_home(animate=False)

    def show_records(self, kind: Kind, lines: Sequence[Line]) -> None:
        """Show the first records that have the issue."""
        if lines:
            shown = [_line(line) for line in lines]
            self.records.update(Content("\n").join([_heading(kind[1], len(lines), self._key), *shown]))


def _about(key: GroupKey, group: Group, repair: str) -> Content:
    words = meaning_of(key.code, repair)
    title = MARKS[key.severity] + styled(" [b]$code[/b] $path", code=key.code, path=key.path)
    meaning = styled("$meaning [b]→[/b] $advice", meaning=words.meaning, advice=words.advice)
    return Content("\n").join([title, meaning, styled("[dim]For example:[/dim] $message", message=group.message)])


def _first(group: Group) -> Content:
    if group.first_record is None:
        return Content("")
    return styled("[dim]First in record[/dim] $first", first=f"{group.first_record:,}")


def _heading(group: Group, shown: int, key: str) -> Content:
    """What the list below is of, and the *key* for all of it. A record may have an issue of a kind several times."""
    issues = counted(group.count, "issue")
    return styled(
        "[dim]First $shown, of $issues; [b]$key[/b] lists all:[/dim]",
        shown=counted(shown, "record"),
        issues=issues,
        key=key,
    )


def _line(line: Line) -> Content:
    content = line.content
    if not isinstance(content, Row):
        return styled("  $number  [dim]$message[/dim]", number=line.number, message=content.message)
    return styled(
        "  [b]$number[/b]  $title [dim]$resource[/dim]",
        number=f"{line.number or 0:,}",
        title=content.title[:_TITLE],
        resource=content.resource[:_TITLE],
    )
