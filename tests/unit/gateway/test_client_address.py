"""The client's address in all the ways proxies write it, behind chains of them, and against those who forge it."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.config import SettingError
from shared.http.client_address import Peers, Proxies, parse_address
from shared.network_addresses import sender_of

pytestmark = pytest.mark.unit

FRONT = "127.0.0.1"
V4 = st.ip_addresses(v=4).filter(lambda a: a not in ipaddress.ip_network("10.0.0.0/8") and str(a) != FRONT)
V6 = st.ip_addresses(v=6).filter(lambda a: a not in ipaddress.ip_network("fd00::/8") and a.ipv4_mapped is None)
ADDRESSES = st.one_of(V4, V6)
TRUSTED = "10.0.0.0/8 fd00::/8"
PORTS = st.one_of(st.just(""), st.integers(0, 65_535).map(lambda port: f":{port}"), st.just(":_hidden"))
HIDDEN = st.sampled_from(
    ["unknown", "_gazonk", "unknown:80", "_SEVKISEK:_x", "", "-", "999.1.1.1", "[2001:db8::1", "gw"]
)


@st.composite
def spelled(draw: st.DrawFn, addresses: st.SearchStrategy[Any] = ADDRESSES) -> tuple[str, str]:
    """An address in its one form, and as a proxy might write it."""
    address = draw(addresses)
    port = draw(PORTS)
    if address.version == 4:
        return str(address), draw(
            st.sampled_from([f"{address}{port}", f"[::ffff:{address}]{port}", f"::ffff:{address}"])
        )
    text = draw(st.sampled_from([str(address), address.exploded, str(address).upper()]))
    zone = draw(st.sampled_from(["", "%eth0", "%25en1"]))
    return str(address), draw(st.sampled_from([f"[{text}{zone}]{port}", f"{text}{zone}"]))


def quoted(draw: st.DrawFn, node: str) -> str:
    return f'"{node}"' if ":" in node or "[" in node or draw(st.booleans()) else node


def seen(peer: str, proxies: Proxies, **headers: str) -> str:
    environ = {"REMOTE_ADDR": peer} | {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    return proxies.client(environ)


BEHIND = Proxies(front=FRONT, trusted=TRUSTED)


@given(spelled())
def test_an_address_has_one_form_however_it_is_written(written: tuple[str, str]) -> None:
    address, text = written
    assert str(parse_address(text)) == address
    assert seen("10.0.0.1", BEHIND, x_forwarded_for=f" {text} ") == address
    assert seen("127.0.0.1", BEHIND, x_real_ip=text) == address


@given(spelled(), st.data())
def test_forwarded_is_read_in_every_spelling_of_the_standard(written: tuple[str, str], data: st.DataObject) -> None:
    address, text = written
    node = quoted(data.draw, text)
    name = data.draw(st.sampled_from(["for", "For", "FOR"]))
    element = data.draw(
        st.sampled_from(
            [f"{name}={node}", f"{name}={node};proto=http;by=203.0.113.43", f'by="_a, b;c" ; {name}={node}']
        )
    )
    assert seen("10.0.0.1", BEHIND, forwarded=element) == address


@given(
    spelled(),
    st.lists(st.one_of(spelled().map(lambda pair: pair[1]), HIDDEN), max_size=4),
    st.integers(0, 4),
    st.data(),
)
def test_a_chain_is_followed_through_trusted_hops_and_no_further(
    written: tuple[str, str], forged: list[str], hops: int, data: st.DataObject
) -> None:
    """Whatever stands left of the first hop that nobody vouches for was written by the client."""
    address, text = written
    trusted = [
        data.draw(st.sampled_from(["10.1.2.3", "10.9.9.9:443", "[fd00::7]:8080", "::ffff:10.4.4.4"]))
        for _ in range(hops)
    ]
    comma = data.draw(st.sampled_from([",", ", ", " ,\t"]))  # also how a server joins several lines
    assert seen("10.0.0.1", BEHIND, x_forwarded_for=comma.join([*forged, text, *trusted])) == address
    elements = comma.join(f"for={quoted(data.draw, node)}" for node in [*forged, text, *trusted])
    assert seen("10.0.0.1", BEHIND, forwarded=elements) == address
    assert seen("127.0.0.1", BEHIND, x_real_ip="fd00::1", forwarded=elements) == address


@given(HIDDEN, st.integers(0, 3))
def test_who_hides_his_address_counts_as_the_last_hop_that_tells_one(hidden: str, hops: int) -> None:
    chain = ", ".join([hidden, *["10.7.7.7"] * hops])
    expected = "10.7.7.7" if hops else "10.0.0.1"
    assert seen("10.0.0.1", BEHIND, x_forwarded_for=chain) == expected
    assert seen("10.0.0.1", BEHIND, forwarded=", ".join(f"for={node}" for node in chain.split(", "))) == expected


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=60))
def test_no_header_at_all_makes_an_address_that_is_none(common: str, standard: str, real: str) -> None:
    for peer in ("10.0.0.1", "127.0.0.1", "2001:db8::1"):
        address = seen(peer, BEHIND, x_forwarded_for=common, forwarded=standard, x_real_ip=real)
        assert str(ipaddress.ip_address(address)) == address
        assert sender_of(address)


@given(spelled(), ADDRESSES)
def test_what_a_sender_writes_whom_nobody_trusts_is_ignored(written: tuple[str, str], peer: Any) -> None:
    headers = {"x_forwarded_for": written[1], "forwarded": f'for="{written[1]}"', "x_real_ip": written[1]}
    assert seen(str(peer), BEHIND, **headers) == str(peer)
    assert seen(str(peer), Proxies(), **headers) == str(peer)
    # Past our own proxy, too: what stood at its door is not trusted.
    assert seen("127.0.0.1", BEHIND, **headers | {"x_real_ip": str(peer)}) == str(peer)


def test_an_opened_quote_hides_no_later_hop() -> None:
    forged = 'for="1.1.1.1, for=2.2.2.2;by="x'
    assert seen("10.0.0.1", BEHIND, forwarded=f"{forged}, for=5.6.7.8") == "5.6.7.8"


def test_a_proxy_that_writes_one_header_passes_the_other_on_unread() -> None:
    both = {"x_forwarded_for": "198.51.100.7", "forwarded": "for=203.0.113.9"}
    told = {
        header: seen("10.0.0.1", Proxies(trusted=TRUSTED, header=header), **both)
        for header in ("", "x-forwarded-for", "Forwarded")
    }
    assert told == {"": "198.51.100.7", "x-forwarded-for": "198.51.100.7", "Forwarded": "203.0.113.9"}
    only = Proxies(trusted=TRUSTED, header="x-forwarded-for")
    assert seen("10.0.0.1", only, forwarded="for=203.0.113.9") == "10.0.0.1"


def test_an_ipv6_client_is_one_sender_whatever_address_of_his_network_he_takes() -> None:
    told = {seen("10.0.0.1", BEHIND, x_forwarded_for=f"[2001:db8:1:2::{n:x}]:{4000 + n}") for n in range(1, 9)}
    assert len(told) == 8
    assert {sender_of(address) for address in told} == {"2001:db8:1:2::/64"}


def test_the_proxy_in_front_may_be_known_by_its_name() -> None:
    asked = []

    def resolve(name: str, _port: None) -> list[Any]:
        asked.append(name)
        if name == "nobody":
            raise OSError
        return [(0, 0, 0, "", ("172.18.0.5", 0)), (0, 0, 0, "", ("fd01::5%eth0", 0, 0, 0))]

    peers = Peers("nobody proxy", names=True, resolve=resolve)
    assert peers.has(ipaddress.ip_address("172.18.0.5"))
    assert peers.has(ipaddress.ip_address("fd01::5"))
    assert not peers.has(ipaddress.ip_address("172.18.0.6"))
    assert asked == ["nobody", "proxy"], "what a name means is kept for some seconds"


@pytest.mark.parametrize(
    "told", [{"trusted": "10.0.0.0/33"}, {"trusted": "proxy"}, {"trusted": "10.0.0.1,10.0.0.2"}, {"header": "via"}]
)
def test_a_setting_that_names_nobody_is_refused_at_start(told: dict[str, str]) -> None:
    with pytest.raises(SettingError):
        Proxies(**told)
