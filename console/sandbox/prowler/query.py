"""The query strings that Prowler's ingestion endpoints take, checked in the order of the real filter chain.

First every name (`QueryParameterValidationFilter`), then `sort`, then the filters, their values last. `include` is
looked at by the serializer, after all of them and after the page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from starlette.datastructures import QueryParams

from console.sandbox.prowler.jsonapi import ApiError, ErrorObject, invalid
from console.sandbox.prowler.model import Filter
from console.targets.base import COMPLETED, FAILED, JOB_SORT_FIELDS, PENDING, PROCESSING

STATUSES: Final = (PENDING, PROCESSING, COMPLETED, FAILED)
FILTERS: Final = ("completed_at", "inserted_at", "status", "status__in")
"""The documented filters, in the order in which their errors are reported."""

_NAME: Final = re.compile(r"^(?:sort|include|(?P<kind>filter|fields|page)(?:\[[\w.\-]+\])?)$")
_FILTER: Final = re.compile(r"^filter\[(?P<key>[\w.\-]+)\]$")
_SEARCH: Final = "filter[search]"
_WORD: Final = re.compile(r"""(?:[^\s'"]*(?:(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')[^\s'"]*)+)|\S+""")
"""A word, with whatever is quoted in it, as Django finds it."""
_QUOTES: Final = ("'", '"')
_DATES: Final = (
    "%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%b %d %Y", "%b %d, %Y",
    "%d %b %Y", "%d %b, %Y", "%B %d %Y", "%B %d, %Y", "%d %B %Y", "%d %B, %Y",
)  # fmt: skip
"""The forms of a date that Django takes under its `en` locale."""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a request asks of a list, checked."""

    where: Filter
    sort: tuple[str, ...]
    """Names of times, with `-` in front for descending; empty for the default order."""


def parse(
    params: QueryParams, *, sorts: Sequence[str] = JOB_SORT_FIELDS, filters: Sequence[str] = FILTERS
) -> ListQuery:
    """Check a query string and say what it asks for. Raises a 400 `ApiError` in the words of the service."""
    _check_names(params)
    return ListQuery(sort=_sort(params.get("sort", ""), sorts), where=_where(_filters(params, filters), params))


def check_include(params: QueryParams) -> None:
    """Raise a 400 when the client asks for related resources: an ingestion has none."""
    if params.get("include"):
        raise ApiError(400, ErrorObject("This endpoint does not support the include parameter", "parse_error"))


def chosen_fields(params: QueryParams, resource: str) -> frozenset[str] | None:
    """The attributes that `fields[resource]` leaves, or None for all of them. Unknown names are passed over."""
    asked = params.get(f"fields[{resource}]")
    return None if asked is None else frozenset(asked.split(","))


def _check_names(params: QueryParams) -> None:
    for name in params:
        known = _NAME.match(name)
        if not known:
            raise invalid(f"invalid query parameter: {name}")
        if known["kind"] != "filter" and len(params.getlist(name)) > 1:
            raise invalid(f"repeated query parameter not allowed: {name}")


def _sort(asked: str, allowed: Sequence[str]) -> tuple[str, ...]:
    if not asked:
        return ()
    terms = [term.strip() for term in asked.split(",")]
    bad = [term for term in terms if term.lstrip("-") not in allowed]
    if bad:
        raise invalid(f"invalid sort parameter{'s' if len(bad) > 1 else ''}: {','.join(bad)}")
    # One that is named again changes nothing, and the database takes no more than some.
    return tuple(dict.fromkeys(("-" if term.startswith("-") else "") + term.lstrip("-") for term in terms))


def _filters(params: QueryParams, allowed: Sequence[str]) -> dict[str, str]:
    """The filters by name. Of one that is repeated, the last counts."""
    found: dict[str, str] = {}
    for name in params:
        if not name.startswith("filter") or name == _SEARCH:
            continue
        match = _FILTER.match(name)
        if not match:
            raise invalid(f"invalid query parameter: {name}")
        if not all(params.getlist(name)):
            raise invalid(f"missing value for query parameter {name}")
        found[match["key"].replace(".", "__")] = params[name]
    for key in found:
        if key not in allowed:
            raise invalid(f"invalid filter[{key}]")
    return found


def _where(filters: Mapping[str, str], params: QueryParams) -> Filter:
    """The condition that the filters make together. Raises one 400 that names every wrong value."""
    errors: list[ErrorObject] = []
    completed = _date("completed_at", filters, errors)
    inserted = _date("inserted_at", filters, errors)
    one = _statuses("status", filters, errors)
    several = _statuses("status__in", filters, errors)
    if errors:
        raise ApiError(400, *errors)
    if one is not None and several is not None:
        several = [status for status in several if status in one]
    statuses = one if several is None else several
    return Filter(
        statuses=None if statuses is None else tuple(statuses),
        inserted=inserted,
        completed=completed,
        terms=_terms(params.get(_SEARCH, "")),
    )


def _terms(asked: str) -> tuple[str, ...]:
    """What to search for: words between spaces and commas, and phrases in quotes, as Django REST framework splits.

    Raises a 400 for a text that no database takes.
    """
    if "\0" in asked:
        raise ApiError(400, ErrorObject("Null characters are not allowed.", "null_characters_not_allowed"))
    terms: list[str] = []
    for found in _WORD.finditer(asked):
        word = found[0].strip(",")
        if word[:1] in _QUOTES and word[0] == word[-1]:
            terms.append(word[1:-1].replace("\\" + word[0], word[0]).replace("\\\\", "\\"))
        else:
            terms += word.split(",")
    return tuple(dict.fromkeys(filter(None, terms)))


def _date(name: str, filters: Mapping[str, str], errors: list[ErrorObject]) -> date | None:
    if name not in filters:
        return None
    for form in _DATES:
        try:
            return datetime.strptime(filters[name].strip(), form).date()
        except ValueError:
            continue
    errors.append(ErrorObject("Enter a valid date.", "invalid", f"/data/attributes/{name}"))
    return None


def _statuses(name: str, filters: Mapping[str, str], errors: list[ErrorObject]) -> list[str] | None:
    if name not in filters:
        return None
    asked = [part for part in filters[name].split(",") if part] if name.endswith("__in") else [filters[name]]
    for status in asked:
        if status not in STATUSES:
            detail = f"Select a valid choice. {status} is not one of the available choices."
            errors.append(ErrorObject(detail, "invalid_choice", f"/data/attributes/{name}"))
            break
    return asked
