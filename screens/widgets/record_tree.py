"""One record as a tree that can be folded. It grows as far as it is opened, whatever the record holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar, Final

from rich.text import Text
from textual import on
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from console.records.fields import text
from console.records.model import JsonValue
from screens.commands.lists import TREE
from screens.commands.records import RECORD
from screens.widgets.text import cell

_CHILDREN: Final = 200
"""Members of one object or list that are shown at a time; the rest are behind a line that opens them."""
_OPEN_CHILDREN: Final = 12
"""An object or list of more members than this starts folded."""
_OPEN_NODES: Final = 300
"""Nodes that a record is opened to when it is shown."""
_LABEL: Final = 300
"""Characters of a value in the tree. The whole of it is behind enter."""


@dataclass(frozen=True, slots=True)
class Item:
    """A value of the record, and what is not yet in the tree."""

    key: str
    value: JsonValue
    after: int = 0
    """Members of `value` that stand before this item, where it is the line that opens the rest."""


class RecordTree(Tree[Item]):
    """A record's attributes. Enter folds and unfolds; on a value it asks to show the whole of it."""

    BINDINGS: ClassVar[list[BindingType]] = [*RECORD.bindings(), *TREE.bindings()]

    @dataclass
    class ValueChosen(Message):
        """The operator wants to read a value as a whole."""

        item: Item

    def __init__(self) -> None:
        super().__init__(Text())
        self.show_root = False
        self.guide_depth = 2
        self._budget = 0

    def show(self, value: dict[str, JsonValue]) -> None:
        """Show another record."""
        self.clear()
        self.root.data = Item("", value)
        self._budget = _OPEN_NODES
        self._add_members(self.root)
        self.root.expand()
        if value:
            self.move_cursor_to_line(0)

    @on(Tree.NodeExpanded)
    def _opened(self, event: Tree.NodeExpanded[Item]) -> None:
        event.stop()
        self._add_members(event.node)

    @on(Tree.NodeSelected)
    def _selected(self, event: Tree.NodeSelected[Item]) -> None:
        event.stop()
        node, item = event.node, event.node.data
        if item is None or node.allow_expand:
            return
        if item.after and node.parent is not None:
            node.remove()
            self._add_members(node.parent, item.after)
        else:
            self.post_message(self.ValueChosen(item))

    def _add_members(self, node: TreeNode[Item], after: int = 0) -> None:
        """Put the members of a node's value below it, unless they are there."""
        item = node.data
        if item is None or (node.children and not after):
            return
        members, count = _members(item.value)
        for key, value in islice(members, after, after + _CHILDREN):
            self._add(node, Item(key, value))
        if count > after + _CHILDREN:
            rest = cell(f"… {count - after - _CHILDREN:,} more", "dim")
            node.add_leaf(rest, Item(item.key, item.value, after + _CHILDREN))

    def _add(self, parent: TreeNode[Item], item: Item) -> None:
        self._budget -= 1
        if not isinstance(item.value, (dict, list)) or not item.value:
            parent.add_leaf(_label(item), item)
            return
        node = parent.add(_label(item), item)
        if len(item.value) <= _OPEN_CHILDREN and self._budget > len(item.value):
            self._add_members(node)
            node.expand()


def _members(value: JsonValue) -> tuple[Iterable[tuple[str, JsonValue]], int]:
    """The members of an object, or those of a list under their numbers, and how many there are."""
    if isinstance(value, dict):
        return value.items(), len(value)
    if isinstance(value, list):
        return ((str(number), member) for number, member in enumerate(value)), len(value)
    return (), 0


def _label(item: Item) -> Text:
    """The key, and what there is to see of the value."""
    return Text.assemble(cell(item.key, "bold"), "  ", _worded(item.value))


def _worded(value: JsonValue) -> Text:
    """A value in one line, coloured by its type; of an object or a list, how much is in it."""
    if isinstance(value, dict):
        return cell(f"{{{len(value):,}}}", "dim")
    if isinstance(value, list):
        return cell(f"[{len(value):,}]", "dim")
    if isinstance(value, str):
        return cell(value, "green", width=_LABEL) if value else cell('""', "dim")
    if value is None:
        return cell("null", "dim")
    return cell(text(value), "magenta" if isinstance(value, bool) else "cyan", width=_LABEL)
