"""From configuration and secrets to a target that can be used, or that says why not."""

from __future__ import annotations

import json

import keyring
import pytest
from keyring.backends import fail, null

from console.config import CiscoXdrConfig, LimitsConfig, ProwlerConfig, SecurityHubConfig
from console.credentials import Credentials, Secret
from console.errors import BadConfig, TargetDenied
from console.records.model import Record, Span
from console.targets.base import JobQuery
from console.targets.registry import PROWLER_API_KEY, access, open_target
from tests.credentials.vault import made
from tests.targets.prowler.conftest import finding

CISCO = CiscoXdrConfig(kind="cisco-xdr", region="eu")
AWAY = ProwlerConfig(kind="prowler", base_url="https://api.prowler.invalid/tenant")


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that offers no keyring, whatever this one does."""
    monkeypatch.setattr(keyring.core, "_keyring_backend", made(fail.Keyring))


async def denied(credentials: Credentials) -> str:
    """Why a target can't be asked with these credentials."""
    target = open_target("lab", AWAY, credentials, LimitsConfig())
    with pytest.raises(TargetDenied) as caught:
        await target.jobs(JobQuery())
    assert target.credential == ""
    assert "PROWLER_CLOUD_API_KEY" in caught.value.hint
    return caught.value.message


async def test_a_variable_that_holds_no_key_is_named() -> None:
    reason = await denied(Credentials({"PROWLER_CLOUD_API_KEY": "pk_a.b\nc"}))

    assert "in PROWLER_CLOUD_API_KEY holds a character that can't be sent (character 7" in reason


async def test_a_keyring_that_is_missing_or_forgets_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "This machine offers no keyring" in await denied(Credentials({}))

    monkeypatch.setattr(keyring.core, "_keyring_backend", made(null.Keyring))

    assert "The keyring is switched off" in await denied(Credentials({}))


def test_a_secret_is_bound_to_the_origin_that_is_told() -> None:
    credentials = Credentials({})
    origin = access("lab", AWAY).origin
    credentials.remember("lab", origin, PROWLER_API_KEY, Secret("pk_a.b"))

    assert origin == "https://api.prowler.invalid"
    assert open_target("lab", AWAY, credentials, LimitsConfig()).credential == Secret("pk_a.b").fingerprint()


def test_a_target_holds_records_to_the_limits_of_the_configuration() -> None:
    raw = json.dumps(finding()).encode()
    record = Record(Span(0, 0, len(raw), 1), raw)
    usual = open_target("lab", AWAY, Credentials({}), LimitsConfig())
    strict = open_target("lab", AWAY, Credentials({}), LimitsConfig(depth=2))

    assert usual.check(record) == []
    assert [issue.code for issue in strict.check(record)] == ["prowler_record_unreadable"]


def test_the_secrets_of_cisco_xdr_are_bound_to_where_tokens_are_given_out() -> None:
    credentials = Credentials({})
    wanted = access("xdr", CISCO)
    for slot in wanted.slots:
        credentials.remember("xdr", wanted.origin, slot, Secret(f"the {slot.name}"))

    assert wanted.origin == "https://visibility.eu.amp.cisco.com"
    opened = open_target("xdr", CISCO, credentials, LimitsConfig())
    assert (opened.origin, opened.credential) == ("https://findings.eu.security.cisco.com", fingerprint())
    moved = CISCO.model_copy(update={"region": "us"})
    assert open_target("xdr", moved, credentials, LimitsConfig()).credential == ""


def fingerprint() -> str:
    """That of the two secrets together."""
    return Secret("the client_id:the client_secret").fingerprint()


def test_security_hub_is_where_the_aws_settings_say_and_aws_keeps_its_credentials(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = SecurityHubConfig(kind="security-hub", aws_profile=None)
    nowhere = access("hub", config)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    there = access("hub", config)

    assert (nowhere.origin, there.origin) == ("", "https://securityhub.eu-west-1.amazonaws.com")
    assert (there.slots, "AWS_ACCESS_KEY_ID" in there.elsewhere) == ((), True)


def test_security_hub_without_a_region_is_refused_with_advice() -> None:
    with pytest.raises(BadConfig, match="No AWS region is set for the target 'hub'") as caught:
        open_target("hub", SecurityHubConfig(kind="security-hub"), Credentials({}), LimitsConfig())

    assert "AWS_REGION" in caught.value.hint


def test_security_hub_is_opened_with_the_keys_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-canary")
    target = open_target(
        "hub", SecurityHubConfig(kind="security-hub", region="us-east-1"), Credentials({}), LimitsConfig()
    )

    assert target.credential == Secret("secret-canary").fingerprint()
    assert target.origin == "https://securityhub.us-east-1.amazonaws.com"
    assert "canary" not in repr(target)
