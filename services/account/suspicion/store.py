"""Attempts to reach customers, protective blocks, and who may instruct, as rows.

Each works in a transaction it is given.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID

from services.account.suspicion.values import ContactAttempt
from shared.database import Transaction, load_queries
from shared.database.pool import Row
from shared.identifiers import new_id

Q: Final = load_queries(__file__)


def add_contact_attempt(
    tx: Transaction, account_id: UUID, attempt: ContactAttempt, *, actor: str, now: datetime
) -> None:
    """Keep an attempt to reach the customer."""
    tx.run(Q.add_contact_attempt, id=new_id(), account_id=account_id, **asdict(attempt), actor=actor, now=now)


def contact_rows(tx: Transaction, account_id: UUID) -> list[Row]:
    """The attempts with who made them, oldest first."""
    return tx.all(Q.contact_attempts, account_id=account_id)


def contact_attempts(tx: Transaction, account_id: UUID) -> list[ContactAttempt]:
    """The attempts as the rules see them."""
    return [
        ContactAttempt(channel=row["channel"], outcome=row["outcome"], attempted_on=row["attempted_on"])
        for row in contact_rows(tx, account_id)
    ]


def block_account(tx: Transaction, account_id: UUID, *, reason: str, now: datetime) -> None:
    """Close it at once."""
    tx.run(Q.block_account, id=account_id, reason=reason, now=now)


def unblock_account(tx: Transaction, account_id: UUID) -> None:
    """Open it again."""
    tx.run(Q.unblock_account, id=account_id)


def let_instruct(tx: Transaction, account_id: UUID, *, now: datetime) -> None:
    """Its owners may instruct although the register calls it bankrupt."""
    tx.run(Q.let_instruct, id=account_id, now=now)


def not_approached(tx: Transaction, reasons: Collection[str], *, attempts: int, channels: int) -> Row | None:
    """How many accounts were made inactive for one of these reasons with fewer attempts, or by fewer channels."""
    return tx.one(Q.not_approached, reasons=list(reasons), attempts=attempts, channels=channels)


def bankrupt_waiting(tx: Transaction) -> Row | None:
    """How many bankrupt companies wait for a person, and since when the first."""
    return tx.one(Q.bankrupt_waiting)


def blocked_waiting(tx: Transaction) -> Row | None:
    """How many accounts are blocked, and since when the first."""
    return tx.one(Q.blocked_waiting)
