"""Ledgers for tests, with keys that are invented here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from shared.privacy.ledger_lines import Fact, Kind
from shared.privacy.ledger_writer import LedgerWriter
from shared.signing import SigningKey

NAMESPACE = UUID("5a1c3c9e-7a52-4d0c-9d53-6a0e8f4f5b21")
LEDGER_ID = uuid5(NAMESPACE, "ledger")
START = datetime(2027, 1, 5, 9, tzinfo=UTC)
KEY = SigningKey(bytes(range(32)))
NEWER_KEY = SigningKey(bytes(range(2, 34)))
STRANGER = SigningKey(bytes(range(1, 33)))


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
