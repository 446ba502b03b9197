"""New addresses, and those that were replaced, as rows. Each works in a transaction it is given."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from services.account.accounts.store import found, unique_addresses
from services.account.accounts.values import UserState
from services.account.email_change import rules
from services.account.tickets.link_endings import Change
from services.account.tickets.store import end_links
from shared.database import Transaction, load_queries
from shared.database.pool import Row

Q: Final = load_queries(__file__)


def take_new_address(tx: Transaction, user_id: UUID, *, email_sealed: bytes, now: datetime) -> int:
    """The address that waited replaces the old one, which ends links and sessions; the new version.

    Raises `AddressTaken`.
    """
    with unique_addresses():
        row = tx.one(Q.take_new_address, id=user_id, email_sealed=email_sealed, now=now)
    end_links(tx, user_id, Change.ADDRESS, now=now)
    return int(found(row)["version"])


def keep_former_address(
    tx: Transaction, former_id: UUID, user: UserState, *, email_sealed: bytes, now: datetime
) -> None:
    """Keep the replaced address for the letter that tells it."""
    tx.run(Q.keep_former_address, id=former_id, **user.ids, email_sealed=email_sealed, now=now)


def former_address(tx: Transaction, former_id: UUID, user_id: UUID) -> Row | None:
    """A replaced address of this user, locked; None where it is not kept any more."""
    return tx.one(Q.former_address, id=former_id, user_id=user_id)


def note_fetch(tx: Transaction, former_id: UUID, *, now: datetime) -> None:
    """The letter to a replaced address is being written."""
    tx.run(Q.note_fetch, id=former_id, now=now)


def expire(tx: Transaction, now: datetime, limit: int) -> int:
    """Delete a batch of replaced addresses whose letter was written, or could not be; how many."""
    return tx.run(
        Q.expire_former_addresses,
        replaced_before=now - rules.FORMER_ADDRESS_KEPT,
        fetched_before=now - rules.FORMER_ADDRESS_AFTER_FETCH,
        limit=limit,
    )
