"""The table of targets: where each is, and where its secrets come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from rich.text import Text
from textual.binding import BindingType
from textual.widgets import DataTable

from console.config import Config
from console.credentials import Credentials, Found, Slot, Source
from console.targets.registry import Access, access
from screens.commands.lists import LIST
from screens.widgets.text import cell

SOURCE_WORDS: Final = {
    Source.ENVIRONMENT: "environment",
    Source.KEYRING: "keyring",
    Source.SESSION: "this session",
    Source.MISSING: "missing",
}
_COLUMNS: Final = ("Target", "Kind", "Credentials", "Address")


@dataclass(frozen=True, slots=True)
class KnownTarget:
    """A target of the configuration, and what is known of its secrets."""

    name: str
    kind: str
    access: Access
    """Which secrets it needs."""
    found: Sequence[tuple[Slot, Found]] = ()
    """Where each of its secrets comes from."""

    @property
    def is_missing_secrets(self) -> bool:
        """Whether there is one that could not be found."""
        return any(found.secret is None for _, found in self.found)


def known_targets(config: Config, credentials: Credentials) -> list[KnownTarget]:
    """All targets, those first whose secrets were found. Waits for the keyring: run it in a thread."""
    known = list[KnownTarget]()
    for name, target in sorted(config.targets.items()):
        wanted = access(name, target)
        found = [(slot, credentials.find(name, wanted.origin, slot)) for slot in wanted.slots]
        known.append(KnownTarget(name, target.kind, wanted, found))
    return sorted(known, key=lambda one: (one.is_missing_secrets, bool(one.access.elsewhere)))


class TargetTable(DataTable[Text]):
    """All targets."""

    BINDINGS: ClassVar[list[BindingType]] = LIST.bindings()

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
        return self._targets[self.cursor_row] if self._targets else None

    def show(self, targets: Sequence[KnownTarget]) -> None:
        """Show all targets. The cursor stays where it is: targets neither come nor go."""
        row = self.cursor_row
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
        cell(known.access.origin, width=80),
    ]
