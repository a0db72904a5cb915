"""The errors of a job by what is wrong."""

from __future__ import annotations

from console.submissions.error_groups import grouped
from console.submissions.model import LocatedError
from console.targets.base import JobError


def _error(code: str, pointer: str | None, record: int = 0) -> LocatedError:
    return LocatedError(JobError("Wrong.", code, record, None, pointer), None, None)


def test_errors_of_one_code_at_one_place_are_one_group_whatever_the_index() -> None:
    errors = [
        _error("required", "/data/findings/0/time", 0),
        _error("invalid", "/data/findings/0/resources/12/uid", 0),
        _error("invalid", "/data/findings/3/resources/7/uid", 3),
        _error("invalid", "/data/findings/3/v2/uid", 3),
        _error("invalid", "/data/findings/4/resources/1", 4),
        _error("invalid", None, 5),
    ]

    groups = [(one.code, one.pointer, len(one.errors)) for one in grouped(errors)]

    assert groups == [
        ("invalid", "/data/findings/*/resources/*/uid", 2),
        ("required", "/data/findings/*/time", 1),
        ("invalid", "/data/findings/*/v2/uid", 1),
        ("invalid", "/data/findings/*/resources/*", 1),
        ("invalid", "", 1),
    ]


def test_the_errors_of_a_group_stay_in_their_order() -> None:
    (group,) = grouped([_error("a", f"/{at}", at) for at in (3, 1, 2)])

    assert [located.error.record for located in group.errors] == [3, 1, 2]
