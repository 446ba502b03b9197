"""What the facts of the ledger mean in notification's database, when a backup has set it back behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.notification.erasure.store import ErasureStore, Q
from services.notification.letters.values import LetterClass
from shared.database import Transaction
from shared.privacy import restricted
from shared.privacy.ledger_lines import Entry, Kind

if TYPE_CHECKING:
    from services.notification.preferences.store import PreferenceStore

ERASED: Final = frozenset({Kind.ACCOUNT_ERASED, Kind.USER_ERASED})


class NotificationReplayer:
    """Forgets again who was erased, and declines again what was declined, before any letter leaves."""

    def __init__(self, preferences: PreferenceStore) -> None:
        """`preferences` is where objections are noted."""
        self._erasing, self._preferences = ErasureStore(), preferences

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make the fact true."""
        if entry.kind in ERASED:
            held = restricted.in_force(tx, entry.account_id).within(entry.user_id)
            self._erasing.erase(tx, entry.account_id, entry.user_id, held)
        elif entry.kind in restricted.FACTS:
            restricted.replay(tx, entry)
        elif entry.kind == Kind.OBJECTION and entry.user_id is not None:
            self._preferences.opt_out(
                tx,
                user_id=entry.user_id,
                account_id=entry.account_id,
                letter_class=LetterClass(entry.text("class")),
                now=entry.instant("since"),
            )

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether nothing in the database contradicts the fact."""
        if entry.kind in restricted.FACTS:
            return restricted.verify(tx, entry)
        if entry.kind in ERASED:
            left = tx.one(Q.left_of, account_id=entry.account_id, user_id=entry.user_id)
            return left is None or restricted.was_partial(entry)
        if entry.kind == Kind.OBJECTION and entry.user_id is not None:
            declined = self._preferences.opt_outs(tx, entry.user_id)
            return LetterClass(entry.text("class")) in declined or self._is_erased(tx, entry)
        return True

    def is_empty(self, tx: Transaction) -> bool:
        """Whether there is no letter and no objection."""
        return tx.one(Q.anything) is None

    @staticmethod
    def _is_erased(tx: Transaction, entry: Entry) -> bool:
        """A later erasure takes the objection with it: nobody is left who could get a letter."""
        return tx.one(Q.left_of, account_id=entry.account_id, user_id=entry.user_id) is None
