"""Production refuses to be a demo: which settings would make it one.

Read by every process before it does anything else. What is asked for here cannot be told from a working system by
looking at it: letters that end in a sandbox, links that nobody outside can open, passwords that cross a network in
the clear.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DUTY_HOOK: Final = "VILKAR_DUTY_HOOK_URL"
"""The second way to whoever is on duty, beside mail."""
VENDORS: Final = ("VILKAR_MAILGUN_URL", "VILKAR_TRIPLETEX_URL", "VILKAR_REGISTER_URL", DUTY_HOOK)
PUBLIC_URL: Final = "VILKAR_GATEWAY_PUBLIC_URL"
DESK_URL: Final = "VILKAR_DESK_PUBLIC_URL"
DESK_PROXY: Final = "VILKAR_DESK_TRUSTED_PROXY"
MAIL_DOMAIN: Final = "VILKAR_MAILGUN_DOMAIN"
ADDRESSES: Final = ("VILKAR_MAIL_FROM", "VILKAR_CONTACT_ADDRESS")
INVENTED: Final = "VILKAR_INVENTED_PEOPLE"
IDENTITY: Final = (
    "VILKAR_VENDOR_NAME",
    "VILKAR_VENDOR_ORG_NUMBER",
    "VILKAR_VENDOR_SEAT",
    "VILKAR_VENDOR_PHONE",
    "VILKAR_CONTACT_ADDRESS",
    "VILKAR_PRODUCT_NAME",
    "VILKAR_PRIVACY_URL",
)
"""Who stands behind letters and pages, and what it offers (`shared.vendor_imprint`)."""

SAMPLE_STATEMENT: Final = "/privacy"
"""Where the gateway shows a sample of a privacy statement; production has its own elsewhere."""

RESERVED_TOP_LEVELS: Final = frozenset({"example", "test", "invalid", "localhost", "local", "internal"})
"""Names that nobody can own (RFC 2606, RFC 6761, RFC 6762, ICANN resolution 2024.07.29.06)."""

RESERVED_DOMAINS: Final = frozenset({"example.com", "example.net", "example.org", "example.no"})
"""Domains for documents (RFC 2606), and the one that our own examples use."""


def faults(given: Mapping[str, str]) -> list[str]:
    """Return a sentence for each setting that production does not bear; each names its setting.

    `given` is the environment, with what is not set absent. A vendor's address that is absent is the real one's.
    """
    return [
        *(fault for name in VENDORS for fault in _web_address(name, given.get(name))),
        *_public_address(PUBLIC_URL, given.get(PUBLIC_URL), "links in letters lead there"),
        *_public_address(DESK_URL, given.get(DESK_URL), "passkeys of staff are valid there"),
        *_proxy(given.get(DESK_PROXY, ""), given.get(DESK_URL, "")),
        *_mail_domain(given.get(MAIL_DOMAIN)),
        *(fault for name in ADDRESSES for fault in _mail_address(name, given.get(name))),
        *([f"{INVENTED} is for a demo: its people have keys that everybody has"] if given.get(INVENTED) else []),
        *(
            f"{name} must be set: letters and pages say who sends them"
            for name in IDENTITY
            if not given.get(name, "").strip()
        ),
        *_statement(given.get(IDENTITY[-1], ""), given.get(PUBLIC_URL, "")),
    ]


def hook_fault(url: str) -> str | None:
    """What is wrong with the address of a hook wherever this runs; None where nothing is."""
    try:
        parts = urlsplit(url)
        host, user, port = parts.hostname, parts.username, parts.port
    except ValueError:
        return "is no web address"
    if parts.scheme not in ("http", "https") or not host or port == 0:
        return "is no web address"
    if user is not None or parts.fragment:
        return "holds a name or a fragment: what is secret belongs into the secret duty_hook_secret"
    return None


def _web_address(name: str, url: str | None) -> Iterator[str]:
    """What is wrong with an address that others' data go to, or that others follow."""
    if not url:
        return
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        yield f"{name} is no web address"
        return
    if parts.scheme != "https":
        yield f"{name} must begin with https://: nobody on the way may read or change what goes there"
    elif _is_private(host):
        yield f"{name} leads to {host or 'nowhere'}, which is no public host"


def _public_address(name: str, url: str | None, because: str) -> Iterator[str]:
    if not url:
        yield f"{name} must be set: {because}"
    yield from _web_address(name, url)


def _proxy(proxies: str, desk_url: str) -> Iterator[str]:
    """What is wrong with whom the desk believes: it speaks plain HTTP, so TLS ends before it."""
    if desk_url and not proxies.strip():
        yield f"{DESK_PROXY} must be set: else the proxy's address stands for everybody of the staff, and is braked"


def _statement(url: str, public_url: str) -> Iterator[str]:
    """What is wrong with the address of the privacy statement."""
    if url and url.strip().rstrip("/") == f"{public_url.rstrip('/')}{SAMPLE_STATEMENT}":
        yield f"{IDENTITY[-1]} leads to the sample of this program: name your own statement"


def _mail_domain(domain: str | None) -> Iterator[str]:
    if not domain:
        yield f"{MAIL_DOMAIN} must be set: letters are sent from it"
    elif _is_private(domain):
        yield f"{MAIL_DOMAIN} is {domain}, a domain of examples"


def _mail_address(name: str, address: str | None) -> Iterator[str]:
    if address:
        domain = address.rstrip("> ").rpartition("@")[2]
        if _is_private(domain):
            yield f"{name} is at {domain or 'no domain'}, where nobody can answer"


def _is_private(host: str) -> bool:
    """Say whether a host is this machine, a private network, an example, or a name known to one network only."""
    name = host.rstrip(".").casefold()
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        parts = name.split(".")
        return len(parts) == 1 or parts[-1] in RESERVED_TOP_LEVELS or ".".join(parts[-2:]) in RESERVED_DOMAINS
    return not address.is_global
