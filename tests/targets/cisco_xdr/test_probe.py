"""Testing the way to Cisco XDR: to the tokens, from there to the intake, and never with a finding."""

from __future__ import annotations

import pytest

from console.errors import ExitCode
from console.records.model import JsonValue
from console.sandbox.server import Sandbox
from console.targets.base import ProbeStep, StepState
from console.targets.cisco_xdr.target import CiscoXdrTarget
from tests.targets.cisco_xdr.conftest import CLIENT, SECRETS, MakeTarget, as_json, secrets_of, speaking
from tests.targets.fault_server import answer, serving

OK, FAILED, SKIPPED = StepState.OK, StepState.FAILED, StepState.SKIPPED


async def steps_of(target: CiscoXdrTarget) -> list[ProbeStep]:
    steps = [step async for step in target.probe()]
    assert not any(secret in repr(steps) for secret in SECRETS)
    assert all(bool(step.error) is (step.state is FAILED) for step in steps)
    return steps


def states(steps: list[ProbeStep]) -> list[tuple[str, StepState]]:
    return [(step.name, step.state) for step in steps]


async def test_an_open_way_is_shown_with_its_scopes_and_no_finding_is_sent(
    make_target: MakeTarget, sandbox: Sandbox
) -> None:
    steps = await steps_of(make_target(sandbox))

    assert states(steps) == [
        ("module", OK),
        ("token host", OK),
        ("token tls", SKIPPED),
        ("credentials", OK),
        ("scopes", OK),
        ("address", OK),
        ("tls", SKIPPED),
        ("permission", OK),
    ]
    assert "600 s" in steps[3].detail
    assert steps[4].detail == "enrich:read casebook inspect:read security-events detection"
    assert {entry.method for entry in sandbox.journal.entries("")} == {"GET"}
    assert sandbox.journal.entries("cisco.bundles") == []


async def test_a_wrong_secret_is_told_and_the_way_to_the_intake_all_the_same(
    make_target: MakeTarget, sandbox: Sandbox
) -> None:
    steps = await steps_of(make_target(sandbox, {**secrets_of(sandbox), "CISCO_XDR_CLIENT_SECRET": "another"}))

    assert states(steps)[3:] == [
        ("credentials", FAILED),
        ("scopes", SKIPPED),
        ("address", OK),
        ("tls", SKIPPED),
        ("permission", SKIPPED),
    ]
    assert steps[3].error is not None
    assert steps[3].error.exit_code is ExitCode.DENIED
    assert "region" in steps[3].advice


async def test_what_is_missing_is_named(make_target: MakeTarget, sandbox: Sandbox) -> None:
    target = make_target(sandbox, {"CISCO_XDR_CLIENT_ID": "x"})
    target._event_source = type(target._event_source)(None, None)
    steps = await steps_of(target)

    assert states(steps)[:3] == [("module", FAILED), ("credentials", FAILED), ("scopes", SKIPPED)]
    assert steps[0].error is not None
    assert steps[0].error.exit_code is ExitCode.USAGE
    assert "There is no client secret" in steps[1].detail


@pytest.mark.parametrize(
    ("intake", "words"),
    [
        (as_json({"message": "Forbidden"}, "403 Forbidden"), "granted: enrich:read casebook"),
        (as_json({}, "401 Unauthorized"), "refused the access token"),
        (answer("302 Found", b"", "Location: https://login.example"), "redirects to https://login.example"),
        (as_json({}, "503 Unavailable"), "is failing"),
    ],
    ids=range(4),
)
async def test_a_refusal_of_the_intake_is_told(make_target: MakeTarget, intake: bytes, words: str) -> None:
    with serving(speaking(intake)) as server:
        *_, last = await steps_of(make_target(server.url))

    assert (last.name, last.state) == ("permission", FAILED)
    assert words in last.detail


@pytest.mark.parametrize("document", [{}, {"access_token": "a", "expires_in": 0}])
async def test_a_token_that_can_not_be_used_is_told(make_target: MakeTarget, document: JsonValue) -> None:
    with serving(speaking(as_json({}), as_json(document))) as server:
        steps = await steps_of(make_target(server.url))

    assert ("credentials", FAILED) in states(steps)


async def test_addresses_that_nothing_answers_at_are_told_apart(make_target: MakeTarget) -> None:
    with serving(speaking(as_json({}))) as server:
        alive, dead = server.url, "http://127.0.0.1:9"
        no_intake = await steps_of(make_target(alive, CLIENT, base_url=dead))
        no_tokens = await steps_of(make_target(alive, CLIENT, token_url=dead))

    assert states(no_intake)[3:] == [
        ("credentials", OK), ("scopes", OK), ("address", FAILED), ("tls", SKIPPED), ("permission", SKIPPED),
    ]  # fmt: skip
    assert states(no_tokens)[1:6] == [
        ("token host", FAILED), ("token tls", SKIPPED), ("credentials", SKIPPED), ("scopes", SKIPPED),
        ("address", OK),
    ]  # fmt: skip
