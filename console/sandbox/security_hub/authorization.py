"""The `Authorization` header of AWS Signature Version 4: taken apart, and refused in the words of AWS's gateway.

Source: "Authenticating requests (AWS Signature Version 4)" for the form; the messages are those that clients of AWS
have published.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from console.sandbox.security_hub.answers import Problem, missing_token

ALGORITHM: Final = "AWS4-HMAC-SHA256"
_REQUIRED: Final = ("Credential", "Signature", "SignedHeaders")
_SCOPE_PARTS: Final = 5


@dataclass(frozen=True, slots=True)
class Authorization:
    """What a client says of its signature."""

    access_key_id: str
    date: str
    """The day of the credential's scope: `20261120`."""
    region: str
    service: str
    terminator: str
    signed_headers: tuple[str, ...]
    """Names of the headers that are signed, as they were written."""
    signature: str

    @property
    def scope(self) -> str:
        """What the signing key is good for."""
        return f"{self.date}/{self.region}/{self.service}/{self.terminator}"


def parse_authorization(header: str | None, *, dated: bool) -> Authorization:
    """Take the header apart. *dated* says whether the request has a date, which the same message complains about.

    Raises `Problem`.
    """
    if not header:
        raise missing_token()
    algorithm, _, rest = header.strip().partition(" ")
    parameters = _parameters(header, rest)
    missing = [name for name in _REQUIRED if not parameters.get(name)]
    if missing or not dated:
        raise _requires(header, missing, dated=dated)
    if algorithm != ALGORITHM:
        raise incomplete(f"Unsupported AWS 'algorithm': '{algorithm}'.")
    parts = parameters["Credential"].split("/")
    if len(parts) != _SCOPE_PARTS:
        raise incomplete(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got"
            f" '{parameters['Credential']}'"
        )
    key, date, region, service, terminator = parts
    names = tuple(parameters["SignedHeaders"].split(";"))
    return Authorization(key, date, region, service, terminator, names, parameters["Signature"])


def incomplete(message: str) -> Problem:
    """The gateway's answer to an authorization that it can't read."""
    return Problem(403, "IncompleteSignatureException", message, by_gateway=True)


def _parameters(header: str, rest: str) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for part in rest.split(","):
        name, equals, value = part.strip().partition("=")
        if name and not equals:
            raise incomplete(
                "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded"
                f" with Base64): '{_hashed(header)}'."
            )
        parameters[name.strip()] = value.strip()
    return parameters


def _requires(header: str, missing: list[str], *, dated: bool) -> Problem:
    said = [f"Authorization header requires '{name}' parameter." for name in missing]
    if not dated:
        said.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    return incomplete(f"{' '.join(said)} (Hashed with SHA-256 and encoded with Base64) Authorization={_hashed(header)}")


def _hashed(header: str) -> str:
    """The header as newer gateways quote it, so that no secret comes back."""
    return b64encode(sha256(header.encode("utf-8", "surrogateescape")).digest()).decode()
