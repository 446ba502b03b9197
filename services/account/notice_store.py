"""Contracts and notices of termination, as rows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

from services.account.access_store import Q, found
from services.account.termination.values import Contract, Notice
from shared.calendar import oslo_date
from shared.database import Transaction

ENDED_AT_ONCE: Final = 200


class NoticeStore:
    """Rows about the end of contracts. Every method works in the transaction it is given."""

    def contract(self, tx: Transaction, account_id: UUID) -> Contract:
        """What was agreed about the end of the contract. Raises `NotFound`."""
        row = found(tx.one(Q.contract, account_id=account_id))
        return Contract(
            began_on=oslo_date(row["created_at"]),
            agreed_on=oslo_date(row["agreed_at"]),
            notice_months=row["notice_months"],
        )

    def set_notice_months(self, tx: Transaction, account_id: UUID, months: int) -> None:
        """Keep a notice period agreed apart from the terms."""
        tx.run(Q.set_notice_months, account_id=account_id, months=months)

    def notice(self, tx: Transaction, account_id: UUID) -> Notice | None:
        """The notice in force."""
        row = tx.one(Q.notice, account_id=account_id)
        return Notice(**row) if row else None

    def inactivated_by(self, tx: Transaction, account_id: UUID) -> str | None:
        """What made the account inactive; None for an active one."""
        trigger: str | None = found(tx.one(Q.inactivated_by, account_id=account_id))["inactivated_by"]
        return trigger

    def give_notice(
        self, tx: Transaction, account_id: UUID, notice: Notice, *, channel: str, now: datetime
    ) -> None:
        """Keep a notice; the account's version goes up."""
        tx.run(
            Q.insert_notice,
            account_id=account_id,
            noticed_on=notice.noticed_on,
            ends_on=notice.ends_on,
            channel=channel,
            now=now,
        )
        tx.run(Q.next_version, account_id=account_id)

    def withdraw_notice(self, tx: Transaction, account_id: UUID) -> None:
        """There is no notice any more; the account's version goes up."""
        tx.run(Q.delete_notice, account_id=account_id)
        tx.run(Q.next_version, account_id=account_id)

    def drop_spent_notice(self, tx: Transaction, account_id: UUID, *, today: date) -> None:
        """Whoever comes back after the end of a notice has taken the contract up again."""
        tx.run(Q.drop_spent_notice, account_id=account_id, today=today)

    def ended_contracts(self, tx: Transaction, *, today: date) -> list[UUID]:
        """Active companies whose notice period has passed; locked, in a batch, the longest passed first."""
        return [row["id"] for row in tx.all(Q.ended_contracts, today=today, limit=ENDED_AT_ONCE)]
