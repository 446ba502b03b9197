"""Bytes as text in addresses and JSON: base64url without padding (RFC 4648, section 5)."""

from __future__ import annotations

import base64


def encode(data: bytes) -> str:
    """The text of these bytes."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """The bytes of a text. Raises `ValueError` for what is none.

    Other spellings of the same bytes are read too: where only one may count, compare with `encode`.
    """
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
