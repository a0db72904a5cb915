"""Half a page on or back, in whatever has the focus. Textual's own lists, trees and texts lack it."""

from __future__ import annotations

from textual.containers import ScrollableContainer
from textual.widget import Widget
from textual.widgets import DataTable, OptionList, Tree

from screens.widgets.cursor_table import CursorTable
from screens.widgets.plan_table import PlanTable


def turn_half_page(widget: Widget | None, pages: int) -> None:
    """Move the cursor of a list or a tree, or a text, by some halves of a page. Anything else stays as it is."""
    match widget:
        case CursorTable():
            widget.step(pages * max(widget.page // 2, 1))
        case PlanTable():
            widget.turn(pages)
        case DataTable() if widget.row_count:
            heading = widget.header_height if widget.show_header else 0
            widget.move_cursor(row=widget.cursor_row + pages * _half(widget, heading))
        case OptionList() if widget.option_count:
            place = (widget.highlighted or 0) + pages * _half(widget)
            widget.highlighted = max(0, min(place, widget.option_count - 1))
        case Tree():
            line = max(widget.cursor_line, 0) + pages * _half(widget)
            widget.cursor_line = max(0, min(line, widget.last_line))
            widget.scroll_to_line(widget.cursor_line)
        case ScrollableContainer():
            widget.scroll_relative(y=pages * _half(widget), animate=False)


def _half(widget: Widget, heading: int = 0) -> int:
    """Lines of half a page of what is below a *heading*."""
    return max((widget.scrollable_content_region.height - heading) // 2, 1)
