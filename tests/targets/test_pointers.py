"""Where in a record a pointer leads, whatever a target writes into it."""

from __future__ import annotations

import pytest

from console.targets.pointers import attribute_of


@pytest.mark.parametrize(
    ("pointer", "attribute"),
    [
        ("/data/findings/0/severity_id", "severity_id"),
        ("/data/findings/17/resources/0/name", "resources[0].name"),
        ("/data/findings/3/resources/2/data/1/x", "resources[2].data[1].x"),
        ("/records/5/finding_info/uid", "finding_info.uid"),
        ("/severity_id", "severity_id"),
        ("/data/findings/0/unmapped/a~1b~0c", "unmapped.a/b~c"),
        ("/data/findings/0", ""),
        ("/data/findings/0/", ""),
        ("", ""),
        # No index: too long for one, or a digit of another script.
        ("/data/findings/0/resources/" + "9" * 5_000, "resources." + "9" * 5_000),
        ("/data/findings/0/resources/²", "resources.²"),
    ],
)
def test_a_pointer_leads_to_an_attribute(pointer: str, attribute: str) -> None:
    assert attribute_of(pointer) == attribute
