"""The words of Cisco's simplified findings, and the numbers that OCSF 1.4.0 has for them.

The words are those of the published models of the "XDR Findings Container API" 1.0.0; the numbers are from the OCSF
dictionary. What has no number of its own is 99, which means that the text beside it is the source's own word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OTHER: Final = 99
"""The number of what OCSF does not list."""

SEVERITIES: Final[Mapping[str, int]] = {
    "Unknown": 0,
    "Informational": 1,
    "Low": 2,
    "Medium": 3,
    "High": 4,
    "Critical": 5,
    "Fatal": 6,
    "Other": OTHER,
}
"""`severity` and its `severity_id`. Cisco's own list is not published: these are the captions of OCSF."""

CONFIDENCES: Final[Mapping[str, int]] = {"Unknown": 0, "Low": 1, "Medium": 2, "High": 3, "Other": OTHER}
"""`confidence` and its `confidence_id`, likewise."""

EMAIL_ACTIVITIES: Final[Mapping[str, int]] = {"Send": 1, "Receive": 2, "Scan": 3, "Trace": 4}
"""`activity_name` of an email activity."""

NETWORK_ACTIVITIES: Final[Mapping[str, int]] = {
    "Unknown": 0,
    "Open": 1,
    "Close": 2,
    "Reset": 3,
    "Fail": 4,
    "Refuse": 5,
    "Traffic": 6,
    "Listen": 7,
}
"""`activity_name` of a network activity."""

EMAIL_DIRECTIONS: Final[Mapping[str, int]] = {"Unknown": 0, "Inbound": 1, "Outbound": 2, "Internal": 3, "Other": OTHER}
"""`direction` of an email activity."""

NETWORK_DIRECTIONS: Final[Mapping[str, int]] = {"Unknown": 0, "Inbound": 1, "Outbound": 2, "Lateral": 3, "Other": OTHER}
"""`direction` of a connection."""

_DISPOSITIONS_OF_OCSF: Final = (
    "Unknown",
    "Allowed",
    "Blocked",
    "Quarantined",
    "Isolated",
    "Deleted",
    "Dropped",
    "Custom Action",
    "Approved",
    "Restored",
    "Exonerated",
    "Corrected",
    "Partially Corrected",
    "Uncorrected",
    "Delayed",
    "Detected",
    "No Action",
    "Logged",
    "Tagged",
    "Alert",
    "Count",
    "Reset",
    "Captcha",
    "Challenge",
    "Access Revoked",
    "Rejected",
    "Unauthorized",
    "Error",
)
"""In the order of their numbers, from 0."""

DISPOSITIONS_WITHOUT_ID: Final = frozenset(
    {"Terminated", "Parent Process Terminated", "Suspend Process", "Suspend Parent Process"}
)
"""Dispositions that Cisco lists and OCSF 1.4.0 does not."""

DISPOSITIONS: Final[Mapping[str, int]] = {
    **{caption: number for number, caption in enumerate(_DISPOSITIONS_OF_OCSF)},
    "Other": OTHER,
    **dict.fromkeys(sorted(DISPOSITIONS_WITHOUT_ID), OTHER),
}
"""`disposition` and its `disposition_id`."""

FILE_TYPES: Final[Mapping[str, int]] = {
    "Unknown": 0,
    "Regular File": 1,
    "Folder": 2,
    "Character Device": 3,
    "Block Device": 4,
    "Local Socket": 5,
    "Named Pipe": 6,
    "Symbolic Link": 7,
    "Other": OTHER,
}
"""`type` of a file. Only the first of Cisco's list can be seen; they are the captions of OCSF."""

HASH_ALGORITHMS: Final[Mapping[str, int]] = {
    "Unknown": 0,
    "MD5": 1,
    "SHA-1": 2,
    "SHA-256": 3,
    "SHA-512": 4,
    "CTPH": 5,
    "TLSH": 6,
    "quickXorHash": 7,
    "Other": OTHER,
}
"""`algorithm` of a fingerprint."""

FAMILIES: Final[Mapping[str, str]] = {"Email": "email_activity", "Network": "network_activity"}
"""The values of `finding_info.types`, and the key whose activities go with each."""

DEFAULT_LABELS: Final = ("intake-api-finding",)
"""`metadata.labels` of a finding that names none."""
