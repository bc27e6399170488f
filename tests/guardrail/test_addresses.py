"""Which URLs, hosts and addresses may be fetched from; see also tests/attacks/test_ssrf.py."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.addresses import RemoteRules, checked_url, is_allowed, readings
from guardrail.errors import ImageError

RULES = RemoteRules()
HTTP = RemoteRules(schemes=("https", "http"), ports=(80, 443, 8443))


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://example.com/a.png", "example.com", 443),
        ("HTTPS://Example.COM/a.png?x=1#y", "example.com", 443),
        ("https://example.com:443/", "example.com", 443),
        ("https://example.com:/", "example.com", 443),
        ("http://example.com/", "example.com", 80),
        ("https://example.com:8443/", "example.com", 8443),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443),
        ("https://1.1.1.1/a.png", "1.1.1.1", 443),
        ("https://[2606:4700:4700::1111]/", "2606:4700:4700::1111", 443),
        ("https://my_bucket.example.com/%2e%2e/a", "my_bucket.example.com", 443),
    ],
)
def test_a_plain_url_is_taken_apart_and_kept_as_it_is(url, host, port):
    target = checked_url(url, HTTP)

    assert (target.url, target.host, target.port) == (url, host, port)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://example.com/", "start with one of: https"),
        ("ftp://example.com/", "start with one of: https"),
        ("https://user:pass@example.com/", "credentials"),
        ("https://@example.com/", "credentials"),
        ("https://example.com:0/", "port 0"),
        ("https://example.com:80/", "port 80"),
        ("https://example.com:4_43/", "cannot be read"),
        ("https://example.com:65536/", "cannot be read"),
        ("https:///a.png", "malformed host"),
        ("https://example..com/", "malformed host"),
        ("https://example.0x1/", "malformed host"),
        ("https://" + "a" * 64 + ".com/", "malformed host"),
        ("https://[::1%25lo]/", "malformed IPv6"),
        ("https://exämple.com/", "percent-encoded"),
    ],
)
def test_what_breaks_a_rule_is_named_with_its_part(url, words):
    with pytest.raises(ImageError, match=words) as refused:
        checked_url(url, RULES, "/ref")

    assert refused.value.ref == "/ref"


PRIVATE = [
    "0.0.0.0", "10.255.255.255", "100.64.0.1", "100.100.100.200", "127.255.255.254", "168.63.129.16",
    "169.254.169.254", "172.16.0.1", "192.0.0.192", "192.88.99.1", "192.168.1.1", "198.19.255.255", "203.0.113.1",
    "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:8.8.8.8", "::8.8.8.8",
    "64:ff9b::a9fe:a9fe", "64:ff9b::7f00:1", "64:ff9b::a83f:8110", "64:ff9b:1::808:808", "100::1", "2001::1",
    "2001:db8::1", "2002:7f00:1::", "2002:a83f:8110::", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1",
    "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public_in_every_reading_is_refused(address):
    assert not is_allowed(ip_address(address), RULES)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "168.63.129.15", "2606:4700::1111", "2002:808:808::", "64:ff9b::808:808"],
)
def test_what_is_public_in_every_reading_is_allowed(address):
    assert is_allowed(ip_address(address), RULES)


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_judged_like_itself(inner):
    number = int(inner)
    public = is_allowed(inner, RULES)
    nat64 = IPv6Address((0x64FF9B << 96) | number)
    sixtofour = IPv6Address((0x2002 << 112) | (number << 80))

    assert inner in readings(nat64)
    assert inner in readings(sixtofour)
    assert is_allowed(nat64, RULES) == public
    assert is_allowed(sixtofour, RULES) == public
    assert not is_allowed(IPv6Address((0xFFFF << 32) | number), RULES)


def test_an_ipv4_address_has_one_reading():
    assert list(readings(IPv4Address("1.2.3.4"))) == [IPv4Address("1.2.3.4")]


@given(st.text(min_size=1, max_size=40))
def test_no_url_passes_with_a_host_that_holds_anything_odd(text):
    try:
        target = checked_url(f"https://{text}", RULES)
    except ImageError:
        return

    assert target.port == 443
    assert set(target.host) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_.:")
