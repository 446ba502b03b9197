"""What the ledger says of letters about breaches: after a restore none leaves a second time.

Such a letter has the same id whenever it is made, so the provider's records know it. Where the ledger knows one as
left that waits here, this database was set back: every letter of that notice which waits is asked for before it
leaves. Whoever is known to have been told gets none.
"""

from __future__ import annotations

from services.cases.notices.events import BreachRecipientsFollowed
from services.notification.letter_lifecycle.store import Queue
from shared import log
from shared.clock import Clock
from shared.database import Transaction
from shared.privacy.ledger_lines import Entry, kind_of

logger = log.get("notification.facts")


class BreachLetterFacts:
    """Keeps letters from leaving of which the ledger says that they have."""

    facts = frozenset({kind_of(BreachRecipientsFollowed)})

    def __init__(self, clock: Clock) -> None:
        """By `clock` it is asked from now on what became of the others."""
        self._clock, self._queue = clock, Queue()

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Settle what is known to have come to an end; have asked for what may have left."""
        event = entry.event(BreachRecipientsFollowed)
        known = {id_: at for id_, _, _, at in event.recipients()}
        waiting = self._queue.waiting(tx, list(known)) if not event.is_failure else []
        if event.is_told:
            self._queue.were_told(tx, {id_: known[id_] for id_ in waiting})
        if waiting and self._queue.doubt(tx, event.notice_id, self._clock.now()):
            logger.warning("letters about a breach may have left before a restore", notice_id=event.notice_id)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether nobody who was told waits for a letter."""
        event = entry.event(BreachRecipientsFollowed)
        return not event.is_told or not self._queue.waiting(tx, [id_ for id_, *_ in event.recipients()])
