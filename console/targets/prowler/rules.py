"""What Prowler Cloud asks of a finding before it takes it in. Offline, and without any HTTP.

Sources: Prowler's documentation, "OCSF Field Requirements for Prowler Cloud Integration" (developer guide, provider)
and "Import findings" (user guide), with its checker `scripts/validate_ocsf_output.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeVar

import msgspec

from console.limits import Limits
from console.ocsf.issues import Issue, Severity
from console.records.decode import BadRecord, decode
from console.records.model import SUFFIXES, Record

B = TypeVar("B")


class _Booking(msgspec.Struct):
    """What Prowler's own records say of their account."""

    provider_uid: str
    provider: str = ""


class _BookedByProwler(msgspec.Struct):
    unmapped: _Booking


class _CloudAccount(msgspec.Struct):
    uid: str


class _Cloud(msgspec.Struct):
    account: _CloudAccount
    provider: str = ""


class _BookedByCloud(msgspec.Struct):
    cloud: _Cloud


_UNMAPPED: Final = msgspec.json.Decoder(_BookedByProwler)
_CLOUD: Final = msgspec.json.Decoder(_BookedByCloud)

DETECTION_FINDING: Final = 2004
"""The only `class_uid` that is taken."""

FILE_SUFFIX: Final = ".ocsf.json"
"""What the name of an uploaded file must end with, in any case of letters."""


def check_record(record: Record, limits: Limits) -> Sequence[Issue]:
    """The issues that would make Prowler Cloud refuse a record, or book it on the wrong account."""
    try:
        event = decode(record.raw, limits)
    except BadRecord as error:
        return [_error("prowler_record_unreadable", "", error.message)]
    return check_event(event)


def check_event(event: Mapping[str, object]) -> Sequence[Issue]:
    """The same for a record that is decoded already."""
    return [*_class(event), *_finding_uid(event), *_resources(event), *_provider(event)]


def account_of(record: Record) -> tuple[str, str] | None:
    """Provider and uid of the account that Prowler Cloud books a record on; None where the record names none."""
    named = _decoded(_UNMAPPED, record.raw)
    if named is not None and _is_text(named.unmapped.provider_uid):
        return named.unmapped.provider, named.unmapped.provider_uid
    cloud = _decoded(_CLOUD, record.raw)
    if cloud is not None and _is_text(cloud.cloud.account.uid):
        return cloud.cloud.provider, cloud.cloud.account.uid
    return None


def _decoded(decoder: msgspec.json.Decoder[B], raw: bytes) -> B | None:
    """What a record says at the places that a decoder knows; None where it does not say that."""
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return None


def upload_name(source: str) -> str:
    """The name to upload a finding file under: its own, made to end as Prowler Cloud asks."""
    if source.lower().endswith(FILE_SUFFIX):
        return source
    stem = source
    while stem.lower().endswith(SUFFIXES):
        stem = stem.rpartition(".")[0]
    return (stem or "findings") + FILE_SUFFIX


def _class(event: Mapping[str, object]) -> Iterator[Issue]:
    class_uid = event.get("class_uid")
    if type(class_uid) is not int or class_uid != DETECTION_FINDING:
        found = "there is none" if class_uid is None else f"this is {class_uid!r:.60}"
        yield _error(
            "prowler_class_not_accepted",
            "class_uid",
            f"Prowler Cloud takes Detection Findings (class_uid {DETECTION_FINDING}) only; {found}.",
        )


def _finding_uid(event: Mapping[str, object]) -> Iterator[Issue]:
    info = event.get("finding_info")
    if not isinstance(info, Mapping):
        yield _error("prowler_finding_info_missing", "finding_info", "Prowler Cloud needs a 'finding_info' object.")
    elif not _is_text(info.get("uid")):
        yield _error(
            "prowler_finding_uid_missing", "finding_info.uid", "Prowler Cloud needs a non-empty 'finding_info.uid'."
        )


def _resources(event: Mapping[str, object]) -> Iterator[Issue]:
    resources = event.get("resources")
    if resources is None or resources == []:
        yield _error("prowler_resources_missing", "resources", "Prowler Cloud needs at least one entry in 'resources'.")
    elif not isinstance(resources, list):
        yield _error("prowler_resources_not_array", "resources", "Prowler Cloud needs 'resources' to be an array.")
    else:
        for index, resource in enumerate(resources):
            if not isinstance(resource, Mapping) or not _is_text(resource.get("uid")):
                yield _error(
                    "prowler_resource_uid_missing",
                    f"resources[{index}].uid",
                    "Prowler Cloud needs a non-empty 'uid' in each entry of 'resources'.",
                )


def _provider(event: Mapping[str, object]) -> Iterator[Issue]:
    """Records are booked on the account that these two name; one that is not known yet is created, and billed."""
    unmapped = event.get("unmapped")
    for key in ("provider_uid", "provider"):
        if not isinstance(unmapped, Mapping) or not _is_text(unmapped.get(key)):
            yield Issue(
                Severity.WARNING,
                f"prowler_{key}_missing",
                f"unmapped.{key}",
                f"Prowler Cloud finds the account of a finding by 'unmapped.{key}'.",
            )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _error(code: str, path: str, message: str) -> Issue:
    return Issue(Severity.ERROR, code, path, message)
