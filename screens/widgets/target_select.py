"""Choosing a target."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from textual.content import Content
from textual.widgets import Select

from console.config import Config
from screens.widgets.text import plain

V = TypeVar("V")

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

    def __init__(self, config: Config) -> None:
        names = usable_targets(config)
        super().__init__(
            _options(names),
            prompt="no target",
            allow_blank=not names,
            compact=True,
            tooltip="The target",
        )

    @property
    def target(self) -> str | None:
        """The chosen target."""
        return self.value if isinstance(self.value, str) else None
