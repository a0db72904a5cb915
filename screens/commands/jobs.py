"""The commands of the Jobs screen and of what is on it."""

from __future__ import annotations

from typing import Final

from screens.commands import shared
from screens.commands.command import Command, Group


class Clear(Command):
    """Clear the search and the days."""

    key = "escape"
    action = "clear_filters"


class Search(Command):
    """Search the jobs of the target."""

    key = "slash"
    key_display = "/"
    footer = True


class Days(Command):
    """Only jobs that were inserted or completed on a day."""

    key = "d"


class Sort(Command):
    """Sort by the column under the cursor; again turns it round."""

    key = "s,S"
    footer = True


class Left(Command):
    """The column to the left."""

    key = "left,h"
    action = "cursor_left"


class Right(Command):
    """The column to the right."""

    key = "right,l"
    action = "cursor_right"


class Open(Command):
    """Open the job; settle or go on with what is only known here."""

    key = "enter"


class Next(shared.NextPage):
    """The next page."""


class Previous(shared.PreviousPage):
    """The page before."""


class Larger(Command):
    """More on a page."""

    key = "plus,equals_sign"
    label = "Larger pages"
    action = "resize(1)"


class Smaller(Command):
    """Fewer on a page."""

    key = "minus"
    label = "Smaller pages"
    action = "resize(-1)"


class Refresh(Command):
    """Ask the target again, now."""

    key = "r"
    action = "refresh_now"
    footer = True


class Pause(Command):
    """Stop asking by itself, or go on."""

    key = "a"
    label = "Auto"
    footer = True


class Watch(Command):
    """Tell when the job has ended, or no longer; those sent from here are told of anyway."""

    key = "w"
    footer = True


class Export(Command):
    """Write the jobs on the page into a file."""

    key = "e"


class Target(Command):
    """Choose the target whose jobs are listed, or all targets."""

    key = "t"
    action = "choose_target"


class All(Command):
    """Jobs of every status."""

    key = "A"
    action = "filter('all')"


class Pending(Command):
    """Pending jobs, or not."""

    key = "P"
    action = "filter('pending')"


class Processing(Command):
    """Jobs at work, or not."""

    key = "R"
    action = "filter('processing')"


class Completed(Command):
    """Completed jobs, or not."""

    key = "C"
    action = "filter('completed')"


class Failed(Command):
    """Failed jobs, or not."""

    key = "F"
    action = "filter('failed')"


class Unknown(Command):
    """What was sent and may have been accepted."""

    key = "U"
    action = "filter('unknown')"


class Waiting(Command):
    """What was not sent whole and still can be."""

    key = "W"
    action = "filter('waiting')"


JOBS: Final = Group(
    "jobs",
    "Jobs",
    (Clear, Search, Days, Sort, Next, Previous, Larger, Smaller, Refresh, Pause, Watch, Export, Target),
)
STATUSES: Final = Group("jobs", "Statuses", (All, Pending, Processing, Completed, Failed, Unknown, Waiting))
JOB_LIST: Final = Group("jobs", "List of jobs", (Left, Right, Open))
