"""What a record declares about itself, and whether that can be true: class, profiles, version.

Rules of the official server's `/api/v2/validate`, which looks at these before anything else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final

from console.display import safe_text
from console.ocsf.issues import Issue, Severity
from console.ocsf.leaves import is_integer, wrong_type
from console.ocsf.rules import RuleSet
from console.ocsf.versions import Version
from console.records.model import JsonValue

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
        return Issue(
            Severity.ERROR,
            "attribute_required_missing",
            CLASS_UID,
            f"Every event requires class_uid, which is missing or null. {_STOPPED}",
        )
    if not is_integer(uid):
        wrong = wrong_type(uid, None, CLASS_UID, "an integer of at most 64 bits (integer_t)")
        return replace(wrong, message=f"{wrong.message} {_STOPPED}")
    return Issue(
        Severity.ERROR,
        "class_uid_unknown",
        CLASS_UID,
        f"OCSF {schema_version} has no class with the class_uid {uid}. {_STOPPED}",
    )


def check_profiles(declared: JsonValue, known: Collection[str], version: str, found: list[Issue]) -> frozenset[str]:
    """The profiles that are active in a record, given its `metadata.profiles`. Appends those that nobody knows.

    What is no list, or no text, is left to the type check.
    """
    if not isinstance(declared, list):
        return frozenset()
    active: set[str] = set()
    for index, profile in enumerate(declared):
        if not isinstance(profile, str):
            continue
        if profile in known:
            active.add(profile)
            continue
        message = f'OCSF {version} has no profile "{safe_text(profile, width=_SHOWN)}".'
        found.append(Issue(Severity.ERROR, "profile_unknown", f"metadata.profiles[{index}]", message))
    return frozenset(active)


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
        code, severity = "version_incompatible_later", Severity.ERROR
        advice = "which is earlier and may not know all of it"
    elif version.initial_development:
        code, severity = "version_incompatible_initial_development", Severity.ERROR
        advice = "and versions before 1.0.0 promise no compatibility"
    elif version.prerelease:
        code, severity = "version_incompatible_prerelease", Severity.ERROR
        advice = "and prereleases promise no compatibility"
    else:
        code, severity = "version_earlier", Severity.WARNING
        advice = "which is later: some findings may come from the difference alone"
    return Issue(
        severity,
        code,
        _VERSION_PATH,
        f"The record declares OCSF {shown}; it was checked against {used}, {advice}.",
    )


def _unreadable_version(shown: str, used: str, rules: RuleSet) -> Issue:
    """The official validator takes what is no version for an early one."""
    official = rules is RuleSet.OFFICIAL
    return Issue(
        Severity.WARNING if official else Severity.ERROR,
        "version_earlier" if official else "version_malformed",
        _VERSION_PATH,
        f'"{shown}" is no version number such as {used}; the record was checked against {used}.',
    )
