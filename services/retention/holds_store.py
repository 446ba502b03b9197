"""Holds and restrictions as rows, together with what of an account may only be stored because of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from services.retention import holds_rules, store
from services.retention.holds_values import Hold, Restriction
from services.retention.store import Kept
from services.retention.values import Erasure, HeldPart, Scope
from shared import calendar
from shared.database import Row, Transaction, load_queries
from shared.errors import NotFound
from shared.privacy import restricted
from shared.privacy.restricted import ENDS_KEPT

Q = load_queries(__file__, "holds.sql")

BATCH: Final = 200
LIFTS_LOOKED_AT: Final = 1000


def lock_account(tx: Transaction, account_id: UUID) -> None:
    """Keep everybody else from placing, ending, or fixing what is held in this account, until the end."""
    tx.one(Q.lock_account, account_id=account_id)


def erasures(tx: Transaction, account_id: UUID) -> list[Erasure]:
    """Every erasure of an account and of its users."""
    return [kept.erasure for kept in store.of_account(tx, account_id)]


def parts(tx: Transaction, scope: Scope) -> tuple[HeldPart, ...]:
    """What of the scope of an erasure is held now."""
    return holds_rules.parts_of(scope, active_holds(tx, scope.account_id), set_restrictions(tx, scope.account_id))


# ── holds ─────────────────────────────────────────────────────────────────────────────────────────────────


def keep_hold(tx: Transaction, hold: Hold) -> None:
    """A hold as it is after a decision, and whether its scope may only be stored."""
    tx.run(Q.keep_hold, **(asdict(hold) | {"user_ids": list(hold.user_ids), "categories": list(hold.categories)}))
    if hold.released_at is not None:
        restricted.lift(tx, hold.id, hold.released_at)
        return
    restricted.hold(tx, hold.id, hold, hold.placed_at)


def hold(tx: Transaction, hold_id: UUID, *, locked: bool = False) -> Hold:
    """One hold. Raises `NotFound`."""
    row = tx.one(Q.hold_locked if locked else Q.hold, id=hold_id)
    if row is None:
        raise NotFound("There is no hold with this id.")
    return _hold(row)


def find_hold(tx: Transaction, hold_id: UUID, *, locked: bool = False) -> Hold | None:
    """One hold, or None."""
    row = tx.one(Q.hold_locked if locked else Q.hold, id=hold_id)
    return _hold(row) if row else None


def active_holds(tx: Transaction, account_id: UUID) -> list[Hold]:
    """The holds in force on an account."""
    return [_hold(row) for row in tx.all(Q.active_holds, account_id=account_id)]


def list_holds(tx: Transaction, *, account_id: UUID | None, state: str, today: date, limit: int) -> list[Hold]:
    """Holds that are `active`, `overdue` or `released`, by review date."""
    rows = tx.all(Q.list_holds, account_id=account_id, state=state, today=today, limit=limit)
    return [_hold(row) for row in rows]


def overdue(tx: Transaction, today: date) -> list[Hold]:
    """Holds whose overdue review is to be told today, held until the end; a batch."""
    rows = tx.all(
        Q.overdue,
        today=today,
        told_before=today - holds_rules.OVERDUE_AGAIN,
        told_limit=holds_rules.OVERDUE_TOLD_LIMIT,
        limit=BATCH,
    )
    return [_hold(row) for row in rows]


def _hold(row: Row) -> Hold:
    return Hold(**{**row, "user_ids": tuple(row["user_ids"]), "categories": tuple(row["categories"])})


# ── restrictions ──────────────────────────────────────────────────────────────────────────────────────────


def keep_restriction(tx: Transaction, restriction: Restriction) -> None:
    """A restriction as it is after a decision, and whether its scope may only be stored."""
    tx.run(Q.keep_restriction, **asdict(restriction))
    if restriction.lifted_at is not None:
        restricted.lift(tx, restriction.id, restriction.lifted_at)
        return
    restricted.restrict(tx, restriction.id, restriction, restriction.set_at)


def restriction(tx: Transaction, restriction_id: UUID, *, locked: bool = False) -> Restriction:
    """One restriction. Raises `NotFound`."""
    row = tx.one(Q.restriction_locked if locked else Q.restriction, id=restriction_id)
    if row is None:
        raise NotFound("There is no restriction with this id.")
    return Restriction(**row)


def find_restriction(tx: Transaction, restriction_id: UUID, *, locked: bool = False) -> Restriction | None:
    """One restriction, or None."""
    row = tx.one(Q.restriction_locked if locked else Q.restriction, id=restriction_id)
    return Restriction(**row) if row else None


def announced_by(tx: Transaction, event_id: UUID) -> Restriction | None:
    """The restriction whose lifting this event announced, held until the end."""
    row = tx.one(Q.announced_by, announcement_id=event_id)
    return Restriction(**row) if row else None


def set_restrictions(tx: Transaction, account_id: UUID) -> list[Restriction]:
    """The restrictions in force on an account."""
    return [Restriction(**row) for row in tx.all(Q.set_restrictions, account_id=account_id)]


def list_restrictions(tx: Transaction, *, account_id: UUID | None, state: str, limit: int) -> list[Restriction]:
    """Restrictions that are `set` or `lifted`, oldest first."""
    rows = tx.all(Q.list_restrictions, account_id=account_id, state=state, limit=limit)
    return [Restriction(**row) for row in rows]


# ── erasures that wait for them ───────────────────────────────────────────────────────────────────────────


def to_complete(tx: Transaction, limit: int) -> list[Row]:
    """Erasures that kept something of which not all is held any more: id and account."""
    return tx.all(Q.to_complete, limit=limit)


def follow_up(tx: Transaction, erasure_id: UUID) -> bool:
    """What this erasure kept is another one's business now; False where it was already."""
    return bool(tx.run(Q.follow_up, id=erasure_id))


