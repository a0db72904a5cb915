"""The panel of one target: its secrets, and the steps of the last test of the way to it. Several are tested at once."""

from __future__ import annotations

from time import monotonic
from typing import Final

from textual import getters
from textual.app import ComposeResult
from textual.binding import Keymap
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from console.credentials import Source
from console.targets.base import ProbeStep, StepState
from screens.commands.targets import TARGETS, Add, Login, Sandbox
from screens.widgets.refreshing import seconds_of
from screens.widgets.scrolled_text import ScrolledText
from screens.widgets.target_table import SOURCE_WORDS, KnownTarget
from screens.widgets.text import plain, styled

_STATES: Final = {
    StepState.OK: styled("[$text-success]● ok[/]"),
    StepState.FAILED: styled("[$text-error]✗ failed[/]"),
    StepState.SKIPPED: styled("[$text-muted]○ skipped[/]"),
}

_LONG: Final = 2.0
"""Seconds that a step may take before they are counted."""


class StepLine(Horizontal):
    """A step of a test: its state, its name, and what was seen, with advice below that."""

    def __init__(self, step: ProbeStep) -> None:
        super().__init__()
        self._step = step

    def compose(self) -> ComposeResult:
        """Three columns; the last is wrapped."""
        step = self._step
        yield Static(_STATES[step.state], classes="state")
        yield Static(styled("[b]$name[/b]", name=step.name), classes="name")
        if step.advice:
            yield Static(styled("$detail\n[$text-warning]$advice[/]", detail=step.detail, advice=step.advice))
        else:
            yield Static(plain(step.detail))


class TargetPanel(ScrolledText):
    """What there is to say of the target under the cursor. Shows what it is told."""

    secrets = getters.query_one("#secrets", Static)
    said = getters.query_one("#said", Static)
    offered = getters.query_one("#offered", Static)
    steps = getters.query_one("#steps", Vertical)
    testing = getters.query_one("#testing", Static)

    def __init__(self, keymap: Keymap) -> None:
        super().__init__()
        self._keymap = keymap
        self._shown: KnownTarget | None = None
        self._tests: dict[str, list[ProbeStep]] = {}
        """The steps of the last test of each target."""
        self._begun: dict[str, float] = {}
        """The targets that are being tested, and when the step of each began that is being taken."""

    def compose(self) -> ComposeResult:
        """Secrets, the last thing that happened to them, what to do next, and the test."""
        yield Static(id="secrets")
        yield Static(id="said")
        yield Static(_offer(self._keymap), id="offered")
        yield Vertical(id="steps")
        yield Static(id="testing")

    def on_mount(self) -> None:
        """Nothing is tested before it is known which targets there are."""
        self.testing.display = False
        self._ticking = self.set_interval(1, self._tell_testing, pause=True)

    def show(self, known: KnownTarget | None) -> None:
        """Show a target."""
        if known is None or self._shown is None or known.name != self._shown.name:
            self.say(Content(""))
        self._shown = known
        self.secrets.update(_secrets(known, TARGETS.key_of(Login, self._keymap)))
        self._show_steps()

    def say(self, words: Content) -> None:
        """Say what just happened."""
        self.said.update(words)
        self.said.display = bool(words)

    def offer(self, needed: bool) -> None:
        """Say what can be done where no target can be used yet; *needed* says whether it is so."""
        self.offered.display = needed

    def begin_test(self, target: str) -> None:
        """A test begins: the one before it of that target is forgotten."""
        self._tests[target], self._begun[target] = [], monotonic()
        self._ticking.resume()
        self._show_steps()

    def add_step(self, target: str, step: ProbeStep) -> None:
        """A step of the test ended."""
        self._tests[target].append(step)
        self._begun[target] = monotonic()
        self._show_steps()

    def end_test(self, target: str) -> None:
        """The test of a target is over."""
        self._begun.pop(target, None)
        if not self._begun:
            self._ticking.pause()
        self._show_steps()

    def forget_test(self, target: str) -> None:
        """Forget a test that is over: it was made with other secrets than there are now."""
        if target not in self._begun:
            self._tests.pop(target, None)
            self._show_steps()

    def _show_steps(self) -> None:
        """Show the steps of the target that is shown."""
        name = self._shown.name if self._shown else ""
        self.steps.remove_children()
        self.steps.mount_all(StepLine(step) for step in self._tests.get(name, ()))
        self.testing.display = name in self._begun
        self._tell_testing()

    def _tell_testing(self) -> None:
        """Say that a step is being taken, and for how long where that is long."""
        begun = self._begun.get(self._shown.name) if self._shown else None
        if begun is not None:
            took = monotonic() - begun
            counted = f" · {seconds_of(took)}" if took >= _LONG else ""
            self.testing.update(styled("[$text-warning]◐ testing$counted[/]", counted=counted))


def _offer(keymap: Keymap) -> Content:
    """What can be done where no target can be used yet."""
    return styled(
        "[dim]Nothing can be sent yet. [b]$login[/b] logs in to this target, [b]$add[/b] adds another one,"
        " and [b]$sandbox[/b] starts a sandbox on this machine to try things with.[/dim]",
        login=TARGETS.key_of(Login, keymap),
        add=TARGETS.key_of(Add, keymap),
        sandbox=TARGETS.key_of(Sandbox, keymap),
    )


def _secrets(known: KnownTarget | None, login: str) -> Content:
    """Where the secrets of a target come from, and what to do where they are missing: *login* is the key for that."""
    if known is None:
        return Content("No target is configured.")
    if known.access.elsewhere:
        return styled("[b]AWS credentials[/b] · by AWS's own settings · $how.", how=known.access.elsewhere)
    lines = [
        styled(
            "[b]$label[/b] · $source · $detail",
            label=slot.label,
            source=SOURCE_WORDS[found.source],
            detail=found.detail,
        )
        for slot, found in known.found
    ]
    for slot, found in known.found:
        if found.source is Source.MISSING and slot.environment:
            lines.append(
                styled(
                    "Press $login to log in, or set $variable in the environment.",
                    login=login,
                    variable=slot.environment[0],
                )
            )
    return Content("\n").join(lines)
