"""The login dialog: asks for the secrets of a target, and where to keep them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Static

from console.credentials import Secret, Slot
from console.targets.registry import Access
from screens.commands.dialogs import FORM
from screens.widgets.dialog import Dialog
from screens.widgets.text import styled


class Keep(StrEnum):
    """Where a secret is kept."""

    KEYRING = "keyring"
    SESSION = "session"

    @property
    def words(self) -> str:
        """For reading."""
        return "kept in the keyring" if self is Keep.KEYRING else "for this session only"


@dataclass(frozen=True, slots=True)
class Login:
    """What was typed in."""

    secrets: dict[Slot, Secret]
    keep: Keep


_NOTHING: Final[Mapping[Slot, Secret]] = {}


class LoginScreen(Dialog[Login | None]):
    """Asks for secrets without showing them. None when the user thinks better of it."""

    CSS_PATH = "login.tcss"

    BINDINGS: ClassVar[list[BindingType]] = FORM.bindings()

    def __init__(
        self, target: str, access: Access, *, usual: Keep = Keep.KEYRING, typed: Mapping[Slot, Secret] = _NOTHING
    ) -> None:
        """Ask for the secrets of a target. Enter keeps them where it is *usual*; *typed* is there already."""
        super().__init__()
        self._usual = usual
        self._typed = typed
        self._target = target
        self._access = access

    def _variant(self, keep: Keep) -> Literal["default", "primary"]:
        """How a button looks: enter does what the marked one says."""
        return "primary" if keep is self._usual else "default"

    def compose(self) -> ComposeResult:
        """A field for each secret, and where to keep them."""
        with Vertical(classes="dialog"):
            yield Static(
                styled("Log in to $target at $origin", target=self._target, origin=self._access.origin),
                classes="dialog-title",
            )
            for slot in self._access.slots:
                yield Static(styled("$label", label=slot.label), classes="label")
                typed = self._typed.get(slot)
                yield Input(value=typed.reveal() if typed else "", password=True, compact=True, id=slot.name)
            with Horizontal(classes="dialog-answers"):
                yield Button("Cancel", compact=True, id="cancel")
                yield Button("This session only", compact=True, id=Keep.SESSION, variant=self._variant(Keep.SESSION))
                yield Button("Keep in the keyring", compact=True, id=Keep.KEYRING, variant=self._variant(Keep.KEYRING))
            yield Static(
                styled(
                    "[b]enter[/b] $what   [b]tab[/b] next   [b]esc[/b] cancel",
                    what="keep in the keyring" if self._usual is Keep.KEYRING else "this session only: no keyring here",
                ),
                classes="dialog-keys",
            )

    def on_mount(self) -> None:
        """Start with the first secret."""
        self.query(Input).first().focus()

    @on(Input.Submitted)
    def _entered(self) -> None:
        self._done(self._usual)

    @on(Button.Pressed, "#keyring, #session")
    def _pressed(self, event: Button.Pressed) -> None:
        self._done(Keep(event.button.id or Keep.KEYRING))

    def _done(self, keep: Keep) -> None:
        """Close with what was typed, once every field holds something."""
        for field in self.query(Input):
            if not field.value.strip():
                field.focus()
                return
        secrets = {slot: Secret(self.query_one(f"#{slot.name}", Input).value) for slot in self._access.slots}
        self.dismiss(Login(secrets, keep))

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Close and change nothing."""
        self.dismiss(None)
