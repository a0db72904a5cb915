"""Create and update: what the service sets, what a provider may change, and what a customer has the last word on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from console.sandbox.server import running
from console.sandbox.settings import Settings
from tests.sandbox.security_hub.conftest import Client, Times, later
from tests.targets.security_hub.findings import Finding, finding

PROWLER = "arn:aws:securityhub:us-east-1::product/prowler/prowler"
OWN = "arn:aws:securityhub:us-east-1:123456789012:product/123456789012/default"
NOTE = {"Text": "theirs", "UpdatedBy": "provider", "UpdatedAt": "2026-11-20T20:43:04Z"}
IDENTIFIER = {"Id": "prowler-1", "ProductArn": PROWLER}


def updated(**changes: object) -> Finding:
    return finding(**{"UpdatedAt": later(), **changes})


def test_the_service_sets_what_a_provider_leaves_out(client: Client) -> None:
    sent = finding()
    client.take(sent)

    assert client.only() == {
        **sent,
        "Severity": {"Label": "HIGH", "Normalized": 70},
        "FindingProviderFields": {"Severity": {"Label": "HIGH"}, "Types": sent["Types"]},
        "ProductName": "Prowler",
        "CompanyName": "Prowler",
        "ProductFields": {
            "aws/securityhub/FindingId": f"{PROWLER}/prowler-1",
            "aws/securityhub/ProductName": "Prowler",
            "aws/securityhub/CompanyName": "Prowler",
        },
        "Region": "us-east-1",
        "Workflow": {"Status": "NEW"},
        "WorkflowState": "NEW",
        "RecordState": "ACTIVE",
        "ProcessedAt": "2026-11-20T20:43:04.123Z",
    }


def test_only_an_accounts_own_product_may_name_itself(client: Client) -> None:
    names = {"ProductName": "Mine", "CompanyName": "Us", "Region": "moon-1"}
    client.take(finding(Id="a", ProductArn=OWN), finding(Id="b", ProductArn=OWN, **names), finding(Id="c", **names))

    shown = [(found["ProductName"], found["CompanyName"], found["Region"]) for found in client.get()]
    assert shown == [
        ("Default", "Personal", "us-east-1"),
        ("Mine", "Us", "us-east-1"),
        ("Prowler", "Prowler", "us-east-1"),
    ]


@pytest.mark.parametrize(
    ("sent", "label", "normalized"),
    [
        ({"Label": "INFORMATIONAL"}, "INFORMATIONAL", 0),
        ({"Label": "LOW"}, "LOW", 1),
        ({"Label": "MEDIUM"}, "MEDIUM", 40),
        ({"Label": "CRITICAL"}, "CRITICAL", 90),
        ({"Normalized": 0}, "INFORMATIONAL", 0),
        ({"Normalized": 1}, "LOW", 1),
        ({"Normalized": 39}, "LOW", 39),
        ({"Normalized": 40}, "MEDIUM", 40),
        ({"Normalized": 69}, "MEDIUM", 69),
        ({"Normalized": 70}, "HIGH", 70),
        ({"Normalized": 89}, "HIGH", 89),
        ({"Normalized": 90}, "CRITICAL", 90),
        ({"Normalized": 100}, "CRITICAL", 100),
    ],
)
def test_label_and_number_of_a_severity_follow_from_one_another(
    client: Client, sent: dict[str, object], label: str, normalized: int
) -> None:
    client.take(finding(Severity={**sent, "Original": "8.8"}))

    found = client.only()
    assert found["Severity"] == {"Label": label, "Normalized": normalized, "Original": "8.8"}
    assert found["FindingProviderFields"]["Severity"] == {"Label": label, "Original": "8.8"}


@pytest.mark.parametrize(
    ("at", "title"),
    [
        (later(), "new"),
        ("2026-11-20T20:43:04.001Z", "new"),
        ("2026-11-20T19:43:05-01:00", "new"),
        ("2026-11-20T20:43:04Z", "A bucket is public"),
        ("2026-11-20T20:43:04.000499Z", "A bucket is public"),
        ("2026-11-20T21:43:04+01:00", "A bucket is public"),
        (later(-1), "A bucket is public"),
    ],
)
def test_only_a_newer_finding_updates(client: Client, at: str, title: str) -> None:
    client.take(finding())
    client.take(finding(UpdatedAt=at, Title="new"))

    assert client.only()["Title"] == title


def test_the_same_id_of_another_product_is_another_finding(client: Client) -> None:
    client.take(finding(), finding(ProductArn=OWN))

    assert len(client.get()) == 2


def test_hostile_text_and_numbers_come_back_as_they_were(client: Client) -> None:
    strange = {**finding(Id="a\0b\u2028\x1b[31m", Title="\ufeff\u202e漢\U0001f600 '; DROP TABLE hub_findings; --")}
    client.take({**strange, "Process": {"Pid": 10**300}, "Detection": {"x": [1e308, -0.5, 2**64]}})

    found = client.only()
    assert {name: found[name] for name in ("Id", "Title")} == {name: strange[name] for name in ("Id", "Title")}
    assert (found["Process"], found["Detection"]) == ({"Pid": 10**300}, {"x": [1e308, -0.5, 2**64]})
    assert client.get(Filters={"ProcessPid": [{"Gt": 1e300}]}) == []
    assert client.get(Filters={"ProcessPid": [{"Gte": 1}]}, SortCriteria=[{"Field": "ProcessPid"}]) == [found]


def test_of_one_id_in_one_request_the_last_finding_wins(client: Client) -> None:
    client.take(finding(Title="first"), finding(Title="second"), finding(Title="third"))

    assert client.only()["Title"] == "third"


def test_a_finding_that_fails_does_not_win_over_an_earlier_one(client: Client) -> None:
    answer = client.import_(finding(Title="first"), finding(Title=""))

    assert answer.json()["SuccessCount"] == 1
    assert client.only()["Title"] == "first"


def test_an_update_archives_and_keeps_what_is_the_customers(client: Client) -> None:
    theirs = {"Note": NOTE, "UserDefinedFields": {"a": "theirs"}, "VerificationState": "UNKNOWN"}
    client.take(finding(**theirs, Workflow={"Status": "NOTIFIED"}))
    other = {"Note": {**NOTE, "Text": "other"}, "UserDefinedFields": {"b": "c"}, "VerificationState": "TRUE_POSITIVE"}
    client.take(updated(**other, Workflow={"Status": "SUPPRESSED"}, RecordState="ARCHIVED"))

    found = client.only()
    assert {name: found[name] for name in theirs} == theirs
    assert found["Workflow"] == {"Status": "NOTIFIED"}
    assert found["RecordState"] == "ARCHIVED"
    assert found["UpdatedAt"] == later()


def test_an_update_brings_no_field_of_a_customer_along(client: Client) -> None:
    client.take(finding())
    client.take(updated(Note=NOTE, UserDefinedFields={"b": "c"}, VerificationState="TRUE_POSITIVE"))

    assert not {"Note", "UserDefinedFields", "VerificationState"} & set(client.only())


def test_a_new_finding_takes_both_places_from_the_providers_fields(client: Client) -> None:
    provided = {"Confidence": 42, "Severity": {"Label": "LOW", "Original": "1"}, "Types": ["TTPs"]}
    client.take(finding(Confidence=7, Criticality=9, FindingProviderFields=provided))

    found = client.only()
    assert (found["Confidence"], found["Criticality"], found["Types"]) == (42, 9, ["TTPs"])
    assert found["Severity"] == {"Label": "LOW", "Original": "1", "Normalized": 1}
    assert found["FindingProviderFields"] == {**provided, "Criticality": 9}


def test_an_update_with_both_sets_each_place_for_itself(client: Client) -> None:
    client.take(finding())
    client.take(updated(Severity={"Label": "LOW"}, FindingProviderFields={"Severity": {"Label": "MEDIUM"}}))

    found = client.only()
    assert found["Severity"]["Label"] == "LOW"
    assert found["FindingProviderFields"]["Severity"]["Label"] == "MEDIUM"


def test_an_update_of_the_providers_fields_shows_until_a_customer_has_decided(client: Client) -> None:
    client.take(finding())
    provided = {"Severity": {"Label": "LOW"}, "Types": ["TTPs"], "Confidence": 1}
    client.take(updated(Severity=None, Types=None, FindingProviderFields=provided))
    found = client.only()
    assert (found["Severity"]["Label"], found["Types"], found["Confidence"]) == ("LOW", ["TTPs"], 1)

    assert client.update(IDENTIFIER, Severity={"Label": "CRITICAL"}, Confidence=99).status_code == 200
    client.take(updated(UpdatedAt=later(2), Severity={"Label": "MEDIUM"}, Confidence=2, Types=["Effects"]))

    found = client.only()
    assert (found["Severity"], found["Confidence"]) == ({"Label": "CRITICAL", "Normalized": 90}, 99)
    assert found["Types"] == ["Effects"]
    assert found["FindingProviderFields"] == {"Severity": {"Label": "MEDIUM"}, "Types": ["Effects"], "Confidence": 2}


def test_a_customers_update_leaves_the_time_of_the_provider(client: Client, times: Times) -> None:
    client.take(finding())
    before = client.only()
    changes = {
        "VerificationState": "FALSE_POSITIVE",
        "UserDefinedFields": {"ticket": "1"},
        "Workflow": {"Status": "SUPPRESSED"},
        "Types": ["Effects"],
        "Criticality": 3,
        "RelatedFindings": [IDENTIFIER],
    }
    times.now = times.now.replace(second=5)

    answer = client.update(IDENTIFIER, Note={"Text": "t", "UpdatedBy": "me"}, Severity={"Normalized": 2}, **changes)

    assert answer.json() == {"ProcessedFindings": [IDENTIFIER], "UnprocessedFindings": []}
    assert client.only() == {
        **before,
        **changes,
        "Note": {"Text": "t", "UpdatedBy": "me", "UpdatedAt": "2026-11-20T20:43:05.123Z"},
        "Severity": {"Label": "LOW", "Normalized": 2},
    }


def test_what_a_customers_update_cannot_find_is_unprocessed(client: Client) -> None:
    client.take(finding())
    unknown = {"Id": "nobody", "ProductArn": PROWLER}

    answer = client.update(unknown, IDENTIFIER, IDENTIFIER, Workflow={"Status": "RESOLVED"})

    assert answer.json() == {
        "ProcessedFindings": [IDENTIFIER],
        "UnprocessedFindings": [
            {"FindingIdentifier": unknown, "ErrorCode": "FindingNotFound", "ErrorMessage": "Finding Not Found"},
            {
                "FindingIdentifier": IDENTIFIER,
                "ErrorCode": "DuplicatedFindingIdentifier",
                "ErrorMessage": "Finding Identifier is duplicated",
            },
        ],
    }


def test_a_customers_update_must_be_sound(client: Client) -> None:
    client.take(finding())
    before = client.only()
    unsound: list[dict[str, object]] = [
        {"Workflow": {"Status": "CLOSED"}},
        {"Note": {"Text": "t"}},
        {"Confidence": 101},
        {"UserDefinedFields": {"a": "x" * 1025}},
        {"Severity": []},
    ]
    for changes in unsound:
        answer = client.update(IDENTIFIER, **changes)
        assert (answer.status_code, answer.json()["Code"]) == (400, "InvalidInputException")
    wrong: list[list[object]] = [[], [IDENTIFIER] * 101, [{}], ["a"]]
    for identifiers in wrong:
        assert client.update(*identifiers).status_code == 400
    for body in (b"[]", b"{", b'{"FindingIdentifiers":1}', b"{}"):
        assert client.send("PATCH", "/findings/batchupdate", body).status_code == 400

    assert client.only() == before


def test_a_customers_update_may_not_make_a_finding_too_large(client: Client) -> None:
    client.take(finding(Detection={"a": "x" * 240_000}))

    fields = {f"key-{number}": "x" * 1000 for number in range(20)}
    answer = client.update(IDENTIFIER, UserDefinedFields=fields).json()

    assert answer["UnprocessedFindings"][0]["ErrorCode"] == "FindingSizeExceeded"
    assert "UserDefinedFields" not in client.only()


def test_findings_survive_a_restart(tmp_path: Path, times: Times) -> None:
    settings = Settings(data=tmp_path, clock=times.clock)
    with running(settings) as sandbox, Client(sandbox.access.security_hub, times) as client:
        client.take(finding())
        client.update(IDENTIFIER, Severity={"Label": "LOW"})
        before = client.only()
        taken = sandbox.security_hub.store.taken()

    with running(replace(settings)) as sandbox, Client(sandbox.access.security_hub, times) as client:
        assert client.only() == before
        assert sandbox.security_hub.store.taken() == taken
        client.take(updated(Severity={"Label": "CRITICAL"}))
        assert client.only()["Severity"]["Label"] == "LOW"
