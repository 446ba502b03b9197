"""Declining a class of letters by the link or header of one."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.notification.letter_lifecycle.values import Letter
from services.notification.letters.rules import can_be_declined
from services.notification.letters.values import LetterKind
from services.notification.preferences.calls import Unsubscribe, Unsubscribed
from services.notification.preferences.events import PreferencesChanged
from services.notification.preferences.rules import read_unsubscribe_token, unsubscribe_token
from services.notification.preferences.store import PreferenceStore
from shared.bus import Feature, answers
from shared.clock import Clock
from shared.database import Transaction
from shared.errors import Conflict
from shared.events import Code


@dataclass(kw_only=True, eq=False)
class Preferences(Feature):
    """Makes unsubscribe links with `key`, which lead to the gateway at `public_url`, and takes in their use."""

    clock: Clock
    key: bytes = field(repr=False)
    public_url: str
    store: PreferenceStore = field(default_factory=PreferenceStore)

    def unsubscribe_url(self, kind: LetterKind, letter: Letter) -> str | None:
        """The link that declines letters of this kind's class; None where they cannot be declined."""
        if not can_be_declined(kind.letter_class):
            return None
        whose = {"user_id": letter.user_id, "account_id": letter.account_id}
        token = unsubscribe_token(self.key, **whose, letter_class=kind.letter_class)
        return f"{self.public_url.rstrip('/')}/unsubscribe/{token}"

    @answers(Unsubscribe)
    def unsubscribe(self, call: Unsubscribe, tx: Transaction) -> Unsubscribed:
        """Send no more letters of a class to a user."""
        user_id, account_id, letter_class = read_unsubscribe_token(self.key, call.token)
        if not can_be_declined(letter_class):
            raise Conflict("letters of this class are necessary and cannot be declined")
        now = self.clock.now()
        self.store.opt_out(tx, user_id=user_id, account_id=account_id, letter_class=letter_class, now=now)
        event = PreferencesChanged(account_id=account_id, user_id=user_id, declined=Code(letter_class.value))
        tx.outbox.add(event, now=now)
        return Unsubscribed(letter_class=letter_class.value)
