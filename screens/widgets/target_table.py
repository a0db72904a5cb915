"""The table of targets: where each is, and where its secrets come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from rich.text import Text
from textual.binding import BindingType

from console.config import AnyTargetConfig
from console.credentials import Credentials, Found, Slot, Source
from console.targets.registry import Access, access
from screens.commands.lists import LIST
from screens.commands.targets import TARGET_LIST
from screens.navigation import OpenJobs
from screens.widgets.text import cell
from screens.widgets.text_table import TextTable
from screens.widgets.under_cursor import under_cursor

SOURCE_WORDS: Final = {
    Source.ENVIRONMENT: "environment",
    Source.KEYRING: "keyring",
    Source.SESSION: "this session",
    Source.MISSING: "missing",
}
_COLUMNS: Final = ("Target", "Kind", "Credentials", "Kept", "Address")


class Place(StrEnum):
    """Where a target is defined. Each says it in a word."""

    FILE = "file"
    """In the configuration file."""
    SESSION = "session"
    """Nowhere: it goes when the console does."""
    BUILT_IN = "built in"
    """Nowhere: there is one of each kind, and the environment says more about it."""


@dataclass(frozen=True, slots=True)
class KnownTarget:
    """A target of the configuration, and what is known of its secrets."""

    name: str
    kind: str
    access: Access
    """Which secrets it needs."""
    place: Place
    """Where it is defined."""
    found: Sequence[tuple[Slot, Found]] = ()
    """Where each of its secrets comes from."""

    @property
    def is_missing_secrets(self) -> bool:
        """Whether there is one that could not be found."""
        return any(found.secret is None for _, found in self.found)

    @property
    def is_ready(self) -> bool:
        """Whether there is all that findings can be sent with, as far as that is known without asking anybody."""
        return bool(self.access.origin) and not self.is_missing_secrets


def known_targets(
    targets: Mapping[str, AnyTargetConfig], places: Mapping[str, Place], credentials: Credentials
) -> list[KnownTarget]:
    """All targets, those first that are ready. Waits for the keyring: run it in a thread.

    Those that *places* does not name are built in.
    """
    known = list[KnownTarget]()
    for name, target in sorted(targets.items()):
        wanted = access(name, target)
        found = [(slot, credentials.find(name, wanted.origin, slot)) for slot in wanted.slots]
        known.append(KnownTarget(name, target.kind, wanted, places.get(name, Place.BUILT_IN), found))
    return sorted(known, key=lambda one: (not one.is_ready, bool(one.access.elsewhere)))


class TargetTable(TextTable):
    """All targets."""

    BINDINGS: ClassVar[list[BindingType]] = [*LIST.bindings(), *TARGET_LIST.bindings()]

    def __init__(self) -> None:
        super().__init__(cursor_type="row")
        self._targets: list[KnownTarget] = []

    def on_mount(self) -> None:
        """Make the columns."""
        for name in _COLUMNS:
            self.add_column(cell(name))

    @property
    def target(self) -> KnownTarget | None:
        """The target under the cursor."""
        return under_cursor(self, self._targets)

    def action_jobs(self) -> None:
        """Show the jobs of the target under the cursor."""
        if self.target is not None:
            self.post_message(OpenJobs(self.target.name))

    @property
    def targets(self) -> Sequence[KnownTarget]:
        """All that are shown."""
        return self._targets

    def show(self, targets: Sequence[KnownTarget], chosen: str = "") -> None:
        """Show all targets. The cursor goes to the one that is *chosen*, or stays where it is."""
        name = chosen or (self.target.name if self.target else "")
        row = next((row for row, one in enumerate(targets) if one.name == name), self.cursor_row)
        self._targets = list(targets)
        self.clear()
        self.add_rows(_row(one) for one in targets)
        self.move_cursor(row=row)


def _row(known: KnownTarget) -> list[Text]:
    if known.access.elsewhere:
        return [
            cell(known.name, "bold", width=32),
            cell(known.kind),
            cell("by AWS"),
            cell(known.place),
            cell(known.access.origin or "no region is set", "" if known.access.origin else "dim", width=80),
        ]
    sources = ", ".join(dict.fromkeys(SOURCE_WORDS[found.source] for _, found in known.found))
    return [
        cell(known.name, "bold", width=32),
        cell(known.kind),
        cell(
            f"✗ {sources}" if known.is_missing_secrets else f"● {sources}",
            "red" if known.is_missing_secrets else "green",
        ),
        cell(known.place),
        cell(known.access.origin, width=80),
    ]
