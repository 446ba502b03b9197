"""The facts that the ledger keeps of holds."""

from __future__ import annotations

from services.retention.holds.values import Hold
from shared.privacy.ledger_lines import Fact, Kind, Value, instant


def placed(hold: Hold) -> Fact:
    """Something may only be stored and is not erased, with all that the row says; again when it is renewed."""
    data: dict[str, Value] = {
        "hold_id": str(hold.id),
        "user_ids": tuple(map(str, hold.user_ids)),
        "categories": hold.categories,
        "reason": hold.reason,
        "case_ref": hold.case_ref,
        "owner": hold.owner,
        "requested_by": hold.requested_by,
        "approved_by": hold.approved_by,
        "starts_on": hold.starts_on.isoformat(),
        "review_on": hold.review_on.isoformat(),
        "placed_at": instant(hold.placed_at),
        "as_of": instant(hold.as_of),
    }
    return Fact(kind=Kind.HOLD_PLACED, account_id=hold.account_id, data=data)


def released(hold: Hold) -> Fact:
    """A hold is over. Raises `ValueError` for one that is not."""
    if hold.released_at is None or hold.released_by is None or hold.release_reason is None:
        raise ValueError("the hold is not released")
    data: dict[str, Value] = {
        "hold_id": str(hold.id),
        "reason": hold.release_reason,
        "released_by": hold.released_by,
        "released_at": instant(hold.released_at),
    }
    return Fact(kind=Kind.HOLD_RELEASED, account_id=hold.account_id, data=data)
