"""What in a service's database could be read in clear by whoever should not: looks, which change nothing."""

from __future__ import annotations

from typing import Final

from shared.database import Row, Transaction, load_queries

ADMINISTRATOR: Final = "adminer"
"""The role of the tool with which people look into databases; its views show ciphertext and count each look."""
SAMPLE: Final = 100_000
"""About so many rows of each table are looked at: other ones each time, where it has more."""

Q = load_queries(__file__, "exposure.sql")


def open_tables(tx: Transaction) -> Row | None:
    """How many tables, views or sequences the administrator's role may read or change past its own views."""
    return tx.one(Q.readable_by, role=ADMINISTRATOR)


def unsealed_values(tx: Transaction) -> Row | None:
    """How many values of a sample lie in a sealed column and are no ciphertext."""
    return tx.one(Q.unsealed, sample=SAMPLE)
