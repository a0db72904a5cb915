"""The activities of Cisco's simplified findings, as OCSF 1.4.0 events: Email Activity and Network Activity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from console.convert.changes import JsonObject, Leftovers, list_in, object_in, objects_in, present, text_in
from console.convert.cisco_captions import (
    DISPOSITIONS,
    DISPOSITIONS_WITHOUT_ID,
    EMAIL_ACTIVITIES,
    EMAIL_DIRECTIONS,
    FILE_TYPES,
    HASH_ALGORITHMS,
    NETWORK_ACTIVITIES,
    NETWORK_DIRECTIONS,
    OTHER,
)
from console.convert.ocsf_event import common
from console.records.model import JsonValue

_EMAIL: Final = 4009
_NETWORK: Final = 4001
_UNKNOWN: Final = "Unknown"
_ENDPOINT_NAMES: Final = ("ip", "hostname")
"""What OCSF accepts as the identity of an endpoint, as far as the simplified model has it."""


def email_activity(activity: JsonObject, time: int, metadata: JsonObject, leftovers: Leftovers) -> JsonObject:
    """An Email Activity (4009). *metadata* becomes the event's own."""
    event = common(_EMAIL, EMAIL_ACTIVITIES.get(text_in(activity, "activity_name"), 0), time, metadata)
    event |= {"severity_id": 0, **_captioned(activity, "direction", EMAIL_DIRECTIONS)}
    _add_disposition(event, activity, leftovers)
    event["email"] = _email(object_in(activity, "email"), leftovers)
    return event


def network_activity(activity: JsonObject, time: int, metadata: JsonObject, leftovers: Leftovers) -> JsonObject:
    """A Network Activity (4001). *metadata* becomes the event's own."""
    event = common(_NETWORK, NETWORK_ACTIVITIES.get(text_in(activity, "activity_name"), 0), time, metadata)
    event["severity_id"] = 0
    _add_actor(event, object_in(object_in(activity, "actor"), "user"), leftovers)
    _add_disposition(event, activity, leftovers)
    if connection := object_in(activity, "connection_info"):
        event["connection_info"] = {
            **_captioned(connection, "direction", NETWORK_DIRECTIONS),
            **present(connection, "protocol_num", "protocol_ver_id"),
        }
    for key in ("src_endpoint", "dst_endpoint"):
        if endpoint := _endpoint(key, object_in(activity, key), leftovers):
            event[key] = endpoint
    if traffic := present(object_in(activity, "traffic"), "bytes_in", "bytes_out", "packets_in", "packets_out"):
        event["traffic"] = traffic
    return event


def _captioned(holder: JsonObject, key: str, ids: Mapping[str, int]) -> JsonObject:
    """An enum value with its caption beside it. Unknown where the input says nothing."""
    caption = text_in(holder, key) or _UNKNOWN
    return {f"{key}_id": ids.get(caption, OTHER), key: caption}


def _with_profile(event: JsonObject, profile: str) -> None:
    """Declare the profile that the next attribute belongs to."""
    metadata = object_in(event, "metadata")
    metadata["profiles"] = [*list_in(metadata, "profiles"), profile]


def _add_disposition(event: JsonObject, activity: JsonObject, leftovers: Leftovers) -> None:
    """OCSF has one disposition for an event, and no status of it."""
    for index, given in enumerate(objects_in(activity, "dispositions")):
        path = f"dispositions[{index}]"
        caption = text_in(given, "disposition")
        if caption and "disposition_id" not in event:
            _with_profile(event, "security_control")
            event |= _captioned(given, "disposition", DISPOSITIONS)
            if caption in DISPOSITIONS_WITHOUT_ID:
                leftovers.replaced(
                    f"{path}.disposition", "OCSF 1.4.0 does not list this disposition: it is 99 with its caption."
                )
            if status := text_in(given, "disposition_status"):
                leftovers.keep(
                    "disposition_status", f"{path}.disposition_status", status, "OCSF has no status of a disposition."
                )
        elif given:
            leftovers.keep("dispositions", path, given, "OCSF has one disposition for an event.")


def _email(email: JsonObject, leftovers: Leftovers) -> JsonObject:
    """OCSF 1.4.0 knows one sender of an email."""
    made: JsonObject = {}
    for index, sender in enumerate(list_in(email, "from_list")):
        if index == 0:
            made["from"] = sender
        else:
            leftovers.keep("from_list", f"email.from_list[{index}]", sender, "OCSF 1.4.0 has one sender of an email.")
    made |= present(email, "to", "cc", "delivered_to_list", "message_uid")
    files: list[JsonValue] = []
    for index, file in enumerate(objects_in(email, "files")):
        if text_in(file, "name"):
            files.append(_file(file))
        else:
            leftovers.keep("files", f"email.files[{index}]", file, "OCSF has no files without a name.")
    if files:
        made["files"] = files
    return made


def _file(file: JsonObject) -> JsonObject:
    made: JsonObject = {**present(file, "name", "size"), **_captioned(file, "type", FILE_TYPES)}
    hashes: list[JsonValue] = [
        {**_captioned(fingerprint, "algorithm", HASH_ALGORITHMS), "value": text_in(fingerprint, "value")}
        for fingerprint in objects_in(file, "hashes")
    ]
    if hashes:
        made["hashes"] = hashes
    return made


def _add_actor(event: JsonObject, user: JsonObject, leftovers: Leftovers) -> None:
    """OCSF asks for a name or an identifier of a user: where there is only an address, that is the identifier."""
    made = present(user, "name", "email_addr")
    if not made:
        return
    if "name" not in made:
        made["uid"] = made["email_addr"]
        leftovers.replaced("actor.user", "A user without a name is identified by the email address.")
    _with_profile(event, "host")
    event["actor"] = {"user": made}


def _endpoint(key: str, endpoint: JsonObject, leftovers: Leftovers) -> JsonObject:
    """An endpoint that OCSF accepts; empty where the input says too little."""
    made = present(endpoint, *_ENDPOINT_NAMES, "mac", "port")
    if proxy := present(object_in(endpoint, "proxy_endpoint"), "ip"):
        made["proxy_endpoint"] = proxy
    if made and not any(name in made for name in _ENDPOINT_NAMES):
        leftovers.keep(key, key, made, "OCSF has no endpoints without an address or a name.")
        return {}
    return made
