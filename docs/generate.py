"""Writes the tables of pages of `docs` from the code that they are about: `python -m docs.generate`.

In a page, a table stands between `<!-- table: name -->` and `<!-- end -->`; the rest is written by hand.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Final

from annotated_types import Ge, Gt, Le
from pydantic.fields import FieldInfo
from textual.keys import format_key

from console import config, errors
from console.config import CiscoXdrConfig, LimitsConfig, ProwlerConfig, Section, SecurityHubConfig, UiConfig
from console.ocsf.codes import CODES
from console.ocsf.producers import HABITS
from console.ocsf.rules import RuleSet
from console.records import decode, faults
from console.records.faults import FaultCode
from docs.generate_commands import reference
from screens.commands.command import Command, Group
from screens.commands.everything import GROUPS

FOLDER: Final = Path(__file__).parent
PAGES: Final = tuple(FOLDER / name for name in ("commands.md", "configuration.md", "keys.md", "validation.md"))
"""The pages with tables that are written from code."""
_TABLE: Final = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def page(written: str) -> str:
    """The text of the page with its tables as they should be. Raises `KeyError` for a table that nobody makes."""
    return _TABLE.sub(lambda found: f"{found[1]}\n{_TABLES[found[2]]()}\n{found[3]}", written)


def _codes(only: RuleSet | None) -> str:
    rows = [(f"`{one.name}`", one.severity, one.meaning, one.advice) for one in CODES.values() if one.only is only]
    return _table(("code", "severity", "meaning", "what to do"), rows)


def _faults(*, of_records: bool) -> str:
    """The codes about bytes: those of a record are the ones that decoding it raises."""
    of_decoding = _members_named_in(decode)
    meanings = _meanings(faults, "FaultCode")
    chosen = [code for code in FaultCode if (code.name in of_decoding) is of_records]
    return _table(("code", "meaning"), [(f"`{code}`", meanings[code.name]) for code in chosen])


def _habits() -> str:
    rows = [(product, f"`{code}`", words) for (product, code), words in HABITS.items()]
    return _table(("product", "code", "what the message says"), rows)


def _keys() -> str:
    """A section for each group of commands."""
    return "\n".join(f"## {group.title}\n\n{_commands(group)}" for group in GROUPS)


def _commands(group: Group) -> str:
    rows = [(_key_words(command), command.title(), f"`{name}`", command.meaning()) for name, command in group.keymap()]
    return _table(("key", "command", "in the keymap", "what it does"), rows)


def _key_words(command: type[Command]) -> str:
    """The keys as they are written on the screen."""
    return " ".join(f"`{command.key_display or format_key(key)}`" for key in command.key.split(","))


def _exit_codes() -> str:
    meanings = _meanings(errors, "ExitCode")
    return _table(("code", "when"), [(f"{code}", meanings[code.name]) for code in errors.ExitCode])


def _settings(section: type[Section]) -> str:
    """The keys of a table of the configuration file."""
    meanings = _meanings(config, section.__name__)
    rows = [
        (f"`{name}`", _default(field), meanings[name] + _bounds(field))
        for name, field in section.model_fields.items()
        if name != "kind"
    ]
    return _table(("key", "default", "what it is"), rows)


def _default(field: FieldInfo) -> str:
    """A default as it is written in TOML."""
    default: object = field.default
    return "" if default is None else f"`{str(default).lower() if isinstance(default, bool) else _toml(default)}`"


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _bounds(field: FieldInfo) -> str:
    """Between which numbers a value lies."""
    bounds = [words for words in map(_bound, field.metadata) if words]
    return f" ({', '.join(bounds)})" if bounds else ""


def _bound(of_field: object) -> str:
    match of_field:
        case Ge(ge=least):
            return f"at least {least}"
        case Gt(gt=less):
            return f"more than {less}"
        case Le(le=most):
            return f"at most {most}"
    return ""


_TABLES: Final[Mapping[str, Callable[[], str]]] = {
    "both": lambda: _codes(None),
    "full": lambda: _codes(RuleSet.FULL),
    "official": lambda: _codes(RuleSet.OFFICIAL),
    "record": lambda: _faults(of_records=True),
    "file": lambda: _faults(of_records=False),
    "habits": _habits,
    "keys": _keys,
    "exit_codes": _exit_codes,
    "commands": reference,
    "prowler": lambda: _settings(ProwlerConfig),
    "cisco_xdr": lambda: _settings(CiscoXdrConfig),
    "security_hub": lambda: _settings(SecurityHubConfig),
    "ui": lambda: _settings(UiConfig),
    "limits": lambda: _settings(LimitsConfig),
}


def _meanings(module: ModuleType, kind: str) -> dict[str, str]:
    """What each attribute of a class means: the docstring below it, with limits named as in the configuration."""
    (members,) = (node for node in _tree(module).body if isinstance(node, ast.ClassDef) and node.name == kind)
    meanings: dict[str, str] = {}
    for member, words in zip(members.body, members.body[1:], strict=False):
        match member, words:
            case (
                (ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name))),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                meanings[name] = text.replace("Limits.", "limits.").replace("\n    ", " ")
    return meanings


def _members_named_in(module: ModuleType) -> set[str]:
    """The members of `FaultCode` that stand in the code of *module*."""
    return {
        node.attr
        for node in ast.walk(_tree(module))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "FaultCode"
    }


def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(str(module.__file__)).read_text("utf-8"))


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    for one in PAGES:
        one.write_text(page(one.read_text("utf-8")), "utf-8")
