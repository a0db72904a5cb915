"""The token endpoint, and what becomes of requests without a good token."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from urllib.parse import quote_plus

import httpx
import pytest

from console.credentials import Secret
from console.sandbox.cisco_xdr.intake import CiscoXdrSettings
from console.sandbox.cisco_xdr.regions import Region
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from tests.sandbox.cisco_xdr.conftest import (
    BUNDLES,
    CUSTOM,
    FINDING,
    GRANT,
    TOKEN,
    SetClock,
    client_of,
    known,
    token_of,
)

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SCOPE = "enrich:read casebook inspect:read security-events detection"


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def good(sandbox: Sandbox) -> dict[str, str]:
    access = known(sandbox)
    return {"Authorization": basic(access["client_id"], access["client_secret"])}


def asked(sandbox: Sandbox, content: bytes, headers: Mapping[str, str]) -> httpx.Response:
    return httpx.post(sandbox.url + TOKEN, content=content, headers={**FORM, **headers})


def envelope(answer: httpx.Response, error: str) -> str:
    """The description in an answer that must be IROH's envelope."""
    found = answer.json()
    assert list(found) == ["error", "error_description", "error_code", "error_uri", "trace_id"]
    assert found["error"] == error
    assert found["trace_id"]
    return str(found["error_description"])


def claims(token: str) -> dict[str, object]:
    part = token.split(".")[1]
    found: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def test_a_token_reads_as_documented(sandbox: Sandbox, clock: SetClock) -> None:
    answer = asked(sandbox, b"grant_type=client_credentials", good(sandbox))

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    token = answer.json()["access_token"]
    assert answer.text == f'{{"access_token":"{token}","token_type":"bearer","expires_in":600,"scope":"{SCOPE}"}}'
    said = claims(token)
    assert said["exp"] == clock.now.timestamp() + 600
    assert said["region"] == "us"


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded; charset=utf-8",
        "APPLICATION/X-WWW-FORM-URLENCODED",
        "application/x-www-form-urlencoded ;charset=UTF-8",
    ],
)
def test_parameters_of_the_content_type_do_not_matter(sandbox: Sandbox, content_type: str) -> None:
    answer = asked(sandbox, b"scope=&grant_type=client_credentials", {**good(sandbox), "Content-Type": content_type})

    assert answer.status_code == 200


@pytest.mark.parametrize(("client_id", "secret"), [("id", "p%20+:ä"), ("a+b%", "c d")])
def test_credentials_may_be_percent_encoded_or_plain(client_id: str, secret: str) -> None:
    settings = CiscoXdrSettings(client_id=client_id, client_secret=Secret(secret))
    with running(Settings(cisco_xdr=settings)) as sandbox:
        for header in (basic(client_id, secret), basic(quote_plus(client_id), quote_plus(secret))):
            assert asked(sandbox, b"grant_type=client_credentials", {"Authorization": header}).status_code == 200
        header = basic(client_id, quote_plus(quote_plus(secret)))
        assert asked(sandbox, b"grant_type=client_credentials", {"Authorization": header}).status_code == 401


def wrong_clients() -> list[str | None]:
    return [
        None,
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"\xff:\xff").decode(),
        basic("", ""),
        basic("client", "wrong"),
        "Bearer x",
        "x" * 8_000,
    ]


@pytest.mark.parametrize("header", wrong_clients())
def test_a_wrong_client_gets_no_token(sandbox: Sandbox, header: str | None) -> None:
    answer = asked(sandbox, b"grant_type=client_credentials", {} if header is None else {"Authorization": header})

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Basic realm="iroh"'
    assert answer.headers["cache-control"] == "no-store"
    envelope(answer, "invalid_client")


def test_the_right_id_with_the_password_of_another_sandbox_is_a_wrong_client(sandbox: Sandbox) -> None:
    with running(Settings()) as other:
        mixed = basic(known(sandbox)["client_id"], known(other)["client_secret"])
        for one in (sandbox, other):
            assert asked(one, b"grant_type=client_credentials", {"Authorization": mixed}).status_code == 401


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", "invalid_request"),
        (b"grant_type=", "invalid_request"),
        (b"grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
        (b"\xff\xfe", "invalid_request"),
        (b"grant_type=%ff", "invalid_request"),
        (b"&".join([b"a=b"] * 1_000), "invalid_request"),
        (b'{"grant_type":"client_credentials"}', "invalid_request"),
        (b"grant_type=password", "unsupported_grant_type"),
        (b"grant_type=CLIENT_CREDENTIALS", "unsupported_grant_type"),
        (b"grant_type=client_credentials%20", "unsupported_grant_type"),
    ],
)
def test_a_wrong_form_is_refused_in_the_envelope(sandbox: Sandbox, content: bytes, error: str) -> None:
    answer = asked(sandbox, content, good(sandbox))

    assert answer.status_code == 400
    assert answer.headers["cache-control"] == "no-store"
    envelope(answer, error)


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data", ""])
def test_another_content_type_is_refused(sandbox: Sandbox, content_type: str) -> None:
    answer = asked(sandbox, b"grant_type=client_credentials", {**good(sandbox), "Content-Type": content_type})

    assert answer.status_code == 400
    assert "x-www-form-urlencoded" in envelope(answer, "invalid_request")


