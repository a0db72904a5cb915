"""S30, S31, S41, S51 to S54, and the parts of S38 and S39 that concern Cisco XDR and Security Hub alone.

From the file to the ledger, at the sandbox. What each odd answer means by itself is tested in `tests/targets`.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from console.cli.setup import make_validator
from console.config import CiscoXdrConfig, Config, LimitsConfig, SecurityHubConfig
from console.credentials import Credentials
from console.sandbox.server import Sandbox
from console.submissions.desk import Desk
from console.submissions.model import BatchState, Selection, Submission
from console.submissions.patience import Patience
from console.targets.base import JobQuery
from tests.faults.errands import Errand, at_sandbox
from tests.targets.cisco_xdr.bundles import activity, bundle
from tests.targets.cisco_xdr.bundles import finding as xdr_finding
from tests.targets.security_hub.findings import finding


@pytest.fixture
async def desk(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """A desk whose targets `hub` and `xdr` are the sandbox, and which waits for nothing before it tries again."""
    hub, xdr = sandbox.access.security_hub, sandbox.access.cisco_xdr
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", hub.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", hub.secret_access_key.reveal())
    config = Config(
        targets={
            "hub": SecurityHubConfig(
                kind="security-hub", region=hub.region, account_id=hub.account_id, endpoint_url=hub.endpoint_url
            ),
            "xdr": CiscoXdrConfig(
                kind="cisco-xdr", base_url=xdr.base_url, token_url=xdr.token_url,
                module_instance_id=xdr.module_instance_id,
            ),
        },
        limits=LimitsConfig(),
    )  # fmt: skip
    (tmp_path / "state").mkdir()
    secrets = {"CISCO_XDR_CLIENT_ID": xdr.client_id, "CISCO_XDR_CLIENT_SECRET": xdr.client_secret.reveal()}
    one = Desk(config, Credentials(secrets), tmp_path / "state", make_validator)
    one._delivery.patience = Patience(draw=lambda _least, _most: 0)
    yield one
    await one.close()


async def _sent(desk: Desk, target: str, path: Path) -> Submission:
    """Send all of a file: the submission as the ledger then has it."""
    plan = await desk.prepare([path], target, Selection.ALL)
    async for _ in desk.send(plan):
        pass
    return await desk.submission(plan.submission)


@pytest.fixture
def findings(tmp_path: Path) -> Path:
    """Five findings of Security Hub's."""
    path = tmp_path / "scan.asff.json"
    path.write_text(json.dumps([finding(Id=f"f-{number}") for number in range(5)]))
    return path


@pytest.fixture
def bundles(tmp_path: Path) -> Path:
    """Two bundles for Cisco XDR."""
    path = tmp_path / "bundles.json"
    path.write_text(json.dumps([bundle(xdr_finding(uid, f"a-{uid}"), activity(f"a-{uid}")) for uid in ("f-1", "f-2")]))
    return path


async def test_s30_a_token_that_expires_in_the_middle_is_renewed_once(
    desk: Desk, sandbox: Sandbox, bundles: Path
) -> None:
    """Token expires mid-batch (Cisco 600 s): refreshed before; on 401 one refresh + one resend (was refused)."""
    sandbox.faults.add("expired,on=cisco.bundles,times=1")
    (batch,) = (await _sent(desk, "xdr", bundles)).batches
    assert (batch.state, batch.attempts) == (BatchState.ACCEPTED, 1)
    assert [sandbox.journal.count(name) for name in ("cisco.token", "cisco.bundles")] == [2, 2]


async def test_s31_a_token_that_is_none_is_an_error_of_credentials(desk: Desk, sandbox: Sandbox, bundles: Path) -> None:
    """Token endpoint 200 without token: auth error; no tight loop; nothing is sent."""
    sandbox.faults.add("cut=10,on=cisco.token")
    (batch,) = (await _sent(desk, "xdr", bundles)).batches
    assert batch.state in (BatchState.DENIED, BatchState.READY)
    assert sandbox.journal.count("cisco.bundles") == 0
    assert sandbox.journal.count("cisco.token") <= 5


