"""The line of keys at the bottom of a screen."""

from __future__ import annotations

from pathlib import Path

from textual.widget import Widget

from console.submissions.desk import Desk
from screens.jobs import JobsScreen
from screens.widgets.keys import Keys
from tests.screens.job_stories import Story, at_console


def keys_of(story: Story) -> list[Widget]:
    return list(story.app.screen.query_one(Keys).children)


async def test_the_keys_are_made_anew_only_when_they_change(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        await story.press("2")
        screen = await story.on(JobsScreen)
        await story.until(lambda: bool(keys_of(story)))
        before = keys_of(story)
        signals: list[object] = []
        screen.bindings_updated_signal.subscribe(screen, signals.append)

        screen.refresh_bindings()
        await story.until(lambda: bool(signals))
        await story.pilot.pause()
        assert keys_of(story) == before

        screen._bindings.bind("f9", "app.quit", "Another")
        screen.refresh_bindings()
        await story.until(lambda: "Another" in story.text)
        assert keys_of(story) != before
