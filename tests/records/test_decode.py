"""One record's bytes become its value, or a sentence that says why not."""

from __future__ import annotations

import json
import math
import re
import time
import tracemalloc
from itertools import accumulate

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from console.limits import Limits
from console.records import decode as decoding
from console.records.decode import BadRecord, decode
from console.records.model import Span
from tests.records.support import findings


def _refusal(raw: bytes, limits: Limits | None = None) -> BadRecord:
    with pytest.raises(BadRecord) as caught:
        decode(raw, limits or Limits())
    return caught.value


@given(findings)
def test_an_object_is_decoded_as_the_standard_library_does(value: dict[str, object]) -> None:
    for raw in (json.dumps(value).encode(), json.dumps(value, ensure_ascii=False, indent=1).encode()):
        assert decode(raw) == value


@given(st.binary(max_size=40) | st.text(st.sampled_from('{}[]":,\\u d8en1-.0'), max_size=40).map(str.encode))
def test_any_bytes_give_an_object_or_a_refusal(raw: bytes) -> None:
    refused = None
    try:
        value = decode(raw)
    except BadRecord as error:
        refused = error
    else:
        assert json.loads(raw) == value
    assert refused is None or refused.offset is None or 0 <= refused.offset <= len(raw)


@pytest.mark.parametrize(
    ("raw", "code", "offset"),
    [
        (b"", "not_json", 0),
        (b'{"a":1,}', "not_json", 7),
        (b'{"a":1}x', "not_json", 8),
        (b'{"a":', "not_json", 5),
        (b'{"a":"x\ny"}', "not_json", 7),
        (b'{"a":01}', "not_json", 6),
        (b"[{}]", "not_an_object", 0),
        (b"null", "not_an_object", 0),
        (b'{"a":"\xff"}', "invalid_utf8", 6),
        (b'{"caf\xe9":1}', "invalid_utf8", 5),
        (b'{"a":"\xed\xa0\x80"}', "invalid_utf8", 6),
        (b'{"a":"\xc0\xaf"}', "invalid_utf8", 6),
        (b'{"a":"\\ud800"}', "lone_surrogate", 6),
        (b'{"a":"\\udc00 "}', "lone_surrogate", 6),
        (b'{"\\ud83d\\ude00\\ud83d":1}', "lone_surrogate", 14),
        (b'{"a":"\\\\ud800","b":"\\uD800x"}', "lone_surrogate", 20),
        (b'{"a":NaN}', "not_finite", 5),
        (b'{"a":-Infinity}', "not_finite", 6),
        (b'{"a":1e999}', "number_out_of_range", None),
        (b'{"a":' + b"9" * 401 + b"}", "too_many_digits", None),
        (b'{"a":0.' + b"1" * 200 + b"e" + b"1" * 201 + b"}", "too_many_digits", None),
        (b'{"a":' + b"9" * 5000 + b"}", "too_many_digits", None),
        (b'{"a":' + b"[" * 64 + b"]" * 64 + b"}", "too_deep", None),
    ],
)
def test_a_bad_record_is_refused_with_its_place(raw: bytes, code: str, offset: int | None) -> None:
    error = _refusal(raw)
    assert (error.code, error.offset) == (code, offset)


def test_messages_name_the_limit() -> None:
    limits = Limits(record_bytes=50, depth=3, digits=5)
    assert _refusal(b'{"a":"%s"}' % (b"x" * 50), limits).message == (
        "The record has 58 bytes; the limit for one record is 50 bytes."
    )
    assert _refusal(b'{"a":[[[]]]}', limits).message == "The record is nested too deep: the limit is 3 levels."
    assert _refusal(b'{"a":123456}', limits).message == ("A number in the record has 6 digits; the limit is 5 digits.")


def test_integers_of_any_size_are_exact() -> None:
    for number in (2**53 + 1, 2**63, 2**64, -(2**63) - 1, 10**399 + 1):
        assert decode(b'{"a":%d}' % number) == {"a": number}


def test_brackets_and_digits_in_strings_do_not_count() -> None:
    text = "[{" * 500 + '\\"' + "7" * 5000 + "\\" * 3
    value = {"a": text, "b": [[]] * 100, "c": {text: "\\"}}
    assert decode(json.dumps(value).encode()) == value


def test_the_deepest_allowed_record_is_decoded() -> None:
    assert decode(b'{"a":' + b"[" * 63 + b"]" * 63 + b"}")


def test_without_our_limits_the_decoder_still_refuses_and_does_not_crash() -> None:
    limits = Limits(depth=10**7, digits=10**7)
    assert _refusal(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", limits).code == "too_deep"
    assert _refusal(b'{"a":' + b"9" * 100_000 + b"}", limits).code == "number_out_of_range"


def test_hostile_depth_is_refused_at_once() -> None:
    began = time.perf_counter()
    assert _refusal(b'{"a":' + b"[" * 1_000_000).code == "too_deep"
    assert _refusal(b'{"a":"' + b'\\"' * 1_000_000 + b'"' + b"[" * 100).code == "too_deep"
    assert time.perf_counter() - began < 2


def _over_a_limit(raw: bytes, limits: Limits) -> str | None:
    """Which limit *raw* is over, by looking at all of it at once."""
    outside = re.sub(rb'"[^"]*"', b"", raw.replace(b"\\\\", b"").replace(b'\\"', b""))
    if max(accumulate((b in b"{[") - (b in b"}]") for b in outside), default=0) > limits.depth:
        return "too_deep"
    numbers = re.findall(rb"[0-9][0-9.eE+-]*", outside)
    return "too_many_digits" if any(len(re.findall(rb"[0-9]", one)) > limits.digits for one in numbers) else None


@given(
    st.text(st.sampled_from('{}[]{["\\\\ ,.e-05'), max_size=60).map(str.encode) | st.binary(max_size=20),
    st.integers(1, 9),
)
@example(b'{"a":"\\\\","b":[[[]]]}', 7)
@example(b'{"[[[', 4)
@example(b'{"a":12345.6}', 8)
@example(b'12"5"3"4567', 3)
def test_depth_and_digits_are_counted_alike_however_a_record_is_cut(raw: bytes, piece_bytes: int) -> None:
    limits = Limits(depth=2, digits=5)
    over = None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "_PIECE_BYTES", piece_bytes)
        try:
            decode(raw, limits)
        except BadRecord as error:
            over = error.code if error.code in ("too_deep", "too_many_digits") else None
    assert over == _over_a_limit(raw, limits)


@pytest.mark.parametrize(
    ("end", "code"), [(b"[" * 64, "too_deep"), (b"7" * 401, "too_many_digits")], ids=["depth", "digits"]
)
def test_a_record_full_of_strings_is_refused_in_little_memory(end: bytes, code: str) -> None:
    raw = b'{"m":[' + b'{"k":"v","t":["a","b"]},' * 100_000 + end
    tracemalloc.start()
    try:
        assert _refusal(raw).code == code
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < len(raw) + 4 * 1024**2


def test_minus_zero_and_tiny_numbers_are_numbers() -> None:
    value = decode(b'{"a":-0,"b":1e-999}')
    assert value == {"a": 0, "b": 0.0}
    assert isinstance(value["b"], float)
    assert math.isfinite(value["b"])


def test_a_refusal_becomes_a_fault_at_the_records_place() -> None:
    fault = _refusal(b'{"a":}').fault(Span(7, 1000, 6, 33))
    assert (fault.code, fault.index, fault.offset, fault.line) == ("not_json", 7, 1000, 33)
    assert fault.message == "The record is not JSON at byte 5 of it: invalid character."
