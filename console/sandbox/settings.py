"""How a sandbox is set up, and what its clients must know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from console.credentials import Secret
from console.records.model import JsonValue
from console.sandbox.cisco_xdr.intake import CiscoXdrAccess, CiscoXdrSettings, access_to
from console.sandbox.prowler.intake import ProwlerAccess, ProwlerSettings
from console.sandbox.security_hub.intake import SecurityHubAccess, SecurityHubSettings, security_hub_access
from console.sandbox.words import Clock, NewId, utc_now


@dataclass(frozen=True, slots=True)
class Settings:
    """How a sandbox is set up."""

    host: str = "127.0.0.1"
    """The address to listen on. A name is looked up."""
    port: int = 0
    """0 for any free one."""
    data: Path | None = None
    """The folder that keeps what was taken in over restarts; made private. None for one that is removed at the end."""
    prowler: ProwlerSettings = field(default_factory=ProwlerSettings)
    cisco_xdr: CiscoXdrSettings = field(default_factory=CiscoXdrSettings)
    security_hub: SecurityHubSettings = field(default_factory=SecurityHubSettings)
    faults: Sequence[str] = ()
    """What shall go wrong from the start, as `console.sandbox.faults.spec` reads it."""
    clock: Clock = utc_now
    new_id: NewId = uuid4

    def secrets(self) -> list[Secret]:
        """Every secret that opens the sandbox."""
        return [
            self.prowler.api_key,
            self.prowler.api_key_without_permission,
            self.cisco_xdr.client_secret,
            Secret(f"{self.cisco_xdr.client_id}:{self.cisco_xdr.client_secret.reveal()}"),  # Basic, in base64
            self.security_hub.secret_access_key,
        ]


@dataclass(frozen=True, slots=True)
class Access:
    """What a client of the sandbox must know."""

    url: str
    prowler: ProwlerAccess
    cisco_xdr: CiscoXdrAccess
    security_hub: SecurityHubAccess

    def as_json(self) -> dict[str, JsonValue]:
        """The line that the command prints. It holds the keys."""
        return {
            "url": self.url,
            "prowler": self.prowler.as_json(),
            "cisco_xdr": self.cisco_xdr.as_json(),
            "security_hub": self.security_hub.as_json(),
        }


def access_at(url: str, settings: Settings) -> Access:
    """What a client must know of a sandbox that answers at *url*."""
    return Access(
        url,
        ProwlerAccess(url, settings.prowler.api_key, settings.prowler.api_key_without_permission),
        access_to(url, settings.cisco_xdr),
        security_hub_access(url, settings.security_hub),
    )
