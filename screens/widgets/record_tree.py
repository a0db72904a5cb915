"""One record as a tree that can be folded. It grows as far as it is opened, whatever the record holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar, Final

from rich.style import Style
from rich.text import Text
from textual import on
from textual.binding import BindingType
from textual.events import Resize
from textual.message import Message
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from console.ocsf.place import Step
from console.records.model import JsonValue
from screens.commands.lists import TREE
from screens.commands.records import RECORD
from screens.record_notes import Notes, Steps, locate
from screens.widgets import tree_words

_CHILDREN: Final = 200
"""Members of one object or list that are shown at a time; the rest are behind a line that opens them."""
_OPEN_CHILDREN: Final = 12
"""An object or list of more members than this starts folded."""
_OPEN_NODES: Final = 300
"""Nodes that a record is opened to when it is shown."""
_REVEALED: Final = 10
"""Lines that open the rest which are followed to show a member."""


@dataclass(frozen=True, slots=True)
class Item:
    """A value of the record, and what is not yet in the tree."""

    steps: Steps
    """The way to it."""
    value: JsonValue
    after: int = 0
    """Members of `value` that stand before this item, where it is the line that opens the rest."""
    is_lacking: bool = False
    """Whether it is not there, and something is wrong with that."""

    @property
    def key(self) -> str:
        """What it is called in its object or list."""
        return str(self.steps[-1]) if self.steps else ""


class RecordTree(Tree[Item]):
    """A record's attributes. Enter folds and unfolds; on a value it asks to show the whole of it."""

    BINDINGS: ClassVar[list[BindingType]] = [*RECORD.bindings(), *TREE.bindings()]

    @dataclass
    class ValueChosen(Message):
        """The operator wants to read a value as a whole."""

        item: Item

    @dataclass
    class CopyWanted(Message):
        """The operator wants a value, or the path to it, in the clipboard."""

        item: Item
        path: bool

    def __init__(self) -> None:
        super().__init__(Text())
        self.show_root = False
        self.guide_depth = 2
        self._budget = 0
        self.value: dict[str, JsonValue] = {}
        """The record that is shown."""
        self._notes = Notes()
        self._sought = ""

    def show(self, value: dict[str, JsonValue], attribute: str = "") -> None:
        """Show another record, the cursor on the *attribute* of that path. Nothing is known of the record yet."""
        self.value = value
        self._sought = attribute
        self._notes = Notes(value)
        self.clear()
        self.root.data = Item((), value)
        self._budget = _OPEN_NODES
        self._add_members(self.root)
        self.root.expand()
        if value:
            self.move_cursor_to_line(0)
            self._seek()

    def explain(self, notes: Notes) -> None:
        """Say beside the attributes of the record what there is to say of them."""
        self._notes = notes
        for node in _all_below(self.root):
            if node.data is not None and not node.data.after:
                node.set_label(self._label(node.data))
            self._add_lacking(node)
        self._add_lacking(self.root)
        if not self.has_focus:
            # It may be one of those that are not there, or these have pushed it off the screen.
            self._seek()

    def _seek(self) -> None:
        """Put the cursor on the attribute that is sought, or on the nearest one around it that there is."""
        steps, lacking = locate(self.value, self._sought)
        node = self._reveal((*steps, lacking) if lacking else steps)
        if node is not self.root:
            self._go_to(node)

    @on(Resize)
    def _stay_in_sight(self) -> None:
        """The issues below take room from the tree once they are known."""
        if self.cursor_node is not None:
            self.scroll_to_node(self.cursor_node, animate=False)

    def _go_to(self, node: TreeNode[Item]) -> None:
        # Where a node is, is known once what was unfolded is laid out.
        self.call_after_refresh(self.move_cursor, node)

    def render_label(self, node: TreeNode[Item], base_style: Style, style: Style) -> Text:
        """A line of the tree, up to its edge. What is folded says how many issues are in it."""
        label: Text = super().render_label(node, base_style, style)
        if node.data is not None and node.allow_expand and not node.is_expanded:
            label = Text.assemble(label, tree_words.inside(self._notes.below(node.data.steps)))
        if (room := self._room(node)) > 0:
            label.truncate(room, overflow="ellipsis")
        return label

    def _room(self, node: TreeNode[Item]) -> int:
        """Cells from where the label of a node starts up to the edge."""
        room = self.scrollable_content_region.width
        while node.parent is not None and node.parent is not self.root:
            node, room = node.parent, room - self.guide_depth
        return room

    @on(Tree.NodeExpanded)
    def _opened(self, event: Tree.NodeExpanded[Item]) -> None:
        event.stop()
        self._add_members(event.node)

    @on(Tree.NodeSelected)
    def _selected(self, event: Tree.NodeSelected[Item]) -> None:
        event.stop()
        node, item = event.node, event.node.data
        if item is None or node.allow_expand or item.is_lacking:
            return
        if item.after:
            self._open_rest(node)
        else:
            self.post_message(self.ValueChosen(item))

    def action_copy_value(self) -> None:
        """Copy the value under the cursor."""
        self._copy(path=False)

    def action_copy_path(self) -> None:
        """Copy the path of the value under the cursor."""
        self._copy(path=True)

    def _copy(self, *, path: bool) -> None:
        node = self.cursor_node
        if node is not None and node.data is not None and node.data.steps:
            self.post_message(self.CopyWanted(node.data, path))

    def go_to_issue(self, step: int) -> bool:
        """Put the cursor on the next value with an issue, or on the one before. False where there is none."""
        node = self.cursor_node
        steps = self._notes.next_place(node.data.steps if node is not None and node.data is not None else (), step)
        if steps is not None:
            self._go_to(self._reveal(steps))
        return steps is not None

    def _reveal(self, steps: Steps) -> TreeNode[Item]:
        """Unfold all that a value is in, as far as it can be shown."""
        node = self.root
        for step in steps:
            self._add_members(node)
            node.expand()
            child = self._child(node, step)
            if child is None:
                break
            node = child
        return node

    def _child(self, node: TreeNode[Item], step: Step) -> TreeNode[Item] | None:
        for _ in range(_REVEALED):
            for child in node.children:
                if child.data is not None and not child.data.after and child.data.steps[-1] == step:
                    return child
            rests = [child for child in node.children if child.data is not None and child.data.after]
            if not rests:
                break
            self._open_rest(rests[0])
        return None

    def _open_rest(self, node: TreeNode[Item]) -> None:
        """Show more members in the place of the line that opens them."""
        if node.parent is not None and node.data is not None:
            node.remove()
            self._add_members(node.parent, node.data.after)

    def _add_members(self, node: TreeNode[Item], after: int = 0) -> None:
        """Put the members of a node's value below it, unless they are there."""
        item = node.data
        if item is None or (node.children and not after):
            return
        members, count = _members(item.value)
        for step, value in islice(members, after, after + _CHILDREN):
            self._add(node, Item((*item.steps, step), value))
        if count > after + _CHILDREN:
            node.add_leaf(
                tree_words.rest(count - after - _CHILDREN), Item(item.steps, item.value, after=after + _CHILDREN)
            )
        self._add_lacking(node)

    def _add_lacking(self, node: TreeNode[Item]) -> None:
        """Put what is missing below what misses it, unless it is there, or nothing is shown there yet."""
        item = node.data
        if item is None or item.is_lacking or item.after:
            return
        lacking = self._notes.lacking(item.steps)
        if not lacking or any(child.data is not None and child.data.is_lacking for child in node.children):
            return
        if isinstance(item.value, (dict, list)) and item.value and not node.children:
            return
        node.allow_expand = True
        for name, issues in islice(lacking.items(), _CHILDREN):
            node.add_leaf(tree_words.lacking(name, issues), Item((*item.steps, name), None, is_lacking=True))

    def _add(self, parent: TreeNode[Item], item: Item) -> None:
        self._budget -= 1
        if not isinstance(item.value, (dict, list)) or not item.value:
            self._add_lacking(parent.add_leaf(self._label(item), item))
            return
        node = parent.add(self._label(item), item)
        if len(item.value) <= _OPEN_CHILDREN and self._budget > len(item.value):
            self._add_members(node)
            node.expand()

    def _label(self, item: Item) -> Text:
        """What stands in the line of a value."""
        if item.is_lacking:
            return tree_words.lacking(item.key, self._notes.lacking(item.steps[:-1]).get(item.key, ()))
        notes = self._notes
        return tree_words.member(item.key, item.value, notes.words(item.steps, item.value), notes.at(item.steps))


def _all_below(node: TreeNode[Item]) -> Iterator[TreeNode[Item]]:
    """All nodes in another one, without recursion: records may be deep."""
    waiting = list(node.children)
    while waiting:
        one = waiting.pop()
        waiting.extend(one.children)
        yield one


def _members(value: JsonValue) -> tuple[Iterable[tuple[Step, JsonValue]], int]:
    """The members of an object, or those of a list under their numbers, and how many there are."""
    if isinstance(value, dict):
        return value.items(), len(value)
    if isinstance(value, list):
        return enumerate(value), len(value)
    return (), 0
