"""What the read-back shows of a finding: its OCSF events, and what the correlation of them found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import msgspec

from console.limits import DEFAULT_LIMITS
from console.ocsf.bundles import events_of
from console.records.decode import decode
from console.records.model import JsonValue
from console.sandbox.cisco_xdr.model import ReceivedFinding
from console.targets.cisco_xdr.links import Activity, Links, links_of

_bundles: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_encoder: Final = msgspec.json.Encoder()


def result(finding: ReceivedFinding, times_received: int) -> bytes:
    """`{"result":{…}}` as JSON: the bundle with its events byte for byte, and what is ours beside them."""
    bundle = _bundles.decode(finding.bundle)
    limits = replace(DEFAULT_LIMITS, record_bytes=len(finding.bundle))
    shown: dict[str, JsonValue | msgspec.Raw] = {
        "finding_uid": finding.uid,
        "format": "ocsf1.4",
        **bundle,
        "correlation": _correlation(links_of(events_of(decode(finding.bundle, limits))), finding, times_received),
    }
    return _encoder.encode({"result": shown})


def utc(at: datetime) -> str:
    """A time in ISO 8601, in UTC and to the second, as in Cisco's examples."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _correlation(links: Links, finding: ReceivedFinding, times_received: int) -> JsonValue:
    caller = finding.caller
    return {
        "source": caller.source,
        "module_instance_id": caller.module_instance_id,
        "workflow_run_id": caller.workflow_run_id,
        "request_id": caller.request_id,
        "received_at": utc(finding.received_at),
        "received_as": finding.way.value,
        "times_received": times_received,
        "sha256": finding.sha256,
        "linked": _activities(links.linked),
        "unlinked": _activities(links.unlinked),
        "dangling": list[JsonValue](links.dangling),
        "changes": [{"kind": one.kind.value, "path": one.path, "message": one.message} for one in finding.changes],
    }


def _activities(activities: Sequence[Activity]) -> JsonValue:
    return [{"index": one.index, "class_uid": one.class_uid, "uid": one.uid} for one in activities]
