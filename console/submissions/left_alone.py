"""Which targets asked to be left alone, and for how long: who asks several at once obeys each, and waits for none."""

from __future__ import annotations

from copy import copy
from time import monotonic
from weakref import WeakKeyDictionary

from console.errors import TargetUnavailable
from console.targets.base import Target


class LeftAlone:
    """The targets that are not asked before their time. One that is opened anew, as after a login, may be asked."""

    def __init__(self) -> None:
        self._until: WeakKeyDictionary[Target, tuple[float, TargetUnavailable]] = WeakKeyDictionary()

    def note(self, target: Target, error: TargetUnavailable) -> None:
        """Remember what a target answered, where it asked for time."""
        if error.retry_after:
            self._until[target] = (monotonic() + error.retry_after, error)

    def end(self, target: Target) -> None:
        """A target has answered: it may be asked again."""
        self._until.pop(target, None)

    def reason(self, target: Target) -> TargetUnavailable | None:
        """What the target answered, with the seconds that are left of its time. None where it may be asked."""
        until, error = self._until.get(target, (0.0, None))
        left = until - monotonic()
        if error is None or left <= 0:
            return None
        still = copy(error)
        still.retry_after = left
        return still
