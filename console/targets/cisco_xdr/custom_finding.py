"""The simplified finding: what `POST /api/v1/custom_detection_findings` takes, as pydantic models.

Source: the model pages of the "XDR Findings Container API" 1.0.0 (OpenAPI 3.1.0) on developer.cisco.com. No model takes
keys that it doesn't list. The end of the larger models can't be seen there; what is ours therefore:

- a finding may have `metadata`, since there is a model of it, and a network activity may have `dispositions`, since an
  email activity has;
- nothing is required but what the visible part requires, with `detection_findings` and its `finding_info`, which hold
  the one thing that is;
- a `uid` is no longer than one that can be asked for;
- a list may be null, as the visible ones may.

`console.targets.cisco_xdr.custom_rules` says in our words what breaks these models.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Final, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from console.convert import cisco_limits as limits
from console.convert.cisco_captions import (
    CONFIDENCES,
    DISPOSITIONS,
    EMAIL_ACTIVITIES,
    EMAIL_DIRECTIONS,
    FAMILIES,
    FILE_TYPES,
    HASH_ALGORITHMS,
    NETWORK_ACTIVITIES,
    NETWORK_DIRECTIONS,
    SEVERITIES,
)
from console.targets.cisco_xdr.links import LONGEST_UID
from console.targets.cisco_xdr.times import time_fault

NOT_LISTED: Final = "not_listed"
WRONG_FORMAT: Final = "wrong_format"
BAD_TIME: Final = "bad_time"
"""The types of the errors that are made here; the rest are pydantic's own."""

T = TypeVar("T", int, str)


def _one_of(values: Mapping[str, object] | tuple[T, ...]) -> AfterValidator:
    """Only one of *values*."""
    listed = ", ".join(map(str, values))

    def check(value: T) -> T:
        if value not in values:
            raise PydanticCustomError(NOT_LISTED, "It must be one of {listed}", {"listed": listed})
        return value

    return AfterValidator(check)


def _format(what: str, fits: Callable[[str], object]) -> AfterValidator:
    """Only what *fits* finds something in; *what* it is comes into the message."""

    def check(value: str) -> str:
        if not fits(value):
            raise PydanticCustomError(WRONG_FORMAT, "It must be {what}", {"what": what})
        return value

    return AfterValidator(check)


def _check_time(time: int) -> int:
    fault = time_fault(time)
    if fault is not None:
        raise PydanticCustomError(BAD_TIME, "It {fault}", {"fault": fault})
    return time


Time = Annotated[int, AfterValidator(_check_time)]
Count = Annotated[int, Field(ge=0, lt=2**63)]
Address = Annotated[str, Field(max_length=limits.ADDRESS), _format("an email address", limits.IS_ADDRESS.fullmatch)]
Hostname = Annotated[
    str, Field(max_length=limits.HOSTNAME), _format("a host name (RFC 1123)", limits.IS_HOSTNAME.fullmatch)
]
Ip = Annotated[str, _format("an IPv4 or IPv6 address", limits.is_ip)]
Mac = Annotated[str, _format("a MAC address such as 00:1a:2b:3c:4d:5e", limits.IS_MAC.fullmatch)]
Uri = Annotated[str, Field(max_length=limits.URI), _format("a URI", limits.IS_URI.fullmatch)]


class Model(BaseModel):
    """What all of them share: no key but their own, and no value of another type that could be read as the right.

    A default stands for what is absent, and need not fit; null is no way to leave something out.
    """

    model_config = ConfigDict(extra="forbid", strict=True)


class Tactic(Model):
    """A tactic of ATT&CK."""

    uid: Annotated[str, _one_of(limits.TACTICS)] | None


class Technique(Model):
    """A technique of ATT&CK."""

    uid: str | None


class Attack(Model):
    """What an attacker did."""

    tactic: Tactic | None = None
    technique: Technique | None = None


class FindingInfo(Model):
    """What was found."""

    types: Annotated[list[Annotated[str, _one_of(FAMILIES)]], Field(min_length=1, max_length=1)]
    title: Annotated[str, Field(min_length=1, max_length=limits.TITLE)] = ""
    desc: Annotated[str, Field(max_length=limits.DESCRIPTION)] = ""
    uid: Annotated[str, Field(max_length=LONGEST_UID)] = ""
    src_url: Uri = ""
    modified_time: Time = 0


