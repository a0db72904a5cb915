"""What the codes of the targets' own rules mean, and what to do: `docs/targets.md` says it at length.

The rules themselves are above this package (`console.targets`), and know codes as text.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Meaning(NamedTuple):
    """A code in words, all of them ours."""

    meaning: str
    advice: str


_MEND: Final = "Correct what the message names, or leave the record out."
_FORMAT: Final = "Correct it, or convert the records once more: `ocsf-console convert`."
_FIRST_BUNDLE: Final = "Have the bundle written again, or made: `ocsf-console convert` makes bundles."
_ADVISED: Final = "Nothing, or follow the advice: the service takes it."
_OTHER_PLACE: Final = "Send it to a target of that place, or convert it for this one."

_EACH_ITS_OWN: Final = "Give each finding an identifier of its own."
TARGET_CODES: Final = {
    "prowler_record_unreadable": Meaning(
        "The record is no JSON object, or over a limit.", "Mend it, or send the valid records only."
    ),
    "prowler_class_not_accepted": Meaning(
        "`class_uid` is not 2004. Compliance findings (2003) are not taken either.", "Send Detection Findings."
    ),
    "prowler_finding_info_missing": Meaning("There is no object `finding_info`.", "Add it."),
    "prowler_finding_uid_missing": Meaning("`finding_info.uid` is absent or empty.", "Add it."),
    "prowler_resources_missing": Meaning("`resources` is absent or empty.", "Add at least one resource."),
    "prowler_resources_not_array": Meaning("`resources` is not an array.", "Make it one."),
    "prowler_resource_uid_missing": Meaning("A resource has no `uid`, or an empty one.", "Add it."),
    "prowler_provider_uid_missing": Meaning(
        "`unmapped.provider_uid` is absent: it names the account that the finding is booked on.", "Add it."
    ),
    "prowler_provider_missing": Meaning(
        "`unmapped.provider` is absent: it says of which provider the account is.", "Add it."
    ),
    **dict.fromkeys(
        ("cisco_record_unreadable", "cisco_duplicate_key"),
        Meaning("The record is no JSON object, is over a limit, or has a key twice.", _MEND),
    ),
    "cisco_not_a_bundle": Meaning("Cisco XDR takes bundles here, and this is none.", _FIRST_BUNDLE),
    **dict.fromkeys(
        ("cisco_bundle_events", "cisco_bundle_event_not_object", "cisco_bundle_key_unknown", "cisco_bundle_count"),
        Meaning("The bundle itself is not as Cisco's model says.", _FIRST_BUNDLE),
    ),
    "cisco_bundle_findings": Meaning("There is not exactly one Detection Finding (2004) in the bundle.", _FIRST_BUNDLE),
    **dict.fromkeys(
        ("cisco_finding_info_missing", "cisco_finding_uid_missing", "cisco_version_missing"),
        Meaning("The finding has no `finding_info`, no uid in it, or no `metadata.version`.", "Add it."),
    ),
    "cisco_version_incompatible": Meaning(
        "The event's version is not compatible with OCSF 1.4.", "Declare a release that is, if the event is of it."
    ),
    "cisco_time": Meaning("A time is no integer of milliseconds between 2000 and 2100.", "Correct it."),
    "cisco_finding_repeated": Meaning(
        "An earlier record has the same `finding_info.uid`, by which Cisco XDR tells findings apart.", _EACH_ITS_OWN
    ),
    "cisco_event_uid_duplicate": Meaning("Two events have one `metadata.uid`.", "Give each its own."),
    "cisco_bundle_classes_unsupported": Meaning(
        "All activities are of classes that Cisco does not support.", "Leave the bundle out."
    ),
    **dict.fromkeys(
        ("cisco_class_unsupported", "cisco_event_unlinked", "cisco_related_event_dangling"),
        Meaning("An activity is of a class that Cisco does not support, or finding and activity do not meet.", _MEND),
    ),
    **dict.fromkeys(
        ("cisco_bundle_count_incorrect", "cisco_bundle_time_incorrect"),
        Meaning("The bundle says of its events what is not so.", "Correct it."),
    ),
    **dict.fromkeys(
        (
            "cisco_custom_key_missing", "cisco_custom_key_unknown", "cisco_custom_wrong_type",
            "cisco_custom_value_unknown", "cisco_custom_length", "cisco_custom_out_of_range", "cisco_custom_format",
            "cisco_custom_time", "cisco_custom_activity_family", "cisco_custom_too_many_values",
        ),
        Meaning("The simplified finding is not as Cisco's model says.", _FORMAT),
    ),
    "cisco_custom_unconfirmed": Meaning(
        "The value is one of OCSF, and whether Cisco takes it is not published.", "Nothing, or use a common value."
    ),
    **dict.fromkeys(
        (
            "asff_required_missing", "asff_type_wrong", "asff_too_long", "asff_too_short", "asff_too_many",
            "asff_too_few", "asff_out_of_range", "asff_not_allowed", "asff_pattern_mismatch", "asff_severity_missing",
        ),
        Meaning("The finding is not in AWS's format (ASFF), which the message quotes.", _FORMAT),
    ),
    "asff_finding_too_large": Meaning("The finding is larger than 240 KB.", "Shorten its texts, or its lists."),
    "asff_record_unreadable": Meaning("The record is no JSON object, or over a limit.", _MEND),
    **dict.fromkeys(
        ("asff_other_region", "asff_other_partition"),
        Meaning("`ProductArn` names another region or partition than the target's.", _OTHER_PLACE),
    ),
    "asff_other_account": Meaning(
        "`AwsAccountId`, or the account in `ProductArn`, is another one than the target's.", _OTHER_PLACE
    ),
    "asff_other_product": Meaning("`ProductArn` is not the `product_arn` of the target.", _OTHER_PLACE),
    "asff_never_updated": Meaning(
        "An update does not change this attribute: it belongs to those who work on the finding.", _ADVISED
    ),
    "asff_provider_field": Meaning("The attribute belongs in `FindingProviderFields`.", _ADVISED),
    "asff_not_a_finding": Meaning(
        "The record is OCSF, and no finding in AWS's format.", "Convert it: `ocsf-console convert --to asff`."
    ),
    "asff_id_repeated": Meaning(
        "An earlier record has the same `Id` and `ProductArn`: Security Hub keeps one of each.", _EACH_ITS_OWN
    ),
    "asff_updated_before_created": Meaning("`UpdatedAt` should move forward.", "Correct it."),
    **dict.fromkeys(
        ("asff_types_missing", "asff_types_namespace", "asff_set_by_service", "asff_unknown_attribute"),
        Meaning("The service takes it, and AWS advises against it.", _ADVISED),
    ),
}  # fmt: skip
"""By code."""
