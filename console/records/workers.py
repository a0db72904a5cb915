"""Processes that share the work on large files.

A worker is told a path and a place, never given records. It changes nothing and may be killed at any time.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, redirect_stderr, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Final, Generic, Protocol, Self, TypeVar

from console.errors import ConsoleError, StateError
from console.progress import Cancel

_MEMORY_BYTES: Final = 4 * 1024**3
"""Address space of a worker. It needs a small part of that, whatever the file."""
_NICENESS: Final = 5
_POLL_SECONDS: Final = 0.2
_FEWER: Final = "Try again; one process needs less memory than several."
_AHEAD: Final = 4
"""Tasks that may be done before an earlier one is, for each worker."""

A_co = TypeVar("A_co", covariant=True)
A = TypeVar("A")


class Task(Protocol[A_co]):
    """Something to do. It can be sent to another process, and so can what comes of it."""

    def perform(self) -> Iterator[A_co]:
        """Do it, and yield what comes of it. May raise a `ConsoleError`."""
        ...


class Workers:
    """Some processes that perform tasks. They start when they are first needed, and end with `close`."""

    def __init__(self, count: int, *preload: str) -> None:
        """*preload* names modules that the tasks will need, which are then loaded once for all."""
        self.count = count
        """How many there are."""
        self._preload = [__name__, *preload]
        self._running: dict[Connection, BaseProcess] = {}
        """The workers, by what they are talked to through."""

    @property
    def processes(self) -> frozenset[int]:
        """The process numbers of those that run."""
        return frozenset(process.pid for process in self._running.values() if process.pid is not None)

    def close(self) -> None:
        """End the processes. They start anew when they are needed again."""
        for connection, process in self._running.items():
            if process.pid is not None:
                process.kill()
                process.join()
            connection.close()
        self._running.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def perform(self, tasks: Sequence[Task[A]], cancel: Cancel | None = None) -> Iterator[A]:
        """What comes of all tasks, in their order.

        When it goes wrong, or is left early, the workers are ended, with what they are at. Raises `Cancelled`, what a
        task raised, and `StateError` when a worker died.
        """
        with ExitStack() as gone_wrong:
            gone_wrong.callback(self.close)
            yield from _Round(self._started(), tasks, cancel).in_order(self.count * _AHEAD)
            gone_wrong.pop_all()

    def _started(self) -> list[Connection]:
        """The workers, none of which is at work."""
        context = multiprocessing.get_context("forkserver")
        # What the workers load, their common ancestor loads once for all.
        context.set_forkserver_preload(self._preload)
        # This starts a process, too, and leaves interrupts unblocked behind it. It hands stderr on, and what a screen
        # puts in the place of that is no file.
        with redirect_stderr(sys.__stderr__):
            resource_tracker.ensure_running()
        # Interrupts are for this process, which ends its workers: what it starts is born without them.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            while len(self._running) < self.count:
                ours, theirs = context.Pipe()
                process = context.Process(target=_serve, args=(theirs,), daemon=True)
                self._running[ours] = process
                with theirs:
                    process.start()
        except (OSError, EOFError) as error:
            raise StateError("A worker process can't be started: the system has no room for it.") from error
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return list(self._running)


class _Answer(Generic[A]):
    """Something that came of a task; or that it is done, as far as a worker tells."""

    def __init__(self, value: A) -> None:
        self.value = value


class _Done:
    """A task is done."""


class _Round(Generic[A]):
    """One round of tasks, given to workers as they become idle."""

    def __init__(self, workers: list[Connection], tasks: Sequence[Task[A]], cancel: Cancel | None) -> None:
        self._idle = workers
        self._tasks = tasks
        self._cancel = cancel
        self._busy: dict[Connection, int] = {}
        """The number of the task that each is at."""
        self._given = 0
        """How many tasks were given out."""
        self._answers: dict[int, deque[A]] = {}
        """What came so far of tasks that were given, by their numbers."""
        self._done: set[int] = set()

    def in_order(self, ahead: int) -> Iterator[A]:
        """What comes of the tasks. No more than *ahead* are given out beyond the one whose turn it is."""
        for wanted in range(len(self._tasks)):
            while True:
                self._give(min(len(self._tasks), wanted + ahead))
                while self._answers[wanted]:
                    yield self._answers[wanted].popleft()
                if wanted in self._done:
                    break
                self._receive()
            del self._answers[wanted]

    def _give(self, most: int) -> None:
        """Give the next tasks to those that are idle, up to number *most*."""
        if self._cancel is not None:
            self._cancel.check()
        while self._idle and self._given < most:
            worker = self._idle.pop()
            try:
                worker.send(self._tasks[self._given])
            except OSError as error:
                raise _died() from error
            self._busy[worker] = self._given
            self._answers[self._given] = deque()
            self._given += 1

    def _receive(self) -> None:
        """Take one answer from each worker that has one, after a while at the latest."""
        for worker in wait(list(self._busy), _POLL_SECONDS):
            if not isinstance(worker, Connection):
                continue
            number = self._busy[worker]
            try:
                message: _Answer[A] | _Done | ConsoleError = worker.recv()
            except (EOFError, OSError) as error:
                raise _died() from error
            if isinstance(message, ConsoleError):
                raise message
            if isinstance(message, _Answer):
                self._answers[number].append(message.value)
            else:
                self._done.add(number)
                del self._busy[worker]
                self._idle.append(worker)


def processors() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _died() -> StateError:
    return StateError(
        "A worker process ended before it was done: it was killed, or had too little memory.",
        hint=_FEWER,
    )


def _serve(connection: Connection) -> None:
    """Be a worker, until nobody is left to ask for anything."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Whoever looks at the screen goes first.
    os.nice(_NICENESS)
    if sys.platform == "linux":
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        limit = _MEMORY_BYTES if most == resource.RLIM_INFINITY else min(_MEMORY_BYTES, most)
        resource.setrlimit(resource.RLIMIT_AS, (limit, most))
    # A connection that breaks is a parent that is gone.
    with connection, suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            task: Task[object] = connection.recv()
            try:
                for value in task.perform():
                    connection.send(_Answer(value))
            except ConsoleError as error:
                connection.send(error)
            except MemoryError:
                connection.send(StateError("A worker process had too little memory.", hint=_FEWER))
            else:
                connection.send(_Done())
