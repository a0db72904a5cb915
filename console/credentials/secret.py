"""A value that is never shown, and what it must look like to be used. Functions here never raise while holding it."""

from __future__ import annotations

from hashlib import sha256
from hmac import compare_digest
from typing import Final, NoReturn

from console.errors import BadInput

LONGEST: Final = 8_192
"""Characters of a secret at most: servers refuse longer request headers, so anything longer is another file."""


class Secret:
    """A value that never prints. Only `reveal` gives it away, where a request is signed.

    It shows as `***` in `repr`, `str`, every kind of formatting and tracebacks that print locals; it can't be
    pickled, and a copy of it is itself.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself. Call it at the moment of use and keep no reference."""
        return self._value

    def fingerprint(self) -> str:
        """12 hexadecimal digits by which the ledger tells which secret was used, without holding it.

        They are the start of a SHA-256 over a prefix of our own and the value. There is no salt, so that two machines
        agree: fit for keys that were made by a machine, which can't be guessed and tried.
        """
        return sha256(b"ocsf-console secret\0" + self._bytes()).hexdigest()[:12]

    def _bytes(self) -> bytes:
        # The environment may hold bytes that are no UTF-8, which Python shows as lone surrogates.
        return self._value.encode("utf-8", "surrogatepass")

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        """Compare in a time that says nothing about where two secrets differ."""
        return isinstance(other, Secret) and compare_digest(self._bytes(), other._bytes())

    def __hash__(self) -> int:
        return hash(self._value)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, _memo: dict[int, object]) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is never pickled")


def checked_secret(secret: Secret, label: str) -> Secret:
    """Return *secret* without the white space around it, once it is known to be fit for a request header.

    Only visible ASCII and inner spaces may be sent as they are (RFC 9110 §5.5): a line break would begin another
    header, and a letter outside ASCII is a slip of copying. Raises `BadInput`, which names *label* and the place,
    never the value.
    """
    trimmed = Secret(secret.reveal().strip(" \t\r\n"))
    complaint = _complaint(trimmed)
    if complaint:
        raise BadInput(f"The {label} {complaint}.", hint="Copy it again from where it was made.")
    return trimmed


def _complaint(secret: Secret) -> str:
    """What keeps *secret* from being used, without quoting it; empty when nothing does."""
    value = secret.reveal()
    if not value:
        return "is empty"
    if len(value) > LONGEST:
        return f"is {len(value):,} characters long, and {LONGEST:,} are the most that can be sent"
    place = next((index for index, character in enumerate(value, 1) if not " " <= character <= "~"), None)
    if place is not None:
        return f"holds a character that can't be sent (character {place} is not printable ASCII)"
    return ""
