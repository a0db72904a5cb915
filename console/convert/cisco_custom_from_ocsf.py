"""From an OCSF bundle to Cisco's simplified finding, which knows emails and network connections alone.

The bundle is one that `cisco_bundle` made. Whatever the simplified model has no place for is left out, and named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from console.convert import cisco_limits as limits
from console.convert.changes import CannotConvert, Change, ChangeKind, JsonObject
from console.convert.cisco_bundle import Event
from console.convert.cisco_captions import CONFIDENCES, DEFAULT_LABELS, FAMILIES, SEVERITIES
from console.convert.cisco_custom_activities import simplified_email, simplified_network
from console.convert.encoding import encode
from console.convert.moments import SUFFIX
from console.convert.ocsf_frame import leave_out_the_frame
from console.convert.ocsf_links import class_of
from console.convert.taking import Taking
from console.records.model import JsonValue

_FAMILY_OF_CLASS: Final[Mapping[int, str]] = {4009: "Email", 4001: "Network"}
_SIMPLIFIERS: Final[Mapping[str, Callable[[Taking], JsonObject]]] = {
    "Email": simplified_email,
    "Network": simplified_network,
}
_NO_PLACE: Final = "The simplified finding has no place for it."
_MOST_NAMED: Final = 1_000
_MOST_ATTACKS: Final = 1_000


def to_custom(finding: Event, activities: Sequence[Event]) -> tuple[bytes, Sequence[Event]]:
    """The simplified finding, as JSON, and the activities that are in it. The events are taken apart.

    Raises `CannotConvert`.
    """
    event = Taking(finding.content, finding.place, finding.changes)
    info = event.object("finding_info")
    family = _family(info, activities)
    key = FAMILIES[family]
    simplified: list[JsonValue] = []
    chosen: list[Event] = []
    for part in activities:
        if _FAMILY_OF_CLASS.get(class_of(part.content) or 0) != family:
            part.changes.append(
                Change(ChangeKind.LEFT_OUT, part.place, f"A finding of the type {family} has no such events.")
            )
            continue
        activity = Taking(part.content, part.place, part.changes)
        made = _SIMPLIFIERS[family](activity)
        if type(activity.look("time")) is int:
            made["time"] = activity.mapped("time", f"'{key}.time'")
        activity.object("metadata").left_out("uid", "The service links the activities itself.")
        _leave_out(activity)
        simplified.append(made)
        chosen.append(part)
    detection = _detection(event, info, family)
    _leave_out(event)
    custom: JsonObject = {"detection_findings": detection}
    if simplified:
        custom[key] = simplified
    raw = encode(custom)
    if limits.values_in(raw) > limits.MOST_VALUES:
        message = f"It would have more than {limits.MOST_VALUES:,} values."
        raise CannotConvert("cisco_custom_too_many_values", finding.place, message)
    return raw, chosen


def _family(info: Taking, activities: Sequence[Event]) -> str:
    """The one type of the finding: that of its activities, or the one that it names. Raises `CannotConvert`."""
    classes = {class_of(part.content) for part in activities}
    families = [family for class_uid, family in _FAMILY_OF_CLASS.items() if class_uid in classes]
    if not families:
        types = info.look("types")
        families = [one for one in FAMILIES if isinstance(types, list) and one in types]
    if len(families) > 1:
        message = "It has both emails and network activities; a simplified finding has one kind."
        raise CannotConvert("cisco_custom_families", "", message)
    if not families:
        message = "It has no Email Activity (4009) and no Network Activity (4001), of which simplified findings are."
        raise CannotConvert("cisco_custom_no_activity", "", message)
    return families[0]


def _detection(event: Taking, info: Taking, family: str) -> JsonObject:
    made: JsonObject = {"finding_info": _info(info, family)}
    made["time"] = event.mapped("time", "'detection_findings.time'")
    for name, captions in (("severity", SEVERITIES), ("confidence", CONFIDENCES)):
        number = event.look(f"{name}_id")
        caption = next((one for one, known in captions.items() if type(number) is int and known == number), "")
        if caption:
            event.mapped(f"{name}_id", f"'detection_findings.{name}'")
            if event.sees(name) == caption:
                event.mapped(name, f"'detection_findings.{name}'")
            made[name] = caption
    metadata = event.object("metadata")
    labels = metadata.look("labels")
    if labels == list(DEFAULT_LABELS):
        metadata.mapped("labels", "what 'metadata.labels' is by default")
    elif isinstance(labels, list) and labels and all(isinstance(one, str) and one in limits.LABELS for one in labels):
        made["metadata"] = {"labels": metadata.mapped("labels", "'detection_findings.metadata.labels'")}
    if attacks := [*_attacks(info), *_attacks(event)]:
        made["attacks"] = list[JsonValue](attacks)
    return made


def _info(info: Taking, family: str) -> JsonObject:
    made: JsonObject = {"types": [family], "uid": info.mapped("uid", "'finding_info.uid'")}
    types = info.look("types")
    if isinstance(types, list) and family in types:
        info.holder["types"] = [one for one in types if one != family]
        info.changes.append(Change(ChangeKind.MAPPED, info.path("types"), "It is 'finding_info.types'."))
    if title := info.text("title", "'finding_info.title'", limits.TITLE):
        made["title"] = title
    if desc := info.text("desc", "'finding_info.desc'", limits.DESCRIPTION):
        made["desc"] = desc
    url = info.sees("src_url")
    if len(url) <= limits.URI and limits.IS_URI.fullmatch(url):
        made["src_url"] = info.text("src_url", "'finding_info.src_url'")
    modified = info.look("modified_time")
    if type(modified) is int and limits.EARLIEST <= modified <= limits.LATEST:
        made["modified_time"] = info.mapped("modified_time", "'finding_info.modified_time'")
        info.left_out("modified_time" + SUFFIX, "The number says the same.")
    for key in ("related_events", "related_events_count"):
        info.left_out(key, "The service links the activities itself.")
    return made


def _attacks(holder: Taking) -> list[JsonObject]:
    """Tactics and techniques that have an identifier which is taken."""
    made: list[JsonObject] = []
    for given in holder.objects("attacks", _MOST_ATTACKS):
        attack: JsonObject = {}
        tactic, technique = given.object("tactic"), given.object("technique")
        if tactic.sees("uid") in limits.TACTICS:
            attack["tactic"] = {"uid": tactic.text("uid", "'attacks.tactic.uid'")}
        if technique.sees("uid"):
            attack["technique"] = {"uid": technique.text("uid", "'attacks.technique.uid'")}
        if attack:
            made.append(attack)
    return made


def _leave_out(event: Taking) -> None:
    """Name what is left of an event by its largest wholes, of which a hostile one has millions."""
    leave_out_the_frame(event)
    for number, (path, _) in enumerate(event.rest()):
        if number == _MOST_NAMED:
            message = "There are more values that the simplified finding has no place for."
            event.changes.append(Change(ChangeKind.LEFT_OUT, event.place, message))
            break
        event.changes.append(Change(ChangeKind.LEFT_OUT, path, _NO_PLACE))
