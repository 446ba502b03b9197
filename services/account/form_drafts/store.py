"""Forms that are kept, as rows. Each works in a transaction it is given."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from services.account.authentication.values import OpenSession
from shared import form_drafts
from shared.database import Transaction, load_queries

Q: Final = load_queries(__file__)


def keep(tx: Transaction, session: OpenSession, path: str, sealed: bytes, *, now: datetime) -> None:
    """Keep it for whoever has or had this session, and no more than so many of theirs."""
    row = {"user_id": session.user_id, "account_id": session.account_id, "path": path}
    tx.run(Q.keep, **row, sealed=sealed, now=now)
    tx.run(Q.trim, user_id=session.user_id, limit=form_drafts.MOST)


def kept(tx: Transaction, user_id: UUID, path: str, *, now: datetime) -> bytes | None:
    """What is kept of a user's form at this address; None where nothing is, or the hour is over."""
    row = tx.one(Q.show, user_id=user_id, path=path)
    return bytes(row["sealed"]) if row is not None and form_drafts.is_kept(row["kept_at"], now) else None


def drop(tx: Transaction, user_id: UUID, path: str) -> None:
    """Forget a user's form at this address."""
    tx.run(Q.drop, user_id=user_id, path=path)


def expire(tx: Transaction, now: datetime, limit: int) -> int:
    """Delete a batch of what nobody came back for; how many."""
    return tx.run(Q.expire, before=now - form_drafts.KEPT, limit=limit)
