"""Classes of letters that users declined."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from services.notification.letters.values import LetterClass
from shared.database import Transaction, load_queries

Q: Final = load_queries(__file__)


class PreferenceStore:
    """Notes what users declined."""

    def opt_outs(self, tx: Transaction, user_id: UUID) -> set[LetterClass]:
        """Which classes a user declined."""
        return {LetterClass(row["letter_class"]) for row in tx.all(Q.opt_outs_of, user_id=user_id)}

    def opt_out(
        self, tx: Transaction, *, user_id: UUID, account_id: UUID, letter_class: LetterClass, now: datetime
    ) -> None:
        """Let a user get no more letters of a class."""
        tx.run(Q.add_opt_out, user_id=user_id, account_id=account_id, letter_class=letter_class.value, now=now)
