"""Which customer and contacts at Tripletex are ours. Functions work in the transaction they are given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from services.billing_sync.customer_links.rules import RECONCILE_AFTER
from services.billing_sync.customer_links.values import ContactLink, Link
from shared.database import Transaction, load_queries

Q = load_queries(__file__)


def link(tx: Transaction, account_id: UUID) -> Link | None:
    """The account's customer, where one was ever reserved."""
    row = tx.one(Q.link, account_id=account_id)
    return Link(**row) if row else None


def reserve(tx: Transaction, account_id: UUID) -> Link:
    """The account's customer, with a number of our own from now on."""
    tx.run(Q.reserve, account_id=account_id)
    made = link(tx, account_id)
    if made is None:
        raise LookupError("a customer number was reserved and is not there")
    return made


def synced(tx: Transaction, account_id: UUID, tripletex_id: int, content_hash: bytes, now: datetime) -> None:
    """Tripletex has what the account says."""
    tx.run(Q.synced, account_id=account_id, tripletex_id=tripletex_id, content_hash=content_hash, now=now)


def contacts(tx: Transaction, account_id: UUID) -> dict[UUID, ContactLink]:
    """The contacts that are ours, or may have been made, by user."""
    return {
        row["user_id"]: ContactLink(tripletex_id=row["tripletex_id"], expected=row["expected"])
        for row in tx.all(Q.contacts, account_id=account_id)
    }


def expect_contact(tx: Transaction, account_id: UUID, user_id: UUID, expected: bytes) -> None:
    """A contact of this user, recognised by this digest, is about to be made."""
    tx.run(Q.keep_contact, account_id=account_id, user_id=user_id, tripletex_id=None, expected=expected)


def keep_contact(tx: Transaction, account_id: UUID, user_id: UUID, tripletex_id: int) -> None:
    """This contact is this user."""
    tx.run(Q.keep_contact, account_id=account_id, user_id=user_id, tripletex_id=tripletex_id, expected=None)


def drop_contact(tx: Transaction, account_id: UUID, user_id: UUID) -> None:
    """This user has no contact any more."""
    tx.run(Q.drop_contact, account_id=account_id, user_id=user_id)


def keep_minimised(
    tx: Transaction, account_id: UUID, bookkeeping_until: date | None, now: datetime, *, held_users: Sequence[UUID]
) -> None:
    """After an erasure: keep the number only while bookkeeping is kept there, or a contact that is held."""
    tx.run(Q.drop_contacts, account_id=account_id, held_users=list(held_users))
    if bookkeeping_until is None and not held_users:
        tx.run(Q.drop_link, account_id=account_id)
    else:
        tx.run(Q.keep_minimised, account_id=account_id, now=now, bookkeeping_until=bookkeeping_until)


def drop_expired(tx: Transaction, today: date) -> int:
    """Forget links whose bookkeeping has ended."""
    return tx.run(Q.expired_links, today=today)


def unchecked(tx: Transaction, now: datetime, limit: int) -> list[UUID]:
    """Accounts whose copy was not compared for `RECONCILE_AFTER`."""
    rows = tx.all(Q.unchecked, before=now - RECONCILE_AFTER, reconcile_after=RECONCILE_AFTER, limit=limit)
    return [row["account_id"] for row in rows]
