"""Threads of support and their messages, as rows. Each works in a transaction it is given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.account.support import rules
from services.account.support.values import MESSAGES_MOST, QUESTION
from shared.calendar import oslo_date
from shared.daily_limits import DAY
from shared.database import Row, Transaction, load_queries
from shared.errors import NotFound
from shared.keyset import Paged, bounds
from shared.wait_bounds import AHEAD

Q: Final = load_queries(__file__)


def begin(tx: Transaction, thread_id: UUID, account_id: UUID, user_id: UUID, *, kind: str, now: datetime) -> Row:
    """Begin a thread whose first message waits; how many messages it has, and when an answer is due."""
    due = rules.answer_due(now, kind)
    ids = {"id": thread_id, "account_id": account_id, "user_id": user_id}
    tx.run(Q.begin, **ids, kind=kind, answer_due=due, expires_on=rules.expires_on(now), now=now)
    return {"messages": 1, "answer_due": due}


def wait(tx: Transaction, thread_id: UUID, *, now: datetime) -> Row:
    """Note that the person has written on; how many messages it has, and when an answer is due."""
    due = rules.answer_due(now, QUESTION)
    return _changed(tx.one(Q.wait, id=thread_id, now=now, answer_due=due, expires_on=rules.expires_on(now)))


def answer(tx: Transaction, thread_id: UUID, *, now: datetime) -> Row:
    """Note that staff have written; how many messages it has, its state and version."""
    return _changed(tx.one(Q.answer, id=thread_id, now=now, expires_on=rules.expires_on(now)))


def settle(tx: Transaction, thread_id: UUID) -> Row:
    """Note that no written answer is needed; its state and version."""
    return _changed(tx.one(Q.settle, id=thread_id))


def add_message(tx: Transaction, row: Mapping[str, Any], *, now: datetime) -> None:
    """Keep a message."""
    tx.run(Q.add_message, **row, now=now)


def thread(tx: Transaction, account_id: UUID, thread_id: UUID, *, lock: bool = False) -> Row:
    """A thread of the account. Raises `NotFound` where it has none of this id."""
    return _changed(tx.one(Q.lock if lock else Q.get, id=thread_id, account_id=account_id))


def earlier(tx: Transaction, user_id: UUID, *, now: datetime) -> list[datetime]:
    """When this person wrote within a day, as many as count."""
    span = {"since": now - DAY, "until": now + AHEAD}
    rows = tx.all(Q.earlier, user_id=user_id, **span, limit=rules.daily_limit(now))
    return [row["written_at"] for row in rows]


def of_account(tx: Transaction, account_id: UUID, user_id: UUID | None, page: Paged) -> list[Row]:
    """The threads of an account, or of one person of it, with their first message; one more than a page holds."""
    return tx.all(Q.of_account, account_id=account_id, user_id=user_id, **bounds(page))


def messages(tx: Transaction, thread_id: UUID, before: int | None) -> list[Row]:
    """The messages of a thread before a number, the newest first."""
    return tx.all(Q.messages, thread_id=thread_id, before=before, limit=MESSAGES_MOST)


def waiting(tx: Transaction, page: Paged) -> list[Row]:
    """What waits for an answer, of all customers; one more than a page holds."""
    return tx.all(Q.waiting, **bounds(page))


def of_reply(tx: Transaction, thread_id: UUID) -> Row | None:
    """Whose thread a reply address names; None where it is gone."""
    return tx.one(Q.of_reply, id=thread_id)


def lock_reply(tx: Transaction, thread_id: UUID) -> Row:
    """How it stands, locked, after its person was. Raises `NotFound` where it went meanwhile."""
    return _changed(tx.one(Q.lock_reply, id=thread_id))


def is_known(tx: Transaction, message_id: UUID) -> bool:
    """Whether this very mail was taken before."""
    return tx.one(Q.message_known, id=message_id) is not None


def note_declined(tx: Transaction, thread_id: UUID, *, now: datetime) -> None:
    """Note that the person is told that something was not taken."""
    tx.run(Q.note_declined, id=thread_id, now=now)


def overdue(tx: Transaction, now: datetime) -> Row | None:
    """How many should have been answered before today."""
    return tx.one(Q.overdue, today=oslo_date(now))


def written_while_inactive(tx: Transaction) -> Row | None:
    """How many messages of a page nobody with a session can have written."""
    return tx.one(Q.written_while_inactive)


def expire(tx: Transaction, now: datetime, limit: int) -> int:
    """Forget threads whose time is over; how many."""
    return tx.run(Q.expire, today=oslo_date(now), limit=limit)


def _changed(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row
