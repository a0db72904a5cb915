"""How far something is, in words."""

from __future__ import annotations

import pytest

from console.progress import Progress
from screens.widgets.numbers import amount


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(406_849_195, 1_300_000_000, "bytes", "Validating"), "406.8 MB of 1.3 GB"),
        (Progress(512, None, "bytes", "Reading"), "512 B"),
        (Progress(1_200, 30_000, "records", "Planning"), "1,200 of 30,000 records"),
        (Progress(7, None, "records", "Planning"), "7 records"),
    ],
)
def test_bytes_are_told_as_sizes_and_the_end_where_it_is_known(progress: Progress, words: str) -> None:
    assert amount(progress) == words
