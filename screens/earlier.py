"""The way from content that was submitted before to what became of it. The Files and the Submit screen share it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from console.submissions.model import Submission
from screens.base import ConsoleScreen
from screens.navigation import OpenJob, OpenSettle
from screens.widgets.earlier_words import job_of, line_of
from screens.widgets.pick_dialog import PickDialog


def open_earlier(screen: ConsoleScreen, earlier: Sequence[Submission]) -> None:
    """Open what became of an earlier submission; ask which is meant, where there are several."""

    def chosen(index: int | None) -> None:
        if index is not None:
            one = earlier[index]
            job = job_of(one)
            screen.post_message(OpenJob(one.target, job) if job else OpenSettle(one.id))

    if len(earlier) == 1:
        chosen(0)
    elif earlier:
        lines = [line_of(one) for one in earlier]
        screen.app.push_screen(PickDialog(Content("Submitted before"), lines, Content("")), chosen)
