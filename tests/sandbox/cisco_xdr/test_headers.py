"""Headers, methods, paths and the number of requests: what is the same for both ways of sending findings."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import httpx
import pytest

from console.sandbox.cisco_xdr.endpoints import IntakeLimits
from console.sandbox.cisco_xdr.intake import CiscoXdrSettings
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from tests.convert.simplified import example
from tests.sandbox.cisco_xdr.conftest import BUNDLES, CUSTOM, FINDING, SetClock, client_of, correlation, known
from tests.sandbox.cisco_xdr.test_custom import container
from tests.targets.cisco_xdr.bundles import minimal

UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
BOTH = pytest.mark.parametrize(
    ("path", "content", "uid"),
    [
        (CUSTOM, json.dumps(example()).encode(), "external-uid-123"),
        (BUNDLES, json.dumps([minimal()]).encode(), "external-uid-456"),
    ],
    ids=["custom", "bundles"],
)


def post(client: httpx.Client, path: str, content: bytes, **headers: str) -> httpx.Response:
    return client.post(path, content=content, headers={"Content-Type": "application/json", **headers})


@BOTH
@pytest.mark.parametrize("value", [None, "", " "])
def test_the_module_instance_is_required(
    client: httpx.Client, path: str, content: bytes, uid: str, value: str | None
) -> None:
    del client.headers["module-instance-id"]

    answer = post(client, path, content, **({} if value is None else {"module-instance-id": value.strip()}))
    assert container(answer, 400)["details"] == ["The header module-instance-id is required."]
    assert client.get(FINDING, params={"finding_uid": uid}).status_code == 404


@BOTH
@pytest.mark.parametrize(
    ("instance", "source"), [("splunk-1", "Splunk"), ("unheard of", "unheard of")], ids=["known", "unknown"]
)
def test_the_module_instance_gives_the_event_source(
    client: httpx.Client, path: str, content: bytes, uid: str, instance: str, source: str
) -> None:
    assert post(client, path, content, **{"module-instance-id": instance}).status_code == 200

    found = correlation(client, uid)
    assert (found["source"], found["module_instance_id"], found["workflow_run_id"]) == (source, instance, None)


@BOTH
@pytest.mark.parametrize("name", ["module-instance-id", "workflow-run-id"])
def test_identifiers_of_another_kind_are_refused(
    client: httpx.Client, path: str, content: bytes, uid: str, name: str
) -> None:
    for value in (b"x" * 257, "ä".encode()):
        answer = client.post(
            path, content=content, headers=[(b"content-type", b"application/json"), (name.encode(), value)]
        )
        container(answer, 400)


@BOTH
@pytest.mark.parametrize("content_type", ["text/plain", "application/x-ndjson", "application/json5", "", "json"])
def test_the_body_must_be_said_to_be_json(
    client: httpx.Client, path: str, content: bytes, uid: str, content_type: str
) -> None:
    container(post(client, path, content, **{"Content-Type": content_type}), 415)


@BOTH
def test_parameters_of_the_content_type_do_not_matter(
    client: httpx.Client, path: str, content: bytes, uid: str
) -> None:
    assert post(client, path, content, **{"Content-Type": "Application/JSON; charset=utf-8"}).status_code == 200


@BOTH
def test_a_body_without_a_content_type_is_a_415(client: httpx.Client, path: str, content: bytes, uid: str) -> None:
    container(client.post(path, content=content), 415)


@BOTH
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_a_405(client: httpx.Client, path: str, content: bytes, uid: str, method: str) -> None:
    answer = client.request(method, path)

    container(answer, 405)
    assert answer.headers["allow"] == "POST"


@BOTH
def test_a_body_over_the_limit_is_a_413(client: httpx.Client, path: str, content: bytes, uid: str) -> None:
    assert post(client, path, content.ljust(10 * 1024**2)).status_code == 200
    container(post(client, path, content.ljust(10 * 1024**2 + 1)), 413)


def test_the_request_id_comes_back_or_is_made(client: httpx.Client) -> None:
    answers = [client.get(FINDING, headers={"x-request-id": sent}) for sent in ("req-1", "", "x" * 257)]
    answers.append(client.get(FINDING, headers=[(b"x-request-id", "ä".encode())]))

    assert answers[0].headers["x-request-id"] == "req-1"
    made = [answer.headers["x-request-id"] for answer in answers[1:]]
    assert all(re.fullmatch(UUID, one) for one in made)
    assert len(set(made)) == 3


@pytest.mark.parametrize("path", [CUSTOM, BUNDLES, "/iroh/oauth2/token"])
def test_the_request_id_comes_back_with_refusals_too(sandbox: Sandbox, path: str) -> None:
    for method in ("POST", "GET"):
        answer = httpx.request(method, sandbox.url + path, headers={"x-request-id": "req-1"})
        assert answer.headers["x-request-id"] == "req-1"


def test_requests_are_counted_over_a_rolling_window_and_those_too_many_refused(clock: SetClock) -> None:
    limits = IntakeLimits(requests=3, window=timedelta(minutes=60))
    settings = Settings(cisco_xdr=CiscoXdrSettings(limits=limits), clock=clock)
    with running(settings) as sandbox:

        def asked() -> httpx.Response:
            with client_of(sandbox) as client:  # a new token: getting one does not count
                return client.get(FINDING)

        assert [asked().headers["x-ratelimit-org-remaining"] for _ in range(2)] == ["2", "1"]
        clock.advance(427.5)
        assert asked().headers["x-ratelimit-org-remaining"] == "0"
        for _ in range(2):  # what is refused does not count
            answer = asked()
            assert answer.status_code == 429
            assert answer.text == '{"message":"Too many requests"}'
            assert answer.headers["retry-after"] == "3173s"
            assert answer.headers["x-ratelimit-org-limit"] == "3"
            assert answer.headers["x-ratelimit-org-remaining"] == "0"
        clock.advance(3172.5)
        assert [asked().status_code for _ in range(3)] == [400, 400, 429]


def test_the_default_is_8000_requests_an_hour_and_refusals_tell(client: httpx.Client) -> None:
    for path, left in ((CUSTOM, "7999"), (BUNDLES, "7998")):
        answer = post(client, path, b"")
        assert answer.status_code == 400
        assert answer.headers["x-ratelimit-org-limit"] == "8000"
        assert answer.headers["x-ratelimit-org-remaining"] == left


def test_the_access_is_that_of_the_contract(sandbox: Sandbox) -> None:
    access = known(sandbox)

    assert list(access) == ["base_url", "token_url", "client_id", "client_secret", "module_instance_id"]
    assert access["base_url"] == sandbox.url
    assert access["token_url"] == sandbox.url + "/iroh/oauth2/token"
    assert access["client_secret"] not in repr(sandbox)
