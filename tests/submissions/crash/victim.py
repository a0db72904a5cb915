"""The process that dies: `python -m tests.submissions.crash.victim` runs commands, each in a process of its own.

A command is forked from here with everything imported, so it costs what the command costs and no more. Before it runs,
one spot in it may be mined: there it kills, stops or interrupts itself, as a machine, a shell or a person would. The
product knows nothing of this: a spot is wrapped from outside.

One JSON object a line on stdin, one answer a line on stdout:

- `{"do": "start", "argv": […], "env": {…}, "out": DIR, "mine": [SPOT, SIDE, VISIT, SIGNAL] | null, "gate": bool,
  "stdin": PATH | null, "stderr": PATH | null}` starts a command; the answer is its process. With a gate it waits for
  the next `open`.
- `{"do": "open"}` lets all of those go at once that wait at their gates.
- `{"do": "stopped", "pid": N}` answers once it has stopped itself.
- `{"do": "wait", "pid": N}` answers how it ended: its exit code, or the signal's number, negative.
"""

from __future__ import annotations

import ctypes
import functools
import gc
import importlib
import inspect
import json
import os
import signal
import sqlite3
import sys
import threading
import time
import traceback
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from console.cli.root import run
from console.submissions.patience import Patience
from console.targets.trust import tls_context

PIECE: Final = 4096
"""Bytes of a body that are handed over at a time here: several pieces for each batch."""
CRASHED: Final = 99
"""The exit code of a command that ended in a traceback."""
PR_SET_PTRACER: Final = 0x59616D61
"""prctl(2): who may trace this process."""

_WARM: Final = (
    "anyio._backends._asyncio",
    "console.cli.jobs",
    "console.cli.submit",
    "console.credentials",
    "console.submissions.desk",
    "console.targets.http",
    "console.targets.prowler.multipart",
    "console.targets.prowler.target",
    "httpcore",
)
"""What commands import while they run."""

Hit = Callable[[str], None]
"""Is told which side of a spot is passed: `before` or `after`."""


@dataclass(slots=True)
class Mine:
    """Counts how often one side of a spot is passed. When it is the time that is meant, sends this process a signal."""

    side: str
    left: int
    number: int

    def __call__(self, side: str) -> None:
        if side == self.side:
            self.left -= 1
            if self.left == 0:
                # To this thread: one that is sent to the whole process may stop another thread first.
                signal.pthread_kill(threading.get_ident(), self.number)


def lay(spot: str, hit: Hit) -> None:
    """Wrap a spot: `net:EVENT`, `body`, `sql:WORD`, or `module:name.of.what.is.called`."""
    kind, _, rest = spot.partition(":")
    if kind == "net":
        _lay_at_event(rest, hit)
    elif kind == "body":
        _lay_in_body(hit)
    elif kind == "sql":
        _lay_at_statement(rest, hit)
    else:
        _lay_at_call(kind, rest, hit)


def _lay_at_call(module: str, path: str, hit: Hit) -> None:
    owner: Any = importlib.import_module(module)
    *parents, name = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    called = getattr(owner, name)

    async def awaited(*args: object, **named: object) -> object:
        hit("before")
        result = await called(*args, **named)
        hit("after")
        return result

    def plain(*args: object, **named: object) -> object:
        hit("before")
        result = called(*args, **named)
        hit("after")
        return result

    setattr(owner, name, functools.wraps(called)(awaited if inspect.iscoroutinefunction(called) else plain))


def _lay_at_event(event: str, hit: Hit) -> None:
    """Wrap one of the events that the HTTP library tells of a request."""
    exchange: Any = importlib.import_module("console.targets.http")._Exchange
    traced = exchange._trace

    async def trace(self: object, name: str, info: Mapping[str, object]) -> None:
        if name == event:
            hit("before")
        await traced(self, name, info)
        if name == event:
            hit("after")

    exchange._trace = trace


