"""What was declined is declined again before any letter leaves, when a backup has set the database back."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from services.notification.letters.values import LetterClass
from services.notification.preferences.store import PreferenceStore
from shared.database import Transaction
from shared.privacy.ledger_lines import Entry, Kind


class Objections:
    """The facts of the ledger that only notification knows what to do with."""

    facts = frozenset({Kind.OBJECTION})

    def __init__(self, is_left: Callable[[Transaction, UUID, UUID | None], bool]) -> None:
        """`is_left` says whether anything of a person is there."""
        self._store = PreferenceStore()
        self._is_left = is_left

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Decline again: what had been agreed to by then counts no more."""
        if entry.user_id is not None:
            letter_class, since = LetterClass(entry.text("class")), entry.instant("since")
            self._store.opt_out(
                tx, user_id=entry.user_id, account_id=entry.account_id, letter_class=letter_class, now=since
            )
            self._store.withdraw(tx, entry.user_id, letter_class, since)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether it is declined, or a later erasure took the objection: nobody is left who could get a letter."""
        if entry.user_id is None:
            return True
        letter_class, since = LetterClass(entry.text("class")), entry.instant("since")
        return self._store.is_declined(tx, entry.user_id, letter_class, since) or not self._is_left(
            tx, entry.account_id, entry.user_id
        )