async def test_s38_the_budget_of_the_organisation_is_shown(desk: Desk, sandbox: Sandbox, bundles: Path) -> None:
    """429 without header: backoff; org-wide budget shown (Cisco headers)."""
    sandbox.faults.add("status=429,on=cisco.bundles,times=1")
    (batch,) = (await _sent(desk, "xdr", bundles)).batches
    (tracked,) = (await desk.jobs("xdr", JobQuery())).items
    assert (batch.state, batch.attempts) == (BatchState.ACCEPTED, 2)
    assert tracked.job.raw["rate"] == {"limit": 8000, "remaining": 7999}


async def test_s39_a_page_of_maintenance_is_tried_again(desk: Desk, sandbox: Sandbox, findings: Path) -> None:
    """503 with maintenance HTML: retry (Security Hub), with the same bytes."""
    sandbox.faults.add("html=503,on=hub.import,times=1")
    (batch,) = (await _sent(desk, "hub", findings)).batches
    assert (batch.state, batch.attempts) == (BatchState.ACCEPTED, 2)
    assert len(sandbox.security_hub.store.taken()) == 5


async def test_s41_a_clock_that_is_wrong_is_found_out_by_the_date(desk: Desk, sandbox: Sandbox, findings: Path) -> None:
    """Clock skew ± 10 min (SigV4): detected from `Date`, one re-sign."""
    sandbox.faults.add("skew=600,on=hub.import")
    (batch,) = (await _sent(desk, "hub", findings)).batches
    assert (batch.state, batch.attempts) == (BatchState.ACCEPTED, 1)
    assert sandbox.journal.count("hub.import") == 2


@pytest.mark.parametrize("seconds", [-600, 600])
def test_s41_a_clock_that_is_wrong_does_not_hide_a_job(errand: Errand, sandbox: Sandbox, seconds: int) -> None:
    """Clock skew ± 10 min: detected from `Date`. Prowler signs nothing; its jobs are told by their time."""
    url = at_sandbox(errand, sandbox)
    sandbox.faults.add(f"skew={seconds},on=prowler.*")
    sandbox.faults.add("no-reply=reset,on=prowler.submit")
    done = errand.submit(url)
    (job,) = sandbox.prowler.store.ingestions(limit=10)
    assert (done.code, errand.kept.states, errand.kept.jobs) == (0, ["accepted"], [str(job.id)])


