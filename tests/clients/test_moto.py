"""Our Security Hub target at moto, which answers as AWS does, checks signatures and policies, and is not ours.

What moto leaves out (limits, the format of findings, accounts, throttling) the sandbox has.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
from botocore.session import Session

from console.config import LimitsConfig, SecurityHubConfig
from console.convert.asff_origin import AsffOptions
from console.convert.asff_regions import region_of
from console.convert.forms import Form, Request, convert_record
from console.credentials import Credentials
from console.records.model import Record
from console.records.reader import FindingFile
from console.targets import registry
from console.targets.base import Accepted, Batch, Denied, Outcome, PartlyAccepted, StepState, Target
from console.targets.security_hub import hub, signing
from tests.clients.conftest import CLIENTS, Run, bare_environment
from tests.targets.security_hub.conftest import records
from tests.targets.security_hub.findings import Finding, finding

REGION: Final = "eu-west-1"
GOVERNMENT: Final = "us-gov-west-1"
"""A region of another part of AWS, where no user of the others is known."""
OWN: Final = f"arn:aws:securityhub:{REGION}:123456789012:product/123456789012/default"
READ_BACK: Final = """
import json, sys
import boto3
pages = boto3.client("securityhub", endpoint_url=sys.argv[1]).get_paginator("get_findings").paginate()
print(json.dumps([finding for page in pages for finding in page["Findings"]]))
"""
_SERVER: Final = "from moto.server import main; main(['-H', '127.0.0.1', '-p', '0'])"
_RUNNING: Final = re.compile(r"http://127\.0\.0\.1:\d+")

Keys = Mapping[str, str]
"""The environment of somebody who has an access key."""


@dataclass(frozen=True, slots=True)
class Moto:
    """A server that runs, with signatures checked, and who may speak to it."""

    url: str
    allowed: Keys
    """Somebody whose policy allows the import, and reading back."""
    forbidden: Keys
    """Somebody without any policy."""
    government: Keys
    """Somebody who may do the same in another part of AWS."""


@pytest.fixture(scope="module")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moto]:
    """Starts the server. Skips where it is not installed."""
    python = CLIENTS / "python"
    installed = [str(python), "-c", "import moto.server"]
    if not python.exists() or subprocess.run(installed, capture_output=True, check=False).returncode:
        pytest.skip("moto is not installed among the clients: make unit installs it")
    home = tmp_path_factory.mktemp("moto")
    server = subprocess.Popen(
        [python, "-c", _SERVER], env=bare_environment(home), cwd=home, stderr=subprocess.PIPE, text=True
    )
    assert server.stderr is not None
    try:
        told = next(found for line in server.stderr if (found := _RUNNING.search(line)))
        yield _people(told[0])
    finally:
        server.terminate()
        server.communicate()


def _people(url: str) -> Moto:
    """Make users, one of them in another part of AWS, and have signatures checked from then on."""
    actions = ["securityhub:BatchImportFindings", "securityhub:GetFindings", "securityhub:DescribeHub"]
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
    keys = []
    for name, region in (("allowed", REGION), ("forbidden", REGION), ("allowed", GOVERNMENT)):
        iam = Session().create_client(
            "iam", region_name=region, endpoint_url=url, aws_access_key_id="testing", aws_secret_access_key="testing"
        )
        iam.create_user(UserName=name)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        keys.append({"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]})
        if name == "allowed":
            iam.put_user_policy(UserName=name, PolicyName="import", PolicyDocument=json.dumps(policy))
        iam.close()
    httpx.post(f"{url}/moto-api/reset-auth", content=b"0").raise_for_status()
    return Moto(url, *keys)


@pytest.fixture(autouse=True)
def no_instance_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


MakeTarget = Callable[..., Target]


@pytest.fixture
async def target_of(moto: Moto, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MakeTarget]:
    """Opens a target for somebody, as the console does: with nothing but AWS's variables."""
    opened: list[Target] = []

    def make(keys: Keys, region: str = REGION) -> Target:
        for name, value in {**keys, "AWS_REGION": region, "AWS_ENDPOINT_URL_SECURITYHUB": moto.url}.items():
            monkeypatch.setenv(name, value)
        config = SecurityHubConfig(kind="security-hub")
        opened.append(registry.open_target("security-hub", config, Credentials({}), LimitsConfig()))
        return opened[-1]

    yield make
    for target in opened:
        await target.close()


async def sent(target: Target, folder: Path, *findings: Finding) -> Outcome:
    payload = b"".join(target.payload(records(*findings)))
    path = folder / "payload"
    path.write_bytes(payload)
    batch = Batch(1, len(findings), path, len(payload), hashlib.sha256(payload).hexdigest(), "f.json")
    return await target.send(batch, str(uuid4()), lambda _: None)


def own(number: int, **changes: object) -> Finding:
    return finding(Id=f"finding/{number}", ProductArn=OWN, Title="é 漢 \u2028", **changes)


