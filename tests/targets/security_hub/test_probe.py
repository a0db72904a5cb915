"""Testing the way to Security Hub, step by step, without sending a finding."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.errors import ExitCode
from console.sandbox.security_hub.intake import SecurityHubSettings
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from console.targets.base import ProbeStep, StepState
from console.targets.security_hub.target import SecurityHubTarget
from tests.targets.security_hub.conftest import MakeTarget, give_keys

OK, FAILED, SKIPPED = StepState.OK, StepState.FAILED, StepState.SKIPPED


async def steps(target: SecurityHubTarget) -> dict[str, ProbeStep]:
    return {step.name: step async for step in target.probe()}


def states(found: dict[str, ProbeStep]) -> list[tuple[str, StepState]]:
    return [(name, step.state) for name, step in found.items()]


async def test_a_good_way_is_ok_throughout(target: SecurityHubTarget, sandbox: Sandbox) -> None:
    found = await steps(target)

    assert states(found) == [
        ("address", OK), ("tls", SKIPPED), ("credentials", OK), ("permission", OK), ("products", OK)
    ]  # fmt: skip
    assert "environment variables" in found["credentials"].detail
    assert "prowler/prowler" in found["products"].detail
    assert [entry.endpoint for entry in sandbox.journal.entries()] == ["hub.describe", "hub.products"]


async def test_without_credentials_the_address_is_told_and_what_to_do(
    sandbox: Sandbox, make_target: MakeTarget
) -> None:
    found = await steps(make_target(sandbox.access.security_hub.endpoint_url))

    assert states(found) == [("address", OK), ("tls", SKIPPED), ("credentials", FAILED), ("permission", SKIPPED)]
    assert "AWS_ACCESS_KEY_ID" in found["credentials"].advice
    error = found["credentials"].error
    assert error is not None
    assert error.exit_code is ExitCode.DENIED


async def test_a_wrong_secret_fails_the_step_of_the_credentials(
    sandbox: Sandbox, make_target: MakeTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_keys(monkeypatch, sandbox)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x" * 40)

    found = await steps(make_target(sandbox.access.security_hub.endpoint_url))

    assert found["credentials"].state is FAILED
    assert "AWS_SECRET_ACCESS_KEY" in found["credentials"].advice


@pytest.mark.parametrize(
    ("fault", "failed", "advice"),
    [
        ("status=403,on=hub.describe", "permission", "Importing may work all the same"),
        ("status=503,on=hub.describe", "credentials", "Try again later"),
        ("cut=9,on=hub.describe", "credentials", "proxy"),
        ("expired,on=hub.describe", "credentials", "aws sso login"),
        ("status=403,on=hub.products", "", "Allow securityhub:ListEnabledProductsForImport"),
        ("reset=after,on=hub.describe", "credentials", "proxy"),
        ("reset=after,on=hub.products", "", "proxy"),
        ("skew=900", "", ""),
    ],
)
async def test_a_step_that_fails_says_what_to_do(
    target: SecurityHubTarget, sandbox: Sandbox, fault: str, failed: str, advice: str
) -> None:
    sandbox.faults.add(fault)

    found = await steps(target)

    assert [name for name, step in found.items() if step.state is FAILED] == ([failed] if failed else [])
    assert advice in "".join(step.advice for step in found.values())
    if fault.endswith("hub.products"):
        assert found["products"].state is SKIPPED


async def test_an_account_without_security_hub_and_a_product_that_is_not_enabled_are_told(
    make_target: MakeTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(security_hub=SecurityHubSettings(enabled=False))
    with running(settings) as sandbox:
        give_keys(monkeypatch, sandbox)
        off = await steps(make_target(sandbox.access.security_hub.endpoint_url))
    on = replace(settings, security_hub=replace(settings.security_hub, enabled=True))
    with running(on) as sandbox:
        arn = "arn:aws:securityhub:us-east-1::product/acme/scanner"
        other = await steps(make_target(sandbox.access.security_hub.endpoint_url, product_arn=arn))

    assert off["permission"].state is FAILED
    assert "aws securityhub enable-security-hub" in off["permission"].advice
    assert other["products"].state is FAILED
    assert f"--product-arn {arn}" in other["products"].advice


async def test_nobody_at_the_address_fails_the_first_step(make_target: MakeTarget) -> None:
    assert states(await steps(make_target("http://127.0.0.1:9"))) == [
        ("address", FAILED), ("tls", SKIPPED), ("credentials", SKIPPED), ("permission", SKIPPED)
    ]  # fmt: skip
