"""A table of cells of text, as all of ours are that Textual draws."""

from __future__ import annotations

from rich.text import Text
from textual.strip import Strip
from textual.widgets import DataTable

from screens.widgets.strips import with_end


class TextTable(DataTable[Text]):
    """Says with an ellipsis where a line goes on beyond the edge."""

    def render_line(self, y: int) -> Strip:
        """One line, as far as it is seen."""
        seen = super().render_line(y)
        left = self.scroll_offset.x
        if left >= self.max_scroll_x:
            return seen
        heading = self.header_height if self.show_header else 0
        row = y if y < heading else y + self.scroll_offset.y
        last = left + self.size.width - 1
        return with_end(seen, self._render_line(row, last, last + self.size.width, self.rich_style))
