"""The order of version numbers."""

from __future__ import annotations

import pytest

from console.ocsf.versions import LONGEST, Version

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


@pytest.mark.parametrize("text", IN_ORDER)
def test_a_version_is_written_as_it_was_read(text: str) -> None:
    assert str(parsed(text)) == text


@pytest.mark.parametrize(("one", "other"), [("1.5.0+build.7", "1.5.0"), ("1.5.0-rc.01", "1.5.0-rc.1")])
def test_equal_versions_are_written_alike(one: str, other: str) -> None:
    assert parsed(one) == parsed(other)
    assert str(parsed(one)) == str(parsed(other))


def test_the_longest_version_is_as_long_as_said() -> None:
    longest = ".".join(["9" * 9] * 3) + "-" + "a" * 64 + "+" + "b" * 64
    assert len(longest) == LONGEST
    assert str(parsed(longest)) == longest.partition("+")[0]
    assert Version.parse(longest + "b") is None
