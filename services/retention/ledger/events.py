"""What is published of the ledger itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from shared.events import Code, Event

MACHINE: Final = "machine"


@dataclass(frozen=True, kw_only=True)
class LedgerAccepted(Event):
    """Whoever is root on the machine let the system go on although the ledger does not tell everything any more.

    Who that is nobody proves there, so `by` is `machine`, and two persons of the staff countersign it. In events of
    before it is a staff code that was typed, and proves as little.
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
