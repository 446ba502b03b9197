"""What becomes of a proof that is none: it is counted, told to the audit trail, and refused with its reason."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from services.staff.authentication import store as authentication
from services.staff.authentication.events import ProofRefused
from services.staff.authentication.proving import refused
from services.staff.brakes import rules, store
from services.staff.people.values import Person
from shared.database import Transaction
from shared.errors import Refused
from shared.events import Code

COPIED: Final = "counter_fell"
"""Two devices count on from the same number: the key was copied. It stands as suspected until it is revoked."""


def refuse(
    tx: Transaction,
    purpose: str,
    reason: str,
    *,
    attempt_id: UUID,
    person: Person | None,
    passkey_id: UUID | None = None,
    now: datetime,
) -> Refused:
    """Count a failure and tell of it; what the caller is to raise once the transaction is committed.

    After ten within an hour the next is one too many: it is refused without being told again, until a quarter of an
    hour later. Whoever then brings a right proof is let in.
    """
    if reason == COPIED and passkey_id is not None:
        authentication.suspect_passkey(tx, passkey_id, now)
    until = store.count_failure(tx, about(purpose, person), now)
    if until is not None:
        return rules.too_many(until, now)
    event = ProofRefused(
        attempt_id=attempt_id,
        staff_code=Code(person.code) if person else None,
        passkey_id=passkey_id,
        purpose=Code(purpose),
        reason=Code(reason),
    )
    tx.outbox.add(event, now=now)
    return refused(reason)


def about(purpose: str, person: Person | None) -> str:
    """What failures of this purpose count for."""
    return f"{purpose}:{person.id if person else store.NOBODY}"
