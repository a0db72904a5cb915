"""Attributes that must agree with one beside them: an enum value with its caption, a time with its `_dt`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from console.display import safe_text
from console.ocsf import codes
from console.ocsf.issues import Issue
from console.ocsf.leaves import fits_primitive, is_integer, official_text
from console.ocsf.place import Place, named, quoted, spell
from console.ocsf.rules import RuleSet
from console.ocsf.schema import Attribute, Enum, Schema
from console.ocsf.times import agree, read_datetime
from console.records.model import JsonValue

Rule = Callable[[Mapping[str, JsonValue], Place, list[Issue]], None]
"""Looks at a whole class or object at a place, and appends what does not go together in it."""

DT: Final = "_dt"
"""What the name of a `datetime_t` adds to the name of the `timestamp_t` that it repeats."""
OTHER_VALUE: Final = 99
"""The enum value for what the enum does not list; its caption is the source's own word."""
_CAPTION: Final = 80


def captioned(name: str, attribute: Attribute, schema: Schema, rules: RuleSet) -> Rule | None:
    """The rule of an enum attribute and the attribute that holds its caption; None where it has none."""
    if attribute.enum is None or attribute.sibling is None:
        return None
    make = _captions if attribute.is_array else _caption
    return make(name, attribute.sibling, attribute.enum, schema.primitive(attribute.type), rules)


def _caption(name: str, sibling: str, enum: Enum, primitive: str, rules: RuleSet) -> Rule:
    fits, _ = fits_primitive(primitive, rules)
    official = rules is RuleSet.OFFICIAL

    def rule(item: Mapping[str, JsonValue], here: Place, found: list[Issue]) -> None:
        if name not in item or sibling not in item:
            return
        value, text = item[name], item[sibling]
        if not official and (text is None or not fits(value)):
            return
        caption = _caption_of(value, enum)
        if caption is None:
            return
        if value == OTHER_VALUE and type(value) is int:
            if text == caption:
                message = f'{sibling} says no more than that {name} is 99 ("{safe_text(caption, width=_CAPTION)}").'
                found.append(codes.SIBLING_SUSPICIOUS.at(spell(here, sibling), message))
        elif text != caption:
            found.append(codes.SIBLING_INCORRECT.at(spell(here, sibling), _other(sibling, caption, name, value, text)))

    return rule


def _captions(name: str, sibling: str, enum: Enum, primitive: str, rules: RuleSet) -> Rule:
    fits, _ = fits_primitive(primitive, rules)

    def rule(item: Mapping[str, JsonValue], here: Place, found: list[Issue]) -> None:
        values, texts = item.get(name), item.get(sibling)
        # The official validator crashes at anything but a list; what is wrong with it, the type check says.
        if not isinstance(values, list) or not isinstance(texts, list):
            return
        for index, value in enumerate(values):
            if value == OTHER_VALUE or (rules is RuleSet.FULL and not fits(value)):
                continue
            caption = _caption_of(value, enum)
            if caption is None:
                continue
            text = texts[index] if index < len(texts) else None
            path = spell((here, sibling), index)
            if text is None:
                message = f"{sibling}[{index}] is missing: {name}[{index}] has no caption beside it."
                found.append(codes.ARRAY_SIBLING_MISSING.at(path, message))
            elif text != caption:
                message = _other(f"{sibling}[{index}]", caption, f"{name}[{index}]", value, text)
                found.append(codes.ARRAY_SIBLING_INCORRECT.at(path, message))

    return rule


def _caption_of(value: JsonValue, enum: Enum) -> str | None:
    text = official_text(value)
    return None if text is None else enum.captions.get(text)


def _other(sibling: str, caption: str, name: str, value: JsonValue, text: JsonValue) -> str:
    shown = safe_text(caption, width=_CAPTION)
    return f'{sibling} should be "{shown}", the caption of {quoted(value)} in {name}, but is {quoted(text)}.'


def same_moment(name: str) -> Rule:
    """The rule of a `timestamp_t` and the `datetime_t` beside it."""
    sibling = name + DT

    def rule(item: Mapping[str, JsonValue], here: Place, found: list[Issue]) -> None:
        value, text = item.get(name), item.get(sibling)
        if not is_integer(value) or not isinstance(value, int) or not isinstance(text, str):
            return
        moment = read_datetime(text)
        if moment is not None and not agree(value, moment):
            message = f"{named(here, sibling)} is {quoted(text)}, which is another moment than {name}, {value}."
            found.append(codes.DATETIME_MISMATCH.at(spell(here, sibling), message))

    return rule
