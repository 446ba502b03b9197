"""Acceptances of the terms, as rows. Each works in a transaction it is given."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from services.account.agreements import rules
from shared.calendar import oslo_date
from shared.database import Transaction, load_queries
from shared.database.pool import Row

Q: Final = load_queries(__file__)


def insert_agreement(tx: Transaction, agreement: Mapping[str, Any], *, now: datetime) -> None:
    """Write that a user accepted the document for the company."""
    tx.run(Q.insert_agreement, **{**agreement, "sentences": Jsonb(agreement["sentences"])}, now=now)


def stand_by_agreement(tx: Transaction, account_id: UUID, *, now: datetime) -> None:
    """Somebody who has proved an address stands by what the company accepted."""
    tx.run(Q.stand_by_agreement, account_id=account_id, now=now)


def latest_agreement(tx: Transaction, account_id: UUID) -> Row | None:
    """What the company agreed to last."""
    return tx.one(Q.latest_agreement, account_id=account_id)


def without_agreement(tx: Transaction) -> Row | None:
    """How many active companies have accepted nothing."""
    return tx.one(Q.without_agreement)


def other_text(tx: Transaction, held: Collection[str]) -> Row | None:
    """How many active companies accepted last what is none of these texts, by their digests."""
    return tx.one(Q.other_text, held=list(held))


def unattested(tx: Transaction, wanted: Collection[str]) -> Row | None:
    """How many active companies accepted last without confirming all of this."""
    return tx.one(Q.unattested, wanted=list(wanted))


def expire(tx: Transaction, now: datetime, limit: int) -> int:
    """Forget from where somebody accepted, and archived acceptances, once their time is over; how many rows."""
    return tx.run(Q.expire_agreement_ips, before=now - rules.AGREEMENT_IP_KEPT, limit=limit) + tx.run(
        Q.expire_archive, today=oslo_date(now), limit=limit
    )
