"""What the ledger says of records: what ended counts no more after a restore either."""

from __future__ import annotations

from services.registers.engine import rules, store
from services.registers.engine.events import RecordEnded
from services.registers.engine.values import Record, State
from shared.database import Transaction
from shared.privacy.ledger_lines import Entry, kind_of


class RecordFacts:
    """Ends records again. One that the backup knows nothing of counts for nobody anyway."""

    facts = frozenset({kind_of(RecordEnded)})

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """End it on the day that the fact names; nothing is published anew."""
        event = entry.event(RecordEnded)
        record = store.find(tx, event.record_id)
        if record is None or _has_ended(record, event):
            return
        on = rules.within(record.last, event.ended_on)
        again = rules.ended(record, number=None, on=on, reason=event.reason, by=entry.actor, now=entry.at)
        store.save(tx, again)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether it counts no more from that day on."""
        event = entry.event(RecordEnded)
        record = store.find(tx, event.record_id)
        return record is None or _has_ended(record, event)


def _has_ended(record: Record, event: RecordEnded) -> bool:
    """Whether it ends on the day of the fact, or sooner: a later fact may have brought the end forward."""
    last = record.last
    return last.state is State.ENDED and last.valid_to == rules.within(last, event.ended_on)
