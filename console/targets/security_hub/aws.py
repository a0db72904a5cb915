"""What AWS's own settings say: where Security Hub is, and by which credentials it is reached.

Both are botocore's answers, so that what works with the AWS CLI works here: environment, profiles, SSO, roles,
containers, instances; endpoints by variable, profile and region. One thing is added: `AWS_REGION`, which the AWS CLI
obeys and botocore does not. What loads credentials may wait for a network: call it in a thread.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from botocore import exceptions
from botocore.credentials import Credentials, ReadOnlyCredentials, RefreshableCredentials
from botocore.loaders import create_loader
from botocore.session import Session

from console.config import SecurityHubConfig
from console.credentials import Secret
from console.display import safe_text
from console.errors import BadConfig, TargetDenied, TargetError, TargetUnavailable
from console.targets.security_hub.signing import SERVICE
from console.urls import checked_base_url

_QUOTED: Final = 200
_METHODS: Final = {
    "env": "environment variables",
    "shared-credentials-file": "the AWS credentials file",
    "config-file": "the AWS configuration file",
    "assume-role": "an assumed role",
    "assume-role-with-web-identity": "a role by web identity",
    "sso": "AWS SSO",
    "login": "aws login",
    "custom-process": "the profile's credential process",
    "container-role": "the container's role",
    "iam-role": "the instance's role",
}
"""botocore's names of the places that credentials come from, for reading."""

_LOADER: Final = create_loader()
"""Keeps what botocore knows of AWS's services: each session would read it anew."""
_ITS_ERRORS: Final = (exceptions.BotoCoreError, exceptions.ClientError, OSError, ValueError, RuntimeError)
"""What botocore raises: also, as it comes, what is wrong with a program or a file that gives credentials."""

# They log what they read, and credentials are a part of that.
logging.getLogger("botocore").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Place:
    """Whose Security Hub a target is, and where."""

    region: str
    partition: str
    """The part of AWS that the region belongs to."""
    endpoint: str
    """A base URL: https, or http to this machine."""
    account_id: str | None
    """None where the configuration does not say."""
    product_arn: str | None
    """What findings should be imported under; None where that is not known."""
    has_own_product: bool = False
    """Whether the configuration names that product, and it is not just the account's default one."""


def _session(profile: str | None) -> Session:
    """What botocore keeps of a profile, or of the usual settings."""
    session = Session(profile=profile)
    session.register_component("data_loader", _LOADER)
    return session


def places_of(name: str, config: SecurityHubConfig, environ: Mapping[str, str] = os.environ) -> list[Place]:
    """Where the target *name* is, in each of its regions, that of its own first. Raises `BadConfig`.

    Each has the endpoint that AWS's settings give it. An endpoint that is set by hand is that of one region.
    """
    home = place_of(name, config, environ)
    places = [home]
    for region in dict.fromkeys(config.regions):
        if region == home.region:
            continue
        place = place_of(name, config.model_copy(update={"region": region}), environ)
        if place.endpoint == home.endpoint:
            raise BadConfig(
                f"The target '{name}' has several regions, and one endpoint for all of them: {home.endpoint}.",
                hint="Take its regions away, or what sets the endpoint: endpoint_url, AWS_ENDPOINT_URL or AWS's files.",
            )
        if place.partition != home.partition:
            raise BadConfig(
                f"The target '{name}' has regions of different parts of AWS: {home.region} and {safe_text(region)}.",
                hint="Make a target of each: no credentials are good in both.",
            )
        product_arn = place.product_arn
        if product_arn is not None and place.has_own_product:
            product_arn = product_arn.replace(f":{home.region}:", f":{region}:", 1)
        places.append(replace(place, product_arn=product_arn))
    return places


def place_of(name: str, config: SecurityHubConfig, environ: Mapping[str, str] = os.environ) -> Place:
    """Where the target *name* is. Reads AWS's files, and asks no network.

    Region: configuration, `AWS_REGION`, `AWS_DEFAULT_REGION`, profile. Endpoint: configuration, then AWS's own order.
    Raises `BadConfig`.
    """
    try:
        session = _session(config.aws_profile)
        region = config.region or environ.get("AWS_REGION") or session.get_config_variable("region")
        if not region:
            raise BadConfig(
                f"No AWS region is set for the target '{name}'.",
                hint=f"Set AWS_REGION, or give targets.{name} a region in the configuration.",
            )
        # A client, of which only the address is used: it knows every setting that changes it. The keys are made up, as
        # it would look for some else.
        meta = session.create_client(
            SERVICE,
            region_name=region,
            endpoint_url=config.endpoint_url,
            aws_access_key_id="-",
            aws_secret_access_key="-",  # noqa: S106 - not one
        ).meta
        endpoint = checked_base_url(meta.endpoint_url)
    except exceptions.BotoCoreError as error:
        raise BadConfig(f"The AWS settings of the target '{name}' can't be used: {_said(error)}") from error
    except ValueError as error:  # an address, by botocore's measure or by ours
        said = safe_text(error, width=_QUOTED).rstrip(".")
        raise BadConfig(f"The endpoint of the target '{name}' can't be used: {said}.") from error
    product_arn = config.product_arn
    if product_arn is None and config.account_id is not None:
        product_arn = default_product_arn(meta.partition, region, config.account_id)
    named = config.product_arn is not None
    return Place(region, meta.partition, endpoint, config.account_id, product_arn, has_own_product=named)


