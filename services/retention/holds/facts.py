"""What the ledger keeps of holds, and what that means after a restore: their rows, and what nobody heard of them.

A later fact about the same hold is not undone by an earlier one. What the database did not know is published: where
the commit failed nobody has heard it yet, and where a backup came back whoever has heard it knows it by its id.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from services.retention.erasure import event_ids
from services.retention.erasure import store as erasures
from services.retention.holds import rules, store
from services.retention.holds.values import Hold
from services.retention.suspended_erasures import store as suspensions
from shared.case_references import reference_of
from shared.context import acting_as
from shared.database import Transaction
from shared.privacy import restricted
from shared.privacy.ledger_lines import Entry, Fact, Kind, Value, instant


def placed(hold: Hold) -> Fact:
    """Something may only be stored and is not erased, with all that the row says; again when it is renewed."""
    data: dict[str, Value] = {
        "hold_id": str(hold.id),
        "user_ids": tuple(map(str, hold.user_ids)),
        "categories": hold.categories,
        "reason": hold.reason,
        "case_ref": hold.case_ref.lower(),
        "owner": hold.owner,
        "requested_by": hold.requested_by,
        "approved_by": hold.approved_by,
        "starts_on": hold.starts_on.isoformat(),
        "review_on": hold.review_on.isoformat(),
        "placed_at": instant(hold.placed_at),
        "as_of": instant(hold.as_of),
    }
    if hold.case_id is not None:
        data["case_id"] = str(hold.case_id)
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


# ── after a restore ──────────────────────────────────────────────────────────────────────────────────────


class HoldReplay:
    """Makes holds and their ends true again."""

    facts = frozenset({Kind.HOLD_PLACED, Kind.HOLD_RELEASED})

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make the fact true, unless a later one about the same hold is."""
        suspensions.lock_account(tx, entry.account_id)  # whoever is about to commit the same decision comes first
        if entry.kind == Kind.HOLD_PLACED:
            _place(tx, _hold(entry))
        else:
            _release(tx, entry)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether the hold is in force, or is over."""
        return restricted.verify(tx, entry)


def _place(tx: Transaction, hold: Hold) -> None:
    known = store.find(tx, hold.id, locked=True)
    if known is None and restricted.is_over(tx, hold.id):
        return
    if known is not None:
        if known.released_at is not None or known.as_of > hold.as_of:
            return
        hold = replace(hold, overdue_told_on=known.overdue_told_on, overdue_told=known.overdue_told)
    store.save(tx, hold)
    if known is None or known.as_of < hold.as_of:
        with acting_as(hold.approved_by):
            planned = [stored.erasure for stored in erasures.of_account(tx, hold.account_id)]
            event_ids.publish(tx, rules.event_of(hold, planned), hold.as_of)


def _release(tx: Transaction, entry: Entry) -> None:
    hold_id, at, by = entry.uuid("hold_id"), entry.instant("released_at"), entry.text("released_by")
    known = store.find(tx, hold_id, locked=True)
    restricted.lift(tx, hold_id, at)
    if known is None or known.released_at is not None:
        return
    released = replace(known, as_of=at, released_at=at, released_by=by, release_reason=entry.text("reason"))
    store.save(tx, released)
    suspensions.resume(tx, released.account_id, at)
    with acting_as(by):
        event_ids.publish(tx, rules.released_event(released), at)


def _hold(entry: Entry) -> Hold:
    case_id = entry.uuid("case_id") if "case_id" in entry.data else None
    return Hold(
        id=entry.uuid("hold_id"),
        account_id=entry.account_id,
        user_ids=tuple(UUID(each) for each in entry.data["user_ids"]),
        categories=tuple(entry.data["categories"]),
        reason=entry.text("reason"),
        case_ref=reference_of(case_id) if case_id else entry.text("case_ref"),
        owner=entry.text("owner"),
        requested_by=entry.text("requested_by"),
        approved_by=entry.text("approved_by"),
        starts_on=entry.day("starts_on"),
        review_on=entry.day("review_on"),
        placed_at=entry.instant("placed_at"),
        as_of=entry.instant("as_of"),
        case_id=case_id,
    )
