"""The signer: held to fixed vectors, since botocore does not document it, and to what may be on the wire."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta, timezone

import httpx
import pytest
from botocore.credentials import ReadOnlyCredentials

from console.credentials import Secret
from console.sandbox.security_hub.signature import ReceivedRequest, canonical_request, signing_key, string_to_sign
from console.targets.security_hub.signing import signed
from tests.sandbox.security_hub.vectors import BOTOCORE, KEY_ID, SECRET, SIGNED_AT, Vector

TOKEN = "FwoGZXIvYXdzEBY/canary/token=="
BODY = b'{"Findings":[]}'
SCOPE = "20261120/us-east-1/securityhub/aws4_request"


def headers(method: str, url: str, body: bytes, at: datetime = SIGNED_AT, token: str | None = None) -> httpx.Headers:
    """The headers of a request once it is signed."""
    auth = signed(ReadOnlyCredentials(KEY_ID, SECRET, token), "us-east-1", method, url, body, at)
    request = httpx.Request(method, url, content=body, headers={"Content-Type": "application/json"} if body else {})
    return next(auth.auth_flow(request)).headers


@pytest.mark.parametrize("vector", [one for one in BOTOCORE if one.name in ("import", "dots in the path")])
def test_a_request_is_signed_as_it_was_recorded(vector: Vector) -> None:
    made = headers(vector.method, f"http://{vector.headers['host']}{vector.path}", vector.body)

    names = "content-type;host;x-amz-date" if vector.body else "host;x-amz-date"
    assert made["Authorization"] == (
        f"AWS4-HMAC-SHA256 Credential={KEY_ID}/{SCOPE}, SignedHeaders={names}, Signature={vector.signature}"
    )
    assert made["X-Amz-Date"] == "20261120T204304Z"


def test_a_session_token_is_signed_as_the_specification_asks() -> None:
    """The sandbox's verifier is written from the specification and shares nothing with botocore."""
    made = headers("POST", "https://securityhub.us-east-1.amazonaws.com/findings/import", BODY, token=TOKEN)

    names = ("content-type", "host", "x-amz-date", "x-amz-security-token")
    received = ReceivedRequest(
        "POST", "/findings/import", "", [(name, made[name].encode()) for name in names]
    )  # fmt: skip
    canonical = canonical_request(received, names, hashlib.sha256(BODY).hexdigest())
    key = signing_key(Secret(SECRET), "20261120", "us-east-1", "securityhub")
    wanted = string_to_sign(canonical, SIGNED_AT, SCOPE)
    assert made["x-amz-security-token"] == TOKEN
    assert f"SignedHeaders={';'.join(names)}," in made["Authorization"]
    assert made["Authorization"].endswith(f"Signature={_hmac(key, wanted)}")
    assert made["Authorization"].endswith("Signature=e78e70a416c6e9b41f71926f77503c6d1cc6d8ee7310746a961e5c7b4da33efe")


def _hmac(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode(), "sha256").hex()


def test_the_time_of_a_signature_is_that_of_its_service_in_utc() -> None:
    east = SIGNED_AT.astimezone(timezone(timedelta(hours=5)))

    assert headers("GET", "https://x.example/accounts", b"", east)["X-Amz-Date"] == "20261120T204304Z"


def test_the_port_of_an_endpoint_is_signed_as_httpx_sends_it() -> None:
    signatures = set()
    for url in ("http://127.0.0.1:5990/accounts", "http://127.0.0.1:5991/accounts", "https://x.example:443/accounts"):
        made = headers("GET", url, b"")
        signatures.add(made["Authorization"])
        assert made["Host"] == {"5990": "127.0.0.1:5990", "5991": "127.0.0.1:5991"}.get(
            url.rpartition(":")[2][:4], "x.example"
        )
    assert len(signatures) == 3


def test_secrets_are_taken_out_of_what_comes_back() -> None:
    credentials = ReadOnlyCredentials(KEY_ID, SECRET, TOKEN)
    at = datetime(2026, 11, 20, tzinfo=UTC)
    auth = signed(credentials, "us-east-1", "POST", "https://x.example/findings/import", BODY, at)
    sent = next(auth.auth_flow(httpx.Request("POST", "https://x.example/")))
    signature = sent.headers["Authorization"].rpartition("=")[2]

    echoed = auth.redact(f"{SECRET} {TOKEN} {TOKEN.replace('/', chr(92) + '/')} {signature} {KEY_ID}".encode())

    assert echoed == f"*** *** *** *** {KEY_ID}".encode()
    assert "canary" not in repr(auth)
