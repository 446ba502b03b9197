"""States of users, as rows. Each works in a transaction it is given."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from services.account.accounts.store import found
from services.account.tickets.links import Change
from services.account.tickets.store import end_links
from shared.database import Transaction, load_queries
from shared.database.pool import Row

Q: Final = load_queries(__file__)


def deactivate_user(tx: Transaction, user_id: UUID, *, by: str, now: datetime) -> Row:
    """Make one user inactive, end the sessions and void the links; version and state after it."""
    row = tx.one(Q.set_user_state, id=user_id, state="inactive", inactivated_at=now, inactivated_by=by)
    end_links(tx, user_id, Change.USER_INACTIVE, now=now)
    return found(row)


def reactivate_user(tx: Transaction, user_id: UUID) -> Row:
    """Make one user active again; version and state after it."""
    return found(tx.one(Q.set_user_state, id=user_id, state="active", inactivated_at=None, inactivated_by=None))
