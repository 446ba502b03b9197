"""Lists of those whom breaches concern, in the database. Functions work in the transaction they are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID

from services.cases.affected.values import LISTED_MOST, AffectedList, Scope, Subject, erased_mark
from shared.database import Row, Transaction, load_queries
from shared.privacy import restricted

Q: Final = load_queries(__file__)
LISTS_SHOWN: Final = 20
NAMED_MOST: Final = 20_000
PART: Final = 30
"""Customers and users in one part of a list, as many as a line of the ledger holds."""


def _list(row: Row) -> AffectedList:
    return AffectedList(**{**row, "scope": Scope(row["scope"])})


def ask(tx: Transaction, asked: AffectedList) -> None:
    """A list is to be computed, instead of one that nothing rests on."""
    tx.run(Q.drop_unfrozen, case_id=asked.case_id)
    tx.run(Q.ask, **asdict(asked))


def agreement_changed(tx: Transaction) -> None:
    """Lists by agreements are looked at again before they count, but for those that a decision rests on."""
    tx.run(Q.agreement_changed)


def seen(tx: Transaction, list_id: UUID, changes: int) -> None:
    """A list takes so many changes into account."""
    tx.run(Q.seen, id=list_id, changes=changes)


def subjects(tx: Transaction, list_id: UUID) -> set[Subject]:
    """Whom a list names."""
    return {(row["account_id"], row["user_id"]) for row in tx.all(Q.subjects, list_id=list_id, limit=LISTED_MOST)}


def waiting(tx: Transaction, *, limit: int) -> list[AffectedList]:
    """The lists of open cases that are to be computed, or looked at again, the oldest first."""
    return [_list(row) for row in tx.all(Q.waiting, limit=limit)]


def lock(tx: Transaction, list_id: UUID) -> AffectedList | None:
    """A list, held; None where another one has replaced it."""
    row = tx.one(Q.lock, id=list_id)
    return _list(row) if row else None


def newest(tx: Transaction, case_id: UUID) -> AffectedList | None:
    """The list of a case that counts."""
    row = tx.one(Q.newest, case_id=case_id)
    return _list(row) if row else None


def of_case(tx: Transaction, case_id: UUID) -> list[Row]:
    """The lists of a case, the newest first, with `standing`: the customers that are on each now."""
    return tx.all(Q.of_case, case_id=case_id, limit=LISTS_SHOWN)


def fill(
    tx: Transaction,
    list_id: UUID,
    subjects: Sequence[Subject],
    counts: tuple[int, int],
    now: datetime,
    *,
    left_out: int | None,
) -> None:
    """Put customers and users on a list, instead of those before; it is computed then."""
    tx.run(Q.clear, list_id=list_id)
    account_ids, user_ids = [each for each, _ in subjects], [each for _, each in subjects]
    tx.run(Q.add_subjects, list_id=list_id, account_ids=account_ids, user_ids=user_ids, size=PART)
    completed(tx, list_id, counts, max(-(-len(subjects) // PART), 1), now, left_out=left_out)


def completed(
    tx: Transaction, list_id: UUID, counts: tuple[int, int], parts: int, now: datetime, *, left_out: int | None
) -> None:
    """All of a list stands: how many customers and persons it names or leaves out, and in how many parts."""
    tx.run(Q.computed, id=list_id, customers=counts[0], persons=counts[1], parts=parts, now=now, left_out=left_out)


def without_erased(tx: Transaction, subjects: Sequence[Subject]) -> list[Subject]:
    """Of these whoever was not erased here; what is held of them stays, and so does the customer of a person."""
    marks = {each: (erased_mark(each[0], None), erased_mark(*each)) for each in subjects}
    digests = list({mark for each in marks.values() for mark in each})
    erased = {bytes(row["digest"]) for row in tx.all(Q.erased_marks, digests=digests)}
    standing: dict[Subject, None] = {}
    for account_id, user_id in subjects:
        of_customer, of_person = marks[account_id, user_id]
        if erased.isdisjoint((of_customer, of_person)) or restricted.is_kept(tx, account_id, user_id, "cases"):
            standing[account_id, user_id] = None
        elif of_customer not in erased:
            standing[account_id, None] = None
    return list(standing)


def forget_marks(tx: Transaction, before: datetime) -> None:
    """Forget who was erased before then."""
    tx.run(Q.forget_marks, before=before)


def freeze(tx: Transaction, list_id: UUID, decision_id: UUID) -> None:
    """A decision rests on the list: nothing changes it any more."""
    tx.run(Q.freeze, id=list_id, decision_id=decision_id)


def untold(tx: Transaction) -> AffectedList | None:
    """A frozen list of which the ledger does not get all yet; nobody else tells it until the transaction ends."""
    row = tx.one(Q.untold)
    return _list(row) if row else None


def of_part(tx: Transaction, list_id: UUID, part: int) -> list[Subject]:
    """Who stands in one part of a list."""
    return [(row["account_id"], row["user_id"]) for row in tx.all(Q.of_part, list_id=list_id, part=part)]


def told(tx: Transaction, list_id: UUID, parts_told: int) -> None:
    """So many parts of a list are on their way to the ledger."""
    tx.run(Q.told, id=list_id, parts_told=parts_told)


def add_again(tx: Transaction, again: AffectedList, part: int, subjects: Sequence[Subject]) -> None:
    """Put whom a part names on a list that is made true again, but for whoever was erased since.

    A list that nothing rests on gives way to it.
    """
    tx.run(Q.drop_others, case_id=again.case_id, id=again.id)
    tx.run(Q.again, **asdict(again))
    there = without_erased(tx, subjects)
    account_ids, user_ids = [each for each, _ in there], [each for _, each in there]
    tx.run(Q.add_again, list_id=again.id, part=part, account_ids=account_ids, user_ids=user_ids)


def named(tx: Transaction, case_id: UUID) -> list[Subject]:
    """Whom the case itself names."""
    rows = tx.all(Q.named, case_id=case_id, limit=NAMED_MOST)
    return [(row["account_id"], row["user_id"]) for row in rows]


def persons_of(tx: Transaction, list_id: UUID, account_id: UUID) -> int:
    """How many users of a customer are on a list."""
    row = tx.one(Q.persons_of, list_id=list_id, account_id=account_id)
    return int(row["persons"]) if row else 0