def default_product_arn(partition: str, region: str, account_id: str) -> str:
    """The product that every account has for findings of its own."""
    return f"arn:{partition}:securityhub:{region}:{account_id}:product/{account_id}/default"


class CredentialChain:
    """The credentials of a profile, or of the usual chain. Made, and asked, in a thread: it may wait for a network."""

    def __init__(self, name: str, profile: str | None, region: str | None) -> None:
        self._name = name
        self._profile = profile
        self._region = region
        self._found: Credentials | None = None
        self.fingerprint = ""
        """By which the ledger tells which credentials were in use; empty while there are none."""
        with suppress(TargetError):  # it is raised again, and told, when they are needed
            self.fingerprint = _fingerprint(self._load(), profile)

    @property
    def source(self) -> str:
        """Where they came from, for reading."""
        method = self._found.method if self._found else ""
        return _METHODS.get(method, method)

    def told(self) -> str:
        """Where they come from, and how the access key ends where it is one that stays: for reading.

        Raises `TargetDenied` when there are none, and `TargetUnavailable` when who gives them can't be asked.
        """
        found = self._load()
        if isinstance(found, RefreshableCredentials):
            return self.source
        return f"{self.source}, access key …{safe_text(found.access_key[-4:])}"

    def forget(self) -> None:
        """Look everything up anew next time: what was found is not good any more."""
        self._found = None

    def frozen(self) -> ReadOnlyCredentials:
        """Credentials that do not change while they are used, fresh ones where these have run out.

        Raises `TargetDenied` when there are none, and `TargetUnavailable` when who gives them can't be asked.
        """
        try:
            return self._load().get_frozen_credentials()
        except _ITS_ERRORS as error:
            raise self._explained(error) from None  # what it was reading may hold credentials

    def _load(self) -> Credentials:
        if self._found is None:
            try:
                session = _session(self._profile)
                # Who assumes a role asks STS in the region that we use.
                session.set_config_variable("region", self._region)
                self._found = session.get_credentials()
            except _ITS_ERRORS as error:
                raise self._explained(error) from None
        if self._found is None:
            raise self._explained(exceptions.NoCredentialsError())
        return self._found

    def _explained(self, error: Exception) -> TargetError:
        """Say in our words what botocore has against the settings."""
        begin = f"There are no AWS credentials for the target '{self._name}'"
        profile = f" --profile {self._profile}" if self._profile else ""
        if isinstance(error, exceptions.ConnectionError | exceptions.HTTPClientError):
            return TargetUnavailable(
                f"{begin}: who gives them can't be asked. {_said(error)}", hint="Check the network and the proxy."
            )
        match error:
            case exceptions.NoCredentialsError():
                hint = (
                    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile (AWS_PROFILE, or aws_profile in"
                    " the configuration), or give this machine a role."
                )
            case exceptions.PartialCredentialsError():
                hint = "Set both halves of the access key, or neither."
            case exceptions.ProfileNotFound():
                hint = "See those that there are: aws configure list-profiles"
            case exceptions.SSOError() | exceptions.TokenRetrievalError():
                hint = f"Run: aws sso login{profile}"
            case exceptions.LoginError():
                hint = f"Run: aws login{profile}"
            case _:
                hint = "Check what the AWS profile names."
        return TargetDenied(f"{begin}. {_said(error)}", hint=hint)


def _fingerprint(credentials: Credentials, profile: str | None) -> str:
    """Of keys that stay, the secret's; else of where they come from: those change by the hour."""
    if isinstance(credentials, RefreshableCredentials):
        return Secret(f"{credentials.method} {profile}").fingerprint()
    return Secret(credentials.secret_key).fingerprint()


def _said(error: Exception) -> str:
    """botocore's own sentence, fit to show."""
    return f"{safe_text(error, width=_QUOTED).rstrip('.')}."
