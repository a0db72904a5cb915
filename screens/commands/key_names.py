"""The names of keys, as the keymap of the configuration may have them: Textual takes any word, and waits for it."""

from __future__ import annotations

import difflib
import unicodedata
from typing import Final

from textual.keys import (
    KEY_ALIASES,
    KEY_NAME_REPLACEMENTS,
    KEY_TO_UNICODE_NAME,
    Keys,
    _character_to_key,
    format_key,
)

_MODIFIERS: Final = frozenset({"alt", "ctrl", "hyper", "meta", "shift", "super"})
_ALIASES: Final = {alias for aliases in KEY_ALIASES.values() for alias in aliases}
_NAMES: Final = frozenset(
    name.rpartition("+")[2]
    for name in {*Keys, *_ALIASES, *KEY_TO_UNICODE_NAME, *KEY_NAME_REPLACEMENTS.values()}
    if not name.startswith("<")
)
"""Keys that have a name, without those of the characters that Unicode names."""


def canonical(key: str) -> str:
    """A key by the one name that Textual has for it: `question_mark` for `?`."""
    return _character_to_key(key) if len(key) == 1 else key


def written(key: str) -> str:
    """A key as sentences name it: as the line at the bottom does, but with `ctrl+` and `enter` in words."""
    *held, name = _parts(key)
    return "+".join([*held, name if name == "enter" else format_key(canonical(name))])


def is_key(key: str) -> bool:
    """Whether there is a key of that name, with whatever is held down beside it."""
    *held, name = _parts(key)
    return set(held) <= _MODIFIERS and len(set(held)) == len(held) and (_is_character(name) or name in _NAMES)


def nearest(key: str) -> str:
    """The key that was meant where somebody wrote *key*; empty where none is like it."""
    *held, name = _parts(key)
    meant = [difflib.get_close_matches(part, _MODIFIERS, n=1) for part in held]
    names = [name] if _is_character(name) else difflib.get_close_matches(name, sorted(_NAMES), n=1)
    return "+".join([*(near[0] for near in meant), *names]) if all(meant) and names else ""


def _parts(key: str) -> list[str]:
    """What is held down, and at last the key itself."""
    return [key] if key == "+" else key.split("+")


def _is_character(name: str) -> bool:
    """Whether that is a character, or what Unicode calls one in the way that Textual writes it."""
    if len(name) == 1:
        return True
    try:
        character = unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return False
    return _character_to_key(character) == name
