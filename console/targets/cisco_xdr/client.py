"""The API client that we are to Cisco XDR: an id and a password, which get us tokens."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Final

from console.credentials import Found, Secret
from console.errors import TargetDenied
from console.targets.http import SecretHeader

VARIABLES: Final = "CISCO_XDR_CLIENT_ID and CISCO_XDR_CLIENT_SECRET"


@dataclass(frozen=True, slots=True)
class ApiClient:
    """Its two secrets, as far as they were found."""

    target: str
    """Our name of the target."""
    id: Found
    password: Found

    @property
    def fingerprint(self) -> str:
        """By which the ledger tells which client was used; empty unless both secrets are there."""
        pair = self._pair()
        return pair.fingerprint() if pair else ""

    def header(self) -> SecretHeader:
        """What proves who we are where tokens are given out. Raises `TargetDenied` where a secret is missing."""
        pair = self._pair()
        if pair is None or self.password.secret is None:
            raise self._denied()
        # As Cisco documents it: plain, where RFC 6749, section 2.3.1, would encode both parts before.
        encoded = Secret(b64encode(pair.reveal().encode()).decode())
        return SecretHeader("Authorization", "Basic ", encoded, also=[self.password.secret])

    def _pair(self) -> Secret | None:
        if self.id.secret is None or self.password.secret is None:
            return None
        return Secret(f"{self.id.secret.reveal()}:{self.password.secret.reveal()}")

    def _denied(self) -> TargetDenied:
        what, found = ("client ID", self.id) if self.id.secret is None else ("client secret", self.password)
        return TargetDenied(
            f"There is no {what} for the target '{self.target}'. {found.detail}",
            hint=f"Set {VARIABLES}, or run: ocsf-console login {self.target}",
        )
