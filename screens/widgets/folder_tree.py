"""Folders and finding files as a tree. A folder is read when it is opened, in a thread."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.binding import BindingType
from textual.events import Click, Resize
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from console.errors import BadInput
from screens.commands.files import FOLDERS
from screens.commands.lists import TREE
from screens.file_search import Matches, places
from screens.folders import Entry, Kind, Listing, list_folder, nearest
from screens.widgets.text import cell


@dataclass
class Listed(Message):
    """A folder was read."""

    node: TreeNode[Entry]
    listing: Listing


@dataclass
class Unlisted(Message):
    """A folder can't be read."""

    node: TreeNode[Entry]
    error: BadInput


class FolderTree(Tree[Entry]):
    """The folders below one, and the finding files in them. Enter opens what is under the cursor.

    While a filter is in force, the files that it finds stand in one list.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*FOLDERS.bindings(), *TREE.bindings()]

    @dataclass
    class FileChosen(Message):
        """The operator opened a finding file."""

        path: Path

    @dataclass
    class Moved(Message):
        """The cursor came to an entry; None where there is none."""

        entry: Entry | None

    @dataclass
    class Shown(Message):
        """Other entries may be on the screen now."""

        def can_replace(self, message: MessagePump | Message) -> bool:
            """Only the newest counts."""
            return isinstance(message, FolderTree.Shown)

    def __init__(self, folder: Path) -> None:
        super().__init__(_folder_label(folder), Entry(folder, Kind.FOLDER))
        self.guide_depth = 3
        self._sought: Path | None = None
        self._stays_near = False
        """Whether the cursor goes near what is sought, where that has gone."""
        self._file_nodes: dict[Path, TreeNode[Entry]] = {}
        """The files of the tree."""

    @property
    def folder(self) -> Path:
        """The folder that the tree starts at."""
        return self.root.data.path if self.root.data else Path()

    @property
    def entry(self) -> Entry | None:
        """What the cursor is on."""
        return self.cursor_node.data if self.cursor_node else None

    def open_at(self, folder: Path, sought: Path | None) -> None:
        """Start the tree at *folder*, with the cursor on *sought* where that is in it."""
        self._sought, self._stays_near = sought, False
        self._start_anew(folder)
        self.read_folder(self.root, folder)

    def read_again(self) -> None:
        """Read the folder anew. The cursor stays where it is, or near there where that has gone."""
        entry = self.entry
        self.open_at(self.folder, entry.path if entry else None)
        self._stays_near = True

    def _start_anew(self, folder: Path) -> None:
        self._file_nodes.clear()
        self.reset(_folder_label(folder), Entry(folder, Kind.FOLDER))
        self.root.expand()
        self.move_cursor(self.root)

    def show_matches(self, matches: Matches, sought: Path | None) -> None:
        """List the files below the folder that a filter found, the cursor on *sought* where that is one of them."""
        self._start_anew(self.folder)
        for entry in matches.entries:
            _mark(self._add_leaf(self.root, entry), matches.words)
        more = matches.count - len(matches.entries)
        if more:
            self.root.add_leaf(cell(f"… {more:,} more", "dim"))
        elif not matches.count:
            self.root.add_leaf(cell("nothing has that in its name", "dim italic"))
        self.call_after_refresh(self.move_cursor, self._file_nodes.get(sought or self.folder, self.root.children[0]))
        self.post_message(self.Shown())

    @on(Tree.NodeExpanded)
    def _opened(self, event: Tree.NodeExpanded[Entry]) -> None:
        event.stop()
        node = event.node
        if node.data is not None and not node.children and node is not self.root:
            self.read_folder(node, node.data.path)
        self.post_message(self.Shown())

    @work(group="folders")
    async def read_folder(self, node: TreeNode[Entry], folder: Path) -> None:
        """Read one folder."""
        try:
            listing = await asyncio.to_thread(list_folder, folder)
        except BadInput as error:
            self.post_message(Unlisted(node, error))
        else:
            self.post_message(Listed(node, listing))

    @on(Listed)
    def _listed(self, message: Listed) -> None:
        node, listing = message.node, message.listing
        if node.children or not self._is_here(node):
            return
        near = self._nearest(node.data.path, listing) if node.data is not None else None
        for entry in listing.entries:
            if entry.kind is Kind.FOLDER:
                child = node.add(cell(f"{entry.path.name}/", "bold"), entry)
            else:
                child = self._add_leaf(node, entry)
            if entry.path == self._sought or entry is near:
                self._sought = None
                self.call_after_refresh(self.move_cursor, child)
            elif entry.kind is Kind.FOLDER and self._sought and self._sought.is_relative_to(entry.path):
                child.expand()
        if listing.cut:
            node.add_leaf(cell(f"… {listing.cut:,} more", "dim"))
        elif not listing.entries:
            node.add_leaf(cell("no finding files", "dim italic"))
        self.post_message(self.Shown())

    def _nearest(self, folder: Path, listing: Listing) -> Entry | None:
        """The entry of a folder to go to in place of one that has gone from it; None where that is there."""
        sought = self._sought
        if not self._stays_near or sought is None or folder not in sought.parents:
            return None
        name, *below = sought.relative_to(folder).parts
        if any(entry.path.name == name for entry in listing.entries):
            return None
        return nearest(listing, name, Kind.FOLDER if below else Kind.FILE)

    def _add_leaf(self, node: TreeNode[Entry], entry: Entry) -> TreeNode[Entry]:
        child = node.add_leaf(_leaf_label(entry, self.folder if node is self.root else entry.path.parent), entry)
        if entry.kind is Kind.FILE:
            self._file_nodes[entry.path] = child
        return child

    @on(Resize)
    @on(Tree.NodeCollapsed)
    def _tell_shown(self) -> None:
        self.post_message(self.Shown())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other entries come into sight."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Shown())

    @on(Unlisted)
    def _unlisted(self, message: Unlisted) -> None:
        if self._is_here(message.node) and not message.node.children:
            message.node.add_leaf(cell(message.error.message, "red"))

    def _is_here(self, node: TreeNode[Entry]) -> bool:
        """Whether the node is still in the tree: it may have been opened elsewhere since the folder was asked for."""
        while node.parent is not None:
            node = node.parent
        return node is self.root

    @on(Tree.NodeHighlighted)
    def _moved(self, event: Tree.NodeHighlighted[Entry]) -> None:
        event.stop()
        self.post_message(self.Moved(event.node.data))

    @on(Click)
    def _clicked(self, event: Click) -> None:
        """Who clicks on a file wants to see what it is: only a click on the one under the cursor opens it."""
        line = event.style.meta.get("line")
        node = None if line is None else self.get_node_at_line(line)
        is_file = node is not None and node.data is not None and node.data.kind is Kind.FILE
        if is_file and node is not self.cursor_node:
            event.prevent_default()
            self.move_cursor(node)

    @on(Tree.NodeSelected)
    def _selected(self, event: Tree.NodeSelected[Entry]) -> None:
        event.stop()
        entry = event.node.data
        if entry is not None and entry.kind is Kind.FILE:
            self.post_message(self.FileChosen(entry.path))

    def action_open_folder(self) -> None:
        """Open the folder under the cursor."""
        if self.cursor_node is not None and self.cursor_node.allow_expand:
            self.cursor_node.expand()

    def action_close_folder(self) -> None:
        """Close the folder under the cursor, or go to the one that it is in."""
        node = self.cursor_node
        if node is not None and node.allow_expand and node.is_expanded and node is not self.root:
            node.collapse()
        elif node is not None and node.parent is not None:
            self.move_cursor(node.parent)


def _mark(leaf: TreeNode[Entry], words: Iterable[str]) -> None:
    """Mark in a name what was typed to find it."""
    label: Text = leaf.label.copy() if isinstance(leaf.label, Text) else cell(leaf.label)
    for word in words:
        for place in places(label.plain, word):
            label.stylize("bold underline", place, place + 1)
    leaf.set_label(label)


def _folder_label(folder: Path) -> Text:
    return cell(f"{folder.name or folder}/", "bold")


def _leaf_label(entry: Entry, folder: Path) -> Text:
    """What a file is called in a list of what is in *folder* and below."""
    if entry.kind is Kind.LINK:
        return cell(f"{entry.path.name} (link to a folder)", "dim")
    return Text.assemble(cell(os.path.relpath(entry.path, folder)), (" (link)", "dim") if entry.is_link else "")
