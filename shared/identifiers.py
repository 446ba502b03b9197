"""Identifiers: random to a reader, sorted by time for the database."""

from __future__ import annotations

import secrets
from typing import Final
from uuid import UUID, uuid5

from uuid_utils.compat import uuid7

TOKEN_BYTES = 32
DERIVED: Final = UUID("5f1f7a52-93c1-4b3e-8d7c-6c0e2f4f9b1d")
"""The namespace of `derived_id`. Another one would make strangers of ids that are known already."""


def new_id() -> UUID:
    """A version 7 UUID: unique without coordination; ids made close in time lie close in an index."""
    return uuid7()


def derived_id(*parts: object) -> UUID:
    """The one id of something that may be told again, whoever tells it and whenever.

    `parts` are random ids, codes, dates and instants in UTC, never something of a person: whoever knows them knows
    the id.
    """
    return uuid5(DERIVED, " ".join(map(str, parts)))


def new_token() -> str:
    """An opaque secret of 256 bits in URL-safe letters."""
    return secrets.token_urlsafe(TOKEN_BYTES)
