"""The passwords that attackers try first, as a file of short digests: `data/README.md` says where they are from."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from functools import cache
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_name("data") / "common_passwords.bin"
DIGEST_BYTES: Final = 5
"""Forty bits: one password in some 25 million is refused although it is not in the list."""


def digest(password: str) -> bytes:
    """What the file holds of a password, which is given in small letters and NFKC."""
    return hashlib.sha256(password.encode()).digest()[:DIGEST_BYTES]


def is_common(password: str) -> bool:
    """Whether the password, in small letters and NFKC, is in the list."""
    wanted, known = digest(password), _known()
    at = bisect_left(range(len(known) // DIGEST_BYTES), wanted, key=lambda place: _at(known, place))
    return _at(known, at) == wanted


def _at(known: bytes, place: int) -> bytes:
    return known[place * DIGEST_BYTES : (place + 1) * DIGEST_BYTES]


@cache
def _known() -> bytes:
    """All digests, sorted, one after the other: some 220 kB."""
    return FILE.read_bytes()
