"""Which requests the faults meet: by endpoint, by turn, by chance."""

from __future__ import annotations

import random
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from threading import Lock

from console.records.model import JsonValue
from console.sandbox.faults.spec import Fault, parse_fault


@dataclass(slots=True)
class _Planned:
    """A fault that waits for requests."""

    id: int
    fault: Fault
    seed: int
    chance: random.Random
    seen: int = 0
    """Requests that it was meant for."""
    met: int = 0
    """Requests that it met."""

    def meets_next(self) -> bool:
        """Whether it meets the next request that it is meant for."""
        self.seen += 1
        # Drawn for each request, met or not, so that the same seed always meets the same ones.
        spared = self.chance.random() >= self.fault.probability
        if spared or self.met >= self.fault.times or not self.fault.first <= self.seen <= self.fault.last:
            return False
        self.met += 1
        return True


class Faults:
    """The faults that are planned. May be changed while the sandbox runs, from any thread."""

    def __init__(self, endpoints: Collection[str]) -> None:
        self._endpoints = endpoints
        self._planned: list[_Planned] = []
        self._last = 0
        self._lock = Lock()

    def add(self, text: str) -> int:
        """Plan a fault, and return its number. Raises `BadInput` when it can't be read."""
        fault = parse_fault(text, self._endpoints)
        seed = secrets.randbits(32) if fault.seed is None else fault.seed
        with self._lock:
            self._last += 1
            self._planned.append(_Planned(self._last, fault, seed, random.Random(seed)))  # noqa: S311 - no secret
            return self._last

    def remove(self, number: int) -> bool:
        """Forget one fault. False when there is none of that number."""
        with self._lock:
            kept = [planned for planned in self._planned if planned.id != number]
            found = len(kept) < len(self._planned)
            self._planned = kept
            return found

    def clear(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._planned = []

    def meeting(self, endpoint: str) -> Sequence[Fault]:
        """The faults that the next request to an endpoint meets, in the order in which they were planned."""
        with self._lock:
            meant = [planned for planned in self._planned if planned.fault.meets(endpoint)]
            return [planned.fault for planned in meant if planned.meets_next()]

    def as_json(self) -> list[JsonValue]:
        """What is planned, and how often it was met."""
        with self._lock:
            return [
                {"id": each.id, "fault": each.fault.text, "seed": each.seed, "seen": each.seen, "met": each.met}
                for each in self._planned
            ]
