"""Identifiers: random to a reader, sorted by time for the database."""

from __future__ import annotations

import secrets
from uuid import UUID

from uuid_utils.compat import uuid7

TOKEN_BYTES = 32


def new_id() -> UUID:
    """A version 7 UUID: unique without coordination; ids made close in time lie close in an index."""
    return uuid7()


def new_token() -> str:
    """An opaque secret of 256 bits in URL-safe letters."""
    return secrets.token_urlsafe(TOKEN_BYTES)
