"""Contracts and notices of termination, as rows. Each works in a transaction it is given."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

from services.account.accounts.store import found
from services.account.termination.values import Contract, Notice
from shared.calendar import oslo_date
from shared.database import Row, Transaction, load_queries

Q: Final = load_queries(__file__)

ENDED_AT_ONCE: Final = 200


def contract(tx: Transaction, account_id: UUID) -> Contract:
    """What was agreed about the end of the contract. Raises `NotFound`."""
    row = found(tx.one(Q.contract, account_id=account_id))
    return Contract(
        began_on=oslo_date(row["created_at"]),
        agreed_on=oslo_date(row["agreed_at"]),
        notice_months=row["notice_months"],
    )


def set_notice_months(tx: Transaction, account_id: UUID, months: int) -> None:
    """Keep a notice period agreed apart from the terms."""
    tx.run(Q.set_notice_months, account_id=account_id, months=months)


def notice(tx: Transaction, account_id: UUID) -> Notice | None:
    """The notice in force."""
    row = tx.one(Q.notice, account_id=account_id)
    return Notice(**row) if row else None


def reactivated_at(tx: Transaction, account_id: UUID) -> datetime | None:
    """When the customer came back last."""
    row = tx.one(Q.reactivated_at, account_id=account_id)
    return row["reactivated_at"] if row else None


def user_reactivated_at(tx: Transaction, user_id: UUID) -> datetime | None:
    """When the user came back last."""
    row = tx.one(Q.user_reactivated_at, user_id=user_id)
    return row["reactivated_at"] if row else None


def insert_notice(tx: Transaction, account_id: UUID, given: Notice, *, channel: str, now: datetime) -> None:
    """Keep a notice; the account's version goes up."""
    dates = {"noticed_on": given.noticed_on, "ends_on": given.ends_on}
    tx.run(Q.insert_notice, account_id=account_id, **dates, channel=channel, now=now)
    tx.run(Q.next_version, account_id=account_id)


def withdraw_notice(tx: Transaction, account_id: UUID) -> None:
    """There is no notice any more; the account's version goes up."""
    tx.run(Q.delete_notice, account_id=account_id)
    tx.run(Q.next_version, account_id=account_id)


def drop_spent_notice(tx: Transaction, account_id: UUID, *, today: date) -> None:
    """Whoever comes back after the end of a notice has concluded the contract anew."""
    tx.run(Q.drop_spent_notice, account_id=account_id, today=today)


def still_active(tx: Transaction, *, today: date) -> Row | None:
    """How many companies are active whose notice period had passed before that day."""
    return tx.one(Q.still_active, today=today)


def ended_contracts(tx: Transaction, *, today: date) -> list[UUID]:
    """Active companies whose notice period has passed; locked, in a batch, the longest passed first."""
    return [row["id"] for row in tx.all(Q.ended_contracts, today=today, limit=ENDED_AT_ONCE)]
