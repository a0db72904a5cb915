"""The order of version numbers."""

from __future__ import annotations

import pytest

from console.ocsf.versions import Version

IN_ORDER = (
    "0.9.0",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-rc.2",
    "1.0.0-rc.3",
    "1.0.0-rc.10",
    "1.0.0",
    "1.9.0-dev",
    "1.9.0",
    "1.10.0",
    "2.0.0",
)
"""Numbers of OCSF, and the list of Semantic Versioning 2.0.0 §11."""


def parsed(text: str) -> Version:
    version = Version.parse(text)
    assert version is not None
    return version


def test_versions_have_the_order_of_semantic_versioning() -> None:
    shuffled = sorted(IN_ORDER, key=lambda text: text[::-1])
    assert tuple(sorted(shuffled, key=parsed)) == IN_ORDER


def test_build_metadata_makes_no_difference() -> None:
    assert parsed("1.5.0+build.7") == parsed("1.5.0")
    assert hash(parsed("1.5.0+build.7")) == hash(parsed("1.5.0"))


@pytest.mark.parametrize(
    "text", ["", "1", "1.5", "v1.5.0", "1.5.0 ", "1.5.0\n", "01.5.0", "1.5.0-", "1.5.x", "1.5.٠", "9" * 5_000 + ".0.0"]
)
def test_what_is_no_version_is_none(text: str) -> None:
    assert Version.parse(text) is None