class Metadata(Model):
    """What is said about the finding itself."""

    labels: list[Literal["regular-finding", "non-regular-finding", "intake-api-finding"]] | None = None


class DetectionFinding(Model):
    """The finding."""

    finding_info: FindingInfo
    attacks: list[Attack] | None = None
    severity: Annotated[str, _one_of(SEVERITIES)] = ""
    confidence: Annotated[str, _one_of(CONFIDENCES)] = ""
    time: Time = 0
    metadata: Metadata = Field(default=Metadata())


class Disposition(Model):
    """What was done about an activity. The statuses that are taken are not published: any short text is."""

    disposition: Annotated[str, _one_of(DISPOSITIONS)] = ""
    disposition_status: Annotated[str, Field(max_length=limits.DISPOSITION_STATUS)] = ""


class Fingerprint(Model):
    """The hash of a file."""

    value: Annotated[str, Field(min_length=1, max_length=limits.HASH)]
    algorithm: Annotated[str, _one_of(HASH_ALGORITHMS)] = ""


class File(Model):
    """A file that came with an email."""

    name: Annotated[str, Field(min_length=1, max_length=limits.FILE_NAME)] = ""
    size: Annotated[int, Field(ge=0, le=limits.FILE_BYTES)] = 0
    type: Annotated[str, _one_of(FILE_TYPES)] = ""
    hashes: Annotated[list[Fingerprint], Field(max_length=limits.MOST_HASHES)] | None = None


class Email(Model):
    """An email."""

    from_list: list[Address] | None = None
    to: list[Address] | None = None
    cc: Annotated[list[Address], Field(max_length=limits.MOST_ADDRESSES)] | None = None
    delivered_to_list: Annotated[list[Address], Field(max_length=limits.MOST_ADDRESSES)] | None = None
    files: list[File] | None = None
    message_uid: str = ""


class EmailActivity(Model):
    """Something that an email went through."""

    activity_name: Annotated[str, _one_of(EMAIL_ACTIVITIES)] = ""
    direction: Annotated[str, _one_of(EMAIL_DIRECTIONS)] = ""
    dispositions: list[Disposition] | None = None
    email: Email = Field(default=Email())
    time: Time = 0


class User(Model):
    """A user."""

    email_addr: str | None = None
    name: str = ""


class Actor(Model):
    """Who caused an activity."""

    user: User = Field(default=User())


class ConnectionInfo(Model):
    """The connection of a network activity."""

    direction: Annotated[str, _one_of(NETWORK_DIRECTIONS)] = ""
    protocol_num: Annotated[int, _one_of(limits.PROTOCOLS)] = 0
    protocol_ver_id: Annotated[int, _one_of(limits.IP_VERSIONS)] = 0


class ProxyEndpoint(Model):
    """The proxy that an endpoint is behind."""

    ip: Ip | None = None


class Endpoint(Model):
    """One end of a connection."""

    hostname: Hostname = ""
    ip: Ip | None = None
    mac: Mac = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 0
    proxy_endpoint: ProxyEndpoint = Field(default=ProxyEndpoint())


class Traffic(Model):
    """How much went over a connection."""

    bytes_in: Count = 0
    bytes_out: Count = 0
    packets_in: Count = 0
    packets_out: Count = 0


class NetworkActivity(Model):
    """Something that happened on the network."""

    activity_name: Annotated[str, _one_of(NETWORK_ACTIVITIES)] = ""
    actor: Actor = Field(default=Actor())
    connection_info: ConnectionInfo = Field(default=ConnectionInfo())
    dispositions: list[Disposition] | None = None
    src_endpoint: Endpoint = Field(default=Endpoint())
    dst_endpoint: Endpoint = Field(default=Endpoint())
    traffic: Traffic = Field(default=Traffic())
    time: Time = 0


class CustomFinding(Model):
    """A simplified finding with its activities: one request."""

    detection_findings: DetectionFinding
    email_activity: list[EmailActivity] | None = None
    network_activity: list[NetworkActivity] | None = None
