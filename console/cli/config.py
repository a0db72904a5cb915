"""`config`: where the configuration is, what it says, and whether it is right."""

from __future__ import annotations

import click
import tomli_w

from console import config as configuration
from console.cli import output, setup
from console.cli.parsing import Group
from console.cli.tui import check_keys
from console.display import safe_text
from console.errors import BadInput


@click.group(cls=Group)
def config() -> None:
    """Find, check and start the configuration file.

    \b
    Examples:
      ocsf-console config path
      ocsf-console config validate
    """


@config.command()
def path() -> None:
    """Say where the configuration file is, or would be.

    \b
    Example:
      ocsf-console config path
    """
    output.line(safe_text(setup.config_path()))


@config.command()
def show() -> None:
    """Write the configuration as it is used: the file, what the environment adds, and every default.

    \b
    Example:
      ocsf-console config show
    """
    output.data(tomli_w.dumps(setup.read_config().model_dump(exclude_none=True)))


@config.command()
def validate() -> None:
    """Check the file. Names the line and the nearest key of whatever is wrong.

    \b
    Example:
      ocsf-console config validate
    """
    check_keys(setup.file_config())
    file = setup.config_path()
    there = "is right" if file.exists() else "does not exist: the defaults are used"
    output.say(f"{safe_text(file)} {there}.")


@config.command()
def schema() -> None:
    """Write the JSON Schema of the configuration, for editors.

    \b
    Example:
      ocsf-console config schema > ocsf-console.schema.json
    """
    output.document(configuration.Config.model_json_schema())


@config.command()
def init() -> None:
    """Write a configuration file with one Prowler target and every default. Never replaces a file.

    \b
    Example:
      ocsf-console config init
    """
    file = setup.config_path()
    if file.exists():
        raise BadInput(f"{safe_text(file)} exists already, and was left as it is.")
    prowler = configuration.ProwlerConfig(kind="prowler")
    configuration.save(configuration.Config(targets={"prowler": prowler}), file)
    output.say(f"Wrote {safe_text(file)}.")
