"""What is known of the habits of producers: deviations that every one of their records has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from console.ocsf import codes
from console.records.model import JsonValue

HABITS: Final[Mapping[tuple[str, str], str]] = {
    ("Prowler", codes.TIME_IN_SECONDS.name): (
        "Prowler writes times in seconds, where OCSF counts milliseconds. Prowler Cloud takes them; other readers "
        "will see January 1970."
    ),
    ("Prowler", codes.DATETIME_WITHOUT_OFFSET.name): (
        "Prowler writes dates without an offset from UTC, so that readers must guess the time zone. Prowler Cloud "
        "takes them."
    ),
}
"""One short explanation of each, by the name of the product and the code."""


def product_of(metadata: Mapping[str, JsonValue]) -> str | None:
    """The name of the product that a record says it is from. Foreign text."""
    product = metadata.get("product")
    name = product.get("name") if isinstance(product, dict) else None
    return name if isinstance(name, str) else None


def habit(product: str | None, code: str) -> str | None:
    """Why all records of a product have an issue of that code, where that is known."""
    return None if product is None else HABITS.get((product, code))
