"""What a key does, said once: the footer, the help, the palette, the keymap and `docs/keys.md` are made from it.

A command is a class. Its docstring says what it does, its name is how it is called on the screen, and the screen or
widget that offers it carries it out in the action of the same name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from textual.app import SystemCommand
from textual.binding import Binding, BindingType, Keymap
from textual.markup import escape

from screens.commands.key_names import written

_WORD_START: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Command:
    """Something that can be done where it is offered. What a subclass does not say, its name says."""

    key: ClassVar[str]
    """The keys, by the names that Textual gives them, with commas between them. The keymap may put others in place."""
    label: ClassVar[str] = ""
    """What it is called; the words of the class's name when empty."""
    action: ClassVar[str] = ""
    """The action that carries it out, with its arguments; the class's name in snake case when empty."""
    key_display: ClassVar[str | None] = None
    """How the key is written, where its name is not what people call it."""
    footer: ClassVar[bool] = False
    """Whether it is one of the few that the line at the bottom shows: at most eight at a time."""

    @classmethod
    def words(cls) -> list[str]:
        """The words of the name, in lower case."""
        return _WORD_START.sub(" ", cls.__name__).lower().split()

    @classmethod
    def title(cls) -> str:
        """What it is called."""
        return cls.label or " ".join(cls.words()).capitalize()

    @classmethod
    def meaning(cls) -> str:
        """What it does: its docstring, without the full stop."""
        return " ".join((cls.__doc__ or "").split()).removesuffix(".")

    @classmethod
    def binding(cls, place: str) -> Binding:
        """How Textual binds it in a *place*. The keymap knows it by the place and the name."""
        return Binding(
            cls.key,
            cls.action or "_".join(cls.words()),
            cls.title(),
            show=cls.footer,
            key_display=cls.key_display,
            id=cls.keymap_id(place),
            tooltip=cls.meaning(),
        )

    @classmethod
    def in_palette(cls, keys: Iterable[str], run: Callable[[], None]) -> SystemCommand:
        """How the palette shows it, with its *keys* to be learnt; *run* carries it out."""
        # The palette takes its words for markup, and a key may be a bracket.
        return SystemCommand(cls.title(), escape(f"{' '.join(keys)}  {cls.meaning()}"), run)

    @classmethod
    def keymap_id(cls, place: str) -> str:
        """What the keymap of the configuration calls it."""
        return f"{place}.{'_'.join(cls.words())}"


@dataclass(frozen=True, slots=True)
class Group:
    """The commands of a screen or a widget."""

    place: str
    """What the keymap calls it."""
    title: str
    """What people call it."""
    commands: tuple[type[Command], ...]

    def bindings(self) -> list[BindingType]:
        """What a screen or a widget takes for its `BINDINGS`."""
        return [command.binding(self.place) for command in self.commands]

    def key_of(self, command: type[Command], keymap: Keymap) -> str:
        """How sentences name the key of one of these commands: the first one that *keymap* leaves it."""
        given = keymap.get(command.keymap_id(self.place))
        if given is None and command.key_display is not None:
            return command.key_display
        return written((given or command.key).split(",")[0])

    def keymap(self) -> Iterator[tuple[str, type[Command]]]:
        """Each command with what the keymap calls it."""
        for command in self.commands:
            yield command.keymap_id(self.place), command
