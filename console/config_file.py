"""The configuration file of a run, as the screens change it, and what is wrong with a target before it is in there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from console.config import Config, load, with_environment
from console.config_errors import reason

if TYPE_CHECKING:
    from console.config_edit import Value

NAME: Final = "name"
"""What `faults` calls the name of the target."""
KIND: Final = "kind"
"""The setting that says which others there are."""
WHOLE: Final = ""
"""What `faults` calls the target as a whole, where no one setting is to blame."""


class ConfigFile:
    """The configuration file of a run. What writes reads the file anew: nobody's change meanwhile is lost.

    All of it raises `BadConfig` for a file that can't be used; what writes raises as `console.config_edit` does.
    """

    def __init__(self, path: Path, environ: Mapping[str, str] | None = None, *, is_all: bool = False) -> None:
        """The file at *path*, which may not exist yet. What *environ* (default: the process's own) says wins.

        Where it *is_all* that a run has, neither the environment nor any target that is built in is added to it.
        """
        self.path = path
        """Where it is."""
        # The environment is no default value: a signature that is printed would print every variable.
        self._environ = os.environ if environ is None else environ
        self._is_all = is_all

    def alone(self) -> Config:
        """What the file says, without the environment."""
        return load(self.path)

    def now(self) -> Config:
        """What a run has that starts now: what the file says, unless the environment says something else."""
        return self._as_run(self.alone())

    def add(self, name: str, settings: Mapping[str, Value]) -> Config:
        """Write a new target with these *settings*, `kind` among them. Returns the configuration as it is then."""
        from console.config_edit import add_target  # loads what edits TOML, which is seldom needed

        others = {key: value for key, value in settings.items() if key != KIND}
        return self._as_run(add_target(self.path, name, str(settings[KIND]), others))

    def edit(self, name: str, settings: Mapping[str, Value]) -> Config:
        """Make these the *settings* of a target, and no others. Returns the configuration as it is then."""
        from console.config_edit import edit_target

        target = self.alone().targets.get(name)
        gone = dict.fromkeys(target.model_fields_set - settings.keys() if target else ())
        others = {key: value for key, value in settings.items() if key != KIND}
        return self._as_run(edit_target(self.path, name, {**gone, **others}))

    def remove(self, name: str) -> Config:
        """Take a target out. Returns the configuration as it is then."""
        from console.config_edit import remove_target

        return self._as_run(remove_target(self.path, name))

    def _as_run(self, config: Config) -> Config:
        """What a run has whose file says this."""
        return config if self._is_all else with_environment(config, self._environ)


def faults(name: str, settings: Mapping[str, Value]) -> Mapping[str, str]:
    """What is wrong with a target that is to be, in a sentence for each setting; see also `NAME` and `WHOLE`."""
    try:
        Config.model_validate({"targets": {name: dict(settings)}})
    except ValidationError as error:
        found: dict[str, str] = {}
        for fault in error.errors(include_url=False, include_input=False):
            # After the table and the name comes the kind, which the file has not.
            last = [str(part) for part in fault["loc"]][2:]
            setting = NAME if last == ["[key]"] else last[1] if len(last) > 1 else WHOLE
            words = reason(fault)
            found.setdefault(setting, f"{words}." if setting == WHOLE else f"{words[:1].upper()}{words[1:]}.")
        return found
    return {}