def suspended_among(tx: Transaction, erasure_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these erasures that cannot go on because all of their scope is held or restricted."""
    return {row["id"] for row in tx.all(Q.suspended_among, ids=list(erasure_ids))}


def followed_up(tx: Transaction, certificate_id: UUID) -> None:
    """What the erasure with this certificate kept has been erased by another one since."""
    tx.run(Q.followed_up, certificate_id=certificate_id)


def take_over(tx: Transaction, account_id: UUID) -> None:
    """What erasures of single users kept is the business of the erasure of their account from now on."""
    tx.run(Q.take_over, account_id=account_id)


def hold_on(tx: Transaction, erasure_id: UUID, held: Sequence[HeldPart]) -> None:
    """All that an erasure kept is still held, by these."""
    tx.run(Q.hold_on, id=erasure_id, held_by=sorted({part.by for part in held}))


def waiting(tx: Transaction, account_id: UUID) -> list[Kept]:
    """Erasures of the account and its users that have not begun, each held until the end."""
    found = [store.get(tx, row["id"], locked=True) for row in tx.all(Q.waiting, account_id=account_id)]
    return [kept for kept in found if kept is not None]


def resume(tx: Transaction, account_id: UUID, now: datetime) -> None:
    """Note for erasures that nothing suspends any more since when they may go on."""
    for kept in waiting(tx, account_id):
        scope = kept.erasure.scope
        after = holds_rules.resume(kept.erasure, calendar.oslo_date(now))
        if after is not kept.erasure and not holds_rules.is_suspended(scope, parts(tx, scope)):
            store.save(tx, kept, after, next_at=now)


def forget(tx: Transaction, now: datetime) -> int:
    """Forget what ended long ago, a batch of each; how many."""
    before: dict[str, Any] = {"before": now - ENDS_KEPT, "limit": BATCH}
    return tx.run(Q.forget_holds, **before) + tx.run(Q.forget_restrictions, **before)


def reviews_waiting(tx: Transaction, today: date) -> tuple[int, date] | None:
    """How many holds have had their review date without a decision, and the earliest of these dates."""
    row = tx.one(Q.reviews_waiting, today=today)
    return (row["count"], row["since"]) if row and row["count"] else None


def told_and_not_lifted(tx: Transaction) -> list[datetime]:
    """When the persons of restrictions in force were told that these end."""
    return [row["told_at"] for row in tx.all(Q.told_and_not_lifted, limit=LIFTS_LOOKED_AT)]


def announced_and_not_told(tx: Transaction, before: datetime) -> Row | None:
    """How many ends were announced before then to a person nobody is known to have told, and since when."""
    return tx.one(Q.announced_and_not_told, before=before)


def long_restricted(tx: Transaction, before: datetime) -> Row | None:
    """How many restrictions were set before then and have no announced end, and since when."""
    return tx.one(Q.long_restricted, before=before)
