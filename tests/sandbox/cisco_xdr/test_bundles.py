"""OCSF bundles are taken in one by one, packed or not."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from console.records.model import JsonValue
from console.sandbox.cisco_xdr.endpoints import IntakeLimits
from console.sandbox.cisco_xdr.intake import CiscoXdrSettings
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from tests.sandbox.cisco_xdr.conftest import BUNDLES, JSON, client_of, correlation, read_back
from tests.sandbox.cisco_xdr.test_custom import container
from tests.targets.cisco_xdr.bundles import activity, bundle, finding, minimal


def post(client: httpx.Client, content: bytes, **headers: str) -> httpx.Response:
    return client.post(BUNDLES, content=content, headers={**JSON, **headers})


def sent(client: httpx.Client, *bundles: JsonValue) -> httpx.Response:
    return post(client, json.dumps(bundles).encode())


def test_bundles_are_answered_as_documented(client: httpx.Client) -> None:
    answer = sent(client, minimal())

    assert answer.status_code == 200
    assert answer.text == '{"data":{"version":"1.4.0","timestamp":"2026-02-17T13:00:00Z"},"errors":null}'


def test_each_bundle_is_judged_for_itself(sandbox: Sandbox, client: httpx.Client) -> None:
    answer = sent(
        client,
        bundle(finding("good-1")),
        bundle(finding("bad"), activity(class_uid=1)),
        3,
        {"events": []},
        bundle(finding("good-2")),
    )

    assert answer.status_code == 200
    assert answer.json() == {
        "data": {"version": "1.4.0", "timestamp": "2026-02-17T13:00:00Z"},
        "errors": [
            {
                "code": "cisco_bundle_classes_unsupported",
                "detail": "[1].events: A bundle whose activities are all of unsupported classes is refused.",
                "uid": "bad",
            },
            {"code": "cisco_bundle_not_object", "detail": "[2]: An object is expected here, not 3."},
            {
                "code": "cisco_bundle_events",
                "detail": "[3].events: A bundle needs a list of at least one event in 'events'.",
            },
        ],
    }
    assert [one.uid for one in sandbox.cisco_xdr.store.findings(limit=9)] == ["good-1", "good-2"]


def test_when_all_are_bad_the_request_is(sandbox: Sandbox, client: httpx.Client) -> None:
    answer = sent(client, bundle(finding("a"), finding("b")), None)

    assert answer.status_code == 400
    assert list(answer.json()) == ["errors", "message"]
    assert [one.get("uid") for one in answer.json()["errors"]] == ["a", None]
    assert sandbox.cisco_xdr.store.count() == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"[]",
        b"{}",
        b'{"events":[]}',
        b"3",
        b"null",
        b"[",
        b"[{]",
        b"[{}] x",
        b'[{"a":"\xff"}]',
        b'[{"a":"\\ud800"}]',
        b'[{"a":NaN}]',
        b'[{"a":1e999}]',
        b"[{}," + b'{"a":' + b"9" * 5_000 + b"}]",
        b"[" * 100_000,
        b'[{"a":' * 100_000,
        b"[" + b'{"a":' * 100 + b"1" + b"}" * 100 + b"]",
    ],
)
def test_what_is_no_array_of_bundles_is_a_400_as_a_whole(
    sandbox: Sandbox, client: httpx.Client, content: bytes
) -> None:
    container(post(client, content), 400)

    assert sandbox.cisco_xdr.store.count() == 0


def test_a_packed_body_is_taken(client: httpx.Client) -> None:
    raw = json.dumps([minimal()]).encode()

    for packed in (gzip.compress(raw), gzip.compress(raw[:20]) + gzip.compress(raw[20:])):
        assert post(client, packed, **{"Content-Encoding": "gzip"}).status_code == 200
    assert post(client, raw, **{"Content-Encoding": "identity"}).status_code == 200
    assert correlation(client, "external-uid-456")["times_received"] == 3


@pytest.mark.parametrize(
    "content", [b"", b"no gzip", json.dumps([minimal()]).encode(), gzip.compress(b"[" + b" " * 99, mtime=0)[:-9]]
)
def test_bad_gzip_is_a_400(client: httpx.Client, content: bytes) -> None:
    container(post(client, content, **{"Content-Encoding": "gzip"}), 400)


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "zstd"])
def test_another_encoding_is_a_415(client: httpx.Client, encoding: str) -> None:
    answer = post(client, b"[]", **{"Content-Encoding": encoding})

    container(answer, 415)
    assert answer.headers["accept-encoding"] == "gzip"


def test_a_gzip_bomb_is_a_413(client: httpx.Client) -> None:
    container(post(client, gzip.compress(b"[" + b" " * (65 * 1024**2)), **{"Content-Encoding": "gzip"}), 413)


def test_far_too_many_values_are_a_413(client: httpx.Client) -> None:
    bomb = gzip.compress(b'[{"events":[' + b"{}," * 5_000_000 + b"{}]}]")

    found = container(post(client, bomb, **{"Content-Encoding": "gzip"}), 413)
    assert found["message"] == "The request body holds more than 4,000,000 values."


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip", True),
        ("deflate, gzip;q=0.5", True),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip; q=0.0", False),
        ("", False),
    ],
)
def test_answers_are_packed_for_those_who_ask(client: httpx.Client, accepted: str, packed: bool) -> None:
    for body in (b"[]", json.dumps([minimal()]).encode()):
        answer = post(client, body, **{"Accept-Encoding": accepted})

        assert ("content-encoding" in answer.headers) is packed
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.json()


def test_limits_can_be_set_and_are_kept() -> None:
    limits = IntakeLimits(body_bytes=2_000, unpacked_bytes=3_000, bundles=2, requests=100, window=timedelta(minutes=1))
    with running(Settings(cisco_xdr=CiscoXdrSettings(limits=limits))) as sandbox, client_of(sandbox) as client:
        small = json.dumps([bundle(finding("a"))]).encode()
        assert post(client, small.ljust(2_000)).status_code == 200
        container(post(client, small.ljust(2_001)), 413)
        assert post(client, gzip.compress(small.ljust(3_000)), **{"Content-Encoding": "gzip"}).status_code == 200
        container(post(client, gzip.compress(small.ljust(3_001)), **{"Content-Encoding": "gzip"}), 413)
        assert sent(client, bundle(finding("a")), bundle(finding("b"))).status_code == 200
        container(sent(client, *[bundle(finding("a"))] * 3), 413)


def test_what_is_huge_in_a_bundle_is_not_sent_back(sandbox: Sandbox, client: httpx.Client) -> None:
    answer = sent(client, bundle(finding("x" * 5_000_000)), {"k" * 4_000_000: 1, **bundle(finding("f"))})

    assert answer.status_code == 400
    assert [one.get("uid") for one in answer.json()["errors"]] == [None, "f"]
    assert len(answer.content) < 10_000
    assert sandbox.cisco_xdr.store.count() == 0


def test_a_chunked_body_is_limited_too(client: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(11):
            yield b" " * 1024**2

    answer = client.post(BUNDLES, content=chunks(), headers=JSON)

    container(answer, 413)


def test_a_bundle_is_kept_byte_for_byte(sandbox: Sandbox, client: httpx.Client) -> None:
    raw = (
        b'{ "count":1,\n "events" : [ {"class_uid":2004, "time":1739700000000, "finding_info":{"uid":"\xc3\xa9\\u0041"}'
        b', "metadata":{"version":"1.4.0"}, "unmapped":{"a":1.50,"b":123456789012345678901234567890} } ] }'
    )
    assert post(client, b"[\n" + raw + b" , " + json.dumps(minimal()).encode() + b"]").status_code == 200

    kept = sandbox.cisco_xdr.store.latest("éA")
    assert kept is not None
    assert (kept.bundle, kept.size) == (raw, len(raw))
    assert correlation(client, "éA")["sha256"] == hashlib.sha256(raw).hexdigest()
    answer = client.get("/api/v1/finding", params={"finding_uid": "éA"})
    assert b'"unmapped":{"a":1.50,"b":123456789012345678901234567890}' in answer.content


def test_two_bundles_with_one_uid_are_two_findings_of_which_the_later_is_read(client: httpx.Client) -> None:
    answer = sent(client, bundle(finding("same"), activity("a")), bundle(finding("same"), activity("b")))

    assert answer.json()["errors"] is None
    found = correlation(client, "same")
    assert found["times_received"] == 2
    assert found["unlinked"] == [{"index": 1, "class_uid": 4001, "uid": "b"}]


def test_activities_are_correlated_by_uid(client: httpx.Client) -> None:
    sent(
        client,
        bundle(activity("a", 4009), finding("f", "a", "gone"), activity("b"), activity()),
    )

    found = correlation(client, "f")
    assert found["linked"] == [{"index": 0, "class_uid": 4009, "uid": "a"}]
    assert found["unlinked"] == [
        {"index": 2, "class_uid": 4001, "uid": "b"},
        {"index": 3, "class_uid": 4001, "uid": None},
    ]
    assert found["dangling"] == ["gone"]


def test_a_class_of_a_huge_number_is_no_class(client: httpx.Client) -> None:
    sent(client, bundle(finding("f"), activity("a"), activity("b", class_uid=10**30)))

    assert correlation(client, "f")["unlinked"] == [
        {"index": 1, "class_uid": 4001, "uid": "a"},
        {"index": 2, "class_uid": None, "uid": "b"},
    ]


def test_a_bundle_larger_than_a_record_of_a_file_may_be_is_read_back(client: httpx.Client) -> None:
    events = [{**activity(f"a{number}"), "raw_data": "x" * 100_000} for number in range(180)]
    packed = gzip.compress(json.dumps([bundle(finding("large"), *events)]).encode(), 1)

    assert post(client, packed, **{"Content-Encoding": "gzip"}).status_code == 200
    result = read_back(client, "large")
    assert isinstance(result["events"], list)
    assert len(result["events"]) == 181
