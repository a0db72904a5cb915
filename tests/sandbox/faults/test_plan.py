"""Which requests a fault meets."""

from __future__ import annotations

from console.sandbox.faults.plan import Faults

ENDPOINTS = ("prowler.submit", "prowler.list")


def met(faults: Faults, count: int, endpoint: str = "prowler.list") -> list[int]:
    """The turns of so many requests that meet a fault, from 1."""
    return [turn for turn in range(1, count + 1) if faults.meeting(endpoint)]


def test_the_nth_request_is_counted_by_what_the_fault_is_meant_for() -> None:
    faults = Faults(ENDPOINTS)
    faults.add("expired,on=prowler.list,nth=2")

    assert met(faults, 3, "prowler.submit") == []
    assert met(faults, 4) == [2]


def test_a_range_of_turns_and_a_number_of_times() -> None:
    faults = Faults(ENDPOINTS)
    faults.add("expired,nth=3-,times=2")

    assert met(faults, 9) == [3, 4]


def test_the_same_seed_meets_the_same_requests() -> None:
    one, other, third = Faults(ENDPOINTS), Faults(ENDPOINTS), Faults(ENDPOINTS)
    one.add("expired,p=0.3,seed=11")
    other.add("expired,p=0.3,seed=11")
    third.add("expired,p=0.3,seed=12")

    first = met(one, 200)

    assert 30 < len(first) < 90
    assert met(other, 200) == first
    assert met(third, 200) != first


def test_what_is_never_and_what_is_always_likely() -> None:
    faults = Faults(ENDPOINTS)
    faults.add("expired,p=0")

    assert met(faults, 100) == []
    faults.add("expired,p=1")
    assert met(faults, 3) == [1, 2, 3]


def test_several_faults_meet_in_the_order_in_which_they_were_planned() -> None:
    faults = Faults(ENDPOINTS)
    faults.add("latency=1")
    number = faults.add("expired,nth=2-")
    faults.add("cut")

    assert [fault.kind for fault in faults.meeting("prowler.list")] == ["latency", "cut"]
    assert [fault.kind for fault in faults.meeting("prowler.list")] == ["latency", "expired", "cut"]
    assert faults.remove(number)
    assert not faults.remove(number)
    assert [fault.kind for fault in faults.meeting("prowler.list")] == ["latency", "cut"]
    faults.clear()
    assert faults.meeting("prowler.list") == []
