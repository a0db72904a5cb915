"""The fast pass: many records decoded at once into types made for them, then checked by column.

It accepts records that have no error, and counts their warnings; whatever it can't settle it leaves to the pass that
explains. What it accepts, that pass finds no error in, and the same warnings.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import Struct

from console.limits import Limits
from console.ocsf.columns import Item, Unfit
from console.ocsf.declared import Event
from console.ocsf.duplicate_keys import may_hold_duplicates
from console.ocsf.explain import Explainer, Kind
from console.ocsf.observables import OBSERVABLES
from console.ocsf.rules import Policy, RuleSet
from console.ocsf.shapes import Shape
from console.ocsf.store import SchemaStore
from console.ocsf.trained import Accepted, Trained, is_trainable
from console.records.decode import DIGITS_ALIKE, PARTS_OF_A_NUMBER
from console.records.stretch import Decoders, Stretch

_FIRST_TRAINING: Final = 16
"""Events of a class that are explained before types are made for it."""
_MOST_TRACKS: Final = 32
"""Classes, by version, that types are kept for."""

_encoder: Final = msgspec.json.Encoder()
_SAMPLES: Final = 8
"""Bytes that are looked at of a run of digits that is too long."""

Decode = Callable[[Decoders[Item]], list[Item] | None]


class _Metadata(Struct):
    version: str


class _Header(Struct):
    class_uid: int
    metadata: _Metadata


_header: Final = msgspec.json.Decoder(_Header)


class FastPass:
    """Judges records by what it learned from others of their class."""

    def __init__(self, schemas: SchemaStore, explainer: Explainer, policy: Policy, limits: Limits) -> None:
        self._schemas = schemas
        self._explainer = explainer
        self._policy = policy
        self._limits = limits
        self._duplicates = policy.duplicate_keys and policy.rules is RuleSet.FULL
        self._tracks: dict[tuple[str, int], _Track] = {}
        self._last: _Track | None = None
        """The one of the last record: the next is most likely like it."""

    def learn(self, event: Event) -> None:
        """Learn from an event in which the pass that explains found no error."""
        # Observables are compared with the whole event, which columns don't do.
        kind = None if event.get(OBSERVABLES) else self._explainer.kind(event)
        if kind is None:
            return
        key = (kind.version, kind.class_uid)
        if key not in self._tracks:
            if len(self._tracks) >= _MOST_TRACKS:
                return
            self._tracks[key] = _Track(kind, Shape(self._schemas.get(kind.version), kind.class_uid))
        self._last = self._tracks[key]
        if self._last.learn(event):
            self._train(self._last)

    def accept(self, stretch: Stretch) -> Accepted | None:
        """Judge the records of a stretch together; None when any of them must be explained."""
        return self._judge(self._last, stretch.data, stretch.decode)

    def accept_one(self, raw: bytes) -> Accepted | None:
        """The same for a single record."""

        def decode(decoders: Decoders[Item]) -> list[Item] | None:
            try:
                return [decoders.line.decode(raw)]
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                return None

        if len(raw) > self._limits.record_bytes:
            return None
        accepted = self._judge(self._last, raw, decode)
        if accepted is None and len(self._tracks) > 1:
            track = self._track_of(raw)
            if track is not None and track is not self._last:
                self._last = track
                accepted = self._judge(track, raw, decode)
        return accepted

    def _judge(self, track: _Track | None, data: bytes, decode: Decode) -> Accepted | None:
        trained = None if track is None else track.trained
        if trained is None or self._may_hold_long_number(data):
            return None
        records = decode(trained.decoders)
        if records is None or (self._duplicates and may_hold_duplicates(data, _encoder.encode(records))):
            return None
        try:
            return trained.judge(records)
        except Unfit:
            return None

    def _train(self, track: _Track) -> None:
        """Make types for what was learned."""
        if is_trainable(track.shape.root):
            schema = self._schemas.get(track.kind.version)
            track.trained = Trained(
                track.kind, track.shape.root, schema, self._explainer, self._policy.rules, self._limits
            )

    def _track_of(self, raw: bytes) -> _Track | None:
        """What was learned of records such as *raw*."""
        try:
            header = _header.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return self._tracks.get((self._explainer.used_version(header.metadata.version), header.class_uid))

    def _may_hold_long_number(self, data: bytes) -> bool:
        """Whether a number may have too many digits. The types bound integers, but fractions may be of any length.

        A number that is too long has a run of a third of the limit, which can't be missed by looking at every n-th
        byte; and that costs next to nothing.
        """
        run = self._limits.digits // PARTS_OF_A_NUMBER + 1
        step = max(1, run // _SAMPLES)
        if b"0" * (run // step) not in data[::step].translate(DIGITS_ALIKE):
            return False
        return b"0" * run in data.translate(DIGITS_ALIKE)


class _Track:
    """What was learned of one class of one OCSF version."""

    def __init__(self, kind: Kind, shape: Shape) -> None:
        self.kind = kind
        self.shape = shape
        self.trained: Trained | None = None
        self._news = False
        self._lessons = 0
        self._next_training = _FIRST_TRAINING

    def learn(self, event: Event) -> bool:
        """Take in an event. Says when it is time to train: ever more seldom, so that it costs little in all."""
        self._news |= self.shape.learn(event)
        self._lessons += 1
        if not self._news or self._lessons < self._next_training:
            return False
        self._news = False
        self._next_training = self._lessons * 2
        return True
