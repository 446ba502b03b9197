"""Writing facts: before the commit, so that none is ever missing.

Where the commit fails all the same, the fact is in force a moment later: retention replays it like everybody else,
and what is decided here is told then, under the id that it would have had.
"""

from __future__ import annotations

from shared.bus import Service
from shared.errors import Unavailable
from shared.privacy.ledger_errors import LedgerError
from shared.privacy.ledger_lines import Fact
from shared.privacy.ledger_writer import LedgerWriter


class LedgerWriting(Service):
    """The part of the service that has the ledger's pen."""

    ledger: LedgerWriter

    def _write(self, fact: Fact) -> None:
        """Put a fact into the ledger before the transaction commits; a second time does no harm.

        A ledger in disorder is for a person to mend, so the work waits and is not given up.
        """
        try:
            self.ledger.append([fact], self.clock.now())
        except LedgerError as error:
            raise Unavailable(f"the ledger does not take {fact.kind}: {type(error).__name__}") from error
