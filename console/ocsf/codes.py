"""Every code that the validator raises about a record: its severity, what it means, and what to do.

An issue is made from its code, so that the severity can't differ from place to place; `docs/validation.md` is written
from this list, so that it can't go stale. The codes of the official server's `/api/v2/validate` keep its names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from console.ocsf.issues import Issue, Severity
from console.ocsf.rules import RuleSet


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of issue."""

    name: str
    severity: Severity
    meaning: str
    advice: str
    only: RuleSet | None = None
    """The one set of rules that it belongs to; None for both."""

    def at(self, path: str, message: str) -> Issue:
        """An issue of this kind."""
        return Issue(self.severity, self.name, path, message)


CODES: Final[dict[str, Code]] = {}
"""All of them, by name, in the order of the documentation."""


def _add(code: Code) -> Code:
    CODES[code.name] = code
    return code


def _error(name: str, meaning: str, advice: str, only: RuleSet | None = None) -> Code:
    return _add(Code(name, Severity.ERROR, meaning, advice, only))


def _warning(name: str, meaning: str, advice: str, only: RuleSet | None = None) -> Code:
    return _add(Code(name, Severity.WARNING, meaning, advice, only))


CLASS_UID_UNKNOWN: Final = _error(
    "class_uid_unknown",
    "The schema has no class of that `class_uid`. Nothing else is checked.",
    "Correct `class_uid`, or the declared version: classes come and go.",
)
PROFILE_UNKNOWN: Final = _error(
    "profile_unknown",
    "`metadata.profiles` names a profile that the schema does not have.",
    "Correct the name. Profiles of an extension carry its name: `linux/linux_users`.",
)
REQUIRED_MISSING: Final = _error(
    "attribute_required_missing",
    "A required attribute is absent or `null`. Without `class_uid`, nothing else is checked.",
    "Add it. If it belongs to a profile, the record declares that profile in `metadata.profiles`.",
)
RECOMMENDED_MISSING: Final = _warning(
    "attribute_recommended_missing",
    "A recommended attribute is absent or `null`. Looked for only with `--missing-recommended`.",
    "Add it where the source has the fact.",
)
WRONG_TYPE: Final = _error(
    "attribute_wrong_type",
    "The value has another JSON type than the schema says, is outside the integers of that type, or is `null` inside "
    "a list.",
    'Write it as the type that the message names: `1`, not `"1"`.',
)
UNKNOWN: Final = _error(
    "attribute_unknown",
    "The class or object has no such attribute.",
    "Correct the name, move the value to `unmapped`, or add the profile that the message names to `metadata.profiles`.",
)
ATTRIBUTE_DEPRECATED: Final = _warning(
    "attribute_deprecated", "The attribute should no longer be used.", "See the schema for what takes its place."
)
CLASS_DEPRECATED: Final = _warning(
    "class_deprecated", "The class should no longer be used.", "See the schema for what takes its place."
)
OBJECT_DEPRECATED: Final = _warning(
    "object_deprecated", "The object should no longer be used.", "See the schema for what takes its place."
)
ENUM_UNKNOWN: Final = _error(
    "attribute_enum_value_unknown",
    "The value is not among those that the schema lists.",
    'Use a listed value; 99 means "other".',
)
ENUM_ARRAY_UNKNOWN: Final = _error(
    "attribute_enum_array_value_unknown", "The same, for one element of a list.", "The same."
)
ENUM_DEPRECATED: Final = _warning(
    "attribute_enum_value_deprecated",
    "The value should no longer be used.",
    "See the schema for what takes its place.",
)
ENUM_ARRAY_DEPRECATED: Final = _warning(
    "attribute_enum_array_value_deprecated", "The same, for one element of a list.", "The same."
)
SIBLING_INCORRECT: Final = _warning(
    "attribute_enum_sibling_incorrect",
    "The text beside an enum value, such as `severity` beside `severity_id`, is not the caption of that value.",
    'Write the caption; a source\'s own word goes with the value 99 ("other").',
)
SIBLING_SUSPICIOUS: Final = _warning(
    "attribute_enum_sibling_suspicious_other",
    'The value is 99 ("other"), and the text beside it only repeats that.',
    "Write the source's own word.",
)
ARRAY_SIBLING_MISSING: Final = _error(
    "attribute_enum_array_sibling_missing",
    "The list of texts beside a list of enum values is shorter than that.",
    "Give each value its caption, in the same order.",
)
ARRAY_SIBLING_INCORRECT: Final = _error(
    "attribute_enum_array_sibling_incorrect",
    "An element of the list of texts is not the caption of its enum value.",
    "Give each value its caption, in the same order.",
)
EXCEEDS_RANGE: Final = _error(
    "attribute_value_exceeds_range", "The number is outside the range of its type.", "Correct it."
)
EXCEEDS_SUPER_RANGE: Final = _error(
    "attribute_value_exceeds_super_type_range",
    "The number is outside the range of the type that its type is made from.",
    "Correct it.",
)
EXCEEDS_MAX_LEN: Final = _error(
    "attribute_value_exceeds_max_len", "The text is longer than its type allows.", "Shorten it."
)
EXCEEDS_SUPER_MAX_LEN: Final = _error(
    "attribute_value_exceeds_super_type_max_len",
    "The text is longer than the type allows that its type is made from.",
    "Shorten it.",
)
REGEX: Final = _warning(
    "attribute_value_regex_not_matched",
    "The text does not match the pattern of its type.",
    "Write it as the type asks: as an IP address, a MAC address, a UUID and the like.",
)
SUPER_REGEX: Final = _warning(
    "attribute_value_super_type_regex_not_matched",
    "The text does not match the pattern of the type that its type is made from.",
    "Write it as the type asks.",
)
NOT_IN_VALUES: Final = _error(
    "attribute_value_not_in_type_values", "The value is not among those of its type.", "Use one of them."
)
NOT_IN_SUPER_VALUES: Final = _error(
    "attribute_value_not_in_super_type_values",
    "The value is not among those of the type that its type is made from.",
    "Use one of them.",
)
CONSTRAINT_FAILED: Final = _error(
    "constraint_failed",
    "Of some attributes at least one (or just one) must be there, and that is not so.",
    "Add one of those that the message names, or take the others away.",
)
CONSTRAINT_UNKNOWN: Final = _error(
    "constraint_unknown",
    "The schema has a kind of constraint that nobody knows.",
    "Correct the schema that was added.",
)
TYPE_UID_INCORRECT: Final = _error(
    "type_uid_incorrect", "`type_uid` is not `class_uid` × 100 + `activity_id`.", "Correct whichever is wrong."
)
VERSION_LATER: Final = _error(
    "version_incompatible_later",
    "The record declares a later version than it was checked against.",
    "Update this tool, add the schema (`ocsf-console schema add`), or take the other issues of the record with care.",
)
VERSION_PRERELEASE: Final = _error(
    "version_incompatible_prerelease",
    "The record declares an earlier prerelease, which promises no compatibility.",
    "Declare a release.",
)
VERSION_INITIAL: Final = _error(
    "version_incompatible_initial_development",
    "The record declares a version before 1.0.0, which promises no compatibility.",
    "Declare a release.",
)
VERSION_EARLIER: Final = _warning(
    "version_earlier",
    "The record declares an earlier version than it was checked against.",
    "Nothing, or choose the declared version.",
)
OBSERVABLE_NAME: Final = _error(
    "observable_name_invalid_reference",
    "The `name` of an observable leads to no attribute of the class.",
    "Write the path of the attribute: `src_endpoint.ip`, `resources[].uid`.",
)
SCHEMA_BUG_PRIMITIVE: Final = _error(
    "schema_bug_primitive_type_unknown",
    "The schema does not say what the attribute's type is made of.",
    "Use a later version of OCSF.",
    RuleSet.OFFICIAL,
)
SCHEMA_BUG_REGEX: Final = _error(
    "schema_bug_type_regex_invalid",
    "The schema's pattern for the attribute's type is none that can be used.",
    "Correct the schema that was added.",
    RuleSet.OFFICIAL,
)

