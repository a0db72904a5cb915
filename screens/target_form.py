"""The form of a target: its name, its kind, and the settings of that kind, each checked as it is typed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal, get_args, get_origin

from pydantic import BaseModel
from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Select, Static

from console.config import AnyTargetConfig, CiscoXdrConfig, ProwlerConfig, SecurityHubConfig
from console.config_file import KIND, NAME, WHOLE, faults
from screens.commands.dialogs import SAVED_FORM
from screens.widgets.dialog import Dialog
from screens.widgets.drop_down import DropDown
from screens.widgets.form_field import LONGEST, FormField
from screens.widgets.plain_input import PlainInput
from screens.widgets.target_select import options
from screens.widgets.text import plain, styled

_KINDS: Final[Mapping[str, type[BaseModel]]] = {
    "prowler": ProwlerConfig,
    "cisco-xdr": CiscoXdrConfig,
    "security-hub": SecurityHubConfig,
}
_HELP: Final = {
    NAME: "what you call it, such as staging",
    ("prowler", "base_url"): "https://api.prowler.com",
    ("cisco-xdr", "region"): "us",
    ("cisco-xdr", "base_url"): "else that of the region",
    "token_url": "else that of the region",
    "query_url": "where a finding can be read back by its uid",
    "module_instance_id": "of the integration module that findings come from",
    "workflow_run_id": "where a workflow sends them",
    ("security-hub", "region"): "else AWS_REGION",
    "regions": "further ones that findings may go to",
    "account_id": "findings of another account are refused here",
    "product_arn": "else the account's own product",
    "aws_profile": "else the usual AWS chain",
    "endpoint_url": "else that of the region",
}
"""What is in an empty field: what it means to leave it empty, or what it is for."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The settings of a target that is not kept yet."""

    name: str = ""
    values: Mapping[str, str | list[str]] = field(default_factory=lambda: {KIND: "prowler"})
    """By the names of the configuration file, `kind` among them; those that are left out have their defaults."""


def draft_of(name: str, config: AnyTargetConfig) -> Draft:
    """What the configuration says of a target, without the defaults that it does not name."""
    values = config.model_dump(mode="json", exclude_unset=True).items()
    return Draft(name, {key: value if isinstance(value, list) else str(value) for key, value in values})


def _text(value: str | list[str]) -> str:
    """A setting as it is typed."""
    return value if isinstance(value, str) else " ".join(value)


def _takes_several(accepts: object) -> bool:
    """Whether a setting that *accepts* this is a list."""
    return get_origin(accepts) is tuple


def _typed(key: str | tuple[str, str]) -> Input:
    return PlainInput(placeholder=_HELP.get(key, ""), max_length=LONGEST, compact=True)


def _field(kind: str, name: str, accepts: object) -> Input | Select[str]:
    """What a setting of a kind of target is asked with: a list to choose from where it *accepts* few values."""
    key = (kind, name) if (kind, name) in _HELP else name
    if get_origin(accepts) is Literal:
        return DropDown(options(get_args(accepts)), prompt=_HELP.get(key, ""), compact=True)
    return _typed(key)


class TargetForm(Dialog[Draft | None]):
    """Asks for the settings of a target. None when the user thinks better of it."""

    CSS_PATH = "target_form.tcss"
    BINDINGS: ClassVar[list[BindingType]] = SAVED_FORM.bindings()

    settings = getters.query_one("#settings", Vertical)
    whole = getters.query_one("#whole", Static)

    def __init__(self, title: Content, draft: Draft, *, taken: Collection[str] = (), is_named: bool = False) -> None:
        """Ask for a target like the *draft*, under a name that is not *taken*.

        One that *is_named* keeps its name and its kind.
        """
        super().__init__()
        self._title = title
        self._draft = draft
        self._taken = taken
        self._is_named = is_named
        self._typed = {key: _text(value) for key, value in draft.values.items()}
        """The settings of every kind that was looked at: who chooses another kind and comes back finds them again."""
        self._kind = _text(draft.values[KIND])
        self._touched = set[str]()
        """Fields that were typed into: an empty form is no fault."""

    def compose(self) -> ComposeResult:
        """The name and the kind over the settings of the kind."""
        with Vertical(classes="dialog -form"):
            yield Static(self._title, classes="dialog-title")
            with VerticalScroll(classes="dialog-body", can_focus=False):
                if not self._is_named:
                    yield FormField(NAME, plain(NAME), _typed(NAME), self._draft.name)
                    yield FormField(
                        KIND, plain(KIND), DropDown(options(_KINDS), allow_blank=False, compact=True), self._kind
                    )
                with Vertical(id="settings"):
                    yield from self._fields()
                yield Static(id="whole", classes="fault")
            with Horizontal(classes="dialog-answers"):
                yield Button("Cancel", compact=True, id="cancel")
                yield Button("Save", variant="primary", compact=True, id="save")
            yield Static("[b]enter[/b] save   [b]tab[/b] next   [b]esc[/b] cancel", classes="dialog-keys")

    def on_mount(self) -> None:
        """Start with the first field."""
        self.whole.display = False
        self.query(FormField).first().focus_field()

    def _fields(self) -> list[FormField]:
        """A field for each setting of the kind."""
        about = _KINDS[self._kind].model_fields
        return [
            FormField(name, plain(name), _field(self._kind, name, about[name].annotation), self._typed.get(name, ""))
            for name in about
            if name != KIND
        ]

    @property
    def draft(self) -> Draft:
        """What is in the fields."""
        typed = {one.key: one.value for one in self.query(FormField) if one.value}
        name = self._draft.name if self._is_named else typed.pop(NAME, "")
        values: dict[str, str | list[str]] = {**typed, KIND: self._kind}
        for key, about in _KINDS[self._kind].model_fields.items():
            if key in typed and _takes_several(about.annotation):
                values[key] = typed[key].replace(",", " ").split()
        return Draft(name, values)

    @on(FormField.Changed)
    async def _changed(self, message: FormField.Changed) -> None:
        changed = message.field
        if changed.key == KIND:
            await self._show_kind(changed.value)
        elif changed.value != self._typed.get(changed.key, ""):
            self._touched.add(changed.key)
            self._typed[changed.key] = changed.value
        self._check()

    async def _show_kind(self, kind: str) -> None:
        """Ask for the settings of another kind."""
        if kind and kind != self._kind:
            self._kind = kind
            await self.settings.remove_children()
            await self.settings.mount_all(self._fields())

    def _check(self) -> Mapping[str, str]:
        """Say below each field what is wrong with it. Returns all that is wrong, also with what was not typed yet."""
        draft = self.draft
        found = dict(faults(draft.name, draft.values))
        if not self._is_named and draft.name in self._taken:
            found[NAME] = "The configuration file has a target of that name already."
        for one in self.query(FormField):
            one.say_fault(found.get(one.key, "") if one.key in self._touched else "")
        said = found.get(WHOLE, "")
        self.whole.update(styled("[$text-error]✗ $sentence[/]", sentence=said))
        self.whole.display = bool(said)
        return found

    @on(Input.Submitted)
    @on(Button.Pressed, "#save")
    def action_save(self) -> None:
        """Close with what was typed, once nothing is wrong with it."""
        self._touched |= {one.key for one in self.query(FormField)}
        found = self._check()
        if not found:
            self.dismiss(self.draft)
            return
        wrong = next((one for one in self.query(FormField) if one.key in found), None)
        if wrong is not None:
            wrong.focus_field()

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Close and change nothing."""
        self.dismiss(None)
