"""AWS's own SDK against the intake: nothing but the endpoint is changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore import config, exceptions, session

from console.sandbox.server import running
from console.sandbox.settings import Settings
from tests.targets.security_hub.findings import finding


@pytest.fixture
def aws() -> Iterator[Any]:
    """A client as users of the SDK make it, which tries everything once."""
    with running(Settings()) as sandbox:
        access = sandbox.access.security_hub
        client = session.get_session().create_client(
            "securityhub",
            endpoint_url=access.endpoint_url,
            region_name=access.region,
            aws_access_key_id=access.access_key_id,
            aws_secret_access_key=access.secret_access_key.reveal(),
            config=config.Config(retries={"total_max_attempts": 1}),
        )
        yield client
        client.close()


def test_findings_are_imported_and_read_back(aws: Any) -> None:
    answer = aws.batch_import_findings(Findings=[finding(Title="é 漢"), finding(Id="bad", Title="x" * 257)])

    assert (answer["SuccessCount"], answer["FailedCount"]) == (1, 1)
    assert answer["FailedFindings"][0]["Id"] == "bad"
    assert answer["ResponseMetadata"]["RequestId"]
    filters = {"ProductName": [{"Value": "Prowler", "Comparison": "EQUALS"}]}
    (found,) = aws.get_findings(Filters=filters, MaxResults=10)["Findings"]
    assert (found["Title"], found["Workflow"]) == ("é 漢", {"Status": "NEW"})


def test_what_prowler_asks_first_is_answered(aws: Any) -> None:
    assert aws.describe_hub()["HubArn"] == "arn:aws:securityhub:us-east-1:123456789012:hub/default"
    pages = aws.get_paginator("list_enabled_products_for_import").paginate()
    (arn,) = [arn for page in pages for arn in page["ProductSubscriptions"]]
    assert arn.endswith(":product-subscription/prowler/prowler")


def test_findings_are_read_back_page_by_page(aws: Any) -> None:
    aws.batch_import_findings(Findings=[finding(Id=str(number)) for number in range(7)])

    pages = aws.get_paginator("get_findings").paginate(PaginationConfig={"PageSize": 3})

    assert [len(page["Findings"]) for page in pages] == [3, 3, 1]


def test_a_customers_update_goes_through(aws: Any) -> None:
    aws.batch_import_findings(Findings=[finding()])
    identifier = {"Id": "prowler-1", "ProductArn": finding()["ProductArn"]}

    answer = aws.batch_update_findings(FindingIdentifiers=[identifier], Workflow={"Status": "RESOLVED"})

    assert (answer["ProcessedFindings"], answer["UnprocessedFindings"]) == ([identifier], [])


def test_errors_reach_the_user_by_their_names(aws: Any) -> None:
    with pytest.raises(aws.exceptions.InvalidInputException, match=r"Size '101' is greater than maximum value: 100"):
        aws.batch_import_findings(Findings=[finding()] * 101)
    with pytest.raises(aws.exceptions.AccessDeniedException, match="is not authorized to perform: securityhub:Batch"):
        aws.batch_import_findings(Findings=[finding(AwsAccountId="210987654321")])
    with pytest.raises(exceptions.ClientError, match=r"\(RequestEntityTooLarge\)"):
        aws.batch_import_findings(Findings=[finding(Detection={"Sequence": {"Uid": "x" * 7_000_000}})])
