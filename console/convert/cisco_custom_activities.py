"""OCSF's Email and Network Activities as those of Cisco's simplified findings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from console.convert import cisco_limits as limits
from console.convert.changes import Change, ChangeKind, JsonObject
from console.convert.cisco_captions import (
    DISPOSITIONS,
    EMAIL_ACTIVITIES,
    EMAIL_DIRECTIONS,
    FILE_TYPES,
    HASH_ALGORITHMS,
    NETWORK_ACTIVITIES,
    NETWORK_DIRECTIONS,
)
from console.convert.taking import Taking
from console.records.model import JsonValue

_MOST_PORT: Final = 65_535
_MOST_COUNT: Final = 2**63
_MOST_FILES: Final = 1_000
_TRAFFIC: Final = ("bytes_in", "bytes_out", "packets_in", "packets_out")


def simplified_email(event: Taking) -> JsonObject:
    """What an email went through. Nothing that is unknown is said to be so."""
    made: JsonObject = {}
    _add_activity(made, event, EMAIL_ACTIVITIES)
    _add_caption(made, event, "direction", EMAIL_DIRECTIONS)
    _add_disposition(made, event)
    email = event.object("email")
    parts: JsonObject = {}
    senders = _addresses(email, "from", 1) + _addresses(event.object("unmapped"), "from_list", None)
    if senders:
        parts["from_list"] = senders
    for key, most in (("to", None), ("cc", limits.MOST_ADDRESSES), ("delivered_to_list", limits.MOST_ADDRESSES)):
        if addresses := _addresses(email, key, most):
            parts[key] = addresses
    if uid := email.text("message_uid", "'email.message_uid'"):
        parts["message_uid"] = uid
    if files := [made_file for one in email.objects("files", _MOST_FILES) if (made_file := _file(one))]:
        parts["files"] = list[JsonValue](files)
    if parts:
        made["email"] = parts
    return made


def simplified_network(event: Taking) -> JsonObject:
    """What went over the network."""
    made: JsonObject = {}
    _add_activity(made, event, NETWORK_ACTIVITIES)
    _add_disposition(made, event)
    user = event.object("actor").object("user")
    person: JsonObject = {}
    for key in ("email_addr", "name"):
        if text := user.text(key, f"'actor.user.{key}'"):
            person[key] = text
    if person:
        made["actor"] = {"user": person}
        if user.sees("uid") == person.get("email_addr"):
            user.left_out("uid", "The email address says the same.")
    given = event.object("connection_info")
    connection: JsonObject = {}
    _add_caption(connection, given, "direction", NETWORK_DIRECTIONS)
    for key, allowed in (("protocol_num", limits.PROTOCOLS), ("protocol_ver_id", limits.IP_VERSIONS)):
        number = given.look(key)
        if type(number) is int and number in allowed:
            connection[key] = given.mapped(key, f"'connection_info.{key}'")
    if connection:
        made["connection_info"] = connection
    for key in ("src_endpoint", "dst_endpoint"):
        if endpoint := _endpoint(event.object(key)):
            made[key] = endpoint
    traffic = event.object("traffic")
    counts: JsonObject = {}
    for key in _TRAFFIC:
        count = traffic.look(key)
        if type(count) is int and 0 <= count < _MOST_COUNT:
            counts[key] = traffic.mapped(key, f"'traffic.{key}'")
    if counts:
        made["traffic"] = counts
    return made


def _add_activity(made: JsonObject, event: Taking, names: Mapping[str, int]) -> None:
    """The name of the activity, from its number."""
    number = event.look("activity_id")
    name = next((one for one, known in names.items() if type(number) is int and known == number), "")
    if not name and event.sees("activity_name") in names:
        name = event.sees("activity_name")
    if not name:
        return
    made["activity_name"] = name
    event.mapped("activity_id", "'activity_name'")
    if event.sees("activity_name") == name:
        event.mapped("activity_name", "'activity_name'")


def _add_caption(made: JsonObject, given: Taking, key: str, captions: Mapping[str, int]) -> None:
    """The caption of a number, and of the text beside it where that is one of them."""
    number, text = given.look(f"{key}_id"), given.sees(key)
    by_number = next((one for one, known in captions.items() if type(number) is int and known == number), "")
    caption = text if text in captions and captions[text] == number else by_number
    if not caption:
        return
    made[key] = caption
    given.mapped(f"{key}_id", f"'{key}'")
    if text == caption:
        given.mapped(key, f"'{key}'")


def _add_disposition(made: JsonObject, event: Taking) -> None:
    disposition: JsonObject = {}
    _add_caption(disposition, event, "disposition", DISPOSITIONS)
    if disposition:
        made["dispositions"] = [disposition]


def _addresses(given: Taking, key: str, most: int | None) -> list[JsonValue]:
    """The email addresses of a list, or the one that stands there. What is none, or too many, stays behind."""
    found = given.look(key)
    listed = found if isinstance(found, list) else [found]
    chosen: list[JsonValue] = []
    others: list[JsonValue] = []
    for item in listed:
        fits = isinstance(item, str) and len(item) <= limits.ADDRESS and limits.IS_ADDRESS.fullmatch(item)
        (chosen if fits and (most is None or len(chosen) < most) else others).append(item)
    if not chosen:
        return []
    given.changes.append(Change(ChangeKind.MAPPED, given.path(key), "It is in the list of the email's addresses."))
    given.holder[key] = others
    return chosen


def _file(given: Taking) -> JsonObject:
    made: JsonObject = {}
    name = given.look("name")
    if isinstance(name, str) and 0 < len(name) <= limits.FILE_NAME:
        made["name"] = given.mapped("name", "'files.name'")
    elif short := given.text("name", "'files.name'", limits.FILE_NAME):
        made["name"] = short
    size = given.look("size")
    if type(size) is int and 0 <= size <= limits.FILE_BYTES:
        made["size"] = given.mapped("size", "'files.size'")
    _add_caption(made, given, "type", FILE_TYPES)
    hashes: list[JsonValue] = []
    for one in given.objects("hashes", limits.MOST_HASHES):
        value = one.look("value")
        if isinstance(value, str) and 0 < len(value) <= limits.HASH:
            fingerprint: JsonObject = {"value": one.mapped("value", "'files.hashes.value'")}
            _add_caption(fingerprint, one, "algorithm", HASH_ALGORITHMS)
            hashes.append(fingerprint)
    if hashes:
        made["hashes"] = hashes
    return made


def _endpoint(given: Taking) -> JsonObject:
    made: JsonObject = {}
    checks: tuple[tuple[str, Callable[[str], object]], ...] = (
        ("ip", limits.is_ip),
        ("hostname", lambda text: len(text) <= limits.HOSTNAME and limits.IS_HOSTNAME.fullmatch(text)),
        ("mac", limits.IS_MAC.fullmatch),
    )
    for key, fits in checks:
        if given.sees(key) and fits(given.sees(key)):
            made[key] = given.text(key, f"'{key}' of the endpoint")
    port = given.look("port")
    if type(port) is int and 1 <= port <= _MOST_PORT:
        made["port"] = given.mapped("port", "'port' of the endpoint")
    proxy = given.object("proxy_endpoint")
    if limits.is_ip(proxy.sees("ip")):
        made["proxy_endpoint"] = {"ip": proxy.text("ip", "'proxy_endpoint.ip'")}
    return made
