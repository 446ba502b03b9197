"""When what an earlier erasure kept, because it was held, is erased at last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from services.retention.erasure.values import Erasure, HeldPart, State
from services.retention.suspended_erasures.rules import held_in
from shared.calendar import oslo_date
from shared.terms.clauses.erasure import HOLD_IN_DISPUTE
from shared.terms.rule_registry import enforces


@enforces(HOLD_IN_DISPUTE)
def completes(erasure: Erasure, parts: Sequence[HeldPart], *, new_id: UUID, now: datetime) -> Erasure | None:
    """The erasure of what an earlier one kept, or None where all of that is still held.

    It is due on the same day as the one that it completes: there are no fresh three months.  A person's decision
    has led to it, so it passes the brake.  One that kept something and does not know what held it was brought back
    from the ledger after the end of that hold.
    """
    if erasure.held and held_in(parts).includes(held_in(erasure.held)):
        return None
    return replace(
        erasure,
        id=new_id,
        state=State.SCHEDULED,
        entered_at=now,
        released=True,
        certificate_id=None,
        backups_expire_on=None,
        letter_done=False,
        participants=(),
        attempt=0,
        ordered_at=None,
        answers=MappingProxyType({}),
        key_fingerprints=(),
        destroyed_at=None,
        held=None,
        begun_at=None,
        kept_back=False,
        resumed_on=oslo_date(now),
        completes=erasure.certificate_id,
    )
