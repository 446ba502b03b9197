"""What the ledger says of what has come in: what a machine says again after a restore is known."""

from __future__ import annotations

from services.cases.engine import store
from services.cases.engine.events import CaseOpened
from shared.database import Transaction
from shared.privacy.ledger_lines import Entry, kind_of


class IntakeFacts:
    """Knows again by which number a machine opened a case; the case itself is there by then."""

    facts = frozenset({kind_of(CaseOpened)})

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Remember it, unless it is remembered."""
        opened = entry.event(CaseOpened)
        if opened.digest is not None:
            for digest in filter(None, (opened.digest, opened.telling)):
                store.note_taken(
                    tx, opened.opened_by, bytes.fromhex(digest), opened.case_id, entry.at, signal=opened.signal
                )

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether what comes again goes into a case."""
        opened = entry.event(CaseOpened)
        if opened.digest is None:
            return True
        digests = [bytes.fromhex(each) for each in filter(None, (opened.digest, opened.telling))]
        return all(store.taken_before(tx, opened.opened_by, each) is not None for each in digests)
