"""Letters that are due, and the provider's budget of calls."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

import psycopg

from services.notification.letter_lifecycle.rules import DUE, LEASE, LEASED, WAITS
from services.notification.letter_lifecycle.store import to_letter
from services.notification.letter_lifecycle.values import Letter, State
from shared.database import Row, Transaction, load_queries
from shared.identifiers import new_id
from shared.wait_bounds import AHEAD

Q: Final = load_queries(__file__)

PROVIDER: Final = "mailgun"
PAUSED: Final = WAITS["provider_budget.paused_until"]
COUNTED: Final = (
    State.PENDING, State.SENDING, State.UNKNOWN, State.PARKED, State.ABANDONED, State.BOUNCED,
)  # fmt: skip


class DeliveryStore:
    """Leases letters to a worker, no faster than the provider takes them."""

    def claim(self, tx: Transaction, now: datetime, *, rate: float, burst: float) -> Letter | None:
        """The next letter, leased, with one of the provider's tokens; None where one of both is missing.

        The bucket gains `rate` tokens a second and saves up at most `burst`.
        """
        row: Row | None = None
        with tx.savepoint():
            row = tx.one(
                Q.claim_letter,
                claim_id=new_id(),
                lease_until=now + LEASE,
                now=now,
                provider=PROVIDER,
                due=DUE,
                pause=PAUSED,
            )
            if row and not tx.run(Q.take_token, provider=PROVIDER, now=now, rate=rate, burst=burst, ahead=AHEAD):
                row = None
                raise psycopg.Rollback
        return to_letter(row) if row else None

    def begin(self, tx: Transaction, letter: Letter, *, address_index: bytes, now: datetime) -> bool:
        """Mark that the call is about to be made; False where the lease was lost or the row is gone."""
        row = tx.one(
            Q.begin_letter,
            id=letter.id,
            claim_id=letter.claim_id,
            address_index=address_index,
            now=now,
            lease_until=now + LEASE,
            lease=LEASED,
        )
        return row is not None

    def pause(self, tx: Transaction, until: datetime, now: datetime) -> None:
        """Let no replica claim a letter before `until`."""
        tx.run(Q.pause_provider, provider=PROVIDER, until=until, now=now, pause=PAUSED)

    def set_rate(self, tx: Transaction, per_second: float | None) -> None:
        """How many letters may leave a second from now on; None lets the setting count again."""
        tx.run(Q.set_rate, provider=PROVIDER, per_second=per_second)

    def capacity(self, tx: Transaction, now: datetime, *, rate: float) -> Row:
        """What bounds the sending of letters now."""
        row = tx.one(Q.capacity, provider=PROVIDER, now=now, rate=rate, pause=PAUSED, due=DUE)
        if row is None:
            raise LookupError("the provider has no bucket")
        return row

    def by_state(self, tx: Transaction) -> dict[str, int]:
        """How many letters have not left, were given up, or bounced, by state."""
        counted = {row["state"]: int(row["count"]) for row in tx.all(Q.letters_by_state)}
        return {state.value: counted.get(state.value, 0) for state in COUNTED}

    def stopped(self, tx: Transaction, reasons: Collection[str], letters: Collection[str]) -> Row | None:
        """How many letters of these kinds did not leave for one of these reasons."""
        return tx.one(Q.stopped_for, reasons=list(reasons), letters=list(letters))

    def sent_beside(self, tx: Transaction, since: datetime, letters: Collection[str]) -> Row | None:
        """How many letters left since then that are of other kinds than these."""
        return tx.one(Q.sent_beside, since=since, letters=list(letters))

    def late(self, tx: Transaction, before: datetime) -> Row | None:
        """How many letters were asked for before then and have not left, and since when the oldest."""
        return tx.one(Q.letters_late, before=before)
