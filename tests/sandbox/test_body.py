"""Unpacking what a client packed."""

from __future__ import annotations

import gzip

import pytest

from console.sandbox.body import BadGzip, unpack_gzip


def test_members_are_read_as_one() -> None:
    assert unpack_gzip(gzip.compress(b"[") + gzip.compress(b"]"), 10) == b"[]"


def test_members_without_number_are_refused() -> None:
    with pytest.raises(BadGzip, match="more than 1,000 members"):
        unpack_gzip(gzip.compress(b"") * 1_001, 10)
