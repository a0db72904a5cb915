"""The tree of folders and files, with what is known of each file on its right, and the one that is marked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

from rich.style import Style
from rich.text import Text
from textual import on, work
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets.tree import TreeNode

from console.progress import Cancel, in_thread
from console.records.model import Identity
from screens.commands.files import MARKS
from screens.file_facts import FileFacts, Learner
from screens.folders import Entry, Kind
from screens.widgets.badges import Column, badges, breadth, columns
from screens.widgets.folder_tree import FolderTree
from screens.widgets.text import cell, fit_middle, toast

CHOOSE_FIRST: Final = Content("Choose a finding file first: there is none under the cursor.")
"""What is said where something is to be done with a file."""
_REST: Final = 0.15
"""Seconds that the tree must rest before the files on the screen are looked at."""


@dataclass
class Learned(Message):
    """Something is known of a file on the screen."""

    path: Path
    identity: Identity


class FileTree(FolderTree):
    """Learns of the files on the screen, one after the other, what is learned quickly."""

    BINDINGS: ClassVar[list[BindingType]] = MARKS.bindings()

    def __init__(self, folder: Path, facts: FileFacts, learner: Learner) -> None:
        """Show *folder*; *learner* sees to it that *facts* knows of the files on the screen."""
        super().__init__(folder)
        self._facts = facts
        self._learner = learner
        self._identities: dict[Path, Identity] = {}
        """What the files were when somebody looked at them last."""
        self._learned_of: set[Path] = set()
        """Those of which all is learned that is learned quickly."""
        self._waits = False
        """Whether something more urgent is read."""
        self.marked: Path | None = None
        """The file that another one is to be compared with."""

    @property
    def file(self) -> Path | None:
        """The file under the cursor."""
        entry = self.entry
        return entry.path if entry is not None and entry.kind is Kind.FILE else None

    @property
    def files(self) -> Sequence[Path]:
        """The files of the tree, as far as it is open."""
        return list(self._file_nodes)

    def _start_anew(self, folder: Path) -> None:
        self._identities.clear()
        self._learned_of.clear()
        super()._start_anew(folder)

    # Learning.

    def wait(self) -> None:
        """Look at no file until `go_on`: something more urgent is read."""
        self._waits = True
        self.workers.cancel_group(self, "learn")

    def go_on(self) -> None:
        """Nothing more urgent is read any more."""
        self._waits = False
        self._look()

    def look_again(self) -> None:
        """Look at all files on the screen: they may have changed."""
        self._learned_of.clear()
        self._look()

    @on(FolderTree.Shown)
    def _look(self) -> None:
        if not self._waits:
            self.learn()

    @work(exclusive=True, group="learn")
    async def learn(self) -> None:
        """Look at the files on the screen."""
        await asyncio.sleep(_REST)
        cancel = Cancel()
        for path in [*self._unknown()]:
            identity = await in_thread(cancel, partial(self._learner.learn, path, cancel))
            if identity is not None:
                self.post_message(Learned(path, identity))

    def _unknown(self) -> Iterator[Path]:
        top = self.scroll_offset.y
        for line in range(top, top + self.size.height):
            node = self.get_node_at_line(line)
            entry = node.data if node else None
            if entry is not None and entry.kind is Kind.FILE and entry.path not in self._learned_of:
                yield entry.path

    @on(Learned)
    def _learned(self, message: Learned) -> None:
        self._learned_of.add(message.path)
        self.identify(message.path, message.identity)

    def identify(self, path: Path, identity: Identity) -> None:
        """Show from now on what is known of a file of that identity."""
        self._identities[path] = identity
        self._refresh_file(path)

    def _refresh_file(self, path: Path | None) -> None:
        node = self._file_nodes.get(path) if path else None
        if node is not None:
            node.refresh()

    def action_mark(self) -> None:
        """Mark the file under the cursor, or take its mark away."""
        file, before = self.file, self.marked
        if file is None:
            toast(self.app, CHOOSE_FIRST, severity="warning")
            return
        self.marked = None if file == before else file
        self._refresh_file(before)
        self._refresh_file(file)

    # Drawing.

    @property
    def _columns(self) -> Sequence[Column]:
        return columns(self.scrollable_content_region.width)

    def render_label(self, node: TreeNode[Entry], base_style: Style, style: Style) -> Text:
        """A line of the tree: the name, and for a file what is known of it, up to the edge of the tree."""
        entry = node.data
        label: Text = super().render_label(node, base_style, style)
        if entry is None or entry.kind is not Kind.FILE:
            return label
        mark = cell("◆ " if entry.path == self.marked else "", "bold")
        shown = self._columns
        if not shown:
            return mark + label
        room = max(self._room(node) - breadth(shown) - mark.cell_len, 1)
        if label.cell_len > room:
            label = cell(fit_middle(label.plain, room))
            label.stylize(style)
        label.pad_right(max(room - label.cell_len, 0))
        identity = self._identities.get(entry.path)
        known = badges(self._facts.of(identity) if identity else None, shown)
        return mark + label + known

    def get_label_width(self, node: TreeNode[Entry]) -> int:
        """Cells of a line. Where it reaches to the edge it need not be made for that: there are thousands of files."""
        entry = node.data
        if entry is not None and entry.kind is Kind.FILE and self._columns:
            return self._room(node)
        return super().get_label_width(node)

    def _room(self, node: TreeNode[Entry]) -> int:
        """Cells from where a label starts up to the edge."""
        room = self.scrollable_content_region.width
        while node.parent is not None:
            node, room = node.parent, room - self.guide_depth
        return room
