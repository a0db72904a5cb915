"""Where Cisco XDR is: by region, or where the configuration says. Needs no network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from console.config import CiscoXdrConfig, Region


@dataclass(frozen=True, slots=True)
class Places:
    """The addresses of one organisation. Credentials are good in one region only."""

    base_url: str
    """Of the findings intake."""
    token_url: str
    """Gives out tokens, and is what the secrets are bound to."""
    query_url: str | None = None
    """Shows a finding that was taken in, by its uid. Cisco does not publish its path."""


REGIONS: Final[Mapping[Region, Places]] = {
    "us": Places("https://findings.us.security.cisco.com", "https://visibility.amp.cisco.com/iroh/oauth2/token"),
    "eu": Places("https://findings.eu.security.cisco.com", "https://visibility.eu.amp.cisco.com/iroh/oauth2/token"),
    "apjc": Places(
        "https://findings.apjc.security.cisco.com", "https://visibility.apjc.amp.cisco.com/iroh/oauth2/token"
    ),
}
"""The intake is from Cisco's guide, the tokens from its pages on authentication."""


def places_of(config: CiscoXdrConfig) -> Places:
    """The addresses that a configuration names."""
    usual = REGIONS[config.region]
    return Places(config.base_url or usual.base_url, config.token_url or usual.token_url, config.query_url)
