"""Text of OCSF data types is read for real, and a reason says what is wrong with it."""

from __future__ import annotations

import ipaddress
import uuid
from ipaddress import IPv4Address, IPv6Address
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.ocsf.values import PARSERS, email_fault, ip_fault, mac_fault, subnet_fault, uuid_fault

UUID: Final = "123e4567-e89b-12d3-a456-426614174000"
MAC: Final = "18:36:F3:98:4F:9A"

Address = IPv4Address | IPv6Address


def is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


@given(st.ip_addresses())
def test_every_address_is_sound_however_it_is_written(address: Address) -> None:
    assert ip_fault(str(address)) is None
    assert ip_fault(address.exploded.upper()) is None


@given(st.text("0123456789.", max_size=16) | st.from_regex(r"([0-9]{1,3}\.){3}[0-9]{1,3}", fullmatch=True))
def test_ipv4_is_what_the_standard_library_takes_for_it(text: str) -> None:
    assert (ip_fault(text) is None) == is_address(text)


@given(st.text("0123456789abcdefABCDEF:.", max_size=46))
def test_ipv6_is_what_the_standard_library_takes_for_it(text: str) -> None:
    assert (ip_fault(text) is None) == is_address(text)


@pytest.mark.parametrize("text", ["::", "::ffff:192.0.2.1", "fe80::1%eth0", "fe80::1%12", "FE80::1%br-lan.1"])
def test_an_ipv6_address_may_hold_an_ipv4_one_and_a_zone(text: str) -> None:
    assert ip_fault(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" 10.0.0.1", "white space"),
        ("10.0.0.1\n", "white space"),
        ("::1 ", "white space"),
        ("fe80::1%eth0 ", "white space"),
        ("10.0.0.1/24", "prefix length"),
        ("2001:db8::/32", "prefix length"),
        ("10.0.0.256", "four numbers"),
        ("10.0.0.01", "four numbers"),
        ("10.0.0", "four numbers"),
        ("167772161", "four numbers"),
        ("10a0b0c1", "four numbers"),
        ("10.0.0.٣", "four numbers"),
        ("10.0.0.1%eth0", "four numbers"),
        ("example.com/24", "four numbers"),
        ("10.0.0.1:80", "IPv6"),
        ("[::1]", "IPv6"),
        ("fe80::1%", "IPv6"),
        ("fe80::1%a%b", "IPv6"),
        ("fe80::1%a b", "IPv6"),
        ("fe80::1%a\x1b[2J", "IPv6"),
        (":" * 1_000_000, "IPv6"),
    ],
)
def test_what_is_no_address_gets_a_reason(text: str, reason: str) -> None:
    assert reason in (ip_fault(text) or "")


@given(st.ip_addresses(), st.data())
def test_every_network_is_a_subnet(address: Address, data: st.DataObject) -> None:
    length = data.draw(st.integers(0, address.max_prefixlen))
    network = ipaddress.ip_network(f"{address}/{length}", strict=False)
    assert subnet_fault(str(network)) is None
    with_host = f"{address}/{length}"
    assert (subnet_fault(with_host) is None) == (address == network.network_address)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("10.0.0.0", "no prefix length"),
        ("2001:db8::", "no prefix length"),
        ("10.0.0.1/24", "bits are set"),
        ("2001:db8::1/64", "bits are set"),
        ("10.0.0.0/33", "from 0 to 32"),
        ("2001:db8::/129", "from 0 to 128"),
        ("10.0.0.0/", "from 0 to 32"),
        ("10.0.0.0/08", "from 0 to 32"),
        ("10.0.0.0/+8", "from 0 to 32"),
        ("10.0.0.0/٨", "from 0 to 32"),
        ("10.0.0.0/255.0.0.0", "from 0 to 32"),
        ("10.0.0.0/8/8", "from 0 to 32"),
        ("10.0.0.0/" + "9" * 10_000, "from 0 to 32"),
        ("10.0.0.0/8 ", "white space"),
        (" 10.0.0.0/8", "white space"),
        ("10.0.0/8", "before the slash"),
        ("/8", "before the slash"),
    ],
)
def test_what_is_no_subnet_gets_a_reason(text: str, reason: str) -> None:
    assert reason in (subnet_fault(text) or "")


