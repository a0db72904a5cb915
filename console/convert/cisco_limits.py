"""The numbers and shapes of what Cisco XDR takes that both its rules and a conversion to it need."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final

SUPPORTED_CLASSES: Final = frozenset({4001, 4002, 4003, 4006, 4009, 3002, 1007, 7003, 1001, 1005, 201001, 201002})
"""The `class_uid`s of the activities that the guide lists."""

LONGEST_UID: Final = 4_096
"""Characters of a finding's uid. Ours: it is searched for, sent back with every error, and asked for in a URL."""

EARLIEST: Final = 946_684_800_000
"""2000-01-01, in milliseconds: the least that the published models take for a time."""
LATEST: Final = 4_102_444_800_000
"""2100-01-01, the most."""

TACTICS: Final = (*(f"TA{number:04}" for number in range(1, 12)), "TA0040", "TA0042", "TA0043")
"""The tactics of ATT&CK that are taken."""
LABELS: Final = ("regular-finding", "non-regular-finding", "intake-api-finding")
"""The labels that a simplified finding may have."""
PROTOCOLS: Final = (1, 2, 4, 6, 17, 41)
"""`protocol_num` of a connection."""
IP_VERSIONS: Final = (0, 4, 6)
"""`protocol_ver_id` of a connection."""

# Of simplified findings: characters, where nothing else is said.
TITLE: Final = 500
DESCRIPTION: Final = 5_000
URI: Final = 2_048
DISPOSITION_STATUS: Final = 128
FILE_NAME: Final = 255
FILE_BYTES: Final = 107_374_182_400
HASH: Final = 128
ADDRESS: Final = 320
HOSTNAME: Final = 253
MOST_HASHES: Final = 10
MOST_ADDRESSES: Final = 50
"""Of the two lists of addresses that have a limit: copies, and to whom the email was delivered."""
MOST_VALUES: Final = 100_000
"""Values that one finding may hold. Ours: each may be wrong in its own way, and all of that must fit the memory."""

_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
IS_HOSTNAME: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
IS_MAC: Final = re.compile(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}")
IS_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x1f]+")
IS_ADDRESS: Final = re.compile(r"[^\s@<>\x00-\x1f]+@[^\s@<>\x00-\x1f]+")
"""To be matched in full."""


def is_ip(text: str) -> bool:
    """Whether a text is an IPv4 or IPv6 address. A zone is none of it."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def values_in(raw: bytes) -> int:
    """How many values the JSON of a finding may hold, at most."""
    return sum(map(raw.count, (b",", b"[", b"{")))