def test_an_endless_form_is_refused(sandbox: Sandbox) -> None:
    answer = asked(sandbox, b"a" * 1_000_000, good(sandbox))

    assert answer.status_code == 413
    envelope(answer, "invalid_request")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_only_post_gives_tokens(sandbox: Sandbox, method: str) -> None:
    answer = httpx.request(method, sandbox.url + TOKEN, headers=good(sandbox))

    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize(("method", "path"), [("POST", CUSTOM), ("POST", BUNDLES), ("GET", FINDING)])
@pytest.mark.parametrize(
    ("header", "error", "description"),
    [
        (None, "invalid_request", "No JWT found in HTTP Authorization header"),
        ("", "invalid_request", "No JWT found in HTTP Authorization header"),
        ("Bearer", "invalid_request", "No JWT found in HTTP Authorization header"),
        ("Basic eDp5", "invalid_request", "No JWT found in HTTP Authorization header"),
        ("Bearer x", "jwt_decode_failed_exception", "JWT decode failed"),
        ("Bearer a.b.c d", "jwt_decode_failed_exception", "JWT decode failed"),
        ("Bearer a.!!.c", "jwt_decode_failed_exception", "JWT decode failed"),
        ("Bearer a.W10.c", "jwt_decode_failed_exception", "JWT decode failed"),
        ("Bearer " + "a" * 7_000, "jwt_decode_failed_exception", "JWT decode failed"),
        ("Bearer a." + "W1tb" * 1_000 + ".c", "jwt_decode_failed_exception", "JWT decode failed"),
        ("Bearer a.e30.c", "jwt_invalid_signature", "Invalid Signature"),
    ],
)
def test_without_a_good_token_there_is_a_401(
    sandbox: Sandbox, method: str, path: str, header: str | None, error: str, description: str
) -> None:
    answer = httpx.request(method, sandbox.url + path, headers={} if header is None else {"Authorization": header})

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer realm=")
    assert envelope(answer, error) == description


def test_a_token_is_good_for_ten_minutes(sandbox: Sandbox, clock: SetClock) -> None:
    with client_of(sandbox) as client:
        clock.advance(599)
        assert client.get(FINDING).status_code == 400
        clock.advance(1)
        assert client.get(FINDING).status_code == 401
        clock.advance(84)
        answer = client.get(FINDING)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="iroh", error="invalid_token"'
    assert envelope(answer, "jwt_expired") == "This JWT max lifetime has expired 1min 24s ago"


def test_several_tokens_are_good_at_once_and_the_scheme_may_be_written_anyhow(sandbox: Sandbox) -> None:
    tokens = [token_of(sandbox) for _ in range(3)]

    assert len(set(tokens)) == 3
    for token, scheme in zip(tokens, ("Bearer", "bearer", "BEARER"), strict=True):
        answer = httpx.get(sandbox.url + FINDING, headers={"Authorization": f"{scheme} {token}"})
        assert answer.status_code == 400


def test_a_token_that_was_changed_is_refused(sandbox: Sandbox) -> None:
    token = token_of(sandbox)
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")

    answer = httpx.get(sandbox.url + FINDING, headers={"Authorization": f"Bearer {changed}"})
    assert answer.status_code == 401
    envelope(answer, "jwt_invalid_signature")


@pytest.mark.parametrize(
    ("region", "error"), [(Region.US, "jwt_invalid_signature"), (Region.EU, "jwt_public_key_not_found")]
)
def test_a_token_of_another_sandbox_or_region_is_refused(sandbox: Sandbox, region: Region, error: str) -> None:
    with running(Settings(cisco_xdr=CiscoXdrSettings(region=region))) as other:
        token = token_of(other)
        assert claims(token)["region"] == region.value
        assert httpx.get(other.url + FINDING, headers={"Authorization": f"Bearer {token}"}).status_code == 400

        answer = httpx.get(sandbox.url + FINDING, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401
        envelope(answer, error)


def test_tokens_do_not_survive_a_restart(sandbox: Sandbox) -> None:
    settings = CiscoXdrSettings(client_id="c", client_secret=Secret("s"))
    with running(Settings(cisco_xdr=settings)) as first:
        token = token_of(first)
    with running(Settings(cisco_xdr=settings)) as second:
        answer = httpx.get(second.url + FINDING, headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 401


def test_the_grant_may_be_sent_by_a_form_library(sandbox: Sandbox) -> None:
    access = known(sandbox)
    answer = httpx.post(access["token_url"], auth=(access["client_id"], access["client_secret"]), data=GRANT)

    assert answer.status_code == 200
