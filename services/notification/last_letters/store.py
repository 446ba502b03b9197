"""Last mailings before an erasure, and the addresses that Mailgun is to forget."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.notification.letter_lifecycle.rules import DUE, LEASE
from services.notification.letter_lifecycle.store import to_mailing
from services.notification.letter_lifecycle.values import Mailing, State
from shared.database import Row, Transaction, load_queries
from shared.identifiers import new_id

Q: Final = load_queries(__file__)

BATCH: Final = 500
FAREWELL_KEPT: Final = timedelta(days=30)


class FarewellStore:
    """Follows last mailings to their end."""

    def remember(self, tx: Transaction, letter_id: UUID, now: datetime) -> None:
        """Remember for 30 days that a last letter left."""
        tx.run(Q.add_farewell, letter_id=letter_id, kept_until=now + FAREWELL_KEPT)

    def is_farewell(self, tx: Transaction, letter_id: UUID) -> bool:
        """Whether a letter was a last one, its row perhaps erased since."""
        return tx.one(Q.is_farewell, letter_id=letter_id) is not None

    def users_written_to(self, tx: Transaction, account_id: UUID) -> list[UUID]:
        """Users of a company whose address Mailgun may know."""
        return [row["user_id"] for row in tx.all(Q.users_written_to, account_id=account_id)]

    def add_cleanups(self, tx: Transaction, mailing: Mailing, users: Sequence[UUID], now: datetime) -> None:
        """Let the addresses of these users be forgotten at Mailgun."""
        same = {
            "mailing_id": mailing.id,
            "account_id": mailing.account_id,
            "now": now,
            "expires_at": mailing.expires_at,
        }
        tx.many(Q.add_cleanup, [{"user_id": user, **same} for user in users])

    def claim_cleanup(self, tx: Transaction, now: datetime) -> Row | None:
        """The next address to be forgotten, leased."""
        return tx.one(Q.claim_cleanup, claim_id=new_id(), due=DUE, lease_until=now + LEASE, now=now)

    def settle_cleanup(self, tx: Transaction, row: Row, state: str, *, due_at: datetime | None = None) -> None:
        """Say what became of a leased address."""
        tx.run(
            Q.settle_cleanup,
            mailing_id=row["mailing_id"],
            user_id=row["user_id"],
            claim_id=row["claim_id"],
            state=state,
            due_at=due_at,
        )

    def finished(self, tx: Transaction) -> list[Mailing]:
        """Last mailings with nothing left to do, held until the transaction ends."""
        return [to_mailing(row) for row in tx.all(Q.finished_farewells, limit=BATCH)]

    def stop_overdue(self, tx: Transaction, now: datetime) -> int:
        """End last mailings that took too long; returns how many addresses could not be forgotten."""
        left = 0
        for row in tx.all(Q.overdue_farewells, now=now, limit=BATCH):
            tx.run(Q.abandon_mailing_letters, mailing_id=row["id"], now=now)
            left += tx.run(Q.give_up_cleanups, mailing_id=row["id"])
        return left

    def states_of(self, tx: Transaction, mailing: Mailing) -> list[State]:
        """What became of the letters of a mailing."""
        return [State(row["state"]) for row in tx.all(Q.states_of_mailing, mailing_id=mailing.id)]

    def close(self, tx: Transaction, mailing: Mailing, now: datetime) -> None:
        """Nothing more is to be done about a mailing."""
        tx.run(Q.close_mailing, id=mailing.id, now=now)

    def spare_addresses(self, tx: Transaction, clock_id: UUID) -> None:
        """An erasure was called off: what Mailgun knows of these addresses stays there."""
        tx.run(Q.spare_addresses, clock_id=clock_id)
