"""Findings of OCSF's older and narrower classes as Detection Findings (2004)."""

from __future__ import annotations

from typing import Final

from console.convert.changes import CannotConvert, ChangeKind
from console.convert.ocsf_fit import Fitting
from console.convert.ocsf_links import DETECTION_FINDING, class_of
from console.records.model import JsonValue

FINDING_CLASSES: Final = (2001, 2002, 2003, DETECTION_FINDING)
"""Security, vulnerability, compliance and detection findings: those that can be a Detection Finding."""

_SECURITY_FINDING: Final = 2001
_ACTIVITIES: Final = {0: "Unknown", 1: "Create", 2: "Update", 3: "Close", 99: "Other"}
_INTO_INFO: Final = ("analytic", "attacks", "data_sources", "kill_chain")
"""What a security finding has at the top, and a detection finding in its `finding_info`."""


def as_detection_finding(fitting: Fitting) -> bool:
    """Whether the event is now of that class and was of another. Raises `CannotConvert` for what can't be one."""
    class_uid = class_of(fitting.event)
    if class_uid == DETECTION_FINDING:
        return False
    if class_uid not in FINDING_CLASSES:
        message = "It is no finding that could be a Detection Finding (class_uid 2001 to 2004)."
        raise CannotConvert("cisco_class_not_a_finding", fitting.path("class_uid"), message)
    if class_uid == _SECURITY_FINDING:
        _from_security_finding(fitting)
    _one_resource_to_many(fitting)
    _name(fitting)
    return True


def _name(fitting: Fitting) -> None:
    event = fitting.event
    activity = event.get("activity_id")
    activity = activity if type(activity) is int and activity in _ACTIVITIES else 0
    type_uid = DETECTION_FINDING * 100 + activity
    names: dict[str, JsonValue] = {
        "type_uid": type_uid,
        "class_name": "Detection Finding",
        "type_name": f"Detection Finding: {_ACTIVITIES[activity]}",
    }
    for key, name in names.items():
        if key in event and event[key] != name:
            fitting.say(ChangeKind.REPLACED, key, "It is that of a Detection Finding.")
            event[key] = name
    event |= {"class_uid": DETECTION_FINDING, "type_uid": type_uid}
    fitting.say(ChangeKind.REPLACED, "class_uid", "Cisco XDR takes Detection Findings alone: it is 2004.")


def _one_resource_to_many(fitting: Fitting) -> None:
    event = fitting.event
    if "resource" in event and "resources" not in event:
        event["resources"] = [event.pop("resource")]
        fitting.say(ChangeKind.MAPPED, "resource", "It is 'resources[0]'.")


def _from_security_finding(fitting: Fitting) -> None:
    """What stands elsewhere in a security finding, and whose `status` is that of the event, not of the finding."""
    event = fitting.event
    for key in ("status", "status_id"):
        if key in event:
            fitting.put_aside(key, event.pop(key), "A security finding has the state of the finding elsewhere.")
    for key, target in (("state", "status"), ("state_id", "status_id")):
        if key in event:
            event[target] = event.pop(key)
            fitting.say(ChangeKind.MAPPED, key, f"It is '{target}'.")
    finding = event.get("finding")
    if not isinstance(finding, dict) or "finding_info" in event:
        return
    del event["finding"]
    event["finding_info"] = finding
    fitting.say(ChangeKind.MAPPED, "finding", "It is 'finding_info'.")
    if "remediation" in finding and "remediation" not in event:
        event["remediation"] = finding.pop("remediation")
        fitting.say(ChangeKind.MAPPED, "finding.remediation", "It is 'remediation'.")
    for key in _INTO_INFO:
        if key in event and key not in finding:
            finding[key] = event.pop(key)
            fitting.say(ChangeKind.MAPPED, key, f"It is 'finding_info.{key}'.")
