"""Choosing a target."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias, TypeVar

from textual import getters, on
from textual.content import Content
from textual.widgets import Select

from console.config import AnyTargetConfig, Config
from screens.base import DeskApp
from screens.widgets.drop_down import DropDown
from screens.widgets.text import plain

V = TypeVar("V")

TargetName: TypeAlias = str
"""What a target is called in the configuration."""

ALL_TARGETS: Final = ""
"""The choice of every target at once. No target is called that."""

_FAVOURITE = "prowler"
"""The target that exists without any configuration."""


def is_configured(name: str, target: AnyTargetConfig) -> bool:
    """Whether somebody said anything of a target: one of each kind is there without."""
    return name != target.kind or bool(target.model_fields_set - {"kind"})


def usable_targets(config: Config, last: str = "") -> list[str]:
    """The names of the targets, the likeliest first: the *last* one, then those of the configuration in its order."""
    targets = config.targets
    configured = [name for name in targets if is_configured(name, targets[name])]
    others = sorted(targets.keys() - configured, key=lambda name: (name != _FAVOURITE, name))
    return sorted([*configured, *others], key=lambda name: name != last)


def options(values: Iterable[V]) -> list[tuple[Content, V]]:
    """Values to choose from, each shown as it is."""
    return [(plain(value), value) for value in values]


def _offer(config: Config, last: TargetName, offers_all: bool) -> list[tuple[Content, TargetName]]:
    """The targets to choose from, and all of them together where there are several and that is wanted."""
    names = usable_targets(config, last)
    together = [(Content("All targets"), ALL_TARGETS)] if offers_all and len(names) > 1 else []
    return [*options(names), *together]


class TargetSelect(DropDown[str]):
    """A drop-down of the usable targets; the likeliest is chosen. Empty where there is none.

    It follows the configuration: what is chosen stays chosen for as long as it is there, unless a target comes that is
    wanted. What is chosen is the likeliest from then on.
    """

    app = getters.app(DeskApp)

    def __init__(self, config: Config, *, offers_all: bool = False) -> None:
        """Offer the targets, and all of them together where *offers_all* says so and there are several."""
        self._offers_all = offers_all
        super().__init__(
            _offer(config, self.app.last_target, offers_all),
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

    def choose(self, target: TargetName) -> None:
        """Choose a target, if it is offered."""
        if any(value == target for _, value in self._options):
            self.value = target

    @on(Select.Changed)
    def _remember(self) -> None:
        """What is offered first anyway was not chosen."""
        if self.target and self.target != usable_targets(self.app.config, self.app.last_target)[0]:
            self.app.choose_target(self.target)

    def _renew(self, config: Config) -> None:
        """Offer the targets of another configuration."""
        last, chosen = self.app.last_target, self.value
        offered = _offer(config, last, self._offers_all)
        comes = last in config.targets and all(value != last for _, value in self._options)
        with self.prevent(Select.Changed):
            self.set_options(offered)
            wanted = last if comes else chosen
            if any(value == wanted for _, value in offered):
                self.value = wanted
        if self.value != chosen:
            self.post_message(self.Changed(self, self.value))
