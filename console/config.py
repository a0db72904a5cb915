"""The configuration: TOML on disk, pydantic models in memory, errors that name file, line, key and nearest key.

Read with `load`, written with `save`. Secrets are never part of it. The file is found by `console.paths`; a folder
that the user browses is never searched for one.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, Self

import tomli_w
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from console.config_errors import Keys, not_toml, sentence
from console.display import safe_text
from console.errors import BadConfig
from console.limits import DEFAULT_LIMITS, Limits
from console.paths import write_whole
from console.urls import checked_base_url

PROWLER_BASE_URL: Final = "https://api.prowler.com"
PROWLER_BASE_URL_VARIABLES: Final = ("PROWLER_CLOUD_API_BASE_URL", "PROWLER_CLOUD_API_BASE")
MODULE_INSTANCE_VARIABLE: Final = "CISCO_XDR_MODULE_INSTANCE_ID"

BaseUrl = Annotated[str, AfterValidator(checked_base_url)]
HeaderWord = Annotated[str, Field(pattern=r"^[!-~]{1,256}$")]
"""What can stand in a header as it is: visible ASCII, without spaces."""
_HEADER_WORD: Final = TypeAdapter[str](HeaderWord)
Region = Literal["us", "eu", "apjc"]
Notice = Literal["toast", "bell", "terminal"]


class Section(BaseModel):
    """A table of the file. Unknown keys are errors: a misspelt limit must not be a missing one."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ProwlerConfig(Section):
    """A Prowler Cloud tenant, or a sandbox that speaks its API."""

    kind: Literal["prowler"]
    base_url: BaseUrl = PROWLER_BASE_URL
    """Where the API is; a sandbox on this machine may be http."""


class CiscoXdrConfig(Section):
    """A Cisco XDR organisation: by region, or by its two addresses."""

    kind: Literal["cisco-xdr"]
    region: Region = "us"
    """Where the organisation is: us, eu or apjc."""
    base_url: BaseUrl | None = None
    """Where findings go, in place of the region's address; with token_url."""
    token_url: BaseUrl | None = None
    """Where tokens come from, in place of the region's address; with base_url."""
    query_url: BaseUrl | None = None
    """Where a finding can be read back by its uid. Cisco does not publish the path."""
    module_instance_id: HeaderWord | None = None
    """The integration module that findings come from. Cisco wants it with every request."""
    workflow_run_id: HeaderWord | None = None
    """The run of a workflow, where one sends the findings."""

    @model_validator(mode="after")
    def _has_both_addresses(self) -> Self:
        """Tokens of one place are no good at another, and not for it to see."""
        if (self.base_url is None) is not (self.token_url is None):
            raise ValueError("base_url and token_url go together: set both, or neither and a region")
        return self


class SecurityHubConfig(Section):
    """An AWS account's Security Hub in one region."""

    kind: Literal["security-hub"]
    region: str | None = None
    """The region whose Security Hub takes the findings; else AWS's own settings say it."""
    regions: tuple[str, ...] = ()
    """Further regions that findings may go to, each to its own endpoint."""
    account_id: Annotated[str, Field(pattern=r"^\d{12}$")] | None = None
    """The account that findings are about, 12 digits; else that of the credentials."""
    product_arn: str | None = None
    """The product that findings come from; else the account's default product."""
    aws_profile: str | None = None
    """A profile of AWS's own files; else the usual AWS chain."""
    endpoint_url: BaseUrl | None = None
    """Another address of the service, such as a sandbox's. It is that of one region."""

    @model_validator(mode="after")
    def _has_an_endpoint_for_each_region(self) -> Self:
        """Findings of one region are refused in another, or are taken for those of somebody else."""
        if self.endpoint_url is not None and len({self.region, *self.regions} - {None}) > 1:
            raise ValueError("endpoint_url is the address of one region: take it or regions away")
        return self


AnyTargetConfig = ProwlerConfig | CiscoXdrConfig | SecurityHubConfig
TargetConfig = Annotated[AnyTargetConfig, Field(discriminator="kind")]


class UiConfig(Section):
    """How the screens look and behave."""

    theme: str = "textual-dark"
    """The colours; the command palette lists what there is."""
    refresh_seconds: Annotated[float, Field(ge=1, le=3600)] = 5
    """Seconds between two looks at the jobs."""
    read_only: bool = False
    """Show everything, and send nothing."""
    notify: tuple[Notice, ...] = ("toast", "bell")
    """How the end of a watched job is told. `terminal` has the terminal itself show it (OSC 9)."""