async def test_findings_are_imported_and_read_back_with_the_sdk(
    moto: Moto, target_of: MakeTarget, run: Run, tmp_path: Path
) -> None:
    findings = [own(number) for number in range(100)]

    outcome = await sent(target_of(moto.allowed), tmp_path, *findings)

    assert isinstance(outcome, Accepted), outcome
    assert (outcome.job.summary.processed, outcome.job.summary.invalid) == (100, 0)
    done = run(CLIENTS / "python", "-c", READ_BACK, moto.url, **moto.allowed, AWS_DEFAULT_REGION=REGION)
    assert done.returncode == 0, done.stderr
    kept: dict[str, Any] = {one["Id"]: one for one in json.loads(done.stdout)}
    for one in findings:
        assert {name: kept[str(one["Id"])][name] for name in one} == one


async def test_all_of_the_prowler_sample_is_taken_once_it_is_converted(
    moto: Moto, target_of: MakeTarget, tmp_path: Path, sample: Path
) -> None:
    request = Request(Form.ASFF, AsffOptions(account="123456789012", region=REGION))
    with FindingFile.open(sample) as file:
        converted = [convert_record(one.raw, request).outputs for one in file.records() if isinstance(one, Record)]
    by_region: dict[str, list[Finding]] = defaultdict(list)
    for raw in chain.from_iterable(converted):
        by_region[region_of(raw)].append(json.loads(raw))
    keys = {GOVERNMENT: moto.government}
    targets = {region: target_of(keys.get(region, moto.allowed), region) for region in by_region}

    outcomes = [
        await sent(targets[region], tmp_path, *findings[at : at + 100])
        for region, findings in by_region.items()
        for at in range(0, len(findings), 100)
    ]

    assert {type(outcome) for outcome in outcomes} == {Accepted}, outcomes
    taken = [outcome.job.summary.processed for outcome in outcomes if isinstance(outcome, Accepted)]
    assert sum(number or 0 for number in taken) == 1_000
    assert len(by_region) == 4


async def test_a_partial_failure_names_the_finding(moto: Moto, target_of: MakeTarget, tmp_path: Path) -> None:
    outcome = await sent(target_of(moto.allowed), tmp_path, own(200), own(201, Resources=[]), own(202))

    assert isinstance(outcome, PartlyAccepted), outcome
    assert (outcome.job.summary.processed, outcome.job.summary.invalid) == (2, 1)
    (error,) = outcome.errors
    assert (error.record, error.uid, error.code) == (1, "finding/201", "InvalidInput")
    assert "must contain at least one resource" in error.message


async def test_a_wrong_secret_is_denied(moto: Moto, target_of: MakeTarget, tmp_path: Path) -> None:
    outcome = await sent(target_of({**moto.allowed, "AWS_SECRET_ACCESS_KEY": "x" * 40}), tmp_path, own(300))

    assert isinstance(outcome, Denied)
    assert outcome.error.code == "SignatureDoesNotMatch"
    assert "AWS_SECRET_ACCESS_KEY belongs to AWS_ACCESS_KEY_ID" in outcome.error.hint


async def test_an_unknown_key_is_denied(moto: Moto, target_of: MakeTarget, tmp_path: Path) -> None:
    outcome = await sent(target_of({**moto.allowed, "AWS_ACCESS_KEY_ID": "AKIAUNKNOWN"}), tmp_path, own(301))

    assert isinstance(outcome, Denied)
    assert outcome.error.code == "InvalidClientTokenId"
    assert "does not know the access key" in outcome.error.message


async def test_a_missing_policy_is_denied(moto: Moto, target_of: MakeTarget, tmp_path: Path) -> None:
    outcome = await sent(target_of(moto.forbidden), tmp_path, own(302))

    assert isinstance(outcome, Denied)
    assert outcome.error.code == "AccessDenied"
    assert "a policy allows securityhub:BatchImportFindings" in outcome.error.hint


async def test_a_body_that_was_tampered_with_is_refused(
    moto: Moto, target_of: MakeTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def for_another_body(*arguments: Any) -> Any:
        credentials, region, method, url, body, at = arguments
        return signing.signed(credentials, region, method, url, body.replace(b"HIGH", b"LOW"), at)

    monkeypatch.setattr(hub, "signed", for_another_body)

    outcome = await sent(target_of(moto.allowed), tmp_path, own(303))

    assert isinstance(outcome, Denied)
    assert outcome.error.code == "SignatureDoesNotMatch"


@pytest.fixture
def unchecked(moto: Moto) -> Iterator[None]:
    """No signature is checked: moto's check of a GET without a query fails for its own SDK too."""
    httpx.post(f"{moto.url}/moto-api/reset-auth", content=b"1000").raise_for_status()
    yield
    httpx.post(f"{moto.url}/moto-api/reset-auth", content=b"0").raise_for_status()


@pytest.mark.usefixtures("unchecked")
async def test_a_probe_tells_that_the_hub_is_not_enabled_and_then_that_it_is(moto: Moto, target_of: MakeTarget) -> None:
    target = target_of(moto.allowed)
    before = {step.name: step async for step in target.probe()}
    hub = Session().create_client("securityhub", region_name=REGION)
    hub.enable_security_hub()
    hub.close()
    after = {step.name: step.state async for step in target.probe()}

    assert before["credentials"].state is StepState.OK
    assert before["permission"].state is StepState.FAILED
    assert "has not enabled Security Hub" in before["permission"].detail
    assert "aws securityhub enable-security-hub" in before["permission"].advice
    assert "products" not in before
    assert (after["permission"], after["products"]) == (StepState.OK, StepState.SKIPPED), "moto lists no products"
