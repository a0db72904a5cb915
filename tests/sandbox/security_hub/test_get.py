"""GetFindings and its companions: every kind of filter, sorting, pages, and what is no question."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import httpx
import pytest

from console.sandbox.security_hub.attributes import ATTRIBUTES
from console.sandbox.security_hub.intake import SecurityHubSettings
from console.sandbox.server import running
from console.sandbox.settings import Settings
from tests.sandbox.security_hub.conftest import START, Client, Times
from tests.targets.security_hub.findings import Finding, finding

SEVERITIES = ("INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL")


def numbered(number: int) -> Finding:
    """One of five findings, each a day older than the one before."""
    at = (START - timedelta(days=number)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return finding(
        Id=f"finding-{number}",
        Title=f"Title {number} of five",
        CreatedAt=at,
        UpdatedAt=at,
        Severity={"Label": SEVERITIES[number]},
        Types=["TTPs/a", f"Effects/{number}"],
        Confidence=None if number == 4 else number * 10,
        ProductFields={"number": str(number), "even": "yes"} if number % 2 == 0 else {"number": str(number)},
        Resources=[
            {"Type": "AwsS3Bucket", "Id": "shared", "Region": "us-east-1", "Tags": {"env": f"e{number}"}},
            {"Type": "Other", "Id": f"own-{number}"},
        ],
        Network={"SourceIpV4": f"10.0.{number}.1", "SourcePort": number},
        RecordState="ARCHIVED" if number == 3 else "ACTIVE",
        Sample=number == 2,
        Note={"Text": "t", "UpdatedBy": "Anna", "UpdatedAt": at} if number == 1 else None,
    )


@pytest.fixture
def full(client: Client) -> Client:
    client.take(*map(numbered, range(5)))
    return client


def numbers(client: Client, **asked: object) -> list[int]:
    return [int(found["Id"][-1]) for found in client.get(**asked)]


def text(value: str, comparison: str = "EQUALS") -> dict[str, str]:
    return {"Value": value, "Comparison": comparison}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [0, 1, 2, 3, 4]),
        ({"Id": []}, [0, 1, 2, 3, 4]),
        ({"Id": [text("finding-1")]}, [1]),
        ({"Id": [text("finding-1"), text("finding-3")]}, [1, 3]),
        ({"Id": [text("Finding-1")]}, []),
        ({"Id": [text("finding")]}, []),
        ({"Id": [text("finding", "PREFIX")]}, [0, 1, 2, 3, 4]),
        ({"Id": [text("finding-2", "NOT_EQUALS")]}, [0, 1, 3, 4]),
        ({"Id": [text("finding-2", "NOT_EQUALS"), text("finding-3", "NOT_EQUALS")]}, [0, 1, 4]),
        ({"Id": [text("finding-", "PREFIX"), text("finding-2", "PREFIX_NOT_EQUALS")]}, [0, 1, 3, 4]),
        ({"Title": [text("3 of", "CONTAINS")]}, [3]),
        ({"Title": [text("3 of", "NOT_CONTAINS")]}, [0, 1, 2, 4]),
        ({"Title": [{"Value": "Title 3 of five"}]}, [3]),
        ({"SeverityLabel": [text("LOW"), text("HIGH")], "RecordState": [text("ACTIVE")]}, [1]),
        ({"RecordState": [text("ARCHIVED")]}, [3]),
        ({"ProductName": [text("Prowler")], "Region": [text("us-east-1")]}, [0, 1, 2, 3, 4]),
        ({"AwsAccountId": [text("123456789012", "NOT_EQUALS")]}, []),
        ({"Type": [text("Effects/2")]}, [2]),
        ({"Type": [text("Effects/2", "NOT_EQUALS")]}, [0, 1, 3, 4]),
        ({"ResourceId": [text("own-4"), text("own-0")]}, [0, 4]),
        ({"ResourceType": [text("AwsS3Bucket")], "ResourceId": [text("own-4")]}, [4]),
        ({"WorkflowStatus": [text("NEW")]}, [0, 1, 2, 3, 4]),
        ({"FindingProviderFieldsSeverityLabel": [text("HIGH")]}, [3]),
        ({"FindingProviderFieldsTypes": [text("Effects/", "PREFIX")]}, [0, 1, 2, 3, 4]),
        ({"NoteUpdatedBy": [text("Anna")]}, [1]),
        ({"NoteUpdatedBy": [text("Anna", "NOT_EQUALS")]}, [0, 2, 3, 4]),
        ({"VerificationState": [text("UNKNOWN")]}, []),
        ({"SeverityNormalized": [{"Gte": 1, "Lte": 70}]}, [1, 2, 3]),
        ({"SeverityNormalized": [{"Eq": 0}, {"Gt": 70}]}, [0, 4]),
        ({"Confidence": [{"Lt": 10}]}, [0]),
        ({"Confidence": [{"Gte": 0}]}, [0, 1, 2, 3]),
        ({"NetworkSourcePort": [{"Eq": 3.0}]}, [3]),
        ({"NetworkSourceIpV4": [{"Cidr": "10.0.2.0/23"}]}, [2, 3]),
        ({"NetworkSourceIpV6": [{"Cidr": "::/0"}]}, []),
        ({"ProductFields": [{"Key": "number", **text("3")}]}, [3]),
        ({"ProductFields": [{"Key": "even", **text("yes", "NOT_EQUALS")}]}, [1, 3]),
        ({"ProductFields": [{"Key": "even", **text("e", "CONTAINS")}]}, [0, 2, 4]),
        ({"ResourceTags": [{"Key": "env", "Value": "e1"}]}, [1]),
        ({"Sample": [{"Value": True}]}, [2]),
        ({"Keyword": [{"Value": "OWN-3"}]}, [3]),
        ({"UpdatedAt": [{"DateRange": {"Value": 2, "Unit": "DAYS"}}]}, [0, 1]),
        ({"UpdatedAt": [{"DateRange": {"Value": 2, "Unit": "DAYS", "Comparison": "OLDER_THAN"}}]}, [2, 3, 4]),
        ({"UpdatedAt": [{"Start": "2026-11-18T00:00:00Z", "End": "2026-11-19T20:43:04Z"}]}, [1, 2]),
        ({"UpdatedAt": [{"Start": "2026-11-19T21:43:04+01:00"}]}, [0, 1]),
        ({"UpdatedAt": [{"End": "2026-11-16T20:43:04.000Z"}, {"Start": "2026-11-20T00:00:00Z"}]}, [0, 4]),
        ({"LastObservedAt": [{"Start": "1970-01-01T00:00:00Z"}]}, []),
    ],
)
def test_each_filter_leaves_what_it_names(full: Client, filters: object, expected: list[int]) -> None:
    assert numbers(full, Filters=filters) == expected


def test_every_documented_name_is_a_filter_and_finds_nothing_in_vain(full: Client) -> None:
    one = {
        "STRING": text("absent"),
        "DATE": {"Start": "2999-01-01T00:00:00Z"},
        "NUMBER": {"Eq": -1},
        "MAP": {"Key": "absent", **text("x")},
        "IP": {"Cidr": "192.0.2.0/24"},
        "KEYWORD": {"Value": "absent"},
        "BOOLEAN": {"Value": True},
    }
    assert len(ATTRIBUTES) == 107
    for name, attribute in ATTRIBUTES.items():
        full.times.seconds += 1
        assert numbers(full, Filters={name: [one[attribute.kind.name]]}) == ([2] if name == "Sample" else [])


@pytest.mark.parametrize(
    "filters",
    [
        [],
        "x",
        {"Nonsense": [text("x")]},
        {"Id": text("x")},
        {"Id": ["x"]},
        {"Id": [{}]},
        {"Id": [{"Value": 1, "Comparison": "EQUALS"}]},
        {"Id": [text(" ")]},
        {"Id": [text("x", "LIKE")]},
        {"Id": [{"Value": "x", "Comparison": []}]},
        {"Id": [text("x")] * 21},
        {name: [] for name in list(ATTRIBUTES)[:11]},
        {"Confidence": [{}]},
        {"Confidence": [{"Eq": "1"}]},
        {"Confidence": [{"Eq": True}]},
        {"UpdatedAt": [{}]},
        {"UpdatedAt": [{"Start": "yesterday"}]},
        {"UpdatedAt": [{"DateRange": {"Value": 1}}]},
        {"UpdatedAt": [{"DateRange": {"Value": 10**30, "Unit": "DAYS"}}]},
        {"UpdatedAt": [{"DateRange": {"Value": -(10**7), "Unit": "DAYS"}}]},
        {"UpdatedAt": [{"DateRange": []}]},
        {"NetworkSourceIpV4": [{"Cidr": "10.0.0.0/99"}]},
        {"ProductFields": [text("x")]},
        {"ProductFields": [{"Key": "a", **text("x", "PREFIX")}]},
        {"Sample": [{"Value": "true"}]},
    ],
    ids=repr,
)
def test_what_is_no_filter_is_invalid_input(full: Client, filters: object) -> None:
    answer = full.post("/findings", {"Filters": filters})

    assert answer.status_code == 400
    assert answer.headers["x-amzn-errortype"] == "InvalidInputException"
    assert answer.json()["Message"].startswith("Invalid parameter 'Filters")


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ([], [0, 1, 2, 3, 4]),
        ([{"Field": "UpdatedAt", "SortOrder": "asc"}], [4, 3, 2, 1, 0]),
        ([{"Field": "UpdatedAt", "SortOrder": "desc"}], [0, 1, 2, 3, 4]),
        ([{"Field": "SeverityNormalized", "SortOrder": "desc"}], [4, 3, 2, 1, 0]),
        ([{"Field": "Title", "SortOrder": "desc"}], [4, 3, 2, 1, 0]),
        ([{"Field": "Confidence"}], [4, 0, 1, 2, 3]),
        ([{"Field": "RecordState", "SortOrder": "desc"}, {"Field": "Id", "SortOrder": "desc"}], [3, 4, 2, 1, 0]),
    ],
)
def test_findings_come_sorted(full: Client, criteria: object, expected: list[int]) -> None:
    assert numbers(full, SortCriteria=criteria) == expected


@pytest.mark.parametrize(
    "criteria", [{}, [1], [{}], [{"Field": "Nonsense"}], [{"Field": []}], [{"Field": "Id", "SortOrder": "up"}]]
)
def test_what_cannot_be_sorted_by_is_invalid_input(full: Client, criteria: object) -> None:
    assert full.post("/findings", {"SortCriteria": criteria}).json()["Code"] == "InvalidInputException"


def test_pages_cover_the_list_once(full: Client) -> None:
    seen: list[str] = []
    token: str | None = None
    pages = 0
    while pages == 0 or token:
        asked = {"MaxResults": 2, "SortCriteria": [{"Field": "Id", "SortOrder": "desc"}]}
        answer = full.post("/findings", {**asked, "NextToken": token}).json()
        seen += [found["Id"] for found in answer["Findings"]]
        token = answer.get("NextToken")
        pages += 1

    assert (pages, seen) == (3, [f"finding-{number}" for number in (4, 3, 2, 1, 0)])


def test_a_token_cannot_be_made_changed_or_used_for_another_question(full: Client) -> None:
    token = full.post("/findings", {"MaxResults": 2}).json()["NextToken"]

    assert full.post("/findings", {"NextToken": token}).status_code == 200
    others: list[object] = ["", "x", "é", token[:-4] + "AAAA", token + "AAAA", token.swapcase(), 7, {}]
    for wrong in others:
        answer = full.post("/findings", {"NextToken": wrong})
        assert (answer.status_code, answer.json()["Message"]) == (400, "Invalid parameter 'NextToken'.")
    assert full.post("/findings", {"NextToken": token, "Filters": {"Id": [text("a")]}}).status_code == 400


@pytest.mark.parametrize("size", [0, 101, -1, "5", 1.5, True, 10**30])
def test_a_page_has_1_to_100_findings(full: Client, size: object) -> None:
    assert full.post("/findings", {"MaxResults": size}).json()["Code"] == "InvalidInputException"


@pytest.mark.parametrize("body", [b"[]", b"{", b"7", b"\xff", b"[" * 100_000, b'{"MaxResults":' + b"9" * 5_000 + b"}"])
def test_what_is_no_question_is_refused(client: Client, body: bytes) -> None:
    answer = client.send("POST", "/findings", body)

    assert (answer.status_code, answer.json()["Code"]) == (400, "SerializationException")


def test_an_empty_body_asks_for_everything(full: Client) -> None:
    assert len(full.send("POST", "/findings").json()["Findings"]) == 5


def test_the_hub_describes_itself(client: Client) -> None:
    hub = "arn:aws:securityhub:us-east-1:123456789012:hub/default"

    assert client.send("GET", "/accounts").json() == {
        "HubArn": hub,
        "SubscribedAt": "2026-11-20T20:43:04.123Z",
        "AutoEnableControls": True,
        "ControlFindingGenerator": "SECURITY_CONTROL",
    }
    assert client.send("GET", f"/accounts?HubArn={quote(hub, safe='')}").status_code == 200
    answer = client.send("GET", "/accounts?HubArn=other")
    assert (answer.status_code, answer.json()["Code"]) == (404, "ResourceNotFoundException")


def test_enabled_products_are_listed_by_pages(times: Times) -> None:
    hub = SecurityHubSettings(integrations=("a/a", "b/b", "c/c"))
    with (
        running(Settings(security_hub=hub, clock=times.clock)) as sandbox,
        Client(sandbox.access.security_hub, times) as client,
    ):

        def listed(query: str) -> httpx.Response:
            return client.send("GET", f"/productSubscriptions?{query}")

        first = listed("MaxResults=2").json()
        rest = listed(f"MaxResults=2&NextToken={quote(first['NextToken'], safe='')}").json()
        arns = [f"arn:aws:securityhub:us-east-1:123456789012:product-subscription/{name}" for name in "abc"]
        assert [arn.rpartition("/")[0] for arn in first["ProductSubscriptions"]] == arns[:2]
        assert [arn.rpartition("/")[0] for arn in rest["ProductSubscriptions"]] == arns[2:]
        assert "NextToken" not in rest
        for query in ("MaxResults=0", "MaxResults=x", "MaxResults=101", "MaxResults=", "NextToken=x"):
            assert listed(query).json()["Code"] == "InvalidInputException"
