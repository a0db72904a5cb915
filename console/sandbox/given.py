"""Credentials that a sandbox is given, instead of random ones: in the shape of the line that one prints."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

import msgspec

from console.credentials import Secret, checked_secret
from console.errors import BadInput
from console.sandbox.settings import Settings

MAX_BYTES: Final = 64 * 1024
"""Bytes of such a document, at most."""
_HINT: Final = "It is a JSON object as the sandbox prints it; what it leaves out is made anew."
_WORD: Final = re.compile(r"[!-~]{1,200}")
_ACCOUNT: Final = re.compile(r"[0-9]{12}")


class _Prowler(msgspec.Struct):
    api_key: Secret | None = None
    api_key_without_permission: Secret | None = None


class _CiscoXdr(msgspec.Struct):
    client_id: str | None = None
    client_secret: Secret | None = None
    module_instance_id: str | None = None


class _SecurityHub(msgspec.Struct):
    region: str | None = None
    account_id: str | None = None
    access_key_id: str | None = None
    secret_access_key: Secret | None = None


class _Given(msgspec.Struct):
    prowler: _Prowler = msgspec.field(default_factory=_Prowler)
    cisco_xdr: _CiscoXdr = msgspec.field(default_factory=_CiscoXdr)
    security_hub: _SecurityHub = msgspec.field(default_factory=_SecurityHub)


def with_credentials(settings: Settings, document: bytes) -> Settings:
    """The settings with the credentials that the document holds. Raises `BadInput`, which never shows one of them."""
    given = _read(document)
    prowler, cisco, hub = settings.prowler, settings.cisco_xdr, settings.security_hub
    return replace(
        settings,
        prowler=replace(
            prowler,
            api_key=_secret(given.prowler.api_key, "Prowler API key") or prowler.api_key,
            api_key_without_permission=_secret(given.prowler.api_key_without_permission, "second Prowler API key")
            or prowler.api_key_without_permission,
        ),
        cisco_xdr=replace(
            cisco,
            client_id=_word(given.cisco_xdr.client_id, "client_id") or cisco.client_id,
            client_secret=_secret(given.cisco_xdr.client_secret, "Cisco XDR client secret") or cisco.client_secret,
            module_instance_id=_word(given.cisco_xdr.module_instance_id, "module_instance_id")
            or cisco.module_instance_id,
        ),
        security_hub=replace(
            hub,
            region=_word(given.security_hub.region, "region") or hub.region,
            account_id=_account(given.security_hub.account_id) or hub.account_id,
            access_key_id=_word(given.security_hub.access_key_id, "access_key_id") or hub.access_key_id,
            secret_access_key=_secret(given.security_hub.secret_access_key, "AWS secret access key")
            or hub.secret_access_key,
        ),
    )


def _read(document: bytes) -> _Given:
    if len(document) > MAX_BYTES:
        raise BadInput("The credentials can't be used: there is too much of them.", hint=_HINT)
    try:
        return msgspec.json.decode(document, type=_Given, dec_hook=_as_secret)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"The credentials can't be used: {error}.", hint=_HINT) from error


def _as_secret(kind: type, value: object) -> Secret:
    if kind is not Secret or not isinstance(value, str):
        raise ValueError("a secret is a text")
    return Secret(value)


def _secret(secret: Secret | None, label: str) -> Secret | None:
    return None if secret is None else checked_secret(secret, label)


def _word(text: str | None, name: str) -> str | None:
    if text is not None and not _WORD.fullmatch(text):
        raise BadInput(f"The {name} that was given is no word of visible ASCII.", hint=_HINT)
    return text


def _account(text: str | None) -> str | None:
    if text is not None and not _ACCOUNT.fullmatch(text):
        raise BadInput("The account_id that was given is not made of 12 digits.", hint=_HINT)
    return text
