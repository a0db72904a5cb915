"""The configuration: TOML on disk, pydantic models in memory, errors that name file, line, key and nearest key.

Read with `load`, written with `save`. Secrets are never part of it. The file is found by `console.paths`; a folder
that the user browses is never searched for one.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, get_args
from urllib.parse import urlsplit

import tomli_w
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from console.errors import BadConfig
from console.limits import DEFAULT_LIMITS, Limits
from console.paths import atomic_write, private_dir

PROWLER_BASE_URL: Final = "https://api.prowler.com"
PROWLER_BASE_URL_VARIABLES: Final = ("PROWLER_CLOUD_API_BASE_URL", "PROWLER_CLOUD_API_BASE")
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def checked_base_url(text: str) -> str:
    """Return a base URL that a secret may be sent to: https, or http to this machine; no trailing slash.

    A missing scheme means https, as in Prowler's own client. Raises `ValueError` with a sentence for anything else.
    """
    url = (text if "://" in text else f"https://{text}").rstrip("/")
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError("a URL needs a host, as in https://api.example.com")
    if parts.username is not None or parts.password is not None:
        raise ValueError("a URL must not hold a user name or password")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ValueError("a URL must be https (http is allowed for this machine only)")
    if parts.query or parts.fragment:
        raise ValueError("a base URL has no query and no fragment")
    return url


BaseUrl = Annotated[str, AfterValidator(checked_base_url)]
Region = Literal["us", "eu", "apjc"]


class Section(BaseModel):
    """A table of the file. Unknown keys are errors: a misspelt limit must not be a missing one."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ProwlerConfig(Section):
    """A Prowler Cloud tenant, or a sandbox that speaks its API."""

    kind: Literal["prowler"]
    base_url: BaseUrl = PROWLER_BASE_URL


class CiscoXdrConfig(Section):
    """A Cisco XDR organisation: by region, or by its two addresses."""

    kind: Literal["cisco-xdr"]
    region: Region = "us"
    base_url: BaseUrl | None = None
    token_url: BaseUrl | None = None
    module_instance_id: str | None = None


class SecurityHubConfig(Section):
    """An AWS account's Security Hub in one region."""

    kind: Literal["security-hub"]
    region: str | None = None
    account_id: Annotated[str, Field(pattern=r"^\d{12}$")] | None = None
    product_arn: str | None = None
    aws_profile: str | None = None
    endpoint_url: BaseUrl | None = None


TargetConfig = Annotated[ProwlerConfig | CiscoXdrConfig | SecurityHubConfig, Field(discriminator="kind")]


class UiConfig(Section):
    """How the screens look and behave."""

    theme: str = "textual-dark"
    refresh_seconds: Annotated[float, Field(ge=1, le=3600)] = 5
    read_only: bool = False


class LimitsConfig(Section):
    """Every cap, with its default."""

    decompressed_bytes: Annotated[int, Field(gt=0)] = DEFAULT_LIMITS.decompressed_bytes
    record_bytes: Annotated[int, Field(gt=0)] = DEFAULT_LIMITS.record_bytes
    depth: Annotated[int, Field(gt=0, le=500)] = DEFAULT_LIMITS.depth
    digits: Annotated[int, Field(gt=0, le=4300)] = DEFAULT_LIMITS.digits
    request_seconds: Annotated[float, Field(gt=0)] = 60
    """Total time of one request that asks."""
    upload_seconds: Annotated[float, Field(gt=0)] = 900
    """Time to hand over one batch; the answer to it then has `request_seconds`."""

    def for_files(self) -> Limits:
        """The part that the readers of finding files obey."""
        return Limits(self.decompressed_bytes, self.record_bytes, self.depth, self.digits)


class Config(Section):
    """The whole configuration."""

    targets: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")], TargetConfig] = {}
    ui: UiConfig = UiConfig()
    limits: LimitsConfig = LimitsConfig()


def load(path: Path) -> Config:
    """Read the configuration. A missing file is an empty one. Raises `BadConfig` that names every fault."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Config()
    except UnicodeDecodeError as error:
        raise BadConfig(f"{path} is not UTF-8 text (byte {error.start}).") from error
    except OSError as error:
        raise BadConfig(f"{path} can't be read: {error.strerror}.") from error
    return parse(text, path)


def parse(text: str, path: Path) -> Config:
    """Turn the text of *path* into a configuration. Raises `BadConfig`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"{path} is not TOML: {error}.") from error
    try:
        return Config.model_validate(data)
    except ValidationError as error:
        faults = [_sentence(fault, text, path) for fault in error.errors(include_url=False, include_input=False)]
        raise BadConfig("\n".join(faults), hint="Run `ocsf-console config validate` after mending it.") from error


