"""Choosing a target."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeVar

from textual.content import Content
from textual.widgets import Select

from console.config import Config
from screens.widgets.text import plain

V = TypeVar("V")

ALL_TARGETS: Final = ""
"""The choice of every target at once. No target is called that."""

_FAVOURITE = "prowler"
"""The target that exists without any configuration."""


def usable_targets(config: Config) -> list[str]:
    """The names of the targets, the likeliest first."""
    return sorted(config.targets, key=lambda name: (name != _FAVOURITE, name))


def _options(values: Iterable[V]) -> list[tuple[Content, V]]:
    """Values to choose from, each shown as it is."""
    return [(plain(value), value) for value in values]


class TargetSelect(Select[str]):
    """A drop-down of the usable targets; the likeliest is chosen. Empty where there is none."""

    def __init__(self, config: Config, *, offers_all: bool = False) -> None:
        """Offer the targets, and all of them together where *offers_all* says so and there are several."""
        names = usable_targets(config)
        together = [(Content("All targets"), ALL_TARGETS)] if offers_all and len(names) > 1 else []
        super().__init__(
            [*_options(names), *together],
            prompt="no target",
            allow_blank=not names,
            compact=True,
            tooltip="The target",
        )

    @property
    def target(self) -> str | None:
        """The chosen target, or `ALL_TARGETS`. None where there is none."""
        return self.value if isinstance(self.value, str) else None
