"""Signature Version 4, against signatures that other people's signers gave, and all that can be wrong with one."""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from console.credentials import Secret
from console.sandbox.security_hub.answers import Problem
from console.sandbox.security_hub.signature import (
    AccessKey,
    ReceivedRequest,
    canonical_request,
    read_authorization,
    signing_key,
    string_to_sign,
    verify,
)
from tests.sandbox.security_hub.vectors import (
    AWS_SUITE,
    BOTOCORE,
    KEY_ID,
    SECRET,
    SIGNED_AT,
    SUITE_AT,
    SUITE_SECRET,
    Vector,
)

KEY = AccessKey(KEY_ID, Secret(SECRET), "us-east-1")
MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key"
    " and signing method. Consult the service documentation for details."
)
IMPORT = BOTOCORE[0]


def received(vector: Vector, **changes: str) -> ReceivedRequest:
    """The request of a vector recorded from botocore, with other headers where *changes* say so (empty: without)."""
    signed = sorted({**vector.headers, "x-amz-date": ""})
    headers = {
        **vector.headers,
        **vector.unsigned,
        "x-amz-date": "20261120T204304Z",
        "authorization": (
            f"AWS4-HMAC-SHA256 Credential={KEY_ID}/20261120/us-east-1/securityhub/aws4_request, "
            f"SignedHeaders={';'.join(signed)}, Signature={vector.signature}"
        ),
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    listed = [(name, value.encode()) for name, value in headers.items() if value]
    return ReceivedRequest(vector.method, vector.path, vector.query, listed)


def check(request: ReceivedRequest, body: bytes, now: datetime = SIGNED_AT, key: AccessKey = KEY) -> None:
    verify(request, read_authorization(request), sha256(body).hexdigest(), key, now)


def problem(
    request: ReceivedRequest, body: bytes = IMPORT.body, now: datetime = SIGNED_AT, key: AccessKey = KEY
) -> tuple[str, str]:
    """The name and the message of what is wrong."""
    with pytest.raises(Problem) as raised:
        check(request, body, now, key)
    assert raised.value.status == 403
    assert raised.value.document() == {"message": raised.value.message}
    return raised.value.name, raised.value.message


def authorization(old: str = "", new: str = "", vector: Vector = IMPORT) -> str:
    """The header of a vector with a piece of it in the place of another."""
    header = received(vector).header("authorization")
    assert header is not None
    assert old in header
    return header.replace(old, new)


@pytest.mark.parametrize("vector", AWS_SUITE, ids=lambda vector: vector.name)
def test_the_signatures_of_the_published_suite_come_out(vector: Vector) -> None:
    headers = {**vector.headers, "x-amz-date": "20150830T123600Z"}
    request = ReceivedRequest(
        vector.method, vector.path, vector.query, [(name, value.encode()) for name, value in headers.items()]
    )

    canonical = canonical_request(request, sorted(headers), sha256(vector.body).hexdigest())
    text = string_to_sign(canonical, SUITE_AT, f"20150830/us-east-1/{vector.service}/aws4_request")
    key = signing_key(Secret(SUITE_SECRET), "20150830", "us-east-1", vector.service)

    assert hmac.digest(key, text.encode(), "sha256").hex() == vector.signature


def test_the_published_signing_key_and_canonical_request_come_out() -> None:
    request = ReceivedRequest(
        "GET",
        "/",
        "Action=ListUsers&Version=2010-05-08",
        [
            ("host", b"iam.amazonaws.com"),
            ("content-type", b"application/x-www-form-urlencoded; charset=utf-8"),
            ("x-amz-date", b"20150830T123600Z"),
        ],
    )
    canonical = canonical_request(request, ["content-type", "host", "x-amz-date"], sha256(b"").hexdigest())

    assert sha256(canonical).hexdigest() == "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"
    key = signing_key(Secret(SUITE_SECRET), "20150830", "us-east-1", "iam")
    assert key.hex() == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"


@pytest.mark.parametrize("vector", BOTOCORE, ids=lambda vector: vector.name)
def test_what_botocore_has_signed_is_let_in(vector: Vector) -> None:
    check(received(vector), vector.body)


@pytest.mark.parametrize("vector", BOTOCORE, ids=lambda vector: vector.name)
def test_what_was_changed_after_it_was_signed_is_not(vector: Vector) -> None:
    wrong = ("InvalidSignatureException", MISMATCH)
    sound = received(vector)

    assert problem(sound, vector.body + b" ") == wrong
    assert problem(replace(sound, method="PUT"), vector.body) == wrong
    assert problem(replace(sound, path=vector.path + "x"), vector.body) == wrong
    assert problem(replace(sound, query=vector.query + "&x="), vector.body) == wrong
    assert problem(received(vector, host="example.com"), vector.body) == wrong
    assert problem(received(vector, x_amz_date="20261120T204305Z"), vector.body) == wrong
    assert problem(sound, vector.body, key=replace(KEY, secret=Secret(SECRET + "x"))) == wrong


def test_what_is_not_signed_may_change() -> None:
    check(received(IMPORT, user_agent="other", accept="*/*"), IMPORT.body)


@pytest.mark.parametrize("signature", ["", "A", "é" * 64, IMPORT.signature.upper(), IMPORT.signature[:-1]])
def test_a_signature_is_compared_as_it_is(signature: str) -> None:
    header = authorization(IMPORT.signature, signature)
    name, _ = problem(received(IMPORT, authorization=header))

    assert name == ("InvalidSignatureException" if signature else "IncompleteSignatureException")


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_a_request_is_good_for_five_minutes_either_way(seconds: int) -> None:
    check(received(IMPORT), IMPORT.body, SIGNED_AT + timedelta(seconds=seconds, microseconds=999_999))


def test_an_older_request_has_expired() -> None:
    assert problem(received(IMPORT), now=SIGNED_AT + timedelta(minutes=10)) == (
        "InvalidSignatureException",
        "Signature expired: 20261120T204304Z is now earlier than 20261120T204804Z (20261120T205304Z - 5 min.)",
    )
    name, message = problem(received(IMPORT), now=SIGNED_AT + timedelta(seconds=301))
    assert (name, message.partition(":")[0]) == ("InvalidSignatureException", "Signature expired")


def test_a_request_from_the_future_is_not_yet_current() -> None:
    assert problem(received(IMPORT), now=SIGNED_AT - timedelta(seconds=301)) == (
        "InvalidSignatureException",
        "Signature not yet current: 20261120T204304Z is still later than 20261120T204303Z (20261120T203803Z + 5 min.)",
    )


def test_a_credential_is_good_for_one_service_and_region() -> None:
    wrong_service = received(IMPORT, authorization=authorization("/securityhub/", "/s3/"))
    wrong_region = received(IMPORT, authorization=authorization("/us-east-1/", "/eu-west-1/"))
    wrong_end = received(IMPORT, authorization=authorization("/aws4_request", "/aws5"))
    wrong_day = received(IMPORT, authorization=authorization("/20261120/", "/20261119/"))

    invalid = "InvalidSignatureException"
    assert problem(wrong_service) == (invalid, "Credential should be scoped to correct service: 'securityhub'.")
    assert problem(wrong_region) == (invalid, "Credential should be scoped to a valid region.")
    assert problem(wrong_end) == (
        invalid,
        "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5'.",
    )
    assert problem(wrong_day) == (
        invalid,
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP:"
        " '20261119' != '20261120', from '20261120T204304Z'.",
    )


def test_an_unknown_key_and_a_session_token_are_not_recognised() -> None:
    unknown = ("UnrecognizedClientException", "The security token included in the request is invalid.")

    assert problem(received(IMPORT), key=replace(KEY, key_id="AKIAOTHER")) == unknown
    token = authorization("x-amz-date,", "x-amz-date;x-amz-security-token,")
    assert problem(received(IMPORT, authorization=token, x_amz_security_token="t")) == unknown


def test_host_and_all_headers_of_aws_must_be_signed() -> None:
    without_host = received(IMPORT, authorization=authorization("content-type;host;", "content-type;"))
    assert problem(without_host) == (
        "InvalidSignatureException",
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    )
    assert problem(received(IMPORT, x_amz_meta="smuggled")) == (
        "InvalidSignatureException",
        "'x-amz-meta' must be a 'SignedHeader' in the AWS Authorization.",
    )


def test_without_credentials_a_token_is_missing() -> None:
    missing = ("MissingAuthenticationTokenException", "Missing Authentication Token")
    assert problem(received(IMPORT, authorization="")) == missing


@pytest.mark.parametrize("header", ["Bearer secret", "Api-Key pk_secret", "AWS4-HMAC-SHA256 secret, Signature=a"])
def test_another_kind_of_authorization_is_not_quoted_back(header: str) -> None:
    name, message = problem(received(IMPORT, authorization=header))

    assert name == "IncompleteSignatureException"
    assert message.startswith("Invalid key=value pair (missing equal-sign) in Authorization header (hashed with")
    assert "secret" not in message


def test_everything_that_is_missing_is_said_at_once() -> None:
    name, message = problem(received(IMPORT, authorization="AWS4-HMAC-SHA256", x_amz_date=""))

    assert name == "IncompleteSignatureException"
    assert message.startswith(
        "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter."
        " Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a"
        " 'X-Amz-Date' or a 'Date' header. (Hashed with SHA-256 and encoded with Base64) Authorization="
    )


def test_other_algorithms_and_malformed_credentials_are_incomplete() -> None:
    sha512 = received(IMPORT, authorization=authorization("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512"))
    short = received(IMPORT, authorization=authorization("/aws4_request", ""))
    odd_date = received(IMPORT, x_amz_date="2026-11-20T20:43:04Z")
    no_date = received(IMPORT, x_amz_date="20261340T204304Z")

    assert problem(sha512) == (
        "IncompleteSignatureException",
        "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512'.",
    )
    assert problem(short)[1].startswith("Credential must have exactly 5 slash-delimited elements")
    for request in (odd_date, no_date):
        assert problem(request)[1].startswith("Date must be in ISO-8601 'basic format'. Got '2026")


def signed(request: ReceivedRequest, names: list[str], body: bytes, at: str) -> ReceivedRequest:
    """Sign with a small signer of the tests, which reads the specification for requests that need no normalising."""
    values = dict(request.headers)
    lines = [request.method, request.path, request.query, *(f"{name}:{values[name].decode()}" for name in names)]
    canonical = "\n".join([*lines, "", ";".join(names), sha256(body).hexdigest()])
    scope = f"{at[:8]}/us-east-1/securityhub/aws4_request"
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), "sha256").digest()
    text = f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(key, text.encode(), "sha256").hexdigest()
    header = f"AWS4-HMAC-SHA256 Credential={KEY_ID}/{scope},SignedHeaders={';'.join(names)},Signature={signature}"
    return replace(request, headers=[*request.headers, ("authorization", header.encode())])


