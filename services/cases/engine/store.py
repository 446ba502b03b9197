"""Cases in the database. Functions work in the transaction they are given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from services.cases.engine.values import Case, CaseFile, Change, Decision, Effect, Entered, Link, RunningClock
from services.cases.kinds.values import Moment
from shared.database import Row, Transaction, load_queries
from shared.errors import NotFound
from shared.keyset import Paged, bounds

Q: Final = load_queries(__file__)
SUBJECTS_MOST: Final = 20_000
"""Whom one case may be about: more than there are customers."""
LINKS_MOST: Final = 200
KEPT_APART_MOST: Final = 1000
"""So much of what went into one case is remembered by its numbers; what comes after it is counted."""


def add(tx: Transaction, opened: Change) -> None:
    """Keep a new case with its clocks and instants."""
    tx.run(Q.add, **asdict(opened.after.case))
    _add_new(tx, opened)


def save(tx: Transaction, change: Change) -> None:
    """Keep what became of a case."""
    tx.run(Q.save, **asdict(change.after.case))
    _add_new(tx, change)


def _add_new(tx: Transaction, change: Change) -> None:
    case_id = change.after.case.id
    save_clocks(tx, case_id, change.after.clocks)
    for each in change.entered:
        tx.run(Q.enter, case_id=case_id, **asdict(each))
    if change.decision is not None:
        tx.run(Q.decide, case_id=case_id, **asdict(change.decision))
    for effect in change.ordered:
        tx.run(Q.order, **asdict(effect))


def save_case(tx: Transaction, case: Case) -> None:
    """Keep a case of which nothing else has changed."""
    tx.run(Q.save, **asdict(case))


def raise_version(tx: Transaction, case: Case) -> Case:
    """Keep that something beside a case has changed: whoever saw the version before decides anew."""
    raised = replace(case, version=case.version + 1)
    save_case(tx, raised)
    return raised


def save_clocks(tx: Transaction, case_id: UUID, clocks: Iterable[RunningClock]) -> None:
    """Keep clocks of a case as they are now."""
    tx.many(Q.save_clock, [asdict(each) | {"case_id": case_id} for each in clocks])


def lock(tx: Transaction, case_id: UUID) -> CaseFile:
    """A case with all that counts, which nobody else changes until the transaction ends. Raises `NotFound`."""
    return _whole(tx, tx.one(Q.lock, id=case_id))


def get(tx: Transaction, case_id: UUID) -> CaseFile:
    """A case with all that counts. Raises `NotFound`."""
    return _whole(tx, tx.one(Q.get, id=case_id))


def _whole(tx: Transaction, row: Row | None) -> CaseFile:
    if row is None:
        raise NotFound("there is no such case")
    case = Case.of_row(row)
    entered = tx.all(Q.entered, id=case.id)
    return CaseFile(
        case=case,
        clocks=tuple(RunningClock(**each) for each in tx.all(Q.clocks, id=case.id)),
        entered=tuple(Entered(**{**each, "name": Moment(each["name"])}) for each in entered),
        decisions=tuple(Decision(**each) for each in tx.all(Q.decisions, id=case.id)),
        effects=tuple(Effect(**each) for each in tx.all(Q.effects, id=case.id)),
    )


def save_effect(tx: Transaction, effect: Effect) -> None:
    """Keep how an effect stands."""
    tx.run(Q.save_effect, **asdict(effect))


def hasten(tx: Transaction, decision_id: UUID, now: datetime) -> None:
    """What a decision has carried out is tried now: what it waited for has come."""
    tx.run(Q.hasten, decision_id=decision_id, now=now)


def link(tx: Transaction, case_id: UUID, kind: Link, other_id: UUID, now: datetime) -> None:
    """One case belongs to another."""
    tx.run(Q.link, case_id=case_id, kind=kind, other_id=other_id, now=now)


def is_there(tx: Transaction, case_id: UUID) -> bool:
    """Whether there is such a case."""
    return tx.one(Q.is_there, id=case_id) is not None


def is_linked(tx: Transaction, case_id: UUID, kind: Link, other_id: UUID) -> bool:
    """Whether one case belongs to the other in this way."""
    return tx.one(Q.is_linked, case_id=case_id, kind=kind, other_id=other_id) is not None


def twins(tx: Transaction, from_id: UUID, case_id: UUID) -> list[UUID]:
    """The cases that followed from the same decision about another one."""
    return [row["id"] for row in tx.all(Q.twins, from_id=from_id, id=case_id, limit=LINKS_MOST)]


def links(tx: Transaction, case_id: UUID) -> list[Row]:
    """The cases that belong to a case: `kind`, `case_id`, `reference`, `is_from` there, and `linked_at`."""
    return tx.all(Q.links, id=case_id, limit=LINKS_MOST)


def add_subjects(
    tx: Transaction, case_id: UUID, account_ids: Sequence[UUID], user_ids: Sequence[UUID], now: datetime
) -> None:
    """A case is about these companies, and these people of the only one.

    A list by whom the case names is looked at again before a decision rests on it.
    """
    scopes = [(account_id, user_id) for account_id in account_ids for user_id in (None, *user_ids)]
    rows = [
        {"case_id": case_id, "account_id": account_id, "user_id": user_id, "now": now}
        for account_id, user_id in scopes
    ]
    if tx.many(Q.add_subject, rows):
        tx.run(Q.named_more, case_id=case_id)


def copy_subjects(tx: Transaction, from_id: UUID, to_id: UUID, now: datetime) -> None:
    """Whom one case is about, another one is about as well."""
    if tx.run(Q.copy_subjects, from_id=from_id, to_id=to_id, now=now):
        tx.run(Q.named_more, case_id=to_id)


def followed(tx: Transaction, case_id: UUID) -> CaseFile:
    """Where what went into a case is seen to now, held until the transaction ends. Raises `NotFound`.

    That is the alarm or incident that is open, of it and of those that it went on in; else the one that ended last.
    """
    file = _newest(tx, case_id)
    # Somebody may have decided while it was waited for: what followed from that is seen now.
    return file if file.case.ended_at is None else _newest(tx, case_id)


def _newest(tx: Transaction, case_id: UUID) -> CaseFile:
    row = tx.one(Q.goes_on_in, id=case_id)
    return lock(tx, row["id"] if row else case_id)


def not_named(
    tx: Transaction, case_id: UUID, account_ids: Sequence[UUID], user_ids: Sequence[UUID]
) -> set[tuple[UUID, UUID | None]]:
    """Whom of these, companies and people of the only one, neither a case names nor those that it went on in."""
    rows = tx.all(Q.named_before, id=case_id, account_ids=list(account_ids), user_ids=list(user_ids))
    known = {(row["account_id"], row["user_id"]) for row in rows}
    return {(account_id, user_id) for account_id in account_ids for user_id in (None, *user_ids)} - known


def customers(tx: Transaction, case_id: UUID, page: Paged) -> list[UUID]:
    """The customers that a case is about: a page, and one more where another follows."""
    return [row["account_id"] for row in tx.all(Q.customers, id=case_id, **bounds(page))]


def count_subjects(tx: Transaction, case_id: UUID) -> tuple[int, int]:
    """How many it is about, and how many customers these are."""
    row = tx.one(Q.count_subjects, id=case_id)
    return (row["count"], row["customers"]) if row else (0, 0)


# ── what comes in once ────────────────────────────────────────────────────────────────────────────────────────


def one_by_one(tx: Transaction, key: str) -> None:
    """Nobody else takes in something of this key until the transaction ends."""
    tx.one(Q.one_by_one, key=key)


def taken_before(tx: Transaction, source: str, digest: bytes) -> Row | None:
    """The case (`case_id`, `reference`) into which this very thing went before."""
    return tx.one(Q.taken_before, source=source, digest=digest)


def note_taken(
    tx: Transaction, source: str, digest: bytes, case_id: UUID, now: datetime, *, signal: str | None = None
) -> None:
    """Remember that it went into this case, and what it was about, unless the case has so many already."""
    row = tx.one(Q.count_taken, case_id=case_id)
    if row and row["count"] < KEPT_APART_MOST:
        tx.run(Q.note_taken, source=source, digest=digest, case_id=case_id, now=now, signal=signal)
