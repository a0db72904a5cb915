"""The dialog that chooses what files are held to: the set of rules, the OCSF version, and the rules of targets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Select, Static

from console.ocsf.rules import Policy, RuleSet
from console.targets.offline import OFFLINE_KINDS, Rules
from screens.commands.dialogs import SAVED_FORM, Cancel, Save
from screens.widgets.dialog import Dialog
from screens.widgets.drop_down import DropDown
from screens.widgets.target_select import options
from screens.widgets.text import plain, styled
from screens.widgets.tick import Tick


class RulesDialog(Dialog[Rules | None]):
    """Asks what to validate by. None when the user thinks better of it."""

    CSS_PATH = "rules_dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = SAVED_FORM.bindings()

    rules = getters.query_one("#rules", Select)
    version = getters.query_one("#version", Select)
    recommended = getters.query_one("#recommended", Tick)

    def __init__(self, now: Rules, versions: Sequence[str]) -> None:
        """Start with what holds *now*; *versions* are those of OCSF that are known."""
        super().__init__()
        self._now = now
        self._versions = versions

    def compose(self) -> ComposeResult:
        """The two lists, and a box for each kind of target."""
        policy = self._now.policy
        with Vertical(classes="dialog"):
            yield Static("Validate by", classes="dialog-title")
            with Horizontal(classes="choice"):
                yield Static("Rules", classes="choice-label")
                yield DropDown(options(RuleSet), value=policy.rules, allow_blank=False, compact=True, id="rules")
            with Horizontal(classes="choice"):
                yield Static("OCSF version", classes="choice-label")
                yield DropDown(
                    options(self._versions),
                    value=policy.version or Select.NULL,
                    prompt="each record's own",
                    compact=True,
                    id="version",
                )
            yield Tick(
                "also what is recommended and missing", value=policy.missing_recommended, compact=True, id="recommended"
            )
            yield Static("And by the rules of", classes="choice-title")
            for kind in OFFLINE_KINDS:
                yield Tick(plain(kind), value=kind in self._now.kinds, compact=True, classes="kind", name=kind)
            with Horizontal(classes="dialog-answers"):
                yield Button("Cancel", compact=True, id="cancel")
                yield Button("Validate", variant="primary", compact=True, id="validate")
            yield Static(
                styled(
                    "[b]$save[/b] validate   [b]tab[/b] next   [b]$cancel[/b] cancel",
                    save=SAVED_FORM.key_of(Save, self.keymap),
                    cancel=SAVED_FORM.key_of(Cancel, self.keymap),
                ),
                classes="dialog-keys",
            )

    @on(Button.Pressed, "#validate")
    def action_save(self) -> None:
        """Close with what is chosen."""
        version = self.version.value
        policy = Policy(
            RuleSet(str(self.rules.value)),
            version if isinstance(version, str) else None,
            missing_recommended=self.recommended.value,
        )
        kinds = tuple(box.name or "" for box in self.query(Tick) if box.has_class("kind") and box.value)
        self.dismiss(Rules(policy, kinds))

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Close and change nothing."""
        self.dismiss(None)
