"""What of an event tells readers of OCSF how to read it, and says nothing to readers of another format."""

from __future__ import annotations

from typing import Final

from console.convert.taking import Taking

_OF_EVENT: Final = (
    *("category_uid", "category_name", "class_uid", "type_uid", "type_name", "activity_id", "activity_name"),
)
_OF_METADATA: Final = ("version", "profiles")


def leave_out_the_frame(event: Taking) -> None:
    """Take it out of an event, and say so."""
    message = "It tells readers of OCSF how to read the record."
    for key in _OF_EVENT:
        event.left_out(key, message)
    for key in _OF_METADATA:
        event.object("metadata").left_out(key, message)
