"""Notices to the authority for customers with a mandate, in the database, in the transaction that is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Final
from uuid import UUID

from services.cases.affected.values import LISTED_MOST
from services.cases.filings.values import Filing, Mandate
from services.cases.kinds.values import Moment
from shared.calendar import oslo_date
from shared.database import Row, Transaction, load_queries

Q: Final = load_queries(__file__)
FILINGS_SHOWN: Final = 20


def ask(tx: Transaction, filing: Filing) -> None:
    """Mandates are to be looked up, instead of what no decision rests on."""
    tx.run(Q.drop_undecided, case_id=filing.case_id)
    tx.run(Q.ask, **asdict(filing))


def waiting(tx: Transaction, *, limit: int) -> list[Filing]:
    """What is to be looked up, the oldest first."""
    return [Filing(**row) for row in tx.all(Q.waiting, limit=limit)]


def lock(tx: Transaction, filing_id: UUID) -> Filing | None:
    """A filing, held; None where another one has replaced it."""
    row = tx.one(Q.lock, id=filing_id)
    return Filing(**row) if row else None


def of_case(tx: Transaction, case_id: UUID) -> list[Filing]:
    """The filings of a case, the newest first."""
    return [Filing(**row) for row in tx.all(Q.of_case, case_id=case_id, limit=FILINGS_SHOWN)]


def listed(tx: Transaction, case_id: UUID) -> Mapping[UUID, int]:
    """The customers on the frozen list of a case, each with how many of its persons are concerned."""
    rows = tx.all(Q.listed, case_id=case_id, limit=LISTED_MOST)
    return {row["account_id"]: row["persons"] for row in rows}


def fill(tx: Transaction, filing_id: UUID, mandates: Iterable[Mandate], now: datetime) -> None:
    """These customers gave a mandate; it is looked up then."""
    tx.many(Q.add, [asdict(each) | {"filing_id": filing_id} for each in mandates])
    tx.run(Q.looked_up, id=filing_id, now=now)


def mandates(
    tx: Transaction, filing_id: UUID, *, after: UUID | None = None, limit: int = LISTED_MOST
) -> list[Mandate]:
    """Whom a filing names, those after one customer."""
    rows = tx.all(Q.mandates, filing_id=filing_id, after=after, limit=limit)
    return [Mandate(**row) for row in rows]


def counts(tx: Transaction, case_id: UUID, day: date) -> dict[UUID, Row]:
    """Of each filing of a case how many it has `named`, with `persons`, and whose mandate is `over` that day."""
    return {row["filing_id"]: row for row in tx.all(Q.counts, case_id=case_id, day=day)}


def others(tx: Transaction, case_id: UUID) -> dict[UUID, int]:
    """How many customers on the list of a case each of its filings does not name."""
    return {row["filing_id"]: row["others"] for row in tx.all(Q.others, case_id=case_id)}


def ended(tx: Transaction, mandate_id: UUID, valid_to: date | None) -> None:
    """A mandate counts until then, where no decision rests on it."""
    tx.run(Q.ended, mandate_id=mandate_id, valid_to=valid_to)


def decide(
    tx: Transaction,
    filing_id: UUID,
    named: Iterable[Mandate],
    *,
    extent: str,
    decision_id: UUID,
    notified_at: datetime,
) -> None:
    """The notice was given for these, and for nobody else."""
    tx.run(Q.leave_out, filing_id=filing_id, account_ids=[each.account_id for each in named])
    tx.run(Q.decide, id=filing_id, extent=extent, decision_id=decision_id, notified_at=notified_at)


def first_told(tx: Transaction, day: date, *, limit: int) -> list[tuple[UUID, datetime]]:
    """Open cases in which a customer with a mandate was told, and when the first was, unless the case knows it."""
    rows = tx.all(Q.first_told, day=day, name=Moment.CUSTOMER_AWARE_AT, limit=limit)
    return [(row["case_id"], row["told_at"]) for row in rows]


def filed_for(tx: Transaction, case_id: UUID, account_id: UUID) -> list[Row]:
    """The notices that were given for a customer: `extent`, `notified_at`."""
    return tx.all(Q.filed_for, case_id=case_id, account_id=account_id)


def named(tx: Transaction, case_id: UUID) -> tuple[int, int] | None:
    """How many customers the newest filing of a case names, and their persons; None where nobody has looked."""
    newest = next(iter(of_case(tx, case_id)), None)
    if newest is None or newest.looked_up_at is None:
        return None
    row = counts(tx, case_id, oslo_date(newest.looked_up_at))[newest.id]
    return int(row["named"]), int(row["persons"])