@given(st.lists(st.integers(0, 255), min_size=6, max_size=6), st.sampled_from(":-"), st.sampled_from(["02x", "02X"]))
def test_every_mac_address_is_sound(octets: list[int], separator: str, spelling: str) -> None:
    assert mac_fault(separator.join(format(octet, spelling) for octet in octets)) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (MAC + "\n", "white space"),
        ("18:36:F3-98:4F:9A", "both colons and hyphens"),
        ("18:36:F3:98:4F", "six pairs"),
        (MAC + ":00", "six pairs"),
        ("1836F3984F9A", "six pairs"),
        ("18:36:F3:98:4F:9G", "six pairs"),
        ("1836.F398.4F9A", "six pairs"),
    ],
)
def test_what_is_no_mac_address_gets_a_reason(text: str, reason: str) -> None:
    assert reason in (mac_fault(text) or "")


@given(st.uuids(allow_nil=True))
def test_every_uuid_is_sound_in_either_case(value: uuid.UUID) -> None:
    assert uuid_fault(str(value)) is None
    assert uuid_fault(str(value).upper()) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (UUID + "\n", "white space"),
        (UUID + "0", "hexadecimal"),
        ("0" + UUID, "hexadecimal"),
        (UUID[:-1], "hexadecimal"),
        (f"{{{UUID}}}", "hexadecimal"),
        (f"urn:uuid:{UUID}", "hexadecimal"),
        (UUID.replace("-", ""), "hexadecimal"),
        (UUID.replace("1", "١"), "hexadecimal"),
    ],
)
def test_what_is_no_uuid_gets_a_reason(text: str, reason: str) -> None:
    assert reason in (uuid_fault(text) or "")


@given(st.emails())
def test_every_ordinary_email_address_is_sound(text: str) -> None:
    assert email_fault(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "john_doe@example.com",
        "a.b+c/d=e@x-y.example",
        "root@localhost",
        "o'hara@1.example",
        '"two words"@example.com',
        '"a@b"@example.com',
        r'"quote \" and \\"@example.com',
        "a@[192.0.2.1]",
        "a@[IPv6:2001:db8::1]",
        "jörg@bücher.example",
        "用户@例子.广告",
        "अजय@डाटा.भारत",
        f"{'l' * 64}@{'d' * 63}.example",
        f"a@{'ü' * 40}.example",
        f"a@{'.'.join(['d' * 49] * 5)}.de",
    ],
)
def test_unusual_email_addresses_are_sound_too(text: str) -> None:
    assert email_fault(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("a@example.com ", "white space"),
        ("\ta@example.com", "white space"),
        ("example.com", "no @"),
        ("@example.com", "before the @"),
        ("a@", "after the @"),
        ("a@b@example.com", "more than one @"),
        ("a..b@example.com", "before the @"),
        (".a@example.com", "before the @"),
        ("a.@example.com", "before the @"),
        ("two words@example.com", "before the @"),
        ("two\u00a0words@example.com", "before the @"),
        ("a\x85b@example.com", "before the @"),
        ("Ann <a@example.com>", "before the @"),
        ('"a@example.com', "before the @"),
        ('"line\nbreak"@example.com', "before the @"),
        ("a@example..com", "domain"),
        ("a@example.com.", "domain"),
        ("a@-example.com", "domain"),
        ("a@example-.com", "domain"),
        ("a@exa_mple.com", "domain"),
        ("a@exa mple.com", "domain"),
        ("a@[192.0.2.256]", "square brackets"),
        ("a@[2001:db8::1]", "square brackets"),
        ("a@[IPv6:192.0.2.1]", "square brackets"),
        ("a@[IPv6:fe80::1%eth0]", "square brackets"),
        ("a@[]", "square brackets"),
        (f"{'l' * 65}@example.com", "64 bytes"),
        (f"{'ü' * 33}@example.com", "64 bytes"),
        (f"a@{'d' * 64}.example", "63 characters"),
        (f"a@{''.join(map(chr, range(0x4E00, 0x4E50, 2)))}.example", "63 characters"),
        (f"a@{'.'.join(['d' * 49] * 5)}.com", "254 bytes"),
        ("a@" + "ü." * 90 + "com", "254 bytes"),
    ],
)
def test_what_is_no_email_address_gets_a_reason(text: str, reason: str) -> None:
    assert reason in (email_fault(text) or "")


@pytest.mark.parametrize("name", PARSERS)
@given(text=st.text() | st.text('0123456789abcF:.-/%@"\\[] \n\ud800é', max_size=40))
def test_any_text_gets_an_answer_that_never_quotes_it(name: str, text: str) -> None:
    for one in (text, f"{text}‽"):
        reason = PARSERS[name].fault(one)
        assert reason is None or (reason and "‽" not in reason)
