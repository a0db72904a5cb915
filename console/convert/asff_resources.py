"""The resources of an OCSF finding as those of an ASFF finding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from console.convert import asff_limits as limits
from console.convert.asff_origin import Origin
from console.convert.asff_pairs import Extra, Room, extras
from console.convert.changes import Change, ChangeKind, JsonObject
from console.convert.taking import Taking
from console.records.model import JsonValue

ACCOUNT_TYPE: Final = "AwsAccount"
OTHER_TYPE: Final = "Other"

_LABEL: Final = re.compile(r"(aws:[^:]+:[^:]+|[^:]+):(.*)", re.DOTALL)
"""A tag as one text: the key, a colon, the value. Keys that AWS sets itself have colons in them."""
_PROVIDERS: Final = {provider.lower(): provider for provider in limits.PROVIDERS}


def resources_of(event: Taking, origin: Origin) -> tuple[list[JsonValue], list[Extra]]:
    """The resources, and what of them is to be put into their details.

    A finding needs one: where the record has none that could be told apart, it is the account.
    """
    made: list[JsonValue] = []
    further: list[Extra] = []
    provider = _PROVIDERS.get(event.object("cloud").sees("provider").lower(), "")
    for given in _given(event):
        resource = _resource(given, origin, provider)
        if resource is None:
            continue
        made.append(resource)
        other: JsonObject = {}
        resource["Details"] = {"Other": other}
        room = Room(other, "'Details.Other' of the resource", limits.DETAIL_VALUE)
        further += extras(room, given.rest(), given.place)
        given.holder.clear()
    _leave_out_the_others(event)
    if not made:
        made.append(_account(origin, event.changes))
    return made, further


def without_empty_details(resources: list[JsonValue]) -> None:
    """Take away the details of resources that nothing was put into."""
    for resource in resources:
        if isinstance(resource, dict) and resource.get("Details") == {"Other": {}}:
            del resource["Details"]


def _given(event: Taking) -> Iterator[Taking]:
    """The objects that are resources, in the list that most classes have, or on their own."""
    listed = event.objects("resources", limits.MOST_RESOURCES)
    yield from listed
    single = event.object("resource")
    if single.holder and len(listed) < limits.MOST_RESOURCES:
        yield single


def _leave_out_the_others(event: Taking) -> None:
    found = event.look("resources")
    if isinstance(found, list) and len(found) > limits.MOST_RESOURCES:
        del found[limits.MOST_RESOURCES :]
        message = f"A finding takes {limits.MOST_RESOURCES} resources: the others are left out."
        event.changes.append(Change(ChangeKind.LEFT_OUT, event.path("resources"), message))


def _resource(given: Taking, origin: Origin, provider: str) -> JsonObject | None:
    """A resource; None for one that nothing identifies, which is left as it is."""
    identifier = given.text("uid", "'Resources.Id'") or given.text("name", "'Resources.Id'")
    if not identifier:
        return None
    kind = given.text("type", "'Resources.Type'", limits.RESOURCE_TYPE)
    if not kind:
        kind = OTHER_TYPE
        given.changes.append(
            Change(ChangeKind.FILLED_IN, "Resources.Type", "The record does not say of what type it is.")
        )
    resource: JsonObject = {"Type": kind, "Id": identifier}
    if given.sees("cloud_partition") in limits.PARTITIONS:
        resource["Partition"] = given.text("cloud_partition", "'Resources.Partition'")
    elif origin.is_aws and not given.sees("cloud_partition") and origin.partition in limits.PARTITIONS:
        resource["Partition"] = origin.partition
        given.changes.append(Change(ChangeKind.FILLED_IN, "Resources.Partition", "It is the partition of the finding."))
    if 0 < len(given.sees("region")) <= limits.REGION:
        resource["Region"] = given.text("region", "'Resources.Region'")
    if provider:
        resource["Provider"] = provider
    if tags := _tags(given):
        resource["Tags"] = tags
    return resource


def _tags(given: Taking) -> JsonObject:
    """The tags, from `tags` and from `labels` such as `env:prod`. What is none, or for which no room is, stays."""
    tags: JsonObject = {}
    for key in ("tags", "labels"):
        found = given.look(key)
        if not isinstance(found, list):
            continue
        others = [item for item in found if not _add_tag(tags, *_tag(item))]
        if len(others) < len(found):
            given.holder[key] = others
            given.changes.append(Change(ChangeKind.MAPPED, given.path(key), "It is in 'Resources.Tags'."))
    return tags


def _tag(item: JsonValue) -> tuple[str, str]:
    """The key and the value that a tag or a label stands for; an empty key where it is neither."""
    if isinstance(item, str) and (parts := _LABEL.fullmatch(item)):
        return parts[1], parts[2]
    if isinstance(item, dict) and item.keys() <= {"name", "value"}:
        name, value = item.get("name"), item.get("value")
        if isinstance(name, str) and isinstance(value, str):
            return name, value
    return "", ""


def _add_tag(tags: JsonObject, key: str, value: str) -> bool:
    """Whether there was room for a tag. A tag that is there already needs none."""
    if tags.get(key) == value:
        return True
    fits = len(key) <= limits.PAIR_KEY and len(value) <= limits.TAG_VALUE and len(tags) < limits.MOST_PAIRS
    if not key.strip() or key in tags or not fits:
        return False
    tags[key] = value
    return True


def _account(origin: Origin, changes: list[Change]) -> JsonObject:
    """The account as a resource, as Security Hub itself names it."""
    changes.append(Change(ChangeKind.FILLED_IN, "Resources", "The record has no resource: it is the account."))
    account: JsonObject = {"Type": ACCOUNT_TYPE, "Id": f"AWS::::Account:{origin.account}"}
    if origin.partition in limits.PARTITIONS:
        account["Partition"] = origin.partition
    return account
