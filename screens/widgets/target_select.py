"""Choosing a target."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias, TypeVar

from textual import getters
from textual.content import Content
from textual.widgets import Select

from console.config import Config
from screens.base import DeskApp
from screens.widgets.text import plain

V = TypeVar("V")

TargetName: TypeAlias = str
"""What a target is called in the configuration."""

ALL_TARGETS: Final = ""
"""The choice of every target at once. No target is called that."""

_FAVOURITE = "prowler"
"""The target that exists without any configuration."""


def usable_targets(config: Config) -> list[str]:
    """The names of the targets, the likeliest first."""
    return sorted(config.targets, key=lambda name: (name != _FAVOURITE, name))


def options(values: Iterable[V]) -> list[tuple[Content, V]]:
    """Values to choose from, each shown as it is."""
    return [(plain(value), value) for value in values]


def _offer(config: Config, offers_all: bool) -> list[tuple[Content, TargetName]]:
    """The targets to choose from, and all of them together where there are several and that is wanted."""
    names = usable_targets(config)
    together = [(Content("All targets"), ALL_TARGETS)] if offers_all and len(names) > 1 else []
    return [*options(names), *together]


class TargetSelect(Select[str]):
    """A drop-down of the usable targets; the likeliest is chosen. Empty where there is none.

    It follows the configuration: what is chosen stays chosen for as long as it is there.
    """

    app = getters.app(DeskApp)

    def __init__(self, config: Config, *, offers_all: bool = False) -> None:
        """Offer the targets, and all of them together where *offers_all* says so and there are several."""
        self._offers_all = offers_all
        super().__init__(
            _offer(config, offers_all),
            prompt="no target",
            allow_blank=not config.targets,
            compact=True,
            tooltip="The target",
        )

    def on_mount(self) -> None:
        """Hear of other targets."""
        self.app.targets_changed.subscribe(self, self._renew)

    @property
    def target(self) -> str | None:
        """The chosen target, or `ALL_TARGETS`. None where there is none."""
        return self.value if isinstance(self.value, str) else None

    def _renew(self, config: Config) -> None:
        """Offer the targets of another configuration."""
        chosen, offered = self.value, _offer(config, self._offers_all)
        with self.prevent(Select.Changed):
            self.set_options(offered)
            if any(value == chosen for _, value in offered):
                self.value = chosen
        if self.value != chosen:
            self.post_message(self.Changed(self, self.value))
