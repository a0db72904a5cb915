"""What to say when our own code fails: enough to report it by, and no value of any variable."""

from __future__ import annotations

import logging
import traceback
from typing import Final

from console.display import safe_text
from console.errors import ConsoleError

_LOG: Final = logging.getLogger(__name__)
REPORT_LINES: Final = 200
"""Lines of a report that are shown."""


def crash_report(error: BaseException) -> str:
    """A sentence and the traceback, fit for a terminal. It shows lines of our code and no local variable."""
    sentence = "ocsf-console failed, and this is its fault. What was sent is in the ledger; start it again to go on.\n"
    return f"{sentence}\n{_traceback(error)}\n"


def unexpected(error: BaseException) -> ConsoleError:
    """Log a failure that nobody foresaw, and make it something that the user can read."""
    _LOG.error("%s", _traceback(error))
    where = traceback.extract_tb(error.__traceback__)
    place = f" in {where[-1].name}, line {where[-1].lineno}" if where else ""
    what = safe_text(f"{type(error).__name__}{place}: {error}", width=300)
    return ConsoleError(
        f"ocsf-console met something that it did not expect: {what}",
        hint="What you were doing did not finish. The rest of the console goes on; please report this.",
    )


def _traceback(error: BaseException) -> str:
    return safe_text("".join(traceback.format_exception(error)), lines=REPORT_LINES)
