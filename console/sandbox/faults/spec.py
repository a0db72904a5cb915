"""How a fault is asked for: `KIND[=VALUE][,OPTION=VALUE]…`, as in `status=503,on=prowler.submit,nth=2`.

A value may hold commas: only one that is followed by a name and `=` begins the next option.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final

from console.errors import BadInput

EVERYWHERE: Final = "*"
_HINT: Final = "An example: status=503,on=prowler.submit,nth=2. docs/sandbox.md lists them all."
_NEXT_OPTION: Final = re.compile(r",(?=[a-z-]+=)")
_LONGEST: Final = 2_000
_LAST: Final = 2**62
_DAY: Final = 86_400.0


class FaultKind(StrEnum):
    """What goes wrong. The text after each is the value that it takes."""

    LATENCY = "latency"
    """SECONDS before the request is looked at."""
    STATUS = "status"
    """CODE: refused with it, in the service's own words. `retry-after` goes with it."""
    HTML = "html"
    """CODE (502): the page of a gateway before the service, which does not get the request."""
    RESET = "reset"
    """`before`, `during` or `after` the body (`after`): the connection is reset, and the service gets nothing."""
    NO_REPLY = "no-reply"
    """`hang` or `reset` (`hang`): the request is obeyed, and no answer comes."""
    CUT = "cut"
    """BYTES (half): the answer's body ends there, and the connection with it."""
    DRIP = "drip"
    """SECONDS (0.2) for each byte of the answer, from its first line on."""
    ENDLESS = "endless"
    """The body of the answer never ends."""
    REDIRECT = "redirect"
    """URL: sent elsewhere, with a 307."""
    EXPIRED = "expired"
    """The credential is said to have expired."""
    SKEW = "skew"
    """SECONDS that the service's clock is ahead of this machine's; negative for behind."""
    STUCK = "stuck"
    """`pending` or `processing` (`pending`): the job that the request opens stays so."""
    LATE = "late"
    """SECONDS for which the job that the request opens is in no list."""
    MISCOUNT = "miscount"
    """NUMBER (1) that is added to a counter of the answer."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that shall go wrong, and when."""

    kind: FaultKind
    text: str
    """As it was asked for."""
    word: str = ""
    """The value, of the kinds that take a word or an address."""
    number: float | None = None
    """The value, of the kinds that take a number. None for what the kind makes of it."""
    retry_after: str | None = None
    on: str = EVERYWHERE
    """Which endpoints it meets: a name, or a pattern such as `prowler.*`."""
    first: int = 1
    """The first of the requests that come to these endpoints that it meets, counted from 1."""
    last: int = _LAST
    """The last of them."""
    probability: float = 1.0
    """How likely it is to meet one of these."""
    times: int = _LAST
    """How often it does at most."""
    seed: int | None = None
    """What its chances are drawn from; None for another one each time."""

    def meets(self, endpoint: str) -> bool:
        """Whether it is meant for this endpoint."""
        return fnmatchcase(endpoint, self.on)


def parse_fault(text: str, endpoints: Collection[str] | None) -> Fault:
    """Read what is asked for. *endpoints* are the names that there are; None where that is not known yet.

    Raises `BadInput` with what is wrong in it, and the nearest that would be right.
    """
    if len(text) > _LONGEST:
        raise BadInput(f"A fault is described in {_LONGEST:,} characters at most.", hint=_HINT)
    head, *rest = _NEXT_OPTION.split(text.strip())
    name, given, value = head.partition("=")
    kind = _kind(name)
    options: dict[str, str] = {}
    for option in rest:
        key, _, wanted = option.partition("=")
        if key in options:
            raise _wrong(text, f"'{key}' stands in it twice")
        options[key] = wanted
    try:
        word, number = _VALUES[kind](value if given else None)
        return _with_options(Fault(kind, text.strip(), word, number), options, endpoints)
    except ValueError as error:
        raise _wrong(text, str(error)) from error


def _wrong(text: str, why: str) -> BadInput:
    return BadInput(f"The fault '{text[:200]}' can't be read: {why}.", hint=_HINT)


def _kind(name: str) -> FaultKind:
    try:
        return FaultKind(name)
    except ValueError:
        message = f"There is no fault '{name[:60]}'{_nearest(name, list(FaultKind))}."
        raise BadInput(message, hint=f"There are {', '.join(FaultKind)}.") from None


