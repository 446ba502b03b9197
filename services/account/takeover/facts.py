"""What the ledger says of passwords that somebody else may know: they let nobody in after a restore either."""

from __future__ import annotations

from services.account.authentication import store
from services.account.takeover import rules
from services.account.takeover.events import UserResetRequired
from services.account.takeover.values import TAKEN_OVER
from shared.database import Transaction
from shared.privacy.ledger_lines import Entry, kind_of


class TakeoverFacts:
    """Asks for a new password again, unless one was set since. The letters that said so are not sent twice."""

    facts = frozenset({kind_of(UserResetRequired)})

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Close the password; a service that runs has closed it already, and its links and sessions stay."""
        if self._is_open(tx, entry):
            store.require_reset(tx, entry.event(UserResetRequired).user_id, now=entry.at)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether the password that was meant lets nobody in."""
        return not self._is_open(tx, entry)

    @staticmethod
    def _is_open(tx: Transaction, entry: Entry) -> bool:
        event = entry.event(UserResetRequired)
        credential = store.credential(tx, event.user_id)
        if credential is None or credential.reset_required_at is not None:
            return False
        return rules.is_reset_required(TAKEN_OVER, credential.changed_at, event.seen_at)
