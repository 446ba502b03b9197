"""What is published of the ledger itself."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class LedgerAccepted(Event):
    """A named person let the system go on although the ledger does not tell everything any more.

    `way` is `kept` (the file as it is), `copy` (the newest copy was put in its place) or `new` (a new one begins).
    Facts after `lost_after_position` may be missing in the ledger or in one of the databases.
    """

    type = "ledger.accepted"
    source = "retention"
    acceptance_id: UUID
    by: Code
    reason: Code
    way: Code
    lost_after_position: int

    @property
    def subject(self) -> str:
        """The acceptance itself; there is one ledger, and every acceptance is a case of its own."""
        return f"acceptance/{self.acceptance_id}"
