"""From a target's table in the configuration to the target: the only place that knows which kinds there are."""

from __future__ import annotations

from dataclasses import dataclass

from console.config import CiscoXdrConfig, LimitsConfig, ProwlerConfig, SecurityHubConfig
from console.credentials import Credentials, Slot
from console.errors import BadConfig
from console.targets.base import Target
from console.urls import origin_of

PROWLER_API_KEY = Slot(
    name="api_key", label="Prowler Cloud API key", environment=("PROWLER_CLOUD_API_KEY", "PROWLER_API_KEY")
)

AnyTargetConfig = ProwlerConfig | CiscoXdrConfig | SecurityHubConfig


@dataclass(frozen=True, slots=True)
class Access:
    """What the console must know to keep a target's secrets: where they go, and which there are."""

    origin: str
    """Scheme, host and port that the secrets are bound to."""
    slots: tuple[Slot, ...]


def is_usable(config: AnyTargetConfig) -> bool:
    """Whether this version can reach targets of that kind: `access` and `open_target` refuse the others."""
    return isinstance(config, ProwlerConfig)


def access(name: str, config: AnyTargetConfig) -> Access:
    """Which secrets a target needs. Raises `BadConfig` unless the target is `is_usable`."""
    if isinstance(config, ProwlerConfig):
        return Access(origin=origin_of(config.base_url), slots=(PROWLER_API_KEY,))
    raise _not_yet(name, config)


def open_target(name: str, config: AnyTargetConfig, credentials: Credentials, limits: LimitsConfig) -> Target:
    """Build a target. Looks its secrets up, which may wait for the keyring; opens no connection.

    Raises `BadConfig` unless the target is `is_usable`.
    """
    if isinstance(config, ProwlerConfig):
        from console.targets.prowler.target import ProwlerTarget  # httpx is loaded only when a target is used

        found = credentials.find(name, config.base_url, PROWLER_API_KEY)
        return ProwlerTarget(name, config.base_url, found, limits)
    raise _not_yet(name, config)


def _not_yet(name: str, config: AnyTargetConfig) -> BadConfig:
    """The error of a kind that the configuration knows and that nothing implements."""
    return BadConfig(
        f"The target '{name}' is of kind {config.kind}, which this version can't reach yet.",
        hint="Targets of kind prowler can be used.",
    )
