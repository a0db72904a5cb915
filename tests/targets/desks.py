"""A desk with both targets that take no plain OCSF, at one sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.cli.setup import make_validator
from console.config import CiscoXdrConfig, Config, LimitsConfig, SecurityHubConfig, UiConfig
from console.credentials import Credentials
from console.sandbox.security_hub.intake import SecurityHubSettings
from console.sandbox.server import Sandbox
from console.sandbox.settings import Settings
from console.submissions.desk import Desk

IN_IRELAND = Settings(security_hub=SecurityHubSettings(region="eu-west-1"))
"""A sandbox where findings of eu-west-1 belong, as those of these tests are."""


def desk_at(
    sandbox: Sandbox,
    state: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    cisco: str | None = None,
    limits: LimitsConfig | None = None,
) -> Desk:
    """A desk whose targets are `hub` and `xdr`, the latter at another address where one is given.

    AWS's own variables say who is there.
    """
    aws, xdr = sandbox.access.security_hub, sandbox.access.cisco_xdr
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", aws.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", aws.secret_access_key.reveal())
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    config = Config(
        targets={
            "hub": SecurityHubConfig(
                kind="security-hub", region=aws.region, account_id=aws.account_id, endpoint_url=aws.endpoint_url
            ),
            "xdr": CiscoXdrConfig(
                kind="cisco-xdr",
                base_url=cisco or xdr.base_url,
                token_url=f"{cisco}/oauth2/token" if cisco else xdr.token_url,
                module_instance_id=xdr.module_instance_id,
            ),
        },
        ui=UiConfig(refresh_seconds=1),
        limits=limits or LimitsConfig(),
    )
    secrets = {
        "CISCO_XDR_CLIENT_ID": xdr.client_id,
        "CISCO_XDR_CLIENT_SECRET": xdr.client_secret.reveal(),
    }
    state.mkdir(exist_ok=True)
    return Desk(config, Credentials(secrets), state, make_validator)