VERSION_MALFORMED: Final = _error(
    "version_malformed",
    "`metadata.version` is no version number such as `1.5.0`.",
    "Correct it.",
    RuleSet.FULL,
)
PROFILE_NOT_APPLICABLE: Final = _warning(
    "profile_not_applicable",
    "The profile exists, but neither the class nor any object that it can hold has attributes of it.",
    "Take it out of `metadata.profiles`, or correct `class_uid`.",
    RuleSet.FULL,
)
TIME_IN_SECONDS: Final = _warning(
    "time_in_seconds",
    "A time counts milliseconds since 1970, and this number makes sense only as seconds.",
    "Multiply by 1,000.",
    RuleSet.FULL,
)
TIME_IN_MICROSECONDS: Final = _warning(
    "time_in_microseconds",
    "A time counts milliseconds since 1970, and this number makes sense only as microseconds.",
    "Divide by 1,000.",
    RuleSet.FULL,
)
TIME_IN_NANOSECONDS: Final = _warning(
    "time_in_nanoseconds",
    "A time counts milliseconds since 1970, and this number makes sense only as nanoseconds.",
    "Divide by 1,000,000.",
    RuleSet.FULL,
)
TIME_OUT_OF_RANGE: Final = _warning(
    "time_out_of_range",
    "A time counts milliseconds since 1970, and this number is no likely time in any unit: zero, negative, tiny or "
    "huge.",
    "Correct it, or leave an optional time out.",
    RuleSet.FULL,
)
DATETIME_INVALID: Final = _warning(
    "datetime_invalid",
    "The text looks like a date and time, but there is none such, like 30 February.",
    "Write it by RFC 3339: `2026-11-21T10:00:00Z`.",
    RuleSet.FULL,
)
DATETIME_WITHOUT_OFFSET: Final = _warning(
    "datetime_without_offset",
    "The date and time has no offset from UTC, so that nobody knows which moment is meant.",
    "End it with `Z` or an offset such as `+02:00`.",
    RuleSet.FULL,
)
DATETIME_MISMATCH: Final = _warning(
    "datetime_mismatch",
    "An attribute and its `_dt` sibling, such as `time` and `time_dt`, name different moments.",
    "Correct whichever is wrong.",
    RuleSet.FULL,
)
IP_INVALID: Final = _warning(
    "ip_invalid", "The text is no IP address, though the schema's pattern lets it pass.", "Correct it.", RuleSet.FULL
)
MAC_INVALID: Final = _warning(
    "mac_invalid", "The text is no MAC address, though the schema's pattern lets it pass.", "Correct it.", RuleSet.FULL
)
SUBNET_INVALID: Final = _warning(
    "subnet_invalid", "The text is no subnet.", "Write it as `192.0.2.0/24`.", RuleSet.FULL
)
EMAIL_INVALID: Final = _warning(
    "email_invalid",
    "The text is no email address, though the schema's pattern lets it pass.",
    "Correct it.",
    RuleSet.FULL,
)
UUID_INVALID: Final = _warning(
    "uuid_invalid",
    "The text is no UUID, though the schema's pattern lets it pass.",
    "Write nothing but the UUID.",
    RuleSet.FULL,
)
INTEGER_BEYOND_64_BITS: Final = _warning(
    "integer_beyond_64_bits",
    "The integer does not fit 64 bits. Most readers refuse or change it.",
    "Write it as text.",
    RuleSet.FULL,
)
DUPLICATE_KEY: Final = _error(
    "duplicate_key",
    "An object has the same key twice. Readers differ in which value they take.",
    "Keep one of them.",
    RuleSet.FULL,
)
DUPLICATE_FINDING_UID: Final = _warning(
    "duplicate_finding_uid",
    "An earlier record of the file has the same `finding_info.uid`.",
    "Give each finding its own, unless the records are updates of one finding.",
    RuleSet.FULL,
)
OBSERVABLE_TYPE: Final = _warning(
    "observable_type_mismatch",
    "The `type_id` of an observable is not the one that the schema gives to the attribute that it names.",
    "Correct `type_id` or `name`.",
    RuleSet.FULL,
)
OBSERVABLE_VALUE: Final = _warning(
    "observable_value_mismatch",
    "The `value` of an observable does not stand in the event where its `name` points.",
    "Correct `value` or `name`.",
    RuleSet.FULL,
)
BUNDLE_COUNT: Final = _warning(
    "bundle_count_incorrect", "`count` of a bundle is not the number of its events.", "Correct it.", RuleSet.FULL
)
BUNDLE_TIME: Final = _warning(
    "bundle_time_incorrect",
    "`start_time` or `end_time` of a bundle is not the earliest or the latest `time` of its events.",
    "Correct it.",
    RuleSet.FULL,
)
TOO_MANY_ISSUES: Final = _error(
    "too_many_issues",
    "The record has so many issues that the rest was not looked for.",
    "Mend those that are listed, and validate again.",
)
