"""Where a process can die on a submission's way, and in which stories. Data: one line a point.

The numbers are those of the list of crash points that this console was designed by. 19 and 20 are of tokens, which
Prowler Cloud has none of; 26, 27 and 29 are of no submission.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the code at which a story is cut off."""

    number: int
    name: str
    story: str
    """Which story is told until then: see `stories`."""
    spot: str
    """As `victim.lay` reads it."""
    side: str = "before"
    visits: tuple[int, ...] = (1,)
    """At which of its visits it is cut off in a quick run; a long one takes all that there are."""
    signal: signal.Signals = signal.SIGKILL

    @property
    def id(self) -> str:
        """The name of its test."""
        return f"{self.number:02}-{self.story}-{self.name}".replace(" ", "-")


_LEDGER: Final = "console.submissions.ledger:Ledger."
_SENDER: Final = "console.submissions.sender:Sender."
_SPOOL: Final = "console.submissions.spool:Spool."
_FREEZER: Final = "console.submissions.snapshot:Freezer."
_FILE: Final = "console.submissions.hashed_file:HashedFile."
_DESK: Final = "console.submissions.desk:"
_TARGET: Final = "console.targets.prowler.target:ProwlerTarget."
_HTTP: Final = "net:http11."
_ANSWER: Final = _HTTP + "receive_response_headers.started"
_LONG: Final = ()
"""The visits of what a quick run passes over: its neighbours stand for it."""

