"""Reading text values of OCSF data types for real, where the schema has a loose pattern for them or none.

Each `…_fault` takes the text of a value and tells why it is none of its type: a clause that completes the sentence
"X is no IP address: <reason>." and never quotes the text. It returns None for sound text, and raises nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from types import MappingProxyType
from typing import Final

_OCTET: Final = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4: Final = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
"""The four numbers that `ipaddress` takes, in a seventh of the time: addresses are the most common of these values."""
_LIKE_IPV6: Final = re.compile(r"([0-9A-Fa-f:.]{2,45})(%[!-$&-.0-~]+)?")
"""What may be an IPv6 address, and its zone (RFC 4007 §11). It keeps megabytes of colons from `ipaddress`."""

_PREFIX_LENGTH: Final = re.compile(r"0|[1-9][0-9]{0,2}")
_MAC: Final = re.compile(r"[0-9A-Fa-f]{2}([:-])[0-9A-Fa-f]{2}(?:\1[0-9A-Fa-f]{2}){4}")
_MIXED_MAC: Final = re.compile(r"[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}")
_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}")

# RFC 5321 §4.1.2, widened by RFC 6531 §3.3 to what is not ASCII; its blanks and control characters stay out.
_ATOM: Final = r'[^\x00-\x20"(),.:;<>@\[\\\]\x7f-\xa0\s]+'
_QUOTED: Final = r'"(?:[^\x00-\x1f"\\\x7f-\x9f]|\\[\x20-\x7e])*"'
_LOCAL_PART: Final = re.compile(rf"(?:{_ATOM}(?:\.{_ATOM})*|{_QUOTED})(?=@)")
_LABEL: Final = r"(?!-)[^\x00-,./:-@\[-`{-\xa0\s]+(?<!-)"
_DOMAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_ADDRESS_LITERAL: Final = re.compile(r"\[(?:(?i:IPv6):([^%]*)|(.*))\]", re.DOTALL)

_EMAIL_OCTETS: Final = 254
"""RFC 5321 §4.5.3.1.3 allows a path 256 octets, with the angle brackets around the address."""
_LOCAL_PART_OCTETS: Final = 64
_LABEL_OCTETS: Final = 63
"""RFC 1035 §2.3.4."""


def ip_fault(text: str) -> str | None:
    """Why *text* is no `ip_t`: an IPv4 address in dotted decimal, or an IPv6 address, which may name a zone."""
    if _IPV4.fullmatch(text) or _is_ipv6(text):
        return None
    address, slash, length = text.partition("/")
    if slash and _PREFIX_LENGTH.fullmatch(length) and ip_fault(address) is None:
        return "a prefix length follows the address, as in a subnet"
    if ":" in text:
        return _untidy(text) or "it has colons, but not the form of an IPv6 address"
    return _untidy(text) or "it is not four numbers from 0 to 255, without leading zeros, with a dot between each"


def subnet_fault(text: str) -> str | None:
    """Why *text* is no `subnet_t`: a network address, a slash, and the length of the prefix in bits (RFC 4632 §3.1)."""
    address, slash, length = text.partition("/")
    if not slash:
        return _untidy(text) or "it has no prefix length"
    if ip_fault(address) is not None:
        return _untidy(text) or "what stands before the slash is no IP address"
    parsed = IPv6Address(address) if ":" in address else IPv4Address(address)
    if not _PREFIX_LENGTH.fullmatch(length) or int(length) > parsed.max_prefixlen:
        return _untidy(text) or f"its prefix length is not a number from 0 to {parsed.max_prefixlen}"
    host_bits = parsed.max_prefixlen - int(length)
    if int(parsed) & ((1 << host_bits) - 1):
        return "bits are set beyond its prefix, so it is the address of a host"
    return None


def mac_fault(text: str) -> str | None:
    """Why *text* is no `mac_t`: six octets in hexadecimal, with colons or with hyphens between."""
    if _MAC.fullmatch(text):
        return None
    if _MIXED_MAC.fullmatch(text):
        return "it has both colons and hyphens"
    return _untidy(text) or "it is not six pairs of hexadecimal digits with a colon or a hyphen between each"


def uuid_fault(text: str) -> str | None:
    """Why *text* is no `uuid_t`: 32 hexadecimal digits in five groups (RFC 9562 §4), of any version."""
    if _UUID.fullmatch(text):
        return None
    return _untidy(text) or "it is not 8, 4, 4, 4 and 12 hexadecimal digits with a hyphen between each group"


def email_fault(text: str) -> str | None:
    """Why *text* is no `email_t`: a mailbox by RFC 5321 §4.1.2, in ASCII or in any other script (RFC 6531)."""
    if _octets(text) > _EMAIL_OCTETS:
        return f"it has more than {_EMAIL_OCTETS} bytes"
    local_part = _LOCAL_PART.match(text)
    if local_part is None:
        return _untidy(text) or _local_part_fault(text)
    if _octets(local_part[0]) > _LOCAL_PART_OCTETS:
        return f"the part before the @ has more than {_LOCAL_PART_OCTETS} bytes"
    domain = text[local_part.end() + 1 :]
    return _untidy(text) or _domain_fault(domain)


@dataclass(frozen=True, slots=True)
class Parser:
    """How text of one OCSF data type is read."""

    noun: str
    """What the type is called in a sentence, without an article: `IP address`."""
    fault: Callable[[str], str | None]
    """Tells why a text is none of the type; see the module."""


PARSERS: Final[Mapping[str, Parser]] = MappingProxyType(
    {
        "email_t": Parser("email address", email_fault),
        "ip_t": Parser("IP address", ip_fault),
        "mac_t": Parser("MAC address", mac_fault),
        "subnet_t": Parser("subnet", subnet_fault),
        "uuid_t": Parser("UUID", uuid_fault),
    }
)
"""By OCSF data type. `datetime_t` is not among them: see `console.ocsf.times`."""


def _is_ipv6(text: str) -> bool:
    like = _LIKE_IPV6.fullmatch(text)
    if like is None:
        return False
    try:
        IPv6Address(like[1])
    except AddressValueError:
        return False
    return True


def _untidy(text: str) -> str | None:
    """What is wrong with text of any type, and hard to see."""
    if not text:
        return "it is empty"
    return "white space stands around it" if text != text.strip() else None


def _octets(text: str) -> int:
    """The length of *text* in UTF-8, which knows no half of a surrogate pair; here one counts like other characters."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _local_part_fault(text: str) -> str:
    if "@" not in text:
        return "it has no @"
    if text.startswith("@"):
        return "nothing stands before the @"
    return "the part before the @ has a character or a dot that is not allowed there without quotes"


def _domain_fault(domain: str) -> str | None:
    if not domain:
        return "nothing stands after the @"
    literal = _ADDRESS_LITERAL.fullmatch(domain)
    if literal is not None:
        sound = _is_ipv6(literal[1]) if literal[2] is None else _IPV4.fullmatch(literal[2])
        return None if sound else "it has no IP address between the square brackets"
    if "@" in domain:
        return "it has more than one @"
    if not _DOMAIN.fullmatch(domain):
        return "its domain has an empty label, or one with a character that is not allowed there"
    if len(domain) > _LABEL_OCTETS or not domain.isascii():
        return _label_fault(domain)
    return None


def _label_fault(domain: str) -> str | None:
    """Which rule a label breaks that is too long. The domain name system knows one in another script as `xn--…`."""
    for label in domain.split("."):
        encoded = label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}"
        if len(encoded) > _LABEL_OCTETS:
            return f"a label of its domain has more than {_LABEL_OCTETS} characters"
    return None
