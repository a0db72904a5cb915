"""Cisco XDR's regions. What is made in one does not work in another."""

from __future__ import annotations

from enum import StrEnum


class Region(StrEnum):
    """Where an organisation's data are."""

    US = "us"
    EU = "eu"
    APJC = "apjc"
