"""Requests and the signatures that other people's signers gave them.

`AWS_SUITE` is from AWS's published test suite for Signature Version 4 and its IAM example; `BOTOCORE` was recorded from
botocore 1.44.8, which signed at `SIGNED_AT`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

SUITE_SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
SUITE_AT = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SIGNED_AT = datetime(2026, 11, 20, 20, 43, 4, tzinfo=UTC)


@dataclass(frozen=True)
class Vector:
    """A signed request."""

    name: str
    method: str
    path: str
    query: str
    headers: dict[str, str]
    """All that are signed, by their names in lower case, but for `x-amz-date`."""
    signature: str
    body: bytes = b""
    service: str = "service"
    unsigned: dict[str, str] = field(default_factory=dict)


EXAMPLE = {"host": "example.amazonaws.com"}
FORM = {"content-type": "application/x-www-form-urlencoded", **EXAMPLE}
VANILLA = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
AWS_SUITE = [
    Vector("get-vanilla", "GET", "/", "", EXAMPLE, VANILLA),
    Vector("get-slash", "GET", "//", "", EXAMPLE, VANILLA),
    Vector("get-slash-dot-slash", "GET", "/./", "", EXAMPLE, VANILLA),
    Vector("get-relative-relative", "GET", "/example1/example2/../..", "", EXAMPLE, VANILLA),
    Vector(
        "post-vanilla",
        "POST",
        "/",
        "",
        EXAMPLE,
        "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    ),
    Vector(
        "get-vanilla-query-order-key-case",
        "GET",
        "/",
        "Param2=value2&Param1=value1",
        EXAMPLE,
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ),
    Vector(
        "get-header-value-trim",
        "GET",
        "/",
        "",
        {**EXAMPLE, "my-header1": " value1", "my-header2": ' "a   b   c"'},
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    ),
    Vector(
        "post-x-www-form-urlencoded",
        "POST",
        "/",
        "",
        FORM,
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        b"Param1=value1",
    ),
    Vector(
        "iam-example",
        "GET",
        "/",
        "Action=ListUsers&Version=2010-05-08",
        {"content-type": "application/x-www-form-urlencoded; charset=utf-8", "host": "iam.amazonaws.com"},
        "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
        service="iam",
    ),
]

LOCAL = {"host": "127.0.0.1:5990"}
BOTOCORE = [
    Vector(
        "import",
        "POST",
        "/findings/import",
        "",
        {"content-type": "application/json", **LOCAL},
        "a96c67f006f17bdc0cd210b3addf2cb1ecacaa25b249689a60ac1c9ec43a31b0",
        b'{"Findings":[]}',
        unsigned={"user-agent": "Boto3", "amz-sdk-request": "attempt=1", "x-amzn-trace-id": "Root=1"},
    ),
    Vector(
        "content hash, spaces in a header, a body that is not ASCII",
        "POST",
        "/findings/import",
        "",
        {
            "content-type": "application/json",
            "host": "securityhub.us-east-1.amazonaws.com",
            "x-amz-content-sha256": "c750bfee3d9976001f19e741aa6994b299614329e76fab3bd6e328882e1762bf",
            "x-amz-target": "  a   b\t c ",
        },
        "69e52d9c465e1d2a40d84a13b775a3dd99d1929eb0161da15731dc7b91fc95af",
        '{"Findings":[{"Title":"é😀"}]}'.encode(),
    ),
    Vector(
        "query",
        "GET",
        "/productSubscriptions",
        "NextToken=a%2Fb%3D%3D%20c&MaxResults=10&MaxResults=1&Empty=",
        LOCAL,
        "268f779ecc341bb20c9d4f44d6673d197b8a9e194aef269631d2fad296f284ba",
    ),
    Vector(
        "an ARN in the path",
        "DELETE",
        "/findingAggregator/delete/arn%3Aaws%3Asecurityhub%3A%2F%C3%A9%20x",
        "",
        LOCAL,
        "9aeb3fc74b175d9a5eceafd1adb3ce9647091131a2bc1c02ba68e00e5cd28d1c",
    ),
    Vector(
        "dots in the path",
        "GET",
        "/a/./b//../accounts/",
        "",
        LOCAL,
        "5173eaa4fad4aa8c53ea4b80f981ba08f5dd52f3559c1f216667ea08011dc617",
    ),
]