def save(config: Config, path: Path) -> None:
    """Write the configuration whole, readable by its owner only. Raises `StateError`."""
    private_dir(path.parent)
    with atomic_write(path) as file:
        file.write(tomli_w.dumps(config.model_dump(exclude_none=True)).encode())


def with_environment(config: Config, environ: Mapping[str, str] = os.environ) -> Config:
    """Add what the environment says: it wins over the file, and stands alone where there is no file.

    A target of each kind exists under the name of its kind even when the file has none, so a pipeline needs no file.
    Raises `BadConfig` for a base URL that a secret must not be sent to.
    """
    targets: dict[str, ProwlerConfig | CiscoXdrConfig | SecurityHubConfig] = {
        "prowler": ProwlerConfig(kind="prowler"),
        "cisco-xdr": CiscoXdrConfig(kind="cisco-xdr"),
        "security-hub": SecurityHubConfig(kind="security-hub"),
        **config.targets,
    }
    named = next(((name, environ[name]) for name in PROWLER_BASE_URL_VARIABLES if environ.get(name)), None)
    if named is not None:
        variable, value = named
        try:
            base_url = checked_base_url(value)
        except ValueError as error:
            raise BadConfig(f"{variable}: {error}.") from error
        for name, target in targets.items():
            if isinstance(target, ProwlerConfig):
                targets[name] = target.model_copy(update={"base_url": base_url})
    return config.model_copy(update={"targets": targets})


# --- errors that say where ---------------------------------------------------------------------------------------


def _sentence(fault: ErrorDetails, text: str, path: Path) -> str:
    """One fault as `FILE, line N: …`, with the nearest key where one is misspelt."""
    keys = tuple(str(part) for part in fault["loc"])
    # pydantic adds the discriminator's value to the path of a target's keys; the file has no such key.
    if keys[:1] == ("targets",) and len(keys) > 2 and keys[2] in _kinds():
        keys = keys[:2] + keys[3:]
    name = ".".join(part for part in keys if part != "[key]")
    line = _line_of(text, keys)
    where = f"{path}, line {line}" if line else f"{path}"
    if fault["type"] == "extra_forbidden":
        near = difflib.get_close_matches(keys[-1], _known_keys(fault, keys), n=1)
        return f"{where}: unknown key '{name}'" + (f"; did you mean '{near[0]}'?" if near else ".")
    if fault["type"].startswith("union_tag"):
        return f"{where}: '{name}.kind' must be one of {', '.join(_kinds())}."
    reason = fault["msg"].removeprefix("Value error, ").rstrip(".")
    return f"{where}: '{name}': {reason}."


def _kinds() -> dict[str, type[Section]]:
    """The kinds of target, by their name in the file."""
    sections = (ProwlerConfig, CiscoXdrConfig, SecurityHubConfig)
    return {get_args(section.model_fields["kind"].annotation)[0]: section for section in sections}


def _known_keys(fault: ErrorDetails, keys: tuple[str, ...]) -> list[str]:
    """The keys that may stand where the unknown one stands."""
    if len(keys) == 1:
        return list(Config.model_fields)
    if keys[0] == "targets":
        kind = _kinds().get(str(fault["loc"][2])) if len(fault["loc"]) > 3 else None
        return list(kind.model_fields) if kind else []
    sections: dict[str, type[Section]] = {"ui": UiConfig, "limits": LimitsConfig}
    section = sections.get(keys[0])
    return list(section.model_fields) if section else []


_HEADER: Final = re.compile(r"^\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_KEY: Final = re.compile(r"""^\s*((?:"[^"]*"|'[^']*'|[\w.-]+|\s*\.\s*)+?)\s*=""")


def _line_of(text: str, keys: tuple[str, ...]) -> int | None:
    """The line that sets *keys*, or the header of the nearest table around it. tomllib keeps no positions."""
    wanted = [part for part in keys if part != "[key]"]
    table: list[str] = []
    nearest: int | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _parts(header[1])
            if wanted[: len(table)] == table:
                nearest = number
                if table == wanted:
                    return number
        elif (key := _KEY.match(line)) and table + _parts(key[1]) == wanted:
            return number
    return nearest


def _parts(dotted: str) -> list[str]:
    """The parts of a dotted key, quotes removed."""
    return [part.strip().strip("\"'") for part in re.findall(r'"[^"]*"|\'[^\']*\'|[^.]+', dotted)]
