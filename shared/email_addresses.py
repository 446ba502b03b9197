"""One spelling of an e-mail address: made once where an address comes in, then kept, shown, compared and sent.

The local part is kept as typed, in NFC: which of its capitals matter only the receiving server knows (RFC 5321,
2.4). The domain is written as the mail servers write it: mapped by UTS 46 without the transitional rules (so `ß`
stays itself), in small letters, in punycode, without a dot at its end. Addresses are compared without regard to
capitals.
"""

from __future__ import annotations

import unicodedata
from typing import Final

import idna

from shared.errors import Invalid

EMAIL_LIMIT: Final = 254
LOCAL_PART_LIMIT: Final = 64
_SIGNS: Final = frozenset("#$&'*+-/=?^_`{|}~.")
"""Signs that a local part may have. `!` and `%` are left out: they once were routes through other servers."""


def canonical_email(text: str) -> str:
    """The address in the spelling that is kept and sent.

    Raises `Invalid`, which says why and never repeats the address. Refused as well are forms that some server
    would read in another way than the next one: quoted local parts, comments, routes, encoded words, and network
    addresses in place of a domain.
    """
    local, host = _parted(text)
    _check_local(local)
    return f"{local}@{host}"


def compared_email(text: str) -> str:
    """The address as it is compared: the canonical one with the capitals of its local part made small.

    Only a capital and its own small letter count as the same. Unicode's case folding would go further and take
    `ß` for `ss` or a ligature for its letters, which are other people's mailboxes. What could be entered before
    `canonical_email` asked for more is still compared as ever, so nobody who is known is lost.
    Raises `Invalid` (without the value) where it is not an address.
    """
    local, host = _parted(text)
    return f"{''.join(map(_small, local))}@{host}"


def _parted(text: str) -> tuple[str, str]:
    """Local part and canonical domain of something that has the form of an address."""
    local, at, domain = unicodedata.normalize("NFC", text.strip()).rpartition("@")
    host = _host(domain)
    bad = not at or not local or len(local) > LOCAL_PART_LIMIT or len(local) + 1 + len(host) > EMAIL_LIMIT
    if bad or any(ch.isspace() or not ch.isprintable() or ch in '<>()[]\\,;:"@' for ch in local):
        raise Invalid("not an e-mail address")
    if local.startswith(".") or local.endswith(".") or ".." in local:
        raise Invalid("not an e-mail address")
    return local, host


def _host(domain: str) -> str:
    """The domain in punycode. Raises `Invalid` where it is none, or is a number in place of a name."""
    try:
        mapped = idna.uts46_remap(domain, std3_rules=True, transitional=False).removesuffix(".")
        host = idna.encode(mapped, strict=True).decode("ascii").lower()
    except (idna.IDNAError, ValueError, IndexError):
        raise Invalid("the domain of the e-mail address is not valid") from None
    *names, last = host.split(".")
    if not names or not last or last.isdigit():
        raise Invalid("the domain of the e-mail address is not valid")
    return host


def _check_local(local: str) -> None:
    if "=?" in local or "?=" in local:
        raise Invalid("an e-mail address without encoded words")
    if "!" in local or "%" in local:
        raise Invalid("an e-mail address without a route: no exclamation or percent sign")
    if unicodedata.normalize("NFKC", local) != local:
        raise Invalid("an e-mail address in plain letters: no full-width letters or ligatures")
    if not all(unicodedata.category(ch)[0] in "LMN" or ch in _SIGNS for ch in local):
        raise Invalid("an e-mail address of letters, digits and the usual signs")


def _small(letter: str) -> str:
    """The small letter of a capital that is the only capital of it; every other letter as it is."""
    small = letter.lower()
    return small if small.upper() == letter else letter