async def test_s51_what_failed_of_a_batch_is_marked_alone(
    desk: Desk, sandbox: Sandbox, findings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Security Hub 200 with FailedCount 2/5: only 2 marked; rest done."""
    records = json.loads(findings.read_text())
    for number in (1, 3):
        records[number]["Title"] = "x" * 257
    findings.write_text(json.dumps(records))
    # Our own rules, which find the same before anything is sent, look away.
    monkeypatch.setattr(await desk.target("hub"), "check", lambda record: [])
    (batch,) = (await _sent(desk, "hub", findings)).batches
    assert batch.job_id is not None
    errors = (await desk.job_errors("hub", batch.job_id)).items
    assert [(one.error.uid, one.span.index if one.span else None) for one in errors] == [("f-1", 1), ("f-3", 3)]
    assert (await desk.job("hub", batch.job_id)).job.summary.processed == 3


async def test_s52_an_answer_that_does_not_add_up_is_flagged(desk: Desk, sandbox: Sandbox, findings: Path) -> None:
    """Counts do not add up: batch flagged, raw kept."""
    sandbox.faults.add("miscount=-2,on=hub.import")
    (batch,) = (await _sent(desk, "hub", findings)).batches
    assert batch.job_id is not None
    tracked = await desk.job("hub", batch.job_id)
    (flag,) = (await desk.job_errors("hub", batch.job_id)).items
    assert (flag.error.code, flag.error.record) == ("answer_does_not_add_up", None)
    assert tracked.job.raw["answer"] == {"FailedCount": 0, "SuccessCount": 3, "FailedFindings": []}


async def test_s53_the_same_again_is_no_change(desk: Desk, sandbox: Sandbox, findings: Path) -> None:
    """Equal `UpdatedAt` resend: success, no change."""
    await _sent(desk, "hub", findings)
    (batch,) = (await _sent(desk, "hub", findings)).batches
    assert batch.state is BatchState.ACCEPTED
    outcomes = [one.outcome for one in sandbox.security_hub.store.taken()]
    assert sorted(outcomes) == ["created"] * 5 + ["ignored"] * 5


async def test_s54_results_and_errors_in_one_answer_are_told_apart(desk: Desk, sandbox: Sandbox, bundles: Path) -> None:
    """Cisco `data` + `errors` together; error without uid: unattributed shown on batch."""
    sandbox.faults.add("miscount=1,on=cisco.bundles")
    (batch,) = (await _sent(desk, "xdr", bundles)).batches
    assert (batch.state, batch.job_id is not None) == (BatchState.ACCEPTED, True)
    (error,) = (await desk.job_errors("xdr", batch.job_id or "")).items
    assert (error.error.record, error.span) == (None, None)
    assert batch.kept_invalid == 1


@pytest.fixture
def hub(sandbox: Sandbox) -> dict[str, str]:
    """The environment of somebody who uses AWS's own tools."""
    access = sandbox.access.security_hub
    return {
        "AWS_ACCESS_KEY_ID": access.access_key_id,
        "AWS_SECRET_ACCESS_KEY": access.secret_access_key.reveal(),
        "AWS_REGION": access.region,
        "AWS_ENDPOINT_URL_SECURITYHUB": access.endpoint_url,
    }


def test_findings_that_no_try_was_answered_for_are_unknown_and_go_again_by_the_same_bytes(
    errand: Errand, sandbox: Sandbox, findings: Path, hub: dict[str, str]
) -> None:
    """Nothing can be asked of the Hub, so nobody waits for it to tell; sending twice does no harm."""
    fault = sandbox.faults.add("no-reply=reset,on=hub.import")
    done = errand.run("submit", findings, "--target", "security-hub", "--format", "json", **hub)
    sandbox.faults.remove(fault)

    told = json.loads(done.stdout)
    assert (done.code, told["state"], told["accepted"]) == (5, "unknown", 0)
    resume = f"jobs resume --target security-hub {told['submission']}"
    assert "may have been imported" in done.stderr
    assert f"sending it again does no harm: ocsf-console {resume}" in done.stderr
    assert "Looking for" not in done.stderr
    listed = errand.run("jobs", "list", "--target", "security-hub", "--format", "json", **hub)
    assert [job["status"] for job in json.loads(listed.stdout)["jobs"]] == ["unknown"]

    again = errand.run(*resume.split(), "--format", "json", **hub)
    assert (again.code, json.loads(again.stdout)["accepted"]) == (0, 5)
    assert len({entry.sha256 for entry in sandbox.journal.entries("hub.import")}) == 1


def test_bundles_in_doubt_are_not_waited_for_where_nothing_shows_them(
    errand: Errand, sandbox: Sandbox, bundles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without `query_url` there is nowhere to look: `--wait` ends at once, and says how to settle it."""
    monkeypatch.setattr("console.cli.sending.LOOKS", (3_600.0,))
    access = sandbox.access.cisco_xdr
    config = errand.folder / "xdr.toml"
    config.write_text(
        f'[targets.xdr]\nkind = "cisco-xdr"\nbase_url = "{access.base_url}"\ntoken_url = "{access.token_url}"\n'
        f'module_instance_id = "{access.module_instance_id}"\n'
    )
    client = {"CISCO_XDR_CLIENT_ID": access.client_id, "CISCO_XDR_CLIENT_SECRET": access.client_secret.reveal()}
    sandbox.faults.add("no-reply=reset,on=cisco.bundles")

    done = errand.run("submit", bundles, "--target", "xdr", "--wait", "--config", config, "--format", "json", **client)

    submission = json.loads(done.stdout)["submission"]
    assert (done.code, json.loads(done.stdout)["state"]) == (5, "unknown")
    settle = f"jobs settle --target xdr {submission}"
    assert f"Look before sending again whether xdr has the findings.\nThen settle it: ocsf-console {settle} with" in (
        done.stderr
    )
    assert "Looking for" not in done.stderr
    assert "--adopt" not in done.stderr

    adopted = errand.run(*settle.split(), "--adopt", "nonsense", "--config", config, **client)
    assert adopted.code == 2
    assert "xdr keeps no jobs, so none of them can be what became of it: nothing was settled." in adopted.stderr
    assert "--abandon" in adopted.stderr
