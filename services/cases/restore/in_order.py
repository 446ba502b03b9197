"""Facts about cases are made true in the order in which they happened, and not in that of the ledger.

Each kind of event comes to the ledger by a queue of its own. So a step may stand there before the case that it was
taken in, and after retention was away for an hour all of an hour stands in any order. A line is put off until all
that was written is read; a database that dies meanwhile has what is left of them.
"""

from __future__ import annotations

from typing import Final

from services.cases.engine.events import (
    CaseAssigned,
    CaseClockPassed,
    CaseEffectConfirmed,
    CaseInstantEntered,
    CaseOpened,
    CaseStepTaken,
)
from services.cases.restore import store
from shared.database import Transaction
from shared.participation.replay import ParticipantReplayer
from shared.privacy.ledger_lines import Entry, instant, kind_of

AT_ONCE: Final = 100
"""Lines of one transaction."""
LAST: Final = 10**9
"""For facts without a version of their case: what has one came first."""
OF_ONE_INSTANT: Final = tuple(
    map(
        kind_of, (CaseOpened, CaseInstantEntered, CaseStepTaken, CaseAssigned, CaseClockPassed, CaseEffectConfirmed)
    )
)
"""In which order facts of one instant and version are made true; whatever else there is comes after them."""


class InOrder(ParticipantReplayer):
    """Puts off what is an event, and makes it true in its turn. Erasures and restrictions wait for nothing."""

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make it true at once, or put it off."""
        if entry.happening is None:
            super().replay(tx, entry)
        else:
            store.put_off(tx, entry, turn_of(entry))

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether nothing contradicts it, or it waits for its turn."""
        return store.is_put_off(tx, entry) or super().verify(tx, entry)

    def settle(self, tx: Transaction) -> bool:
        """Make some of what was put off true; whether there was any."""
        entries = store.take(tx, unnumbered=_place(LAST), limit=AT_ONCE)
        for entry in entries:
            super().replay(tx, entry)
        return bool(entries)


def turn_of(entry: Entry) -> str:
    """By what a fact is made true before others: text that sorts so. Of one case its sequence decides first."""
    if entry.happening is None:
        raise ValueError("a fact without an instant waits for nothing")
    sequence = LAST if entry.happening.sequence is None else entry.happening.sequence
    kinds = OF_ONE_INSTANT.index(entry.kind) if entry.kind in OF_ONE_INSTANT else len(OF_ONE_INSTANT)
    return f"{instant(entry.happening.since)} {_place(sequence)} {kinds}"


def _place(sequence: int) -> str:
    return f"{sequence:010}"
