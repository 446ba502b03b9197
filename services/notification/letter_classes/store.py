"""What two persons said of the classes of letters and of purposes, in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from services.notification.letter_classes.values import Approval
from services.notification.letters.values import LetterClass
from services.registers.board.calls import CountingRecord
from shared.database import Row, Transaction, load_queries

Q: Final = load_queries(__file__)


def note_change(tx: Transaction, record_id: UUID, now: datetime) -> None:
    """The register is to be copied again."""
    tx.run(Q.note_change, record_id=record_id, now=now)


def is_changed(tx: Transaction) -> bool:
    """Whether it is."""
    return tx.one(Q.changed) is not None


def copy(
    tx: Transaction,
    classes: Sequence[CountingRecord],
    purposes: Sequence[CountingRecord],
    *,
    asked_at: datetime,
) -> None:
    """Classes and purposes are as the register had them; what was heard until it was asked is done."""
    tx.run(Q.clear)
    tx.many(Q.set, _rows(classes, asked_at))
    tx.run(Q.clear_purposes)
    tx.many(Q.set_purpose, _rows(purposes, asked_at))
    tx.run(Q.copied, until=asked_at)


def _rows(records: Sequence[CountingRecord], now: datetime) -> list[Row]:
    own = ("record_id", "valid_from", "valid_to")
    return [{**each.fields, **{name: getattr(each, name) for name in own}, "now": now} for each in records]


def purposes(tx: Transaction, processor: str, today: date) -> frozenset[str]:
    """What a processor is used for, besides what the terms name."""
    return frozenset(row["purpose"] for row in tx.all(Q.purposes, processor=processor, today=today))


def approvals(tx: Transaction, letter: str | None) -> list[Approval]:
    """What two persons said of a letter, or of all."""
    rows = tx.all(Q.approvals, letter=letter)
    return [Approval(**row | {"letter_class": LetterClass(row["letter_class"])}) for row in rows]


def waiting(tx: Transaction, reason: str) -> Row | None:
    """How many letters wait for this reason, and since when the oldest."""
    return tx.one(Q.waiting, reason=reason)
