"""What the ledger's facts about holds and restrictions mean in retention's database: after a restore, their rows.

A later fact about the same hold is not undone by an earlier one. What the database did not know is told: where the
commit failed nobody has heard it yet, and where a backup came back whoever has heard it knows it by its id.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.retention import holds_store, holds_told, telling
from services.retention.holds_values import Hold, Restriction
from shared.context import acting_as
from shared.database import Transaction
from shared.events import Event
from shared.privacy import restricted
from shared.privacy.ledger_lines import Entry, Kind


def replay(tx: Transaction, entry: Entry) -> None:
    """Make the fact true, unless a later one about the same thing is."""
    holds_store.lock_account(tx, entry.account_id)  # whoever is about to commit the same decision comes first
    if entry.kind == Kind.HOLD_PLACED:
        _placed(tx, entry)
    elif entry.kind == Kind.HOLD_RELEASED:
        _released(tx, entry)
    elif entry.kind == Kind.RESTRICTION_SET:
        _set(tx, entry)
    else:
        _lifted(tx, entry)


def _placed(tx: Transaction, entry: Entry) -> None:
    told = _hold(entry)
    there = holds_store.find_hold(tx, told.id, locked=True)
    if there is None:
        if not restricted.is_over(tx, told.id):
            holds_store.keep_hold(tx, told)
            _tell(tx, holds_told.of_hold(told), told.as_of, told.approved_by)
    elif there.released_at is None and there.as_of <= told.as_of:
        after = replace(told, overdue_told_on=there.overdue_told_on, overdue_told=there.overdue_told)
        holds_store.keep_hold(tx, after)
        if there.as_of < told.as_of:
            _tell(tx, holds_told.of_hold(told), told.as_of, told.approved_by)


def _released(tx: Transaction, entry: Entry) -> None:
    hold_id, at = entry.uuid("hold_id"), entry.instant("released_at")
    there = holds_store.find_hold(tx, hold_id, locked=True)
    restricted.lift(tx, hold_id, at)
    if there is None or there.released_at is not None:
        return
    after = replace(
        there,
        as_of=at,
        released_at=at,
        released_by=entry.text("released_by"),
        release_reason=entry.text("reason"),
    )
    holds_store.keep_hold(tx, after)
    holds_store.resume(tx, after.account_id, at)
    _tell(tx, holds_told.of_release(after), at, entry.text("released_by"))


def _set(tx: Transaction, entry: Entry) -> None:
    restriction_id = entry.uuid("restriction_id")
    there = holds_store.find_restriction(tx, restriction_id, locked=True)
    if there is not None or restricted.is_over(tx, restriction_id):
        return
    told = Restriction(
        id=restriction_id,
        account_id=entry.account_id,
        user_id=entry.user_id,
        ground=entry.text("ground"),
        requested_on=entry.day("requested_on"),
        set_by=entry.text("set_by"),
        set_at=entry.instant("set_at"),
    )
    holds_store.keep_restriction(tx, told)
    _tell(tx, holds_told.of_restriction(told), told.set_at, told.set_by)


def _lifted(tx: Transaction, entry: Entry) -> None:
    restriction_id, at = entry.uuid("restriction_id"), entry.instant("lifted_at")
    there = holds_store.find_restriction(tx, restriction_id, locked=True)
    restricted.lift(tx, restriction_id, at)
    if there is None or there.lifted_at is not None:
        return
    after = replace(
        there,
        told_at=there.told_at or entry.instant("told_at"),
        told_by=there.told_by or "ledger",
        lifted_at=at,
        lifted_by=entry.text("lifted_by"),
    )
    holds_store.keep_restriction(tx, after)
    holds_store.resume(tx, after.account_id, at)
    _tell(tx, holds_told.of_lift(after), at, entry.text("lifted_by"))


def _tell(tx: Transaction, event: Event, at: datetime, actor: str) -> None:
    """Tell what the database did not know of, as it would have been told: nobody may have lived to do so."""
    with acting_as(actor):
        telling.tell(tx, event, at)


def _hold(entry: Entry) -> Hold:
    return Hold(
        id=entry.uuid("hold_id"),
        account_id=entry.account_id,
        user_ids=tuple(UUID(each) for each in entry.data["user_ids"]),
        categories=tuple(entry.data["categories"]),
        reason=entry.text("reason"),
        case_ref=entry.text("case_ref"),
        owner=entry.text("owner"),
        requested_by=entry.text("requested_by"),
        approved_by=entry.text("approved_by"),
        starts_on=entry.day("starts_on"),
        review_on=entry.day("review_on"),
        placed_at=entry.instant("placed_at"),
        as_of=entry.instant("as_of"),
    )
