"""Whose request it is: the client's network address, from the connection and from what trusted proxies write.

The proxy in front (deploy/haproxy) tells who stands at its door in `X-Real-IP`. Where that is a further proxy that
is trusted, its `X-Forwarded-For` or `Forwarded` (RFC 7239) is read from the right, up to the first hop that nobody
vouches for. What anybody else writes into these headers is ignored. An address has one form: no port, no brackets,
no zone, and IPv4 in IPv6 is IPv4.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from shared.config import SettingError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

NAMES_KEPT_SECONDS: Final = 5.0
NAME: Final = re.compile(r"[A-Za-z0-9_.-]+")
HEADERS: Final = ("x-forwarded-for", "forwarded")


def parse_address(text: str) -> Address | None:
    """The address in one node of a header: with a port, in brackets or quotes, with a zone, or none at all."""
    text = text.strip().strip('"').strip()
    if text.startswith("["):
        host, closed, rest = text[1:].partition("]")
        if not closed or (rest and not rest.startswith(":")):
            return None
    else:
        host = text.partition(":")[0] if text.count(":") == 1 else text
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def x_forwarded_for(value: str) -> list[Address | None]:
    """The hops of `X-Forwarded-For` from the last to the first; None where a hop does not say its address."""
    return [parse_address(node) for node in reversed(value.split(","))]


def forwarded(value: str) -> list[Address | None]:
    """The same of `Forwarded`. Read from the right, nobody further left can open a quote over a later hop."""
    return [_for_node(element) for element in _split_from_right(value, ",")]


def _for_node(element: str) -> Address | None:
    for pair in _split_from_right(element, ";"):
        name, _, node = pair.partition("=")
        if name.strip().lower() == "for":
            return parse_address(node.replace("\\", ""))
    return None


def _split_from_right(text: str, separator: str) -> Iterator[str]:
    quoted, end = False, len(text)
    for at in range(len(text) - 1, -1, -1):
        if text[at] == '"':
            quoted = not quoted
        elif text[at] == separator and not quoted:
            yield text[at + 1 : end]
            end = at
    yield text[:end]


class Peers:
    """Who is trusted: addresses, networks (CIDR) and, where they may be, names; separated by blanks."""

    def __init__(
        self, setting: str, *, names: bool = False, resolve: Callable[..., Iterable[Any]] = socket.getaddrinfo
    ) -> None:
        """Names are looked up when they are needed. Raises `SettingError` for what is neither."""
        self._networks = []
        self._names = []
        self._resolve = resolve
        self._resolved: frozenset[Address | None] = frozenset()
        self._resolved_at: float | None = None
        for word in setting.split():
            if names and NAME.fullmatch(word) and parse_address(word) is None:
                self._names.append(word)
            else:
                self._networks.append(_network(word))

    def has(self, address: Address) -> bool:
        """Whether this address is one of them."""
        if any(address in network for network in self._networks):
            return True
        return bool(self._names) and address in self._addresses()

    def _addresses(self) -> frozenset[Address | None]:
        now = time.monotonic()
        if self._resolved_at is None or now - self._resolved_at > NAMES_KEPT_SECONDS:
            self._resolved = frozenset(address for name in self._names for address in self._look_up(name))
            self._resolved_at = now
        return self._resolved

    def _look_up(self, name: str) -> list[Address | None]:
        try:
            return [parse_address(str(found[4][0])) for found in self._resolve(name, None)]
        except OSError:
            return []  # nobody is called so now: nobody is trusted under this name


def _network(word: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(word if "/" in word else str(parse_address(word)), strict=False)
    except ValueError:
        raise SettingError(f"a trusted proxy must be an address or a network, not {word!r}") from None


class Proxies:
    """The proxy in front, the further ones that are trusted, and in which header these write."""

    def __init__(self, *, front: str = "", trusted: str = "", header: str = "") -> None:
        """`header` names the only one to be read; without it `Forwarded` counts where `X-Forwarded-For` is missing.

        Raises `SettingError`.
        """
        if header.lower() not in ("", *HEADERS):
            raise SettingError(f"VILKAR_TRUSTED_PROXY_HEADER must be one of {', '.join(HEADERS)}, not {header!r}")
        self._front = Peers(front, names=True)
        self._trusted = Peers(trusted)
        self._header = header.lower()

    def client(self, environ: Mapping[str, Any]) -> str:
        """The client's address in its one form, or as much as is known of it: the last hop that says who it is."""
        peer = parse_address(str(environ.get("REMOTE_ADDR", "")))
        if peer is None:
            return "unknown"
        if self._front.has(peer):
            peer = parse_address(str(environ.get("HTTP_X_REAL_IP", ""))) or peer
        if not self._trusted.has(peer):
            return str(peer)
        for hop in self._hops(environ):
            if hop is None:
                break
            peer = hop
            if not self._trusted.has(hop):
                break
        return str(peer)

    def _hops(self, environ: Mapping[str, Any]) -> list[Address | None]:
        common, standard = environ.get("HTTP_X_FORWARDED_FOR"), environ.get("HTTP_FORWARDED")
        if common is not None and self._header != "forwarded":
            return x_forwarded_for(str(common))
        if standard is not None and self._header != "x-forwarded-for":
            return forwarded(str(standard))
        return []