def test_a_date_header_does_as_well() -> None:
    request = ReceivedRequest("GET", "/accounts", "", [("date", b"Fri, 20 Nov 2026 20:43:04 GMT"), ("host", b"x")])

    check(signed(request, ["date", "host"], b"", "20261120T204304Z"), b"")


@pytest.mark.parametrize("declared", ["UNSIGNED-PAYLOAD", "e3b0c442", sha256(b"other").hexdigest()])
def test_a_declared_content_hash_must_be_that_of_the_body(declared: str) -> None:
    headers = [("host", b"x"), ("x-amz-content-sha256", declared.encode()), ("x-amz-date", b"20261120T204304Z")]
    request = ReceivedRequest("GET", "/accounts", "", headers)
    names = [name for name, _ in headers]

    sealed = signed(request, names, b"", "20261120T204304Z")
    assert problem(sealed, b"") == ("InvalidSignatureException", MISMATCH)
    honest = [headers[0], ("x-amz-content-sha256", sha256(b"").hexdigest().encode()), headers[2]]
    check(signed(replace(request, headers=honest), names, b"", "20261120T204304Z"), b"")


PIECES = ("Fri", "20", "Nov", "2026", ":", ",", "+", "-", "(", ")", "99999999999", "20:43:04", "GMT", "é")
DATES = st.text() | st.lists(st.sampled_from(PIECES)).map(" ".join)


