"""Many plain values as one expression, in the spellings in which a program may have written them down."""

from __future__ import annotations

import ipaddress
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import quote, quote_plus

import idna
import phonenumbers

from shared.email_addresses import canonical_email
from shared.errors import Invalid

LEAST_CHARACTERS: Final = 5
MOST_CHARACTERS: Final = 100
LONGEST_SPELLING: Final = 6 * MOST_CHARACTERS
"""In bytes: six a character where each is escaped."""

_END: Final = -1
_PHONE: Final = re.compile(r"\+?\d[\d ().-]{6,}")
_HEX: Final = frozenset(b"0123456789abcdef")
_PART_OF_MORE: Final = 2


class MultiPattern:
    """Many values as one expression, without regard to case.

    Each is looked for in UTF-8, UTF-16 of both byte orders and Latin-1, composed and decomposed, with JSON, Python
    and percent escapes and in hexadecimal; a telephone number also as people and programs write it. Not in base64,
    not compressed, and no network address as four bytes, which would be found in everything.
    """

    def __init__(self, values: Iterable[str]) -> None:
        """Values shorter than five characters are refused; of one longer than a hundred, its beginning counts."""
        self.values = sorted(set(values), key=len, reverse=True)
        short = [value for value in self.values if len(value) < LEAST_CHARACTERS]
        if short:
            raise ValueError(f"too short to be searched for: {len(short)} values")
        self._by_spelling: dict[bytes, str] = {}
        self._alone: set[bytes] = set()
        for value in self.values:
            self._take(value, value)
        for value in self.values:
            for other in _other_ways(value):
                self._take(value, other)
        self._pattern = re.compile(_trie(self._by_spelling)) if self._by_spelling else None

    def _take(self, value: str, text: str) -> None:
        spellings = _spellings(text[:MOST_CHARACTERS])
        for spelling in spellings - self._by_spelling.keys():
            self._by_spelling[spelling] = value
            if spelling.isdigit():
                self._alone.add(spelling)

    def found_in(self, content: bytes) -> set[str]:
        """The values that occur in `content`; of those that begin at the same place the longest."""
        names: set[str] = set()
        if self._pattern is None:
            return names
        searched = content.lower()
        hit = self._pattern.search(searched)
        while hit:
            if not self._is_part(searched, hit):
                names.add(self._by_spelling[hit.group()])
            hit = self._pattern.search(searched, hit.start() + 1)
        return names

    def _is_part(self, content: bytes, hit: re.Match[bytes]) -> bool:
        """Whether bare digits are a piece of a longer number or of something in hexadecimal.

        One digit beside them is no reason: in a database's file that may be the length of what follows.
        """
        if hit.group() not in self._alone:
            return False
        before = content[max(0, hit.start() - _PART_OF_MORE) : hit.start()]
        around = before, content[hit.end() : hit.end() + _PART_OF_MORE]
        return any(len(side) == _PART_OF_MORE and _HEX.issuperset(side) for side in around)


def _spellings(value: str) -> set[bytes]:
    """Every spelling, its ASCII letters small as those of what is searched; others as given and in either case."""
    cases = {value, value.lower(), value.upper(), value.title(), value.casefold()}
    texts = {unicodedata.normalize(form, case) for case in cases for form in ("NFC", "NFD")}
    return {spelling.lower() for text in texts for spelling in _written(text)}


def _written(text: str) -> Iterator[bytes]:
    yield text.encode()
    # Without the empty byte at its end, or beginning, text in Latin letters is the same in both byte orders.
    yield text.encode("utf-16-le").rstrip(b"\x00")
    yield text.encode("utf-16-be").lstrip(b"\x00")
    if all(ord(letter) < 256 for letter in text):  # noqa: PLR2004  # that is Latin-1
        yield text.encode("latin-1")
    yield json.dumps(text)[1:-1].encode()
    yield ascii(text)[1:-1].encode()
    yield repr(text.encode())[2:-1].encode()
    yield text.encode().hex().encode()
    yield quote(text, safe="").encode()
    yield quote(text, safe="@").encode()
    yield quote_plus(text).encode()


def _other_ways(value: str) -> Iterator[str]:
    """Other ways to write down a telephone number, a network address, or the domain of an e-mail address."""
    if "@" in value:
        yield from _emails(value)
        return
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        yield from _phones(value)
        return
    yield from (address.compressed, address.exploded)


def _emails(value: str) -> Iterator[str]:
    """With the domain as mail servers write it, and as people do."""
    try:
        address = canonical_email(value)
        local, _, domain = address.partition("@")
        yield from (address, f"{local}@{idna.decode(domain)}")
    except (Invalid, idna.IDNAError):
        return


def _phones(value: str) -> Iterator[str]:
    if not _PHONE.fullmatch(value):
        return
    try:
        number = phonenumbers.parse(value, "NO")
    except phonenumbers.NumberParseException:
        return
    if not phonenumbers.is_possible_number(number):
        return
    formats = phonenumbers.PhoneNumberFormat
    for form in (formats.E164, formats.INTERNATIONAL, formats.NATIONAL, formats.RFC3966):
        yield phonenumbers.format_number(number, form)
    national = phonenumbers.national_significant_number(number)
    # Where blanks or a sign part it from what stands before it, the number itself is found there.
    yield from (f"{number.country_code}{national}", f"00{number.country_code}{national}")
    yield from (national, *_grouped(national, (2, 2, 2, 2)), *_grouped(national, (3, 2, 3)))


def _grouped(digits: str, sizes: tuple[int, ...]) -> Iterator[str]:
    if len(digits) != sum(sizes):
        return
    ends = [sum(sizes[: n + 1]) for n in range(len(sizes))]
    groups = [digits[end - size : end] for size, end in zip(sizes, ends, strict=True)]
    yield from (separator.join(groups) for separator in (" ", "-", ".", "\N{NO-BREAK SPACE}"))


def _trie(spellings: Iterable[bytes]) -> bytes:
    """One expression in which common beginnings stand once, so that thousands of values are tried as a few."""
    root: dict[int, Any] = {}
    for spelling in spellings:
        at = root
        for byte in spelling:
            at = at.setdefault(byte, {})
        at[_END] = True
    return _expression(root)


def _expression(node: dict[int, Any]) -> bytes:
    branches = [re.escape(bytes([byte])) + _expression(rest) for byte, rest in node.items() if byte != _END]
    if not branches:
        return b""
    joined = branches[0] if len(branches) == 1 else b"(?:" + b"|".join(branches) + b")"
    return b"(?:" + joined + b")?" if _END in node else joined