def _nearest(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; the nearest is '{near[0]}'" if near else ""


Reading = tuple[str, float | None]
"""A value as a word, and as a number."""


def _number(
    default: float | None, least: float, most: float, *, whole: bool = False
) -> Callable[[str | None], Reading]:
    """Reads numbers of that range; without a *default* and without a value there is none."""

    def read(value: str | None) -> Reading:
        if value is None:
            if default is None:
                raise ValueError("it needs a number")
            return "", default
        found = _seconds(value)
        if not least <= found <= most or (whole and found != int(found)):
            kind = "whole number" if whole else "number"
            raise ValueError(f"'{value[:40]}' is no {kind} from {least:,.0f} to {most:,.0f}")
        return "", found

    return read


def _seconds(value: str) -> float:
    """A number, which may have the unit of a time behind it."""
    text, factor = value.strip(), 1.0
    for unit, size in (("ms", 0.001), ("s", 1.0)):
        if text.endswith(unit):
            text, factor = text.removesuffix(unit), size
            break
    try:
        return float(text) * factor
    except ValueError:
        raise ValueError(f"'{value[:40]}' is no number") from None


def _choice(*words: str) -> Callable[[str | None], Reading]:
    """Reads one of these words; the first where none is given."""

    def read(value: str | None) -> Reading:
        chosen = words[0] if value is None else value
        if chosen not in words:
            raise ValueError(f"'{chosen[:40]}' is none of {', '.join(words)}")
        return chosen, None

    return read


def _cut(value: str | None) -> Reading:
    return ("", None) if value is None else _number(None, 0, 2**40, whole=True)(value)


def _address(value: str | None) -> Reading:
    if (
        not value
        or not value.startswith(("http://", "https://", "/"))
        or not value.isascii()
        or not value.isprintable()
    ):
        raise ValueError("it needs an address to send the client to, such as https://other.example/")
    return value, None


def _nothing(value: str | None) -> Reading:
    if value is not None:
        raise ValueError("it takes no value")
    return "", None


_VALUES: Final[Mapping[FaultKind, Callable[[str | None], Reading]]] = {
    FaultKind.LATENCY: _number(None, 0, _DAY),
    FaultKind.STATUS: _number(None, 400, 599, whole=True),
    FaultKind.HTML: _number(502, 400, 599, whole=True),
    FaultKind.RESET: _choice("after", "before", "during"),
    FaultKind.NO_REPLY: _choice("hang", "reset"),
    FaultKind.CUT: _cut,
    FaultKind.DRIP: _number(0.2, 0, 3_600),
    FaultKind.ENDLESS: _nothing,
    FaultKind.REDIRECT: _address,
    FaultKind.EXPIRED: _nothing,
    FaultKind.SKEW: _number(None, -3650 * _DAY, 3650 * _DAY),
    FaultKind.STUCK: _choice("pending", "processing"),
    FaultKind.LATE: _number(None, 0, 3650 * _DAY),
    FaultKind.MISCOUNT: _number(1, -1e9, 1e9, whole=True),
}


def _with_options(fault: Fault, options: Mapping[str, str], endpoints: Collection[str] | None) -> Fault:
    """The fault with what else was said of it. Raises `ValueError`."""
    known = ("on", "nth", "p", "times", "seed", "retry-after")
    for key in options:
        if key not in known:
            raise ValueError(f"it takes no '{key[:40]}'{_nearest(key, known)}")
    if "retry-after" in options and fault.kind is not FaultKind.STATUS:
        raise ValueError("'retry-after' goes with 'status' only")
    first, last = _range(options["nth"]) if "nth" in options else (1, _LAST)
    return Fault(
        fault.kind,
        fault.text,
        fault.word,
        fault.number,
        retry_after=_header(options.get("retry-after")),
        on=_pattern(options.get("on", EVERYWHERE), endpoints),
        first=first,
        last=last,
        probability=_number(None, 0, 1)(options["p"])[1] or 0.0 if "p" in options else 1.0,
        times=_count(options["times"]) if "times" in options else _LAST,
        seed=int(_number(None, 0, 2**53, whole=True)(options["seed"])[1] or 0) if "seed" in options else None,
    )


def _header(value: str | None) -> str | None:
    if value is not None and not (value.isascii() and value.isprintable()):
        raise ValueError("'retry-after' is what a header can hold: visible ASCII")
    return value


def _pattern(value: str, endpoints: Collection[str] | None) -> str:
    if endpoints is not None and not any(fnmatchcase(name, value) for name in endpoints):
        raise ValueError(f"no endpoint is called '{value[:60]}'{_nearest(value, endpoints)}")
    return value


def _range(value: str) -> tuple[int, int]:
    """`3`, `3-5` or `3-`."""
    low, dash, high = value.partition("-")
    first = _count(low)
    last = first if not dash else _count(high) if high else _LAST
    if last < first:
        raise ValueError(f"'{value[:40]}' ends before it begins")
    return first, last


def _count(value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 18 or int(value) < 1:
        raise ValueError(f"'{value[:40]}' is no count from 1 on")
    return int(value)
