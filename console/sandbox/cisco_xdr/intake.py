"""The Cisco XDR intake as a whole: its settings, its client, its tokens and what it took in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from console.convert.cisco_custom import PRODUCT
from console.credentials import Secret
from console.records.model import JsonValue
from console.sandbox.body import Body
from console.sandbox.cisco_xdr.answers import container_error
from console.sandbox.cisco_xdr.client import Client
from console.sandbox.cisco_xdr.endpoints import BUNDLES_PATH, CUSTOM_PATH, FINDING_PATH, FindingsApi, IntakeLimits
from console.sandbox.cisco_xdr.quota import Quota
from console.sandbox.cisco_xdr.regions import Region
from console.sandbox.cisco_xdr.store import Store
from console.sandbox.cisco_xdr.token_endpoint import TOKEN_PATH, TokenApi
from console.sandbox.cisco_xdr.tokens import Tokens
from console.sandbox.database import Database
from console.sandbox.words import Clock, Endpoint, NewId

ENDPOINTS: Final = (
    Endpoint("cisco.token", "POST", TOKEN_PATH),
    Endpoint("cisco.custom", "POST", CUSTOM_PATH),
    Endpoint("cisco.bundles", "POST", BUNDLES_PATH),
    Endpoint("cisco.finding", "GET", FINDING_PATH),
)
"""What the intake answers."""


def _new_client_id() -> str:
    """A random id of the service's shape."""
    return f"client-{uuid4()}"


def _new_client_secret() -> Secret:
    return Secret(secrets.token_urlsafe(40))


def _new_instance() -> str:
    return str(uuid4())


@dataclass(frozen=True, slots=True)
class CiscoXdrSettings:
    """How the Cisco XDR intake is set up."""

    region: Region = Region.US
    client_id: str = field(default_factory=_new_client_id)
    client_secret: Secret = field(default_factory=_new_client_secret)
    module_instance_id: str = field(default_factory=_new_instance)
    """The id of the module instance that clients are told of."""
    module_instances: Mapping[str, str] = field(default_factory=dict)
    """The names of further event sources, by the id of their module instance."""
    limits: IntakeLimits = field(default_factory=IntakeLimits)


@dataclass(frozen=True, slots=True)
class CiscoXdrAccess:
    """What a client of the Cisco XDR intake must know."""

    base_url: str
    """`{base_url}/api/v1/detection_findings` takes bundles."""
    client_id: str
    client_secret: Secret
    module_instance_id: str

    @property
    def token_url(self) -> str:
        """Where tokens are given out."""
        return self.base_url + TOKEN_PATH

    def as_json(self) -> dict[str, JsonValue]:
        """The part of the line that the command prints. It holds the secret."""
        return {
            "base_url": self.base_url,
            "token_url": self.token_url,
            "client_id": self.client_id,
            "client_secret": self.client_secret.reveal(),
            "module_instance_id": self.module_instance_id,
        }


@dataclass(frozen=True, slots=True)
class CiscoXdrIntake:
    """The Cisco XDR intake of a sandbox that runs."""

    app: ASGIApp
    store: Store
    """What it took in."""

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        """What it answers."""
        return ENDPOINTS


def access_to(base_url: str, settings: CiscoXdrSettings) -> CiscoXdrAccess:
    """What a client must know of an intake that answers at *base_url*."""
    return CiscoXdrAccess(base_url, settings.client_id, settings.client_secret, settings.module_instance_id)


def cisco_xdr_intake(settings: CiscoXdrSettings, database: Database, *, clock: Clock, new_id: NewId) -> CiscoXdrIntake:
    """An intake over a database that has the tables of `store.SCHEMA`. It has nothing to stop."""
    store = Store(database)
    tokens = Tokens(settings.region)
    findings = FindingsApi(
        tokens=tokens,
        store=store,
        quota=Quota(settings.limits.requests, settings.limits.window),
        limits=settings.limits,
        module_instances={settings.module_instance_id: PRODUCT, **settings.module_instances},
        clock=clock,
        new_id=new_id,
    )
    token = TokenApi(Client(settings.client_id, settings.client_secret), tokens, clock, new_id)
    routes = [Route(path, app) for path, app in {**token.surfaces(), **findings.surfaces()}.items()]
    app = Router(routes, redirect_slashes=False, default=_no_such_path)
    return CiscoXdrIntake(app, store)


async def _no_such_path(scope: Scope, receive: Receive, send: Send) -> None:
    """The answer to a path that the service doesn't know."""
    await Body(receive).read_out()
    response = container_error(404, "The requested resource was not found.").response()
    await response(scope, receive, send)
