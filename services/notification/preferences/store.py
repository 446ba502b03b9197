"""Classes of letters that users declined."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID

from services.notification.letters.values import LetterClass
from services.notification.preferences.rules import OPTIONAL_CLASSES
from services.notification.preferences.values import Channel, Objection
from shared.database import Row, Transaction, load_queries

Q: Final = load_queries(__file__)


class PreferenceStore:
    """Notes what users declined."""

    def opt_outs(self, tx: Transaction, user_id: UUID) -> set[LetterClass]:
        """Which classes a user declined."""
        return {LetterClass(row["letter_class"]) for row in tx.all(Q.opt_outs_of, user_id=user_id)}

    def declining(self, tx: Transaction, account_id: UUID, letter_class: LetterClass) -> list[UUID]:
        """The users of a company who declined a class."""
        rows = tx.all(Q.declining, account_id=account_id, letter_class=letter_class.value)
        return [row["user_id"] for row in rows]

    def opt_out(
        self, tx: Transaction, *, user_id: UUID, account_id: UUID, letter_class: LetterClass, now: datetime
    ) -> bool:
        """Let a user get no more of a class since `now`; whether that was not known, or known from later."""
        added = tx.run(
            Q.add_opt_out, user_id=user_id, account_id=account_id, letter_class=letter_class.value, now=now
        )
        return added == 1

    def one_at_a_time(self, tx: Transaction, user_id: UUID) -> None:
        """Let other objections of this person wait until the transaction ends."""
        tx.one(Q.one_at_a_time, user_id=user_id)

    def add_objection(self, tx: Transaction, objection: Objection, now: datetime) -> bool:
        """Keep an objection; whether it is new."""
        return tx.run(Q.add_objection, **asdict(objection), now=now) == 1

    def not_in_force(self, tx: Transaction) -> Row | None:
        """How many objections have not declined what they decline, or only since later."""
        return tx.one(Q.not_in_force, classes=[each.value for each in OPTIONAL_CLASSES])

    def objection(self, tx: Transaction, case_id: UUID) -> Objection | None:
        """An objection by its id."""
        return _objection(tx.one(Q.objection, case_id=case_id))

    def objected_before(self, tx: Transaction, objection: Objection) -> Objection | None:
        """The person's first objection that was received no later and is in force, where there is one."""
        of = {"user_id": objection.user_id, "account_id": objection.account_id}
        classes = [each.value for each in OPTIONAL_CLASSES]
        row = tx.one(Q.objected_before, **of, received_at=objection.received_at, classes=classes)
        return _objection(row)


def _objection(row: Row | None) -> Objection | None:
    return Objection(**row | {"channel": Channel(row["channel"])}) if row else None
