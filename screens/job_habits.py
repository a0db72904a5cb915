"""How one likes the jobs listed, as it is remembered from run to run: their order, and how many are on a page."""

from __future__ import annotations

from typing import Final

from msgspec import structs

from screens.job_pages import PAGE_SIZES
from screens.memory import Remembered
from screens.widgets.job_columns import COLUMNS_OF_ALL, NEWEST_FIRST, JobOrder

_USUAL_SIZE: Final = 20
_KEYS: Final = frozenset(column.key for column in COLUMNS_OF_ALL)


def remembered_order(remembered: Remembered) -> JobOrder:
    """The order of the last time; the newest first where none is remembered that there is."""
    text = remembered.job_order
    order = JobOrder(text.removeprefix("-"), descending=text.startswith("-"))
    return order if order.column in _KEYS else NEWEST_FIRST


def remembered_page_size(remembered: Remembered) -> int:
    """How many jobs were on a page the last time."""
    return remembered.jobs_on_page if remembered.jobs_on_page in PAGE_SIZES else _USUAL_SIZE


def with_order(remembered: Remembered, order: JobOrder) -> Remembered:
    """What is remembered from now on."""
    return structs.replace(remembered, job_order=f"{'-' if order.descending else ''}{order.column}")


def with_page_size(remembered: Remembered, size: int) -> Remembered:
    """What is remembered from now on."""
    return structs.replace(remembered, jobs_on_page=size)