POINTS: Final = (
    # Freezing.
    Point(1, "nothing frozen", "submit", _FREEZER + "freeze_all"),
    Point(1, "folder not made", "submit", _SPOOL + "folder", "before", _LONG),
    Point(2, "a piece written", "submit", _FILE + "write", "after", (5,)),
    Point(2, "second batch begun", "submit", _FREEZER + "_freeze_part", "before", _LONG),
    Point(3, "not flushed", "submit", _FILE + "flush", "before", _LONG),
    Point(3, "not synced", "submit", "os:fsync", "before", (1, 4)),
    Point(4, "frozen", "submit", _FREEZER + "freeze_all", "after"),
    Point(4, "names not synced", "submit", _SPOOL + "sync", "before", _LONG),
    Point(4, "a plan that was refused is not removed", "dry run", _SPOOL + "discard", "before", _LONG),
    Point(4, "a plan that was refused is half removed", "dry run", "os:unlink", "after", (4,)),
    # Becoming a submission.
    Point(4, "ledger not made", "submit", "sql:BEGIN"),
    Point(4, "ledger half made", "submit", "sql:CREATE TABLE", "after", (4,)),
    Point(4, "ledger made and not committed", "submit", "sql:COMMIT"),
    Point(4, "lock taken", "submit", "fcntl:flock", "after"),
    Point(7, "lock not signed", "submit", "os:pwrite"),
    Point(4, "not recorded", "submit", _LEDGER + "record", "before", _LONG),
    Point(5, "not yet a batch", "submit", _LEDGER + "_record_batch", "before", _LONG),
    Point(5, "some batches", "submit", _LEDGER + "_record_batch", "after", (3,)),
    Point(5, "an account", "submit", "sql:INSERT INTO account", "after", _LONG),
    Point(5, "not committed", "submit", "sql:COMMIT", "before", (2,)),
    Point(6, "committed", "submit", "sql:COMMIT", "after", (2,)),
    Point(6, "ready", "submit", _LEDGER + "record", "after", _LONG),
    # Sending.
    Point(7, "about to try", "submit", _SENDER + "_try", "before", _LONG),
    Point(8, "attempt written", "submit", "sql:INSERT INTO attempt", "after", _LONG),
    Point(8, "moved to sending", "submit", _LEDGER + "_move", "after", (1,)),
    Point(8, "intent not committed", "submit", "sql:COMMIT", "before", (5,)),
    Point(9, "intent committed", "submit", "sql:COMMIT", "after", (3, 5)),
    Point(9, "not begun", "submit", _TARGET + "send", "before", _LONG),
    Point(9, "not connected", "submit", "net:connection.connect_tcp.started", "before", _LONG),
    Point(10, "connected", "submit", "net:connection.connect_tcp.complete", "after", (2,)),
    Point(10, "head sent", "submit", _HTTP + "send_request_headers.complete", "after", (3,)),
    Point(11, "some of the body", "submit", "body:", "after", (1, 3)),
    Point(11, "payload without its end", "submit", _HTTP + "send_request_body.started", "after", _LONG),
    Point(12, "body sent", "submit", _HTTP + "send_request_body.complete", "before", (1, 2, 3)),
    Point(12, "waiting for the answer", "submit", _ANSWER, "after", (3,)),
    Point(13, "head of the answer", "submit", _HTTP + "receive_response_headers.complete", "after", (2,)),
    Point(13, "body of the answer", "submit", _HTTP + "receive_response_body.complete", "after", _LONG),
    Point(14, "answer understood", "submit", _TARGET + "send", "after", _LONG),
    Point(14, "about to write it down", "submit", _LEDGER + "end_attempt", "before", (3,)),
    Point(15, "attempt ended", "submit", _LEDGER + "_end", "after", _LONG),
    Point(15, "moved to accepted", "submit", _LEDGER + "_move", "after", (6,)),
    Point(15, "not committed", "submit", "sql:COMMIT", "before", (4,)),
    Point(16, "committed", "submit", "sql:COMMIT", "after", (8,)),
    Point(16, "written down", "submit", _LEDGER + "end_attempt", "after", _LONG),
    Point(17, "between batches", "submit", _SENDER + "_deliver", "before", (3,)),
    # Being throttled, denied, put aside.
    Point(18, "waiting", "throttled", _SENDER + "_is_halted_within", "before", (1,)),
    Point(18, "waited", "throttled", _SENDER + "_is_halted_within", "after", _LONG),
    Point(18, "wait not committed", "throttled", "sql:COMMIT", "before", (6,)),
    Point(18, "second try begun", "throttled", "sql:COMMIT", "after", (7,)),
    Point(18, "denial not committed", "denied", "sql:COMMIT", "before", _LONG),
    Point(18, "denial committed", "denied", "sql:COMMIT", "after", (6,)),
    Point(7, "lock taken", "resumed", "fcntl:flock", "after"),
    Point(8, "intent not committed", "resumed", "sql:COMMIT", "before", _LONG),
    Point(9, "intent committed", "resumed", "sql:COMMIT", "after", _LONG),
    Point(12, "body sent", "resumed", _HTTP + "send_request_body.complete", "before", (2,)),
    Point(15, "not committed", "resumed", "sql:COMMIT", "before", (2,)),
    # Looking for what became of it.
    Point(21, "not asked", "unanswered", _DESK + "look"),
    Point(21, "asked", "unanswered", "console.targets.prowler.target:find_candidates", "after", _LONG),
    Point(21, "not asked", "settled", "console.targets.prowler.target:find_candidates", "before", _LONG),
    Point(21, "asked", "settled", "console.targets.prowler.target:ProwlerTarget.jobs", "after"),
    Point(22, "doubt not committed", "unanswered", "sql:COMMIT", "before", (6,)),
    Point(22, "doubt committed", "unanswered", "sql:COMMIT", "after", _LONG),
    Point(22, "not committed", "unanswered", "sql:COMMIT", "before", (7,)),
    Point(22, "committed", "unanswered", "sql:COMMIT", "after", _LONG),
    Point(22, "found nothing, not committed", "never arrived", "sql:COMMIT", "before", (7,)),
    Point(22, "found nothing", "never arrived", "sql:COMMIT", "after", (7,)),
    Point(22, "about to be settled", "settled", _LEDGER + "settle", "before", _LONG),
    Point(22, "settlement written", "settled", "sql:INSERT INTO settlement", "after"),
    Point(22, "moved", "settled", _LEDGER + "_move", "after", _LONG),
    Point(22, "settled", "settled", _LEDGER + "settle", "after", _LONG),
    Point(22, "death found, not committed", "found dead", "sql:COMMIT"),
    Point(22, "death found", "found dead", "sql:COMMIT", "after", _LONG),
    # By the operator's word.
    Point(22, "word not committed", "sent once more", "sql:COMMIT"),
    Point(22, "word committed", "sent once more", "sql:COMMIT", "after"),
    Point(9, "intent committed", "sent once more", "sql:COMMIT", "after", (2,)),
    Point(12, "body sent", "sent once more", _HTTP + "send_request_body.complete"),
    Point(22, "word not committed", "let be", "sql:COMMIT"),
    Point(22, "word committed", "let be", "sql:COMMIT", "after", (1, 2)),
    # Watching jobs. What they come to is the target's to keep: the last write is that of the acceptance.
    Point(23, "about to look", "watched", _DESK + "Desk.job", "before", (2,)),
    Point(23, "looked", "watched", _TARGET + "job", "after", _LONG),
    Point(24, "last commit", "watched", "sql:COMMIT", "before", (8,)),
    # Upgrading a ledger.
    Point(25, "no copy", "upgraded", "console.submissions.database:Database._back_up"),
    Point(25, "copy not in its place", "upgraded", "pathlib:Path.replace"),
    Point(25, "copied", "upgraded", "console.submissions.database:Database._back_up", "after", _LONG),
    Point(25, "tables put aside", "upgraded", "sql:ALTER TABLE", "after", _LONG),
    Point(25, "new tables", "upgraded", "sql:CREATE TABLE", "after", (5,)),
    Point(25, "rows moved", "upgraded", "sql:INSERT INTO", "after", _LONG),
    Point(25, "old tables gone", "upgraded", "sql:DROP TABLE", "after", (1,)),
    Point(25, "not committed", "upgraded", "sql:COMMIT"),
    Point(25, "committed", "upgraded", "sql:COMMIT", "after"),
    # Forgetting.
    Point(28, "about to be forgotten", "forgotten", _LEDGER + "retire", "before", _LONG),
    Point(28, "rows half gone", "forgotten", "sql:DELETE FROM", "after", _LONG),
    Point(28, "not committed", "forgotten", "sql:COMMIT"),
    Point(28, "committed", "forgotten", "sql:COMMIT", "after"),
    Point(28, "folder still there", "forgotten", _SPOOL + "discard"),
    Point(28, "folder half gone", "forgotten", "os:unlink", "after", (2,)),
    Point(28, "payloads still there", "made room", _SPOOL + "drop_payloads"),
    Point(28, "payloads half gone", "made room", "pathlib:Path.unlink", "after", (2,)),
    # Stopped by a person or a system that is shut down, which is not quite as sudden.
    Point(30, "before it began", "submit", _SENDER + "_try", "before", (2,), signal.SIGINT),
    Point(30, "in the middle of the body", "submit", "body:", "after", (2,), signal.SIGINT),
    Point(30, "before the answer", "submit", _ANSWER, "after", (2,), signal.SIGINT),
    Point(30, "before it is written down", "submit", _LEDGER + "end_attempt", "before", (1,), signal.SIGINT),
    Point(30, "while waiting", "throttled", _SENDER + "_is_halted_within", "before", (1,), signal.SIGINT),
    Point(30, "before the answer, shut down", "submit", _ANSWER, "after", (1,), signal.SIGTERM),
    Point(30, "before the answer, terminal closed", "submit", _ANSWER, "after", (1,), signal.SIGHUP),
    # All statements, of whatever kind.
    Point(5, "any statement", "submit", "sql:", "after", _LONG),
    Point(15, "any statement", "unanswered", "sql:", "before", _LONG),
    Point(22, "any statement", "settled", "sql:", "after", _LONG),
    Point(25, "any statement", "upgraded", "sql:", "after", _LONG),
    Point(28, "any statement", "forgotten", "sql:", "after", _LONG),
)