def _lay_in_body(hit: Hit) -> None:
    """Wrap each piece of a body: before it is handed over, and after."""
    exchange: Any = importlib.import_module("console.targets.http")._Exchange
    handed_over = exchange.hand_over

    async def hand_over(self: object, upload: object) -> AsyncIterator[bytes]:
        async for piece in handed_over(self, upload):
            hit("before")
            yield piece
            hit("after")

    exchange.hand_over = hand_over


def _lay_at_statement(word: str, hit: Hit) -> None:
    """Wrap each SQL statement that begins with that word."""

    class Connection(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            is_meant = sql.lstrip().startswith(word)
            if is_meant:
                hit("before")
            cursor = super().execute(sql, *values)
            if is_meant:
                hit("after")
            return cursor

    database: Any = sqlite3
    database.connect = functools.partial(sqlite3.connect, factory=Connection)


def hurry() -> None:
    """Take from a command what only costs time: reading the certificates each time, and waiting."""
    for module in _WARM:
        importlib.import_module(module)
    context = tls_context()
    console: Any = sys.modules["console"]
    console.targets.http.tls_context = lambda: context
    console.targets.prowler.multipart.PIECE = PIECE
    console.submissions.desk.Patience = functools.partial(Patience, draw=lambda least, _most: least)
    console.submissions.watching.FIRST_LOOKS = (0.0,) * 100
    console.cli.sending.LOOKS = (0.0, 0.0)


def _count_requests(file: Path) -> None:
    """Write a byte for each request whose head is gone: the test waits until the target has seen as many."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def count(side: str) -> None:
        if side == "before":
            os.writev(descriptor, [b"."])  # a call that no test fails

    _lay_at_event("http11.send_request_headers.complete", count)


def _become(order: Mapping[str, Any], gate: int) -> int:
    """Be the command that is asked for. Returns its exit code, if it lives."""
    out = Path(order["out"])
    for descriptor, path, flags in (
        (0, order["stdin"] or os.devnull, os.O_RDWR),
        (1, out / "stdout", os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        (2, order["stderr"] or out / "stderr", os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    ):
        os.dup2(os.open(path, flags, 0o600), descriptor)
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
    os.environ.clear()
    os.environ.update(order["env"])
    # Where ptrace is restricted to parents: whoever asks may trace this one.
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, ctypes.c_ulong(-1), 0, 0, 0)
    if order["mine"]:
        spot, side, visit, number = order["mine"]
        lay(spot, Mine(side, visit, number))
    # Around the mine: what is gone counts, whoever dies of it.
    _count_requests(out / "requests")
    os.read(gate, 1)
    started: Any = sys.modules["console.cli.submit"]
    started.STARTED_AT = time.time()
    try:
        return run(order["argv"])
    except BaseException:
        traceback.print_exc()
        return CRASHED


def _start(order: Mapping[str, Any], gates: list[int]) -> int:
    """Fork a command. Returns its process."""
    behind, front = os.pipe()
    process = os.fork()
    if process == 0:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for inherited in (*gates, front):
            os.close(inherited)
        code = CRASHED
        try:
            code = _become(order, behind)
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)
    os.close(behind)
    if order["gate"]:
        gates.append(front)
    else:
        os.close(front)
    return process


def serve() -> None:
    """Obey until stdin ends."""
    hurry()
    # What is there now is in every fork: collecting garbage in it would only copy its pages.
    gc.freeze()
    gates: list[int] = []
    for line in sys.stdin:
        order = json.loads(line)
        answer = 0
        if order["do"] == "start":
            answer = _start(order, gates)
        elif order["do"] == "open":
            while gates:
                os.close(gates.pop())
        elif order["do"] == "stopped":
            assert os.WIFSTOPPED(os.waitpid(order["pid"], os.WUNTRACED)[1]), "it ended before it came to the mine"
        else:
            answer = os.waitstatus_to_exitcode(os.waitpid(order["pid"], 0)[1])
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
