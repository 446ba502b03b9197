"""Records in the database. Functions work in the transaction they are given."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from services.registers.engine.values import Evidence, Record, Revision, State
from shared.database import Row, Transaction, load_queries
from shared.errors import NotFound
from shared.keyset import Paged, bounds

Q: Final = load_queries(__file__)


def lock_all(tx: Transaction) -> None:
    """Nobody else changes any record until the transaction ends: of one key one counts at a time."""
    tx.run(Q.lock_all)


def get(tx: Transaction, record_id: UUID) -> Record:
    """A record with its revisions. Raises `NotFound`."""
    record = find(tx, record_id)
    if record is None:
        raise NotFound("there is no such record")
    return record


def find(tx: Transaction, record_id: UUID) -> Record | None:
    """A record with its revisions; None where there is none."""
    return next(iter(_records(tx, tx.all(Q.get, id=record_id))), None)


def counting_beside(tx: Transaction, record: Record, today: date) -> list[Record]:
    """The others of its kind and key that are in force, or whose end is still to come when it begins."""
    after = max(today, record.last.valid_from)
    return _records(tx, tx.all(Q.counting_beside, kind=record.kind, key=record.key, id=record.id, after=after))


def add(tx: Transaction, record: Record) -> None:
    """Keep a new record."""
    names = ("id", "kind", "kind_version", "account_id", "key")
    tx.run(Q.add, **{name: getattr(record, name) for name in names})
    _add_revision(tx, record)


def save(tx: Transaction, record: Record) -> None:
    """Keep the last revision of a record, and its key."""
    tx.run(Q.save_key, id=record.id, key=record.key)
    _add_revision(tx, record)


def _add_revision(tx: Transaction, record: Record) -> None:
    last = record.last
    tx.run(
        Q.add_revision,
        record_id=record.id,
        number=last.number,
        state=last.state,
        valid_from=last.valid_from,
        valid_to=last.valid_to,
        review_on=last.review_on,
        content=json.dumps(dict(last.content)),
        evidence_sha256=last.evidence.sha256 if last.evidence else None,
        evidence_on=last.evidence.on if last.evidence else None,
        recorded_at=last.recorded_at,
        recorded_by=last.recorded_by,
        requested_by=last.requested_by,
        approved_by=last.approved_by,
        approval_id=last.approval_id,
        reason=last.reason,
    )
    named = {"record_id": record.id, "number": last.number, "account_id": record.account_id}
    people = [named | {"field": name, "user_id": each} for name, ids in last.people.items() for each in ids]
    tx.many(Q.add_person, people)


def listed(
    tx: Transaction, *, kind: str | None, account_id: UUID | None, recorded_at: datetime, page: Paged
) -> list[Record]:
    """Records with what was written down until then, the newest first: a page, and one more where one follows."""
    rows = tx.all(Q.listed, kind=kind, account_id=account_id, recorded_at=recorded_at, **bounds(page))
    return _records(tx, rows)


def of_accounts(
    tx: Transaction, kind: str, account_ids: Sequence[UUID], *, after: UUID | None, limit: int
) -> list[Record]:
    """Records of a kind, of these companies or of all, in order of their ids."""
    rows = tx.all(Q.of_accounts, kind=kind, account_ids=list(account_ids), after=after, limit=limit)
    return _records(tx, rows)


def counting_from(tx: Transaction, kind: str, day: date, *, limit: int) -> list[Row]:
    """Content of those in force that count on that day or later, by their first day."""
    return tx.all(Q.counting_from, kind=kind, day=day, limit=limit)


def overdue(tx: Transaction, today: date) -> Row | None:
    """How many records should have been reviewed before today, and since when the first."""
    return tx.one(Q.overdue, today=today)


def waiting(tx: Transaction) -> Row | None:
    """How many records wait for an approval, and since when the first."""
    return tx.one(Q.waiting)


def forget(tx: Transaction, kind: str, before: date, *, limit: int) -> int:
    """Forget records that ended before then, and drafts that nobody has touched since; how many."""
    return tx.run(Q.forget, kind=kind, before=before, limit=limit)


def _records(tx: Transaction, rows: Sequence[Row]) -> list[Record]:
    """Each of these records with its revisions: of however many, with two queries."""
    ids = [row["id"] for row in rows]
    people: defaultdict[tuple[UUID, int], dict[str, list[UUID]]] = defaultdict(dict)
    for each in tx.all(Q.people, ids=ids):
        people[each["record_id"], each["number"]].setdefault(each["field"], []).append(each["user_id"])
    revisions: defaultdict[UUID, list[Revision]] = defaultdict(list)
    for each in tx.all(Q.revisions, ids=ids):
        record_id = each.pop("record_id")
        revisions[record_id].append(_revision(each, people[record_id, each["number"]]))
    return [Record(**row, revisions=tuple(revisions[row["id"]])) for row in rows]


def _revision(row: Row, people: Mapping[str, list[UUID]]) -> Revision:
    facts: dict[str, Any] = dict(row)
    sha256, on = facts.pop("evidence_sha256"), facts.pop("evidence_on")
    facts |= {"state": State(facts["state"]), "people": {name: tuple(ids) for name, ids in people.items()}}
    return Revision(**facts, evidence=Evidence(sha256=sha256, on=on) if sha256 else None)
