"""The holds and restrictions in force on an account, and the erasures that wait for them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.retention.erasure import store as erasures
from services.retention.erasure.values import HeldPart, Scope
from services.retention.holds.values import Hold
from services.retention.restrictions.values import Restriction
from services.retention.suspended_erasures import rules
from shared import calendar
from shared.database import Transaction, load_queries

Q = load_queries(__file__)


def lock_account(tx: Transaction, account_id: UUID) -> None:
    """Keep everybody else from placing, ending, or fixing what is held in this account, until the end."""
    tx.one(Q.lock_account, account_id=account_id)


def parts(tx: Transaction, scope: Scope) -> tuple[HeldPart, ...]:
    """What of the scope of an erasure is held now."""
    return rules.parts_of(scope, active_holds(tx, scope.account_id), set_restrictions(tx, scope.account_id))


def kept_back(tx: Transaction, scope: Scope) -> bool:
    """Whether something of the scope outlived its erasure, because it was held, and is still there."""
    return tx.one(Q.kept_back, account_id=scope.account_id, user_id=scope.user_id) is not None


def active_holds(tx: Transaction, account_id: UUID) -> list[Hold]:
    """The holds in force on an account."""
    return [Hold.of_row(row) for row in tx.all(Q.active_holds, account_id=account_id)]


def set_restrictions(tx: Transaction, account_id: UUID) -> list[Restriction]:
    """The restrictions in force on an account."""
    return [Restriction(**row) for row in tx.all(Q.set_restrictions, account_id=account_id)]


def resume(tx: Transaction, account_id: UUID, now: datetime) -> None:
    """Note for erasures that nothing suspends any more since when they may go on."""
    for row in tx.all(Q.waiting, account_id=account_id):
        stored = erasures.get(tx, row["id"], locked=True)
        if stored is None:
            continue
        scope = stored.erasure.scope
        after = rules.resume(stored.erasure, calendar.oslo_date(now))
        if after is not stored.erasure and not rules.is_suspended(scope, parts(tx, scope)):
            erasures.save(tx, stored, after, next_at=now)
