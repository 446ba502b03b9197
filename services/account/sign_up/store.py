"""Sign-ups, and those that wait for their address, as rows. Each works in a transaction it is given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.account.accounts.store import AddressTaken, found
from services.account.sign_up.rules import SIGN_UP_ABANDONED_AFTER
from services.account.tickets.link_endings import Change
from services.account.tickets.store import end_links
from shared.database import Transaction, load_queries
from shared.database.pool import Row

Q: Final = load_queries(__file__)

BATCH: Final = 500


def first_time(tx: Transaction, key: str | None, *, now: datetime) -> bool:
    """Whether this sign-up was not carried out before under the same key."""
    return key is None or tx.run(Q.remember_call, method="sign_up", key=key, now=now) == 1


def insert_account(
    tx: Transaction, account: Row, *, register: Mapping[str, Any], language: str, now: datetime
) -> None:
    """Write the company of a sign-up."""
    tx.run(Q.insert_account, **account, **register, language=language, now=now)


def waiting_sign_ups(tx: Transaction, email_index: bytes) -> list[Row]:
    """The sign-ups that wait for an address that nobody has proved, newest first."""
    return tx.all(Q.waiting_sign_ups, email_index=email_index)


def waiting_owners(tx: Transaction, account_id: UUID) -> list[UUID]:
    """Those who signed up and have not proved their address. Raises `AddressTaken` where somebody else has."""
    rows = tx.all(Q.waiting_owners, account_id=account_id)
    for row in rows:
        if found(tx.one(Q.is_login_name, email_index=row["email_index"]))["proved"]:
            raise AddressTaken
    return [row["id"] for row in rows]


def void_sign_up(tx: Transaction, user_id: UUID, *, now: datetime) -> None:
    """The address was proved by somebody else: what this sign-up brought is worth nothing."""
    tx.run(Q.drop_credential, user_id=user_id)
    end_links(tx, user_id, Change.ADDRESS_PROVED, now=now)


def forget_network(tx: Transaction, account_id: UUID) -> None:
    """From where the sign-up came is of no use once its address is proved."""
    tx.run(Q.forget_network, account_id=account_id)


def abandoned_sign_ups(tx: Transaction, *, now: datetime) -> list[UUID]:
    """Companies in which nobody confirmed an address in time; locked."""
    before = now - SIGN_UP_ABANDONED_AFTER
    return [row["id"] for row in tx.all(Q.abandoned_sign_ups, before=before, limit=BATCH)]
