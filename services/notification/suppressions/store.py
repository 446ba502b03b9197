"""Addresses that get no letters, as keyed digests."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from services.notification.letter_lifecycle.values import Letter
from services.notification.letters.values import LetterKind
from services.notification.suppressions.calls import Suppressions
from services.notification.suppressions.rules import SUPPRESSED_AT_MOST, bounce_ends_at, suppressed_for
from services.notification.suppressions.values import Suppression, SuppressionKind
from shared.database import Row, Transaction, load_queries
from shared.keyset import bounds

Q: Final = load_queries(__file__)


class SuppressionStore:
    """Notes why an address gets no letters, and forgets it again."""

    def against(
        self, tx: Transaction, kind: LetterKind, address_index: bytes, now: datetime
    ) -> tuple[list[Suppression], frozenset[SuppressionKind]]:
        """What is known against an address, and what of it stops this letter now."""
        known = self.known(tx, address_index)
        return known, suppressed_for(kind, known, now)

    def known(self, tx: Transaction, address_index: bytes) -> list[Suppression]:
        """Why an address gets no letters, what is over included."""
        rows = tx.all(Q.suppressions_of, address_index=address_index)
        return [Suppression(**{**row, "kind": SuppressionKind(row["kind"])}) for row in rows]

    def note_try(self, tx: Transaction, address_index: bytes, now: datetime) -> None:
        """A letter goes to a suppressed address all the same."""
        tx.run(Q.note_try, address_index=address_index, now=now)

    def address_works(self, tx: Transaction, letter: Letter) -> None:
        """The letter arrived: no bounce before it says anything against its address."""
        if letter.address_index is not None:
            tx.run(Q.address_works, address_index=letter.address_index)

    def suppress(self, tx: Transaction, kind: SuppressionKind, letter: Letter, now: datetime) -> None:
        """Let the address a letter went to get no more: for a while after a bounce, for ever after a complaint."""
        if letter.address_index is None:
            return
        ends = kind is SuppressionKind.BOUNCE
        about = {"kind": kind.value, "address_index": letter.address_index}
        row = tx.one(
            Q.add_suppression,
            **about,
            account_id=letter.account_id,
            user_id=letter.user_id,
            ends_at=bounce_ends_at(1, now) if ends else None,
            now=now,
        )
        if ends and row is not None:
            tx.run(Q.set_suppression_end, **about, ends_at=bounce_ends_at(row["times"], now))

    def forget(self, tx: Transaction, address_index: bytes) -> None:
        """Know an address no more."""
        tx.run(Q.forget_address, address_index=address_index)

    def in_force(self, tx: Transaction, call: Suppressions, now: datetime) -> list[Row]:
        """Addresses that get no letters now: a page of them, and one more where another follows."""
        of_one = {"account_id": call.account_id, "now": now, "longest": SUPPRESSED_AT_MOST}
        return tx.all(Q.open_suppressions, **of_one, **bounds(call))

    def by_id(self, tx: Transaction, suppression_id: UUID) -> Row | None:
        """One suppression, held until the transaction ends."""
        return tx.one(Q.suppression_by_id, id=suppression_id)

    def lift(self, tx: Transaction, suppression_id: UUID, by: str, now: datetime) -> None:
        """A person says that the address works."""
        tx.run(Q.lift_suppression, id=suppression_id, by=by, now=now)

    def count(self, tx: Transaction, now: datetime) -> int:
        """How many addresses get no letters now."""
        row = tx.one(Q.count_suppressed, now=now, longest=SUPPRESSED_AT_MOST)
        return int(row["count"]) if row else 0