class LimitsConfig(Section):
    """Every cap, with its default."""

    decompressed_bytes: Annotated[int, Field(gt=0)] = DEFAULT_LIMITS.decompressed_bytes
    """Bytes that a compressed file may unpack to."""
    record_bytes: Annotated[int, Field(gt=0)] = DEFAULT_LIMITS.record_bytes
    """Bytes of one record."""
    depth: Annotated[int, Field(gt=0, le=500)] = DEFAULT_LIMITS.depth
    """Levels of nesting inside a record."""
    digits: Annotated[int, Field(gt=0, le=4300)] = DEFAULT_LIMITS.digits
    """Digits of one number."""
    request_seconds: Annotated[float, Field(gt=0)] = 60
    """Seconds of one request that asks, in all."""
    upload_seconds: Annotated[float, Field(gt=0)] = 900
    """Seconds to hand over one batch; the answer to it then has `request_seconds`."""
    send_attempts: Annotated[int, Field(ge=1, le=100)] = 5
    """Tries of one batch, as long as it is certain that none was accepted."""
    send_seconds: Annotated[float, Field(ge=0)] = 900
    """Seconds from the first try of a batch to the beginning of the last one."""
    batch_records: Annotated[int, Field(ge=0)] = 0
    """Records of one request, where fewer are wanted than the target takes. 0 means as many as it takes."""
    batch_bytes: Annotated[int, Field(ge=0)] = 0
    """Bytes of one request, where fewer are wanted than the target takes. 0 means as many as it takes."""
    history_days: Annotated[float, Field(ge=0)] = 365
    """Days that submissions which are settled are remembered. 0 forgets them at once."""
    history_bytes: Annotated[int, Field(ge=0)] = 2 * 1024**3
    """Bytes that payloads of settled submissions may take. They are kept to send failed records again."""

    def for_files(self) -> Limits:
        """The part that the readers of finding files obey."""
        return Limits(self.decompressed_bytes, self.record_bytes, self.depth, self.digits)


class Config(Section):
    """The whole configuration."""

    targets: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")], TargetConfig] = {}
    ui: UiConfig = UiConfig()
    keys: dict[str, Annotated[str, Field(pattern=r"^[!-~]+$")]] = {}
    """Keys in place of ours, by what docs/keys.md calls the command. The screens know which commands there are."""
    limits: LimitsConfig = LimitsConfig()

    def target(self, name: str) -> AnyTargetConfig:
        """The target of that name. Raises `BadConfig` where there is none, with the nearest."""
        if name not in self.targets:
            near = difflib.get_close_matches(name, self.targets, n=1)
            meant = f" Did you mean '{near[0]}'?" if near else ""
            raise BadConfig(
                f"There is no target named '{safe_text(name, width=60)}'.{meant}",
                hint=f"There are: {', '.join(sorted(self.targets))}.",
            )
        return self.targets[name]


_KEYS: Final = Keys(
    top=tuple(Config.model_fields),
    tables={"ui": tuple(UiConfig.model_fields), "limits": tuple(LimitsConfig.model_fields)},
    kinds={
        "prowler": tuple(ProwlerConfig.model_fields),
        "cisco-xdr": tuple(CiscoXdrConfig.model_fields),
        "security-hub": tuple(SecurityHubConfig.model_fields),
    },
)


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
        raise BadConfig(not_toml(error, text, path)) from error
    try:
        return Config.model_validate(data)
    except ValidationError as error:
        faults = [sentence(fault, text, path, _KEYS) for fault in error.errors(include_url=False, include_input=False)]
        raise BadConfig("\n".join(faults), hint="Run `ocsf-console config validate` after mending it.") from error


def save(config: Config, path: Path) -> None:
    """Write the configuration whole, readable by its owner only; a folder that is there keeps its mode.

    Raises `StateError`.
    """
    write_whole(path, tomli_w.dumps(config.model_dump(exclude_none=True)).encode())


def with_environment(config: Config, environ: Mapping[str, str] = os.environ) -> Config:
    """Add what the environment says: it wins over the file, and stands alone where there is no file.

    A target of each kind exists under the name of its kind even when the file has none, so a pipeline needs no file.
    Raises `BadConfig` for what can't be used, such as a base URL that a secret must not be sent to.
    """
    # Those of the file first: a variable that is set for one of them is set for its whole kind, and must not put the
    # vendor's own address before it where a target is chosen.
    targets: dict[str, AnyTargetConfig] = dict(config.targets)
    for target in (
        ProwlerConfig(kind="prowler"),
        CiscoXdrConfig(kind="cisco-xdr"),
        SecurityHubConfig(kind="security-hub"),
    ):
        targets.setdefault(target.kind, target)
    _add_base_url(targets, environ)
    _add_module_instance(targets, environ)
    return config.model_copy(update={"targets": targets})


def _add_base_url(targets: dict[str, AnyTargetConfig], environ: Mapping[str, str]) -> None:
    """Let the environment say where Prowler Cloud is."""
    named = next(((name, environ[name]) for name in PROWLER_BASE_URL_VARIABLES if environ.get(name)), None)
    if named is None:
        return
    variable, value = named
    try:
        base_url = checked_base_url(value)
    except ValueError as error:
        raise BadConfig(f"{variable}: {error}.") from error
    for name, target in targets.items():
        if isinstance(target, ProwlerConfig):
            targets[name] = target.model_copy(update={"base_url": base_url})


def _add_module_instance(targets: dict[str, AnyTargetConfig], environ: Mapping[str, str]) -> None:
    """Let the environment say as which module instance findings go to Cisco XDR."""
    value = environ.get(MODULE_INSTANCE_VARIABLE, "").strip()
    if not value:
        return
    try:
        _HEADER_WORD.validate_python(value)
    except ValidationError as error:
        raise BadConfig(f"{MODULE_INSTANCE_VARIABLE}: an id is made of visible ASCII characters.") from error
    for name, target in targets.items():
        if isinstance(target, CiscoXdrConfig):
            targets[name] = target.model_copy(update={"module_instance_id": value})
