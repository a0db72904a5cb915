"""`info`: what a bug report should say of this installation. No secret, and no path that names its user."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import click

from console import __version__, paths
from console.cli import output, setup
from console.cli.options import format_option
from console.cli.parsing import Command
from console.display import safe_text
from console.errors import BadConfig, BadInput, ConsoleError

_PACKAGES: Final = (
    "textual",
    "rich",
    "click",
    "httpx",
    "msgspec",
    "pydantic",
    "keyring",
    "botocore",
    "ocsf-json-schema",
)
_OURS: Final = ("OCSF_CONSOLE_", "PROWLER_CLOUD_", "PROWLER_API_", "CISCO_XDR_", "AWS_")
_OTHERS: Final = frozenset(
    ("NO_COLOR", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "TMUX")
)
"""Beside those, the variables that change what the console does. Their names are told, never their values."""


@click.command(cls=Command)
@format_option("text", "json")
def info(form: str) -> None:
    """Write what a bug report should say: versions, platform, terminal, where things are kept. No secrets.

    \b
    Examples:
      ocsf-console info
      ocsf-console info --format json
    """
    facts = _facts()
    if form == "json":
        output.document(facts)
        return
    for name, value in _flat(facts):
        output.line(f"{name:28}{safe_text(value, width=500)}")


def _facts() -> dict[str, output.JsonData]:
    return {
        "version": __version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": platform.platform(),
        "packages": {name: _version_of(name) for name in _PACKAGES},
        "terminal": _terminal(),
        "config": _config(),
        "state": _state(),
        "keyring": _keyring(),
        "ocsf": _ocsf(),
        "environment": sorted(name for name in os.environ if name.startswith(_OURS) or name.upper() in _OTHERS),
    }


def _version_of(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _terminal() -> dict[str, output.JsonData]:
    size = shutil.get_terminal_size()
    return {
        **{name.lower(): os.environ.get(name) for name in ("TERM", "COLORTERM", "TERM_PROGRAM", "LANG")},
        "stdin": setup.is_attended(),
        "stdout": sys.stdout.isatty(),
        "stderr": sys.stderr.isatty(),
        "size": f"{size.columns}x{size.lines}",
        "encoding": sys.stdout.encoding,
    }


def _config() -> dict[str, output.JsonData]:
    """Where the configuration is, and whether it can be used. What is in it is nobody's business."""
    path = setup.config_path()
    try:
        kinds = sorted(one.kind for one in setup.file_config().targets.values())
    except (BadConfig, BadInput):
        return {"path": _shown(path), "exists": paths.is_there(path), "valid": False, "targets": None}
    return {"path": _shown(path), "exists": paths.is_there(path), "valid": True, "targets": kinds}


def _state() -> dict[str, output.JsonData]:
    folder = paths.state_path()
    system = paths.network_file_system(folder) if paths.is_folder(folder) else ""
    return {"path": _shown(folder), "exists": paths.is_folder(folder), "network_file_system": system or None}


def _keyring() -> dict[str, output.JsonData]:
    from console.credentials import Credentials

    state = Credentials().backend()
    return {"name": state.name or None, "usable": state.usable, "reason": state.reason or None}


def _ocsf() -> output.JsonData:
    """The versions of OCSF that are known, or why they are not."""
    from console.ocsf.store import user_store

    try:
        return list(user_store().versions())
    except ConsoleError as error:
        return error.message


def _shown(path: Path) -> str:
    """A path without the name of whose home it is in."""
    home = Path.home()
    return str(Path("~") / path.relative_to(home)) if path.is_relative_to(home) else str(path)


def _flat(facts: Mapping[str, output.JsonData], prefix: str = "") -> Iterator[tuple[str, str]]:
    """The facts line by line: `terminal.term`."""
    for name, value in facts.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, list):
            yield prefix + name, ", ".join(map(str, value)) or "-"
        else:
            yield prefix + name, _in_words(value)


def _in_words(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
