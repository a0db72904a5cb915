"""The Security Hub intake as a whole: its settings, its credentials, its findings."""

from __future__ import annotations

import secrets
import string
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from starlette.types import ASGIApp

from console.credentials import Secret
from console.records.model import JsonValue
from console.sandbox.database import Database
from console.sandbox.security_hub.endpoints import ENDPOINTS, SecurityHubApi
from console.sandbox.security_hub.products import PROWLER, Account
from console.sandbox.security_hub.reading import Pager
from console.sandbox.security_hub.signature import AccessKey
from console.sandbox.security_hub.store import Store
from console.sandbox.security_hub.throttle import PUBLISHED, Monotonic, Rate, Throttle
from console.sandbox.words import Clock, Endpoint, NewId

_KEY_LETTERS: Final = string.ascii_uppercase + "234567"


def new_access_key_id() -> str:
    """A random access key id of AWS's shape: `AKIA` and sixteen more."""
    return "AKIA" + "".join(secrets.choice(_KEY_LETTERS) for _ in range(16))


def new_secret_access_key() -> Secret:
    """A random secret of AWS's shape: forty characters."""
    return Secret(secrets.token_urlsafe(30))


@dataclass(frozen=True, slots=True)
class SecurityHubSettings:
    """How the Security Hub intake is set up."""

    region: str = "us-east-1"
    account_id: str = "123456789012"
    access_key_id: str = field(default_factory=new_access_key_id)
    secret_access_key: Secret = field(default_factory=new_secret_access_key)
    integrations: tuple[str, ...] = (PROWLER,)
    """Products that the account has enabled, as `company/product`."""
    enabled: bool = True
    """Whether the account has subscribed to Security Hub."""
    rate: Rate = PUBLISHED
    """How fast clients may be, for each operation."""
    monotonic: Monotonic = time.monotonic
    """What the rate is measured by."""


@dataclass(frozen=True, slots=True)
class SecurityHubAccess:
    """What a client of the Security Hub intake must know."""

    endpoint_url: str
    region: str
    account_id: str
    access_key_id: str
    secret_access_key: Secret

    def as_json(self) -> dict[str, JsonValue]:
        """The part of the line that the command prints. It holds the secret."""
        return {
            "endpoint_url": self.endpoint_url,
            "region": self.region,
            "account_id": self.account_id,
            "access_key_id": self.access_key_id,
            "secret_access_key": self.secret_access_key.reveal(),
        }


def security_hub_access(url: str, settings: SecurityHubSettings) -> SecurityHubAccess:
    """What a client must know of an intake that answers at *url*."""
    return SecurityHubAccess(
        url, settings.region, settings.account_id, settings.access_key_id, settings.secret_access_key
    )


@dataclass(frozen=True, slots=True)
class SecurityHubIntake:
    """The Security Hub intake of a sandbox that runs."""

    app: ASGIApp
    store: Store
    """Its findings, and what was taken in."""

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        """What it answers."""
        return ENDPOINTS


def security_hub_intake(
    settings: SecurityHubSettings, database: Database, *, clock: Clock, new_id: NewId
) -> SecurityHubIntake:
    """An intake whose findings are kept in *database*. It has nothing to stop."""
    store = Store(database)
    api = SecurityHubApi(
        key=AccessKey(settings.access_key_id, settings.secret_access_key, settings.region),
        account=Account(settings.account_id, settings.region, integrations=settings.integrations),
        enabled=settings.enabled,
        store=store,
        throttle=Throttle(settings.rate, settings.monotonic),
        pager=Pager(settings.secret_access_key),
        since=clock(),
        clock=clock,
        new_id=new_id,
    )
    return SecurityHubIntake(api, store)
