"""What a line has no room for: it ends in an ellipsis, so that what is cut is not taken for what is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.app import App, ComposeResult

from console.ocsf.issues import Severity
from console.ocsf.report import Group, GroupKey
from console.submissions.desk import Desk
from screens.navigation import OpenRecords, OpenValidation
from screens.records import RecordsScreen
from screens.validation import ValidationScreen
from screens.widgets.strips import strip_of
from screens.widgets.text_table import TextTable
from tests.screens.job_stories import NARROW, WIDE, at_console, finding_file
from tests.screens.scan import flawed

_PLAIN, _RED = Style(), Style(color="red")


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("1234567", "1234567   "),
        ("1234567890", "1234567890"),
        ("1234567890  ", "1234567890"),
        ("12345678901", "123456789…"),
        ("12345678ｗ9", "12345678 …"),
        ("123456789ｗ", "123456789…"),
        ("ｗｗｗｗｗｗ", "ｗｗｗｗ …"),
    ],
)
def test_a_line_that_is_cut_ends_in_an_ellipsis_and_is_as_wide_as_any(text: str, seen: str) -> None:
    strip = strip_of([(text[:3], _PLAIN), (text[3:], _RED)], _PLAIN, 10)

    assert (strip.text, strip.cell_length, cell_len(strip.text)) == (seen, 10, 10)


def test_the_ellipsis_looks_like_what_it_stands_for() -> None:
    strip = strip_of([("1234", _PLAIN), ("567890", _RED)], _PLAIN, 6)

    assert list(strip)[-1] == Segment("…", _RED)
    assert strip_of([("1234", _PLAIN)], _PLAIN, 0).cell_length == 0


class _Table(App[None]):
    def compose(self) -> ComposeResult:
        yield TextTable(cursor_type="row")

    def on_mount(self) -> None:
        table = self.query_one(TextTable)
        table.add_columns("Code", "Message")
        table.add_row(Text("a"), Text("0123456789" * 3))
        table.add_row(Text("b"), Text("short"))


async def test_a_table_says_where_its_lines_go_on_and_no_longer_at_their_ends() -> None:
    app = _Table()
    async with app.run_test(size=(20, 5)) as pilot:
        await pilot.pause()
        table = app.query_one(TextTable)
        assert [table.render_line(y).text for y in range(3)] == [
            " Code  Message      ",
            " a     012345678901…",
            " b     short        ",
        ]
        table.scroll_to(x=table.max_scroll_x, animate=False, immediate=True)
        await pilot.pause()
        assert table.render_line(1).text.endswith("6789 ")


async def test_a_record_that_cannot_be_read_says_that_its_reason_is_cut(tmp_path: Path, desk: Desk) -> None:
    path = finding_file(tmp_path, 5)
    path.write_bytes(path.read_bytes()[:-200])
    async with at_console(desk, tmp_path, (60, 24)) as story:
        story.app.post_message(OpenRecords(path))
        await story.on(RecordsScreen)
        await story.sees("broken: The file ends at byte")
        (line,) = (line for line in story.text.splitlines() if "broken: The file" in line)
        assert line.rstrip().endswith("…")


async def test_kinds_of_issues_differ_at_the_ends_of_their_paths(tmp_path: Path, desk: Desk) -> None:
    """Also after the terminal has become narrower, and all of a path is there where there is room."""
    paths = ("finding_info.created_time", "finding_info.created_time_dt", "time")
    code = "datetime_without_an_offset"
    async with at_console(desk, tmp_path, WIDE) as story:
        story.app.post_message(OpenValidation(flawed(tmp_path)))
        screen = await story.on(ValidationScreen)
        await story.sees("records are invalid")
        group = Group(count=1_200, first_record=7, message="")
        screen.groups.show([(GroupKey(code, Severity.ERROR, path), group) for path in paths], 3_600)
        await story.sees(*(f"{code} {path} 7" for path in paths))
        await story.pilot.resize_terminal(*NARROW)
        await story.sees("finding_i….created_time 7", "finding_i…eated_time_dt 7", f"{code} time 7")
