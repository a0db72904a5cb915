"""An iterator that takes back what was one too many."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Pushback(Generic[T]):
    """An iterator that takes back what was one too many."""

    def __init__(self, items: Iterator[T]) -> None:
        self._items = items
        self._kept: list[T] = []

    @property
    def ended(self) -> bool:
        """Whether there is nothing more."""
        for item in self:
            self.push(item)
            break
        return not self._kept

    def push(self, item: T) -> None:
        """Take an item back: it is the next."""
        self._kept.append(item)

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        return self._kept.pop() if self._kept else next(self._items)
