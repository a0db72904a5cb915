"""How many examples a property is tried with: a quarter in every run, all of them by `make hunt`."""

from __future__ import annotations

import os

IS_HUNT = bool(os.environ.get("HUNT"))


def examples(most: int) -> int:
    """What hypothesis is to try of *most*."""
    return most if IS_HUNT else max(10, most // 4)
