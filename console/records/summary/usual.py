"""The quick way to count: records decoded many at once, into types that name only what is counted.

It takes records of the usual types, and makes of them exactly what reading one after another makes. The rest it leaves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from console.records import fields
from console.records.fields import Account
from console.records.stretch import Decoders, Stretch
from console.records.summary.counts import Counts, shortened


class _Product(Struct, gc=False):
    name: str | None = None
    version: str | None = None


class _Metadata(Struct, gc=False):
    version: str | None = None
    product: _Product | None = None


class _Named(Struct, gc=False):
    uid: str | None = None


class _Cloud(Struct, gc=False):
    provider: str | None = None
    account: _Named | None = None


class _Unmapped(Struct, gc=False):
    provider: str | None = None
    provider_uid: str | None = None


class Usual(Struct, gc=False):
    """What is counted of a record, where it has the types that OCSF gives it. Null is as good as absent."""

    metadata: _Metadata | None = None
    class_uid: int | str | None = None
    severity: str | None = None
    severity_id: int | None = None
    status_code: str | None = None
    cloud: _Cloud | None = None
    unmapped: _Unmapped | None = None
    finding_info: _Named | None = None
    finding: _Named | None = None
    time: int | float | None = None


_decoders: Final = Decoders.of(Usual)
_NO_METADATA: Final = _Metadata()
_NO_PRODUCT: Final = _Product()
_NOT_NAMED: Final = _Named()
_NO_CLOUD: Final = _Cloud()
_NO_UNMAPPED: Final = _Unmapped()


def usual(stretch: Stretch) -> list[Usual] | None:
    """The records of a stretch; None where any of them is unusual or no sound JSON."""
    return stretch.decode(_decoders)


def count(records: list[Usual], counts: Counts) -> None:
    """Count usual records, one attribute of all of them at a time."""
    counts.records += len(records)
    metadata = [one.metadata or _NO_METADATA for one in records]
    for version, number in Counter([one.version for one in metadata]).items():
        counts.versions.add(shortened(fields.text(version)), number)
    for uid, number in Counter([one.class_uid for one in records]).items():
        counts.classes.add(shortened(fields.class_uid(uid)), number)
    for severity, number in Counter([(one.severity, one.severity_id) for one in records]).items():
        counts.severities.add(shortened(fields.severity_in_words(*severity)), number)
    for status, number in Counter([one.status_code for one in records]).items():
        counts.statuses.add(shortened(fields.text(status)), number)
    products = [one.product or _NO_PRODUCT for one in metadata]
    for product, number in Counter([(one.name, one.version) for one in products]).items():
        counts.producers.add(shortened(fields.product_in_words(*product)), number)
    for (provider, uid), number in Counter(_accounts(records)).items():
        counts.add_account(Account(provider or "", uid or ""), number)
    for time in {one.time for one in records}:
        counts.add_time(fields.instant(time))


def finding_uids(records: list[Usual]) -> Iterable[str | None]:
    """The finding identifiers of usual records."""
    return [(one.finding_info or _NOT_NAMED).uid or (one.finding or _NOT_NAMED).uid for one in records]


def _accounts(records: list[Usual]) -> Iterable[tuple[str | None, str | None]]:
    """Provider and account of each record, from where `fields.account` takes them."""
    for one in records:
        cloud, other = one.cloud or _NO_CLOUD, one.unmapped or _NO_UNMAPPED
        yield cloud.provider or other.provider, (cloud.account or _NOT_NAMED).uid or other.provider_uid
