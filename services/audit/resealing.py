"""The logins lie sealed under the data keys of persons; after a renewal they are sealed anew (ADR 0016)."""

from __future__ import annotations

from typing import Final

from services.audit.logins import COLUMNS, TABLE
from shared.bus import Service, every
from shared.privacy import Subject
from shared.privacy.reencryption import Resealer, SealedTable

TABLES: Final = (
    SealedTable(
        TABLE,
        "attempt_id",
        ("user_id", "account_id"),
        {each: each for each in COLUMNS},
        lambda row: Subject.person(row["user_id"], row["account_id"]),
    ),
)


class Resealing(Service):
    """The part of the service that seals its rows anew."""

    resealer: Resealer

    @every(seconds=2)
    def seal_anew(self) -> None:
        """Seal a stretch of logins anew that lie under older keys."""
        self.resealer.turn(self.clock.now())
