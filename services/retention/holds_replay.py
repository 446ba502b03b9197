"""What the ledger's facts about holds and restrictions mean in retention's database: after a restore, their rows.

A later fact about the same hold is not undone by an earlier one. What the database did not know is told: where the
commit failed nobody has heard it yet, and where a backup came back whoever has heard it knows it by its id.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from services.retention import holds_store, holds_told, telling
from services.retention.holds_schemas import Hold, Restriction
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
    hold_id, at = _id(entry, "hold_id"), _at(entry, "released_at")
    there = holds_store.find_hold(tx, hold_id, locked=True)
    restricted.lift(tx, hold_id, at)
    if there is None or there.released_at is not None:
        return
    after = replace(
        there,
        as_of=at,
        released_at=at,
        released_by=_word(entry, "released_by"),
        release_reason=_word(entry, "reason"),
    )
    holds_store.keep_hold(tx, after)
    holds_store.resume(tx, after.account_id, at)
    _tell(tx, holds_told.of_release(after), at, _word(entry, "released_by"))


def _set(tx: Transaction, entry: Entry) -> None:
    restriction_id = _id(entry, "restriction_id")
    there = holds_store.find_restriction(tx, restriction_id, locked=True)
    if there is not None or restricted.is_over(tx, restriction_id):
        return
    told = Restriction(
        id=restriction_id,
        account_id=entry.account_id,
        user_id=entry.user_id,
        ground=_word(entry, "ground"),
        requested_on=_day(entry, "requested_on"),
        set_by=_word(entry, "set_by"),
        set_at=_at(entry, "set_at"),
    )
    holds_store.keep_restriction(tx, told)
    _tell(tx, holds_told.of_restriction(told), told.set_at, told.set_by)


def _lifted(tx: Transaction, entry: Entry) -> None:
    restriction_id, at = _id(entry, "restriction_id"), _at(entry, "lifted_at")
    there = holds_store.find_restriction(tx, restriction_id, locked=True)
    restricted.lift(tx, restriction_id, at)
    if there is None or there.lifted_at is not None:
        return
    after = replace(
        there,
        told_at=there.told_at or _at(entry, "told_at"),
        told_by=there.told_by or "ledger",
        lifted_at=at,
        lifted_by=_word(entry, "lifted_by"),
    )
    holds_store.keep_restriction(tx, after)
    holds_store.resume(tx, after.account_id, at)
    _tell(tx, holds_told.of_lift(after), at, _word(entry, "lifted_by"))


def _tell(tx: Transaction, event: Event, at: datetime, actor: str) -> None:
    """Tell what the database did not know of, as it would have been told: nobody may have lived to do so."""
    with acting_as(actor):
        telling.tell(tx, event, at)


def _hold(entry: Entry) -> Hold:
    return Hold(
        id=_id(entry, "hold_id"),
        account_id=entry.account_id,
        user_ids=tuple(UUID(each) for each in entry.data["user_ids"]),
        categories=tuple(entry.data["categories"]),
        reason=_word(entry, "reason"),
        case_ref=_word(entry, "case_ref"),
        owner=_word(entry, "owner"),
        requested_by=_word(entry, "requested_by"),
        approved_by=_word(entry, "approved_by"),
        starts_on=_day(entry, "starts_on"),
        review_on=_day(entry, "review_on"),
        placed_at=_at(entry, "placed_at"),
        as_of=_at(entry, "as_of"),
    )


def _word(entry: Entry, name: str) -> str:
    return str(entry.data[name])


def _id(entry: Entry, name: str) -> UUID:
    return UUID(_word(entry, name))


def _day(entry: Entry, name: str) -> date:
    return date.fromisoformat(_word(entry, name))


def _at(entry: Entry, name: str) -> datetime:
    return datetime.fromisoformat(_word(entry, name))
