"""Findings of several regions: none goes to a region that the operator did not name, and each to its own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from console.config import LimitsConfig, SecurityHubConfig
from console.errors import BadConfig, BadInput
from console.sandbox.security_hub.intake import SecurityHubSettings
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from console.submissions.desk import Desk
from console.submissions.model import Selection
from console.targets.base import COMPLETED, FAILED, Accepted, NotSent, PartlyAccepted
from console.targets.security_hub.aws import CredentialChain, Place, default_product_arn, places_of
from console.targets.security_hub.target import SecurityHubTarget
from tests.targets.desks import desk_at
from tests.targets.security_hub.conftest import ACCOUNT, Send
from tests.targets.security_hub.findings import Finding, finding

HOME, IRELAND = "us-east-1", "eu-west-1"


def places(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str], **config: object) -> list[Place]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    given = {"kind": "security-hub", "region": HOME, "account_id": ACCOUNT, **config}
    return places_of("hub", SecurityHubConfig.model_validate(given))


def test_each_region_has_the_endpoint_and_the_product_that_aws_gives_it(monkeypatch: pytest.MonkeyPatch) -> None:
    found = places(monkeypatch, {"AWS_USE_FIPS_ENDPOINT": "true"}, regions=["us-west-2", HOME, "us-west-2"])

    assert [(one.region, one.endpoint) for one in found] == [
        (HOME, "https://securityhub-fips.us-east-1.amazonaws.com"),
        ("us-west-2", "https://securityhub-fips.us-west-2.amazonaws.com"),
    ]
    assert [one.product_arn for one in found] == [
        default_product_arn("aws", region, ACCOUNT) for region in (HOME, "us-west-2")
    ]

    arn = f"arn:aws:securityhub:{HOME}::product/acme/scanner"
    found = places(monkeypatch, {}, regions=["us-west-2"], product_arn=arn)
    assert [one.product_arn for one in found] == [arn, arn.replace(HOME, "us-west-2")]


@pytest.mark.parametrize(
    ("environment", "config", "words"),
    [
        (
            {"AWS_ENDPOINT_URL_SECURITYHUB": "https://hub.example.com"},
            {},
            "one endpoint for all of them: https://hub.example.com",
        ),
        ({}, {"regions": ["cn-north-1"]}, "different parts of AWS: us-east-1 and cn-north-1"),
        ({}, {"regions": ["no region"]}, "no region"),
    ],
)
def test_regions_that_no_endpoint_of_their_own_can_be_told_for_are_a_mistake(
    monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str], config: dict[str, object], words: str
) -> None:
    with pytest.raises(BadConfig) as caught:
        places(monkeypatch, environment, **{"regions": [IRELAND], **config})

    assert words in str(caught.value)


@pytest.fixture
def sandboxes() -> Iterator[dict[str, Sandbox]]:
    """A sandbox for each of two regions, which know the same access key."""
    first = SecurityHubSettings(region=HOME)
    second = SecurityHubSettings(
        region=IRELAND, access_key_id=first.access_key_id, secret_access_key=first.secret_access_key
    )
    with ExitStack() as stack:
        yield {one.region: stack.enter_context(running(Settings(security_hub=one))) for one in (first, second)}


def target_in(sandboxes: Mapping[str, Sandbox], *regions: str) -> SecurityHubTarget:
    """A target in these regions."""
    found = [Place(region, "aws", sandboxes[region].url, ACCOUNT, None) for region in regions]
    return SecurityHubTarget("hub", found, CredentialChain("hub", None, regions[0]), LimitsConfig(), (0, 0, 0))


@pytest.fixture
async def desk(sandboxes: dict[str, Sandbox], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """A desk whose target `hub` is in both regions."""
    one = desk_at(sandboxes[HOME], tmp_path / "state", monkeypatch)
    one._open._targets["hub"] = target_in(sandboxes, HOME, IRELAND)
    yield one
    await one.close()


def of(region: str, number: int, **changes: object) -> Finding:
    return finding(Id=f"f-{number}", ProductArn=default_product_arn("aws", region, ACCOUNT), **changes)


def scan(path: Path, count: int, **odd: Finding) -> Path:
    """Findings of both regions in turn."""
    path.write_text(
        ",\n".join(json.dumps(odd.get(f"at_{at}") or of((HOME, IRELAND)[at % 2], at)) for at in range(count))
    )
    path.write_text(f"[{path.read_text()}]")
    return path


async def test_findings_go_to_their_own_region_in_full_requests_and_errors_lead_to_their_lines(
    desk: Desk, sandboxes: dict[str, Sandbox], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = scan(tmp_path / "scan.json", 220, at_101=of(IRELAND, 101, Title="x" * 257))
    monkeypatch.setattr(await desk.target("hub"), "check", lambda record: [])

    plan = await desk.prepare([path], "hub", Selection.ALL)
    assert plan.origins == [sandboxes[HOME].url, sandboxes[IRELAND].url]
    assert sorted(one.batch.records for one in plan.batches) == [10, 10, 100, 100]
    outcomes = [outcome async for _, outcome in desk.send(plan)]

    jobs = [outcome.job for outcome in outcomes if isinstance(outcome, Accepted | PartlyAccepted)]
    assert [(job.status, job.summary.invalid) for job in jobs].count((COMPLETED, 1)) == 1
    for region, sandbox in sandboxes.items():
        assert len(sandbox.journal.entries("hub.import")) == 2
        arns = {one["ProductArn"] for one in sandbox.security_hub.store.findings()}
        assert arns == {default_product_arn("aws", region, ACCOUNT)}
    taken = [len(sandbox.security_hub.store.taken()) for sandbox in sandboxes.values()]
    assert taken == [110, 109]
    (job,) = [job for job in jobs if job.summary.invalid]
    (error,) = (await desk.job_errors("hub", job.id)).items
    assert error.span is not None
    assert (error.error.uid, error.span.index, error.span.line, error.file) == ("f-101", 101, 102, str(path))

    again = await desk.prepare_again("hub", job.id)
    assert again.origins == [sandboxes[IRELAND].url]
    (outcome,) = [outcome async for _, outcome in desk.send(again)]
    assert isinstance(outcome, PartlyAccepted)
    assert outcome.job.status == FAILED


async def test_a_region_that_is_not_named_is_refused_before_anything_is_sent(
    desk: Desk, sandboxes: dict[str, Sandbox], tmp_path: Path
) -> None:
    path = scan(tmp_path / "scan.json", 4, at_3=of("ap-south-1", 3))

    with pytest.raises(BadInput, match=r"refuses record 3 at ProductArn: .*'ap-south-1'.*asff_other_region"):
        await desk.prepare([path], "hub", Selection.ALL)

    assert [sandbox.journal.entries() for sandbox in sandboxes.values()] == [[], []]


async def test_a_batch_for_a_region_that_is_named_no_more_is_not_sent(
    sandboxes: dict[str, Sandbox], send: Send, desk: Desk
) -> None:
    """The configuration changed between the plan and the sending."""
    target = target_in(sandboxes, HOME)
    outcome = await send(target, of(IRELAND, 1)).outcome()
    await target.close()

    assert isinstance(outcome, NotSent)
    assert not outcome.passing
    assert "eu-west-1, which is none of the regions" in outcome.error.message
    assert [sandbox.journal.entries() for sandbox in sandboxes.values()] == [[], []]


async def test_the_way_to_each_region_is_tested(desk: Desk, sandboxes: dict[str, Sandbox]) -> None:
    sandboxes[IRELAND].faults.add("status=401,on=hub.describe")
    target = await desk.target("hub")

    steps = [(step.name, step.state) async for step in target.probe()]

    assert ("permission in us-east-1", "ok") in steps
    assert ("permission in eu-west-1", "failed") in steps
