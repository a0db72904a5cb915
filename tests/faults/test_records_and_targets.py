"""R23 to R33: records of another shape, records that a target refuses, and what becomes of them in reports."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import click
import pytest

from console.cli.validate import validate
from console.sandbox.server import Sandbox
from console.targets.offline import OFFLINE_KINDS
from tests.cli.conftest import access
from tests.faults.conftest import Judge, Run
from tests.faults.support import AWS_NOWHERE, BOTH, array, finding, summed
from tests.targets.security_hub import findings as asff


def test_r23_nothing_where_something_is_due_is_told_by_the_schema(judge: Judge) -> None:
    """Empty strings, `" "`, null where string: per schema."""
    assert summed(judge(finding(message=""), finding(1, message=" "), finding(2, message=None))) == []
    event = finding()
    event["finding_info"]["uid"] = None
    assert summed(judge(event)) == [("error", "attribute_required_missing", "finding_info.uid")]
    event["finding_info"]["uid"] = " "
    assert ("error", "prowler_finding_uid_missing", "finding_info.uid") in summed(judge(event, kind="prowler"))


@pytest.mark.parametrize("rules", BOTH)
def test_r24_a_wrong_container_is_told_by_its_path(judge: Judge, rules: str) -> None:
    """Wrong container (object for array, array of null): path-precise error."""
    resource = finding()["resources"][0]
    found = judge(
        finding(resources=resource),
        finding(1, resources=[resource, None]),
        finding(2, finding_info=[finding()["finding_info"]]),
        rules=rules,
    )
    wrong = [(issue["record"], issue["path"]) for issue in found if issue["code"] == "attribute_wrong_type"]
    assert wrong == [(0, "resources"), (1, "resources[1]"), (2, "finding_info")]


def test_r25_thousands_of_unknown_keys_are_capped(judge: Judge, run: Run, tmp_path: Path) -> None:
    """Keys by the 10 k: capped, error."""
    found = judge(finding(**{f"key {number}": number for number in range(12_000)}))
    assert len(found) == 10_000
    assert ("error", "too_many_issues") in [(severity, code) for severity, code, _ in summed(found)]
    told = run("validate", tmp_path / "f.json")
    assert len(told.stdout) < 20_000


def test_r25_a_key_of_a_megabyte_is_cut_where_it_is_told(judge: Judge, run: Run, tmp_path: Path) -> None:
    """Key of 1 MB: capped, error."""
    key = "k" * 1_000_000
    (issue,) = judge(finding(**{key: 1}))
    assert (issue["severity"], issue["code"]) == ("error", "attribute_unknown")
    assert len(issue["message"]) < 1_000
    assert len(run("validate", tmp_path / "f.json").stdout) < 1_000
    assert key in run("show", tmp_path / "f.json").json()[0]


def test_r26_keys_that_mean_something_elsewhere_are_plain_data(judge: Judge, run: Run, tmp_path: Path) -> None:
    """Key `__proto__`, `constructor`, `""`, with dots: plain data; paths quoted."""
    odd = {"__proto__": {"a": 1}, "constructor": 2, "": 3, "metadata.version": "0.0.1", "a[0]": 4}
    found = judge(finding(unmapped=odd), finding(1, **odd))
    assert {issue["record"] for issue in found} == {1}
    assert {(issue["code"], issue["path"]) for issue in found} == {("attribute_unknown", key) for key in odd}
    assert run("show", tmp_path / "f.json").json()[0]["unmapped"] == odd
    (file,) = run("validate", tmp_path / "f.json", "--format", "json").json()["files"]
    assert file["versions"] == {"1.5.0": 2}


def test_r27_a_finding_of_no_account_is_told_before_it_is_sent(judge: Judge) -> None:
    """No account uid: told before sending."""
    event = finding()
    del event["unmapped"]["provider_uid"]
    found = summed(judge(event, kind="prowler"))
    assert ("warning", "prowler_provider_uid_missing", "unmapped.provider_uid") in found


def test_r27_a_finding_of_another_account_is_an_error_for_security_hub(judge: Judge, run: Run, tmp_path: Path) -> None:
    """No account uid / account mismatch (Security Hub): error before sending."""
    found = summed(judge(asff.finding(AwsAccountId=None), kind="security-hub"))
    assert ("error", "asff_required_missing", "") in found
    path = tmp_path / "f.json"
    own = "arn:aws:securityhub:us-east-1:210987654321:product/210987654321/default"
    path.write_bytes(array(asff.finding(ProductArn=own)))
    refused = run("submit", path, "--target", "security-hub", **AWS_NOWHERE)
    assert refused.code == 2
    assert "asff_other_account" in refused.stderr


def test_r28_an_oversize_finding_is_reported_alone(judge: Judge) -> None:
    """ASFF > 240 KB; batch > 6 MB: split by size first, then 100; oversize item reported alone."""
    large = asff.finding(Id="large", Network={"text": "x" * 250_000})
    found = judge(asff.finding(), large, kind="security-hub")
    assert [(issue["record"], issue["code"]) for issue in found if issue["severity"] == "error"] == [
        (1, "asff_finding_too_large")
    ]


@pytest.mark.skipif("cisco-xdr-custom" not in OFFLINE_KINDS, reason="Cisco XDR is not built yet")
def test_r29_texts_that_are_too_long_for_cisco_are_errors(judge: Judge) -> None:
    """More than field limits (Cisco title 500, desc 5 000, URL 2 048): error or explicit truncation choice."""
    event = finding()
    event["finding_info"]["title"] = "x" * 501
    assert any(severity == "error" for severity, _, _ in summed(judge(event, kind="cisco-xdr-custom")))


@pytest.mark.parametrize("formula", ["=HYPERLINK(1)", "@SUM(1)", "\t=1", "-1+1", "+1", "\r=1"])
def test_r30_a_formula_in_csv_is_text(run: Run, tmp_path: Path, formula: str) -> None:
    """`=HYPERLINK(…)`, `@SUM`, `\\t=`, `-1+1`: CSV export neutralised."""
    path = tmp_path / "f.json"
    path.write_bytes(array(finding(**{formula: 1})))
    (row,) = csv.DictReader(io.StringIO(run("validate", path, "--format", "csv").stdout))
    assert row["path"].startswith("'")
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values())


def _formats() -> list[str]:
    """The forms that a report can have."""
    return [
        str(form)
        for option in validate.params
        if option.name == "form" and isinstance(option.type, click.Choice)
        for form in option.type.choices
    ]


@pytest.mark.skipif("html" not in _formats(), reason="HTML reports are not built yet")
def test_r31_markup_in_a_page_is_text(run: Run, tmp_path: Path) -> None:
    """`<script>`, `"><img onerror>`, `javascript:` URL: HTML export inert."""
    path = tmp_path / "f.json"
    hostile = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)")
    path.write_bytes(array(*(finding(number, **{text: text}) for number, text in enumerate(hostile))))
    page = run("validate", path, "--format", "html").stdout
    assert not re.search(r"<(script|img)[^>]*(alert|onerror)|href=.?javascript:|alert\(1\)</script>", page)


def test_r32_secrets_in_findings_stay_in_the_findings(
    run: Run, tmp_path: Path, sandbox: Sandbox, own_environment: Path
) -> None:
    """Secrets inside findings (keys, tokens): not logged."""
    secret = "AKIA" + "Q" * 16
    path = tmp_path / "f.json"
    path.write_bytes(array(finding(message=f"found {secret}"), finding(1, unmapped={secret: secret}), finding(2)))
    told = [
        run("validate", path, "--for", "prowler"),
        run("inspect", path),
        run("submit", path, "--target", "prowler", "--wait", "--format", "json", **access(sandbox)),
    ]
    assert [done.code for done in told][0::2] == [0, 0]
    assert all(secret not in done.stdout + done.stderr for done in told)
    for kept in own_environment.rglob("*"):
        assert not kept.is_file() or secret.encode() not in kept.read_bytes(), kept


def test_r33_one_bad_record_of_ten_thousand_is_counted_and_the_choice_is_told(
    run: Run, tmp_path: Path, sandbox: Sandbox
) -> None:
    """Mixed valid/invalid (1 of 10 000): counts right; submit policy explicit."""
    line = json.dumps(finding()).encode()
    lines = [line.replace(b"finding-0", b"finding-%d" % number) for number in range(10_000)]
    lines[6_789] = json.dumps(finding(6_789, resources=[])).encode()
    path = tmp_path / "f.json"
    path.write_bytes(b"[" + b",\n".join(lines) + b"]")
    (file,) = run("validate", path, "--for", "prowler", "--format", "json").json()["files"]
    assert (file["records"], file["valid"], file["invalid"]) == (10_000, 9_999, 1)
    assert [group["first_record"] for group in file["groups"] if group["severity"] == "error"] == [6_789]
    every = run("submit", path, "--target", "prowler", "--dry-run", **access(sandbox))
    assert "prowler will refuse 1 record (1 × prowler_resources_missing)" in every.stderr
    valid = run(
        "submit", path, "--target", "prowler", "--select", "valid", "--dry-run", "--format", "json", **access(sandbox)
    )
    assert "1 left out" in valid.stderr
    assert "record 6789" in valid.stderr
    assert valid.json()["records"] == 9_999