@given(DATES)
def test_any_date_is_judged(date: str) -> None:
    request = ReceivedRequest("GET", "/accounts", "", [("date", date.encode("utf-8", "replace")), ("host", b"x")])
    with pytest.raises(Problem):
        check(signed(request, ["host"], b"", "20261120T204304Z"), b"", now=SIGNED_AT + timedelta(days=400))


WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=8)


@given(st.sampled_from(["GET", "POST"]), st.lists(WORDS, max_size=4), st.dictionaries(WORDS, WORDS), st.binary())
def test_whatever_needs_no_normalising_is_signed_alike(
    method: str, segments: list[str], query: dict[str, str], body: bytes
) -> None:
    plain = "&".join(f"{name}={value}" for name, value in sorted(query.items()))
    headers = [("host", b"sandbox"), ("x-amz-date", b"20261120T204304Z")]
    request = ReceivedRequest(method, "/" + "/".join(segments), plain, headers)
    good = signed(request, ["host", "x-amz-date"], body, "20261120T204304Z")

    check(good, body)
    assert problem(good, body + b"x") == ("InvalidSignatureException", MISMATCH)


@given(st.text(), st.text(), st.sampled_from(["date", "x-amz-date"]))
def test_any_header_is_refused_in_words(header: str, date: str, name: str) -> None:
    assume(header.strip())
    text, day = header.encode("utf-8", "replace"), date.encode("utf-8", "replace")
    request = ReceivedRequest("POST", "/", "", [("host", b"x"), ("authorization", text), (name, day)])

    with pytest.raises(Problem) as raised:
        check(request, b"")
    assert raised.value.status == 403
