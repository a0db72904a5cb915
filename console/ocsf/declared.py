"""What a record declares about itself, and whether that can be true: class, profiles, version.

Rules of the official server's `/api/v2/validate`, which looks at these before anything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from console.display import safe_text
from console.ocsf import codes
from console.ocsf.issues import Issue
from console.ocsf.leaves import is_integer, wrong_type
from console.ocsf.place import Place, quoted
from console.ocsf.rules import RuleSet
from console.ocsf.schema import Definition, Schema
from console.ocsf.versions import Version
from console.records.model import JsonValue

Event: TypeAlias = Mapping[str, JsonValue]
"""A decoded record that is an OCSF event; or an event of a bundle."""

CLASS_UID: Final = "class_uid"
_STOPPED: Final = "Nothing else was checked."
_VERSION_PATH: Final = "metadata.version"
_SHOWN: Final = 40


def metadata_of(record: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """The record's `metadata`; empty where it has none, or something else in its place."""
    metadata = record.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def class_issue(record: Mapping[str, JsonValue], schema_version: str, rules: RuleSet) -> Issue:
    """Why no class could be found for the record. Nothing can be checked without one."""
    uid = record.get(CLASS_UID)
    if CLASS_UID not in record or (uid is None and rules is RuleSet.FULL):
        return codes.REQUIRED_MISSING.at(
            CLASS_UID, f"Every event requires class_uid, which is missing or null. {_STOPPED}"
        )
    if not is_integer(uid):
        wrong = wrong_type(uid, None, CLASS_UID, "an integer of at most 64 bits (integer_t)")
        return replace(wrong, message=f"{wrong.message} {_STOPPED}")
    return codes.CLASS_UID_UNKNOWN.at(
        CLASS_UID, f"OCSF {schema_version} has no class with the class_uid {uid}. {_STOPPED}"
    )


def active_profiles(declared: JsonValue, schema: Schema) -> frozenset[str]:
    """The profiles that are active in a record, given its `metadata.profiles`.

    What is no list, or no text, is left to the type check.
    """
    if not isinstance(declared, list):
        return frozenset()
    return frozenset(one for one in declared if isinstance(one, str) and one in schema.profiles)


def check_profiles(declared: JsonValue, schema: Schema, applicable: frozenset[str] | None, found: list[Issue]) -> None:
    """Append the profiles of `metadata.profiles` that nobody knows, or that are not among the *applicable* ones.

    Without *applicable*, any that is known will do, as for the official validator.
    """
    if not isinstance(declared, list):
        return
    for index, profile in enumerate(declared):
        if not isinstance(profile, str):
            continue
        path, shown = f"metadata.profiles[{index}]", safe_text(profile, width=_SHOWN)
        if profile not in schema.profiles:
            found.append(codes.PROFILE_UNKNOWN.at(path, f'OCSF {schema.version} has no profile "{shown}".'))
        elif applicable is not None and profile not in applicable:
            message = f'Nothing in this class belongs to the profile "{shown}" in OCSF {schema.version}.'
            found.append(codes.PROFILE_NOT_APPLICABLE.at(path, message))


def applicable_profiles(definition: Definition, schema: Schema) -> frozenset[str]:
    """The profiles that a class can be used with: those that it names, and those of any attribute below it.

    (The exports of OCSF 1.1.0 to 1.3.0 do not name all of them.)
    """
    named = set(definition.profiles)
    seen: set[str] = set()
    todo = [definition]
    while todo:
        for attribute in todo.pop().attributes.values():
            named.update(attribute.profiles)
            key = attribute.object_type
            if key is not None and key not in seen:
                seen.add(key)
                todo.append(schema.objects[key])
    return frozenset(named)


def type_uid_rule(record: Mapping[str, JsonValue], _here: Place, found: list[Issue]) -> None:
    """Append the issue of a `type_uid` that does not follow from class and activity."""
    type_uid, class_uid, activity = record.get("type_uid"), record.get(CLASS_UID), record.get("activity_id")
    # type() and not isinstance(), since true is no integer; of any size, unlike where types are checked.
    if type(type_uid) is not int or type(class_uid) is not int or type(activity) is not int:
        return
    expected = class_uid * 100 + activity
    if type_uid == expected:
        return
    message = f"type_uid should be {expected} (class_uid {class_uid} × 100 + activity_id {activity}), but is "
    found.append(codes.TYPE_UID_INCORRECT.at("type_uid", f"{message}{quoted(type_uid)}."))


def version_issue(declared: JsonValue, used: str, rules: RuleSet) -> Issue | None:
    """What there is to say of a record that declares another version than the *used* one, by which it is checked.

    A version that is missing or no text is left to the required and the type check.
    """
    if not isinstance(declared, str) or declared == used:
        return None
    version, schema_version = Version.parse(declared), Version.parse(used)
    shown = safe_text(declared, width=_SHOWN)
    if version is None or schema_version is None:
        return _unreadable_version(shown, used, rules)
    if version == schema_version:
        return None
    if version > schema_version:
        code = codes.VERSION_LATER
        advice = "which is earlier and may not know all of it"
    elif version.initial_development:
        code = codes.VERSION_INITIAL
        advice = "and versions before 1.0.0 promise no compatibility"
    elif version.prerelease:
        code = codes.VERSION_PRERELEASE
        advice = "and prereleases promise no compatibility"
    else:
        code = codes.VERSION_EARLIER
        advice = "which is later: some findings may come from the difference alone"
    return code.at(_VERSION_PATH, f"The record declares OCSF {shown}; it was checked against {used}, {advice}.")


def _unreadable_version(shown: str, used: str, rules: RuleSet) -> Issue:
    """The official validator takes what is no version for an early one."""
    code = codes.VERSION_EARLIER if rules is RuleSet.OFFICIAL else codes.VERSION_MALFORMED
    return code.at(
        _VERSION_PATH, f'"{shown}" is no version number such as {used}; the record was checked against {used}.'
    )
