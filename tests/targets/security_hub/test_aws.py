"""What AWS's settings say: region, endpoint and credentials in the documented order, and our words for what is not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.config import SecurityHubConfig
from console.errors import BadConfig, TargetDenied, TargetUnavailable
from console.targets.security_hub.aws import CredentialChain, Place, place_of

CONFIG = """
[default]
region = eu-north-1
[profile audit]
region = ap-south-1
services = elsewhere
aws_access_key_id = AKIAAUDIT
aws_secret_access_key = audit-secret
[services elsewhere]
securityhub =
  endpoint_url = https://profile.example.com
[profile script]
credential_process = {script}
[profile broken]
credential_process = /nonexistent/program
[profile sso]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = auditor
[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://corp.awsapps.com/start
[profile assumes]
role_arn = arn:aws:iam::123456789012:role/x
source_profile = audit
"""


@pytest.fixture(autouse=True)
def settings(own_environment: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """AWS's files in the home of this test alone."""
    script = own_environment / "process.sh"
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    keys = {"Version": 1, "AccessKeyId": "AKIASCRIPT", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": soon}
    script.write_text(f"#!/bin/sh\necho '{json.dumps(keys)}'\n")
    script.chmod(0o700)
    folder = own_environment / ".aws"
    folder.mkdir()
    (folder / "config").write_text(CONFIG.format(script=script))
    return folder


def place(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, **config: str) -> Place:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return place_of("hub", SecurityHubConfig.model_validate({"kind": "security-hub", **config}))


BOTH = {"AWS_REGION": "us-west-1", "AWS_DEFAULT_REGION": "us-west-2"}


@pytest.mark.parametrize(
    ("environment", "config", "region"),
    [
        (BOTH, {"region": "us-east-2"}, "us-east-2"),
        (BOTH, {}, "us-west-1"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "us-west-2"}, {}, "us-west-2"),
        ({}, {}, "eu-north-1"),
        ({}, {"aws_profile": "audit"}, "ap-south-1"),
        ({"AWS_PROFILE": "audit"}, {}, "ap-south-1"),
    ],
)
def test_a_region_is_found_in_the_documented_order(
    environment: Mapping[str, str], config: dict[str, str], region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert place(environment, monkeypatch, **config).region == region


OWN, EACH = "AWS_ENDPOINT_URL_SECURITYHUB", "AWS_ENDPOINT_URL"
ENDPOINTS = {OWN: "https://own.example.com", EACH: "https://each.example.com"}
AUDIT = {"aws_profile": "audit"}


@pytest.mark.parametrize(
    ("environment", "config", "endpoint"),
    [
        (ENDPOINTS, {"endpoint_url": "https://here.example.com"}, "https://here.example.com"),
        (ENDPOINTS, AUDIT, "https://own.example.com"),
        ({EACH: "https://each.example.com"}, AUDIT, "https://each.example.com"),
        ({}, AUDIT, "https://profile.example.com"),
        ({**ENDPOINTS, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, AUDIT,
         "https://securityhub.ap-south-1.amazonaws.com"),
        ({}, {"region": "cn-north-1"}, "https://securityhub.cn-north-1.amazonaws.com.cn"),
        ({"AWS_USE_FIPS_ENDPOINT": "true"}, {"region": "us-east-1"},
         "https://securityhub-fips.us-east-1.amazonaws.com"),
        ({"AWS_USE_DUALSTACK_ENDPOINT": "true"}, {}, "https://securityhub.eu-north-1.api.aws"),
        ({OWN: "http://127.0.0.1:4566/"}, {}, "http://127.0.0.1:4566"),
    ],
)  # fmt: skip
def test_an_endpoint_is_found_in_the_documented_order(
    environment: Mapping[str, str], config: dict[str, str], endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert place(environment, monkeypatch, **config).endpoint == endpoint


@pytest.mark.parametrize(
    ("environment", "config", "said"),
    [
        ({EACH: "http://aws.example.com"}, {}, "a URL must be https (http is allowed for this machine only)"),
        ({EACH: "nonsense"}, {}, "nonsense"),
        ({}, {"region": "no region"}, "no region"),
        ({}, {"aws_profile": "gone"}, "The config profile (gone) could not be found"),
    ],
)
def test_settings_that_can_not_be_used_are_named(
    environment: Mapping[str, str], config: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadConfig) as caught:
        place(environment, monkeypatch, **config)
    assert said in caught.value.message
    assert "'hub'" in caught.value.message


def test_the_product_is_the_accounts_own_unless_another_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    account = {"region": "cn-north-1", "account_id": "123456789012"}
    own = place({}, monkeypatch, **account)

    assert own.partition == "aws-cn"
    assert own.product_arn == "arn:aws-cn:securityhub:cn-north-1:123456789012:product/123456789012/default"
    assert place({}, monkeypatch, **account, product_arn="arn:x").product_arn == "arn:x"
    assert place({}, monkeypatch, region="cn-north-1").product_arn is None


def chain(profile: str | None = None) -> CredentialChain:
    return CredentialChain("hub", profile, "eu-west-1")


def test_credentials_of_the_environment_come_before_a_profile_that_only_the_environment_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {"ACCESS_KEY_ID": "AKIAENV", "SECRET_ACCESS_KEY": "x", "PROFILE": "audit"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)

    assert (chain().frozen().access_key, chain().source) == ("AKIAENV", "environment variables")
    assert (chain("audit").frozen().access_key, chain("audit").source) == ("AKIAAUDIT", "the AWS configuration file")


def test_credentials_of_a_process_are_frozen_with_their_token_and_their_fingerprint_lasts() -> None:
    found = chain("script")

    assert tuple(found.frozen())[:3] == ("AKIASCRIPT", "s", "t")
    assert found.source == "the profile's credential process"
    assert found.fingerprint == chain("script").fingerprint != ""


@pytest.mark.parametrize(
    ("environment", "profile", "said", "advice"),
    [
        ({}, None, "Unable to locate credentials", "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
        ({"AWS_ACCESS_KEY_ID": "AKIA"}, None, "AWS_SECRET_ACCESS_KEY", "both halves"),
        ({}, "gone", "(gone) could not be found", "aws configure list-profiles"),
        ({}, "sso", "", "aws sso login --profile sso"),
        ({}, "broken", "/nonexistent/program", "Check what the AWS profile names"),
    ],
)
def test_credentials_that_are_missing_are_told_with_what_to_do(
    environment: Mapping[str, str], profile: str | None, said: str, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(TargetDenied) as caught:
        chain(profile).frozen()

    assert caught.value.message.startswith("There are no AWS credentials for the target 'hub'.")
    assert said in caught.value.message
    assert advice in caught.value.hint


def test_a_role_that_nobody_can_be_asked_for_may_come_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    found = chain("assumes")

    with pytest.raises(TargetUnavailable, match="who gives them can't be asked"):
        found.frozen()
    assert found.fingerprint, "there is a role, and it may be given the next time"
