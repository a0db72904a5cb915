"""Every error of ours can be sent from the process that met it to the one that tells the user."""

from __future__ import annotations

import importlib
import inspect
import pickle
import pkgutil
from collections.abc import Iterator
from typing import Any

import console
from console.errors import ConsoleError
from console.records.decode import BadRecord
from console.records.faults import FaultCode
from console.records.query import BadQuery
from console.targets.failures import Stage


def _kinds(kind: type[ConsoleError] = ConsoleError) -> Iterator[type[ConsoleError]]:
    """All kinds of errors that are known."""
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds(narrower)


_ARGUMENTS: dict[str, Any] = {
    "message": "It is wrong.",
    "hint": "Try again.",
    "code": FaultCode.NOT_JSON,
    "offset": 7,
    "column": 7,
    "status": 503,
    "transaction": "t",
    "retry_after": 1.5,
    "stage": Stage.TLS,
    "handed_over": True,
    "passing": False,
    "records": 7,
    "form": "ASFF",
    "advice": "See the limits.",
    "repairable": True,
}


def _example(kind: type[ConsoleError]) -> ConsoleError:
    """An error of that kind, with all that it may have."""
    return kind(**{name: _ARGUMENTS[name] for name in inspect.signature(kind).parameters})


def test_every_error_comes_out_of_a_pipe_as_it_went_in() -> None:
    for module in pkgutil.walk_packages(console.__path__, "console."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    kinds = set(_kinds())

    assert {BadRecord, BadQuery} < kinds
    for kind in kinds:
        before = _example(kind)
        after = pickle.loads(pickle.dumps(before))
        assert type(after) is kind
        assert (str(after), after.args, after.__dict__) == (str(before), before.args, before.__dict__)
