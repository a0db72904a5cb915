"""From a target's table in the configuration to the target: the only place that knows which kinds there are."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from console.config import AnyTargetConfig, CiscoXdrConfig, LimitsConfig, ProwlerConfig, SecurityHubConfig
from console.credentials import Credentials, Slot
from console.errors import BadConfig, TargetDenied
from console.targets.base import Target
from console.targets.cisco_xdr.places import places_of
from console.urls import origin_of

PROWLER_API_KEY = Slot(
    name="api_key", label="Prowler Cloud API key", environment=("PROWLER_CLOUD_API_KEY", "PROWLER_API_KEY")
)
CISCO_XDR_CLIENT_ID = Slot(name="client_id", label="Cisco XDR client ID", environment=("CISCO_XDR_CLIENT_ID",))
CISCO_XDR_CLIENT_SECRET = Slot(
    name="client_secret", label="Cisco XDR client secret", environment=("CISCO_XDR_CLIENT_SECRET",)
)


@dataclass(frozen=True, slots=True)
class Access:
    """What the console must know to keep a target's secrets: where they go, and which there are."""

    origin: str
    """Scheme, host and port that the secrets are bound to."""
    slots: tuple[Slot, ...]
    elsewhere: str = ""
    """How to give it credentials where it is AWS's own settings that keep them, and not this console; empty else."""


def access(name: str, config: AnyTargetConfig) -> Access:
    """Which secrets a target needs."""
    match config:
        case ProwlerConfig():
            return Access(origin_of(config.base_url), (PROWLER_API_KEY,))
        case CiscoXdrConfig():
            return Access(origin_of(places_of(config).token_url), (CISCO_XDR_CLIENT_ID, CISCO_XDR_CLIENT_SECRET))
        case SecurityHubConfig():
            return _access_by_aws(name, config)
        case _:
            assert_never(config)


def open_target(name: str, config: AnyTargetConfig, credentials: Credentials, limits: LimitsConfig) -> Target:
    """Build a target. Looks its secrets up, which may wait for the keyring; opens no connection.

    Raises `BadConfig` where the configuration can't be used. What talks HTTP is loaded only when a target is used.
    """
    match config:
        case ProwlerConfig():
            from console.targets.prowler.target import ProwlerTarget

            found = credentials.find(name, config.base_url, PROWLER_API_KEY)
            return ProwlerTarget(name, config.base_url, found, limits)
        case CiscoXdrConfig():
            from console.targets.cisco_xdr.client import ApiClient
            from console.targets.cisco_xdr.target import CiscoXdrTarget, EventSource

            places = places_of(config)
            client = ApiClient(
                name,
                credentials.find(name, places.token_url, CISCO_XDR_CLIENT_ID),
                credentials.find(name, places.token_url, CISCO_XDR_CLIENT_SECRET),
            )
            event_source = EventSource(config.module_instance_id, config.workflow_run_id)
            return CiscoXdrTarget(name, places, client, event_source, limits)
        case SecurityHubConfig():
            from console.targets.security_hub import aws
            from console.targets.security_hub.target import SecurityHubTarget

            regions = aws.places_of(name, config)
            chain = aws.CredentialChain(name, config.aws_profile, regions[0].region)
            return SecurityHubTarget(name, regions, chain, limits)
        case _:
            assert_never(config)


def _access_by_aws(name: str, config: SecurityHubConfig) -> Access:
    """A target whose credentials are AWS's own. Its origin is empty where the AWS settings name no region."""
    origin = ""
    if _uses_aws(config):
        from console.targets.security_hub.aws import place_of

        with suppress(BadConfig):
            origin = origin_of(place_of(name, config).endpoint)
    return Access(origin, (), _aws_advice(config))


def _aws_advice(config: SecurityHubConfig) -> str:
    profile = f" --profile {config.aws_profile}" if config.aws_profile else ""
    return f"Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run: aws configure{profile}"


def aws_credentials(name: str, config: SecurityHubConfig) -> str:
    """Where AWS's own settings have a target's credentials from, for reading, never what they are.

    Raises `TargetError` where they have none. May wait for who gives them.
    """
    if not _uses_aws(config):
        raise TargetDenied(f"There are no AWS credentials for the target '{name}'.", hint=f"{_aws_advice(config)}.")
    from console.targets.security_hub import aws

    region = None  # Credentials can be there before a region is.
    with suppress(BadConfig):
        region = aws.place_of(name, config).region
    return aws.CredentialChain(name, config.aws_profile, region).told()


def _uses_aws(config: SecurityHubConfig) -> bool:
    """Whether there is any setting of AWS's. Who has none need not wait until its library is loaded."""
    configured = config.region or config.aws_profile or config.endpoint_url
    return bool(
        configured or any(name.startswith("AWS_") for name in os.environ) or Path("~/.aws").expanduser().is_dir()
    )
