"""Ledgers for tests, with keys that are invented here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from shared.events import Code, Event, Received
from shared.privacy.ledger_lines import Fact, Kind
from shared.privacy.ledger_writer import LedgerWriter
from shared.signing import SigningKey

NAMESPACE = UUID("5a1c3c9e-7a52-4d0c-9d53-6a0e8f4f5b21")
LEDGER_ID = uuid5(NAMESPACE, "ledger")
START = datetime(2027, 1, 5, 9, tzinfo=UTC)
KEY = SigningKey(bytes(range(32)))
NEWER_KEY = SigningKey(bytes(range(2, 34)))
STRANGER = SigningKey(bytes(range(1, 33)))


@dataclass(frozen=True, kw_only=True)
class PassRevoked(Event):
    """Somebody's pass opens no door any more."""

    type = "pass.revoked"
    source = "porter"
    replayed_by = ("porter",)
    pass_id: UUID
    holder_id: UUID
    reason: Code
    returned_on: date | None = None
    doors: list[Code]

    @property
    def subject(self) -> str:
        return f"holder/{self.holder_id}"


HOLDER = uuid5(NAMESPACE, "holder")


def revoked(number: int, **changes: Any) -> PassRevoked:
    fields = {"pass_id": uuid5(NAMESPACE, f"pass {number}"), "holder_id": HOLDER, "reason": Code("lost")}
    return PassRevoked(**fields | {"doors": [Code("front"), Code("archive")]} | changes)


def received(event: Event, *, at: datetime = START, sequence: int | None = 7) -> Received[Event]:
    return Received(
        id=uuid4(), event=event, source=event.source or "porter", time=at, subject=event.subject,
        sequence=sequence, correlation_id=uuid4(), actor="staff:kari",
    )  # fmt: skip


def account(number: int) -> UUID:
    return uuid5(NAMESPACE, f"account {number}")


def erased(number: int) -> Fact:
    return Fact(kind=Kind.ACCOUNT_ERASED, account_id=account(number), data={"erased_on": "2027-01-05"})


def writer_at(path, *, created: bool = True) -> LedgerWriter:
    writer = LedgerWriter(path, signing_key=KEY)
    if created:
        writer.create(LEDGER_ID, START)
    return writer


def ledger_of(path, entries: int, *, step: timedelta = timedelta(minutes=1)) -> LedgerWriter:
    """A ledger with so many erasures, one a step, written one by one."""
    writer = writer_at(path)
    for number in range(1, entries + 1):
        writer.append([erased(number)], START + number * step)
    return writer
