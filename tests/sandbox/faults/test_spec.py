"""What can be asked for, and what is said of what can't."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.errors import BadInput
from console.sandbox.cisco_xdr import intake as cisco_xdr
from console.sandbox.faults.effects import _EFFECTS
from console.sandbox.faults.spec import Fault, FaultKind, parse_fault
from console.sandbox.prowler import endpoints as prowler
from console.sandbox.security_hub import endpoints as security_hub

ENDPOINTS = ("prowler.submit", "prowler.list", "cisco.token")


def parsed(text: str) -> Fault:
    return parse_fault(text, ENDPOINTS)


@pytest.mark.parametrize(
    ("text", "kind", "word", "number"),
    [
        ("latency=2", FaultKind.LATENCY, "", 2.0),
        ("latency=1500ms", FaultKind.LATENCY, "", 1.5),
        ("latency=0.5s", FaultKind.LATENCY, "", 0.5),
        ("status=503", FaultKind.STATUS, "", 503.0),
        ("html", FaultKind.HTML, "", 502.0),
        ("html=504", FaultKind.HTML, "", 504.0),
        ("reset", FaultKind.RESET, "after", None),
        ("reset=during", FaultKind.RESET, "during", None),
        ("no-reply", FaultKind.NO_REPLY, "hang", None),
        ("cut", FaultKind.CUT, "", None),
        ("cut=0", FaultKind.CUT, "", 0.0),
        ("drip", FaultKind.DRIP, "", 0.2),
        ("endless", FaultKind.ENDLESS, "", None),
        ("redirect=https://a.example/?x=1,y", FaultKind.REDIRECT, "https://a.example/?x=1,y", None),
        ("expired", FaultKind.EXPIRED, "", None),
        ("skew=-600", FaultKind.SKEW, "", -600.0),
        ("stuck=processing", FaultKind.STUCK, "processing", None),
        ("late=30s", FaultKind.LATE, "", 30.0),
        ("miscount", FaultKind.MISCOUNT, "", 1.0),
        ("miscount=-3", FaultKind.MISCOUNT, "", -3.0),
    ],
)
def test_each_kind_with_its_value(text: str, kind: FaultKind, word: str, number: float | None) -> None:
    fault = parsed(text)

    assert (fault.kind, fault.word, fault.number) == (kind, word, number)
    assert fault.on == "*"


def test_options_say_where_and_when() -> None:
    fault = parsed("status=429,on=prowler.*,nth=2-4,p=0.25,times=3,seed=7,retry-after=Wed, 21 Oct 2026 07:28:00 GMT")

    assert fault.meets("prowler.list")
    assert not fault.meets("cisco.token")
    assert (fault.first, fault.last, fault.probability, fault.times, fault.seed) == (2, 4, 0.25, 3, 7)
    assert fault.retry_after == "Wed, 21 Oct 2026 07:28:00 GMT"


@pytest.mark.parametrize(("nth", "first", "last"), [("3", 3, 3), ("3-5", 3, 5), ("3-", 3, 2**62)])
def test_a_turn_is_one_or_a_range(nth: str, first: int, last: int) -> None:
    fault = parsed(f"expired,nth={nth}")

    assert (fault.first, fault.last) == (first, last)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no fault ''"),
        ("sttus=503", "the nearest is 'status'"),
        ("status", "needs a number"),
        ("status=600", "no whole number from 400 to 599"),
        ("status=200", "no whole number from 400 to 599"),
        ("status=503.5", "no whole number"),
        ("latency=soon", "'soon' is no number"),
        ("latency=nan", "no number from 0"),
        ("latency=-1", "no number from 0"),
        ("latency=inf", "no number from 0"),
        ("reset=sometimes", "none of after, before, during"),
        ("endless=5", "takes no value"),
        ("redirect=", "needs an address"),
        ("redirect=javascript:alert(1)", "needs an address"),
        ("redirect=https://a.example/\nSet-Cookie: x", "needs an address"),
        ("status=503,on=prowler.sumbit", "the nearest is 'prowler.submit'"),
        ("status=503,on=hub.*", "no endpoint is called 'hub.*'"),
        ("status=503,nht=2", "takes no 'nht'; the nearest is 'nth'"),
        ("status=503,nth=0", "no count from 1 on"),
        ("status=503,nth=5-2", "ends before it begins"),
        ("status=503,nth=99999999999999999999", "no count from 1 on"),
        ("status=503,times=0", "no count from 1 on"),
        ("status=503,p=2", "no number from 0 to 1"),
        ("status=503,seed=1.5", "no whole number"),
        ("status=503,nth=1,nth=2", "stands in it twice"),
        ("latency=1,retry-after=5", "goes with 'status' only"),
        ("status=429,retry-after=5\r\nX: y", "what a header can hold"),
        ("latency=" + "9" * 3_000, "2,000 characters at most"),
    ],
)
def test_what_can_t_be_read_is_told(text: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        parsed(text)

    assert said in str(caught.value)


@given(st.text() | st.from_regex(r"[a-z-]{1,8}(=[0-9a-z.-]{0,6})?(,[a-z-]{1,6}(=.{0,6})?){0,3}"))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        fault = parsed(text)
    except BadInput:
        return
    assert fault.kind in FaultKind


def test_each_kind_has_an_effect_and_stands_in_the_documentation() -> None:
    documentation = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text()

    assert set(_EFFECTS) == set(FaultKind)
    for endpoint in (*prowler.ENDPOINTS, *cisco_xdr.ENDPOINTS, *security_hub.ENDPOINTS):
        assert f"`{endpoint.name}`" in documentation, endpoint
    for kind in FaultKind:
        assert f"| `{kind}" in documentation, kind
