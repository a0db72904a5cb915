"""AWS Signature Version 4, verified from the specification: canonical request, string to sign, signing key.

Source: "Create a signed AWS API request" in AWS's IAM user guide. Nothing here is shared with any client's signer. The
form with the signature in the query is not taken.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from console.credentials import Secret
from console.sandbox.security_hub.answers import Problem
from console.sandbox.security_hub.authorization import ALGORITHM, Authorization, incomplete, parse_authorization

SERVICE: Final = "securityhub"
WINDOW: Final = timedelta(minutes=5)
"""How far a request's date may be from the service's clock, either way."""
_TERMINATOR: Final = "aws4_request"
_TIME: Final = "%Y%m%dT%H%M%SZ"
_BASIC_TIME: Final = re.compile(r"\d{8}T\d{6}Z", re.ASCII)
_SPACES: Final = re.compile(rb"[ \t]+")
_CONTENT_HASH: Final = "x-amz-content-sha256"
_MISMATCH: Final = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key"
    " and signing method. Consult the service documentation for details."
)


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """What came over the wire, as far as it is signed."""

    method: str
    path: str
    """As it was sent, percent-encoded."""
    query: str
    """As it was sent, without the question mark."""
    headers: Sequence[tuple[str, bytes]]
    """Names in lower case, in the order in which they came."""

    def header(self, name: str) -> str | None:
        """The value of a header; of several by that name, all of them."""
        found = [value.decode("latin-1") for known, value in self.headers if known == name]
        return ",".join(found) if found else None


@dataclass(frozen=True, slots=True)
class AccessKey:
    """Who may speak to the service."""

    key_id: str
    secret: Secret
    region: str
    """The region that the service answers for."""


def read_authorization(request: ReceivedRequest) -> Authorization:
    """What the request says of its signature. Needs no body. Raises `Problem`."""
    dated = request.header("x-amz-date") is not None or request.header("date") is not None
    return parse_authorization(request.header("authorization"), dated=dated)


def verify(
    request: ReceivedRequest, authorization: Authorization, body_hash: str, key: AccessKey, now: datetime
) -> None:
    """Check a request's signature at *now*; *body_hash* is the SHA-256 of its body in hexadecimal.

    Raises `Problem`, in the service's words, when anything is wrong with it.
    """
    at = _date(request)
    _check_window(at, now)
    _check_scope(authorization, at, key.region)
    _check_signed(request, authorization)
    token = request.header("x-amz-security-token")  # our key is none of those that come with one
    known = hmac.compare_digest(authorization.access_key_id.encode(), key.key_id.encode())
    if token is not None or not known:
        message = "The security token included in the request is invalid."
        raise Problem(403, "UnrecognizedClientException", message, by_gateway=True)
    declared = request.header(_CONTENT_HASH)
    expected = _signature(request, authorization, body_hash, at, key.secret)
    right = hmac.compare_digest(expected.encode(), authorization.signature.encode())
    if not right or declared not in (None, body_hash):
        raise _invalid(_MISMATCH)


def canonical_request(request: ReceivedRequest, signed_headers: Sequence[str], body_hash: str) -> bytes:
    """The one form in which every signer writes a request."""
    lines = [
        request.method.encode(),
        _canonical_path(request.path).encode(),
        _canonical_query(request.query).encode(),
        *(name.encode() + b":" + _canonical_value(request, name) for name in signed_headers),
        b"",
        ";".join(signed_headers).encode(),
        body_hash.encode(),
    ]
    return b"\n".join(lines)


def string_to_sign(canonical: bytes, at: datetime, scope: str) -> str:
    """What the signing key signs."""
    return f"{ALGORITHM}\n{at.strftime(_TIME)}\n{scope}\n{sha256(canonical).hexdigest()}"


def signing_key(secret: Secret, date: str, region: str, service: str) -> bytes:
    """The key that a secret gives for one day, region and service."""
    key = f"AWS4{secret.reveal()}".encode()
    for part in (date, region, service, _TERMINATOR):
        key = _hmac(key, part)
    return key


def _signature(
    request: ReceivedRequest, authorization: Authorization, body_hash: str, at: datetime, secret: Secret
) -> str:
    canonical = canonical_request(request, authorization.signed_headers, body_hash)
    key = signing_key(secret, authorization.date, authorization.region, authorization.service)
    return _hmac(key, string_to_sign(canonical, at, authorization.scope)).hex()


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


def _canonical_path(path: str) -> str:
    """The path without empty and dot segments, and encoded once more than it was sent."""
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            segments[-1:] = []
        elif segment not in ("", "."):
            segments.append(segment)
    ended = "/" if segments and path.endswith(("/", "/.", "/..")) else ""
    return quote("/" + "/".join(segments) + ended, safe="/-_.~")


def _canonical_query(query: str) -> str:
    """The parameters, each encoded in the one way, sorted by name and then by value."""
    parameters = [part.partition("=") for part in query.split("&") if part]
    return "&".join(
        f"{name}={value}" for name, value in sorted((_encoded(name), _encoded(value)) for name, _, value in parameters)
    )


def _encoded(text: str) -> str:
    return quote(unquote_to_bytes(text), safe="-_.~")


def _canonical_value(request: ReceivedRequest, name: str) -> bytes:
    return b",".join(_SPACES.sub(b" ", value.strip(b" \t")) for known, value in request.headers if known == name)


def _date(request: ReceivedRequest) -> datetime:
    """When the request says it was signed."""
    text = request.header("x-amz-date") or request.header("date") or ""
    try:
        if _BASIC_TIME.fullmatch(text):
            return datetime.strptime(text, _TIME).replace(tzinfo=UTC)
        if request.header("x-amz-date") is None:
            at = parsedate_to_datetime(text)
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        pass  # said below
    raise incomplete(
        f"Date must be in ISO-8601 'basic format'. Got '{text}'. See http://en.wikipedia.org/wiki/ISO_8601"
    )


def _check_window(at: datetime, now: datetime) -> None:
    now = now.replace(microsecond=0)
    signed, clock = at.strftime(_TIME), now.strftime(_TIME)
    if at < now - WINDOW:
        oldest = (now - WINDOW).strftime(_TIME)
        raise _invalid(f"Signature expired: {signed} is now earlier than {oldest} ({clock} - 5 min.)")
    if at > now + WINDOW:
        newest = (now + WINDOW).strftime(_TIME)
        raise _invalid(f"Signature not yet current: {signed} is still later than {newest} ({clock} + 5 min.)")


def _check_scope(authorization: Authorization, at: datetime, region: str) -> None:
    said: list[str] = []
    if authorization.region != region:
        said.append("Credential should be scoped to a valid region.")
    if authorization.service != SERVICE:
        said.append(f"Credential should be scoped to correct service: '{SERVICE}'.")
    if authorization.terminator != _TERMINATOR:
        said.append(
            f"Credential should be scoped with a valid terminator: '{_TERMINATOR}', not '{authorization.terminator}'."
        )
    day = at.strftime("%Y%m%d")
    if authorization.date != day:
        said.append(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP:"
            f" '{authorization.date}' != '{day}', from '{at.strftime(_TIME)}'."
        )
    if said:
        raise _invalid(" ".join(said))


def _check_signed(request: ReceivedRequest, authorization: Authorization) -> None:
    """The host and every header of AWS's own must be signed."""
    if "host" not in authorization.signed_headers:
        raise _invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    for name, _ in request.headers:
        if name.startswith("x-amz-") and name not in authorization.signed_headers:
            raise _invalid(f"'{name}' must be a 'SignedHeader' in the AWS Authorization.")


def _invalid(message: str) -> Problem:
    return Problem(403, "InvalidSignatureException", message, by_gateway=True)
