"""From an OCSF finding to one of the AWS Security Finding Format (ASFF), which is all that Security Hub takes.

The mapping is that of OCSF's own examples ("Security Hub", v1.1.0), read backwards. Where Prowler writes both formats,
its findings become what its own ASFF output makes of them, but for the product, which is the account's default one:
that of Prowler needs a subscription. What the format has no attribute for goes into its free pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from console.convert import asff_limits as limits
from console.convert.asff_assessment import assessment_of
from console.convert.asff_compliance import compliance_of
from console.convert.asff_origin import AsffOptions, Origin, origin_of
from console.convert.asff_pairs import Extra, Room, extras, put
from console.convert.asff_resources import resources_of, without_empty_details
from console.convert.asff_times import times_of
from console.convert.asff_vulnerabilities import vulnerabilities_of
from console.convert.asff_words import generator_of, id_of, remediation_of, title_and_description
from console.convert.changes import CannotConvert, Change, JsonObject
from console.convert.encoding import encode
from console.convert.ocsf_frame import leave_out_the_frame
from console.convert.taking import Taking, shortened

CLASSES: Final = (2001, 2002, 2003, 2004)
"""The classes of findings that are converted."""

_PROWLER: Final = "prowler"
_CLOSE: Final = 3
_ENDED: Final = frozenset({4, 5, 6})
"""`status_id` of findings that are resolved, archived or deleted."""


@dataclass(frozen=True, slots=True)
class AsffFinding:
    """What became of an OCSF finding."""

    finding: JsonObject
    raw: bytes
    """The same as JSON."""
    changes: Sequence[Change]
    """What became of each value of the record."""


def to_asff(record: JsonObject, options: AsffOptions, place: str = "") -> AsffFinding:
    """Convert one finding, which stands at *place* in its record. It is taken apart: copy what is still needed.

    The same arguments give the same finding. Raises `CannotConvert`.
    """
    event = Taking(record, place, [])
    _check_class(event)
    info = event.object("finding_info" if isinstance(event.look("finding_info"), dict) else "finding")
    product = event.object("metadata").object("product")
    is_prowler = product.sees("name").lower() == _PROWLER
    origin = origin_of(event, options)
    finding: JsonObject = {
        "SchemaVersion": limits.SCHEMA_VERSION,
        "Id": id_of(event, info),
        "ProductArn": origin.product_arn,
        "GeneratorId": generator_of(event, info, product, is_prowler=is_prowler),
        "AwsAccountId": origin.account,
        **times_of(event, info, is_prowler=is_prowler),
        "FindingProviderFields": assessment_of(event, info, options),
        **title_and_description(event, info, is_prowler=is_prowler),
        "RecordState": _record_state(event),
    }
    fields = _add_names(finding, event, product, origin, is_prowler=is_prowler)
    for key, part in (
        ("Compliance", compliance_of(event, is_prowler=is_prowler)),
        ("Remediation", remediation_of(event, info)),
        ("Vulnerabilities", vulnerabilities_of(event)),
        ("SourceUrl", info.text("src_url", "'SourceUrl'") or event.text("src_url", "'SourceUrl'")),
    ):
        if part:
            finding[key] = part
    resources, details = resources_of(event, origin)
    finding |= {"ProductFields": fields, "Resources": resources}
    leave_out_the_frame(event)
    room = Room(fields, "'ProductFields'", limits.PRODUCT_VALUE)
    raw = _completed(finding, [*extras(room, event.rest(), place), *details], event.changes)
    return AsffFinding(finding, raw, event.changes)


def _check_class(event: Taking) -> None:
    """Raise `CannotConvert` for what is no finding of the classes that are converted."""
    found = event.look("class_uid")
    if type(found) is int and found in CLASSES:
        return
    listed = ", ".join(map(str, CLASSES))
    raise CannotConvert("asff_class_unsupported", "class_uid", f"Only OCSF findings become ASFF: class_uid {listed}.")


def _record_state(event: Taking) -> str:
    """Findings that have come to an end are archived."""
    status, activity = event.look("status_id"), event.look("activity_id")
    target = "'RecordState'"
    if type(status) is int and status in _ENDED:
        event.mapped("status_id", target)
        return "ARCHIVED"
    if type(activity) is int and activity == _CLOSE:
        event.mapped("activity_id", target)
        return "ARCHIVED"
    return "ACTIVE"


def _add_names(finding: JsonObject, event: Taking, product: Taking, origin: Origin, *, is_prowler: bool) -> JsonObject:
    """Add the names of product, vendor and account; those that Prowler has as product fields are given back.

    Only products of one's own may name themselves: the service knows what the others are called.
    """
    fields: JsonObject = {}
    if is_prowler:
        # The name has two places.
        fields["ProviderName"] = shortened(product.sees("name"), limits.PRODUCT_VALUE)
    if origin.is_default_product:
        for key, name in (("name", "ProductName"), ("vendor_name", "CompanyName")):
            if text := product.text(key, f"'{name}'", limits.PRODUCT_NAME):
                finding[name] = text
    if is_prowler:
        product.mapped("name", "'ProductFields.ProviderName'")
        if version := product.text("version", "'ProductFields.ProviderVersion'", limits.PRODUCT_VALUE):
            fields["ProviderVersion"] = version
        for resource in event.objects("resources", limits.MOST_RESOURCES)[:1]:
            # Where there is no other identifier, the name is that.
            if resource.sees("uid") and (
                name := resource.text("name", "'ProductFields.ProwlerResourceName'", limits.PRODUCT_VALUE)
            ):
                fields["ProwlerResourceName"] = name
    if origin.account_is_own:
        account = event.object("cloud").object("account")
        if text := account.text("name", "'AwsAccountName'", limits.ACCOUNT_NAME):
            finding["AwsAccountName"] = text
    return fields


def _completed(finding: JsonObject, further: Sequence[Extra], changes: list[Change]) -> bytes:
    """The JSON of a finding with as much of *further* as fits. Raises `CannotConvert` when it is too large without."""
    room = limits.FINDING_BYTES - len(encode(finding))
    if room < 0:
        message = "It would have more than 240 KB, which Security Hub does not take."
        raise CannotConvert("asff_finding_too_large", "", message)
    put(further, room, changes)
    resources = finding["Resources"]
    assert isinstance(resources, list)  # noqa: S101 - made here
    without_empty_details(resources)
    if not finding["ProductFields"]:
        del finding["ProductFields"]
    return encode(finding)
