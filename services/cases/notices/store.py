"""Notices of breaches in the database. Functions work in the transaction they are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID

from services.cases.affected.values import LISTED_MOST, Subject
from services.cases.notices.values import CODES, GONE, NOBODY_LEFT, Audience, Mark, Notice, recipient_id
from shared.database import Row, Transaction, load_queries
from shared.hold_scope import NOTHING_HELD, Held
from shared.wait_bounds import AHEAD

Q: Final = load_queries(__file__)
NOTICES_SHOWN: Final = 50
RECIPIENTS_SHOWN: Final = 500
SILENT_AFTER: Final = timedelta(minutes=30)
"""Longer than letters wait for the ledger, and than it takes to order them."""
ASKED_AGAIN: Final = timedelta(hours=1)
WAITS: Final[Mapping[str, timedelta]] = MappingProxyType({"notice_recipient.asked_at": AHEAD})
"""How far ahead it may lie. What lies further ahead was noted by a wrong clock, and it is asked again."""
ASKED_FOR: Final = timedelta(days=30)
"""As long as such a letter is worth sending; notification knows of letters for longer."""


def _notice(row: Row | None) -> Notice | None:
    if row is None:
        return None
    values = {each.name: row[each.name] for each in fields(Notice)}
    return Notice(**values | {"audience": Audience(row["audience"])} | {name: tuple(row[name]) for name in CODES})


def draft(tx: Transaction, notice: Notice) -> None:
    """Keep a draft instead of the one before it."""
    tx.run(Q.drop_draft, case_id=notice.case_id, audience=notice.audience)
    tx.run(Q.draft, **asdict(notice) | {name: list(getattr(notice, name)) for name in CODES})


def of_case(tx: Transaction, case_id: UUID) -> list[Notice]:
    """The notices of a case, drafts among them."""
    rows = tx.all(Q.of_case, case_id=case_id, limit=NOTICES_SHOWN)
    return [each for row in rows if (each := _notice(row)) is not None]


def get(tx: Transaction, notice_id: UUID) -> Notice | None:
    """One notice."""
    return _notice(tx.one(Q.get, id=notice_id))


def is_there(tx: Transaction, list_id: UUID) -> bool:
    """Whether there is the list of a notice, all of it."""
    return tx.one(Q.is_there, list_id=list_id) is not None


def get_recipient(tx: Transaction, id_: UUID) -> Row | None:
    """A recipient."""
    return tx.one(Q.recipient, id=id_)


def of_decision(tx: Transaction, decision_id: UUID) -> Notice | None:
    """The notice that a decision sends."""
    return _notice(tx.one(Q.of_decision, decision_id=decision_id))


def subjects(tx: Transaction, list_id: UUID) -> list[Subject]:
    """Whom a list names."""
    rows = tx.all(Q.subjects, list_id=list_id, limit=LISTED_MOST)
    return [(row["account_id"], row["user_id"]) for row in rows]


def decide(tx: Transaction, notice: Notice, recipients: Sequence[Subject]) -> None:
    """A decision rests on the notice, and these are told: nothing else is ever sent it."""
    tx.run(
        Q.decide,
        id=notice.id,
        decision_id=notice.decision_id,
        decided_at=notice.decided_at,
        late_reason=notice.late_reason,
        list_id=notice.list_id,
        recipients=notice.recipients,
    )
    tx.run(
        Q.add_recipients,
        notice_id=notice.id,
        ids=[recipient_id(notice.id, *each) for each in recipients],
        account_ids=[account_id for account_id, _ in recipients],
        user_ids=[user_id for _, user_id in recipients],
    )
    if notice.audience is Audience.HOLDERS:
        tx.run(Q.nobody_there, notice_id=notice.id, at=notice.decided_at, reason=NOBODY_LEFT)


def not_ordered(tx: Transaction, notice_id: UUID, *, limit: int) -> list[Row]:
    """Recipients whose letter was not ordered yet, which nobody else orders until the transaction ends."""
    return tx.all(Q.not_ordered, notice_id=notice_id, limit=limit)


def order(tx: Transaction, ids: Sequence[UUID], event_id: UUID, now: datetime) -> None:
    """Letters of these recipients are ordered, by this event."""
    tx.run(Q.order, ids=list(ids), event_id=event_id, now=now)


def all_published(tx: Transaction, notice_id: UUID) -> bool:
    """Whether the broker has confirmed every event that orders letters of a notice."""
    return tx.one(Q.unpublished, notice_id=notice_id) is None


def recipient(tx: Transaction, notice_id: UUID, account_id: UUID, user_id: UUID | None) -> Row | None:
    """The recipient of a notice; None for whoever is not to be told."""
    return tx.one(Q.recipient, id=recipient_id(notice_id, account_id, user_id))


def lock_recipient(tx: Transaction, id_: UUID) -> Row | None:
    """A recipient with its `case_id`, which nobody else changes until the transaction ends."""
    return tx.one(Q.lock_recipient, id=id_)


def note(
    tx: Transaction,
    id_: UUID,
    *,
    sent_at: datetime | None = None,
    told_at: datetime | None = None,
    failed_at: datetime | None = None,
    reason: str | None = None,
    failure_case_id: UUID | None = None,
) -> None:
    """Note how far the letter of a recipient has come; the first instant of each kind stays.

    The ledger gets what is new of it.
    """
    marks = {Mark.SENT: sent_at, Mark.TOLD: told_at, Mark.FAILED: failure_case_id}
    for mark in (each for each, known in marks.items() if known is not None):
        tx.run(Q.mark, id=id_, mark=mark)
    tx.run(
        Q.note,
        id=id_,
        sent_at=sent_at,
        told_at=told_at,
        failed_at=failed_at,
        reason=reason,
        failure_case_id=failure_case_id,
    )


def untold(tx: Transaction) -> tuple[Notice, str] | None:
    """A decided notice that the ledger does not get yet and all of whose list it has; with who decided it."""
    row = tx.one(Q.untold)
    notice = _notice(row)
    return (notice, row["decided_by"]) if row is not None and notice is not None else None


def told(tx: Transaction, notice_id: UUID) -> None:
    """A notice is on its way to the ledger."""
    tx.run(Q.told, id=notice_id)


def restored(tx: Transaction, notice_id: UUID, now: datetime) -> None:
    """A restore had lost something of a notice, which the ledger has."""
    tx.run(Q.restored, id=notice_id, now=now)


def take_marked(tx: Transaction, *, limit: int) -> tuple[UUID, Mark, list[Row]] | None:
    """Recipients of one notice whose telling has come to a mark that the ledger is to know; it waits no longer."""
    found = tx.one(Q.marked)
    if found is None:
        return None
    notice_id, mark = found["notice_id"], Mark(found["mark"])
    return notice_id, mark, tx.all(Q.take_marked, notice_id=notice_id, mark=mark, limit=limit)


def drop_mark(tx: Transaction, id_: UUID, mark: Mark) -> None:
    """The ledger has this mark of a recipient."""
    tx.run(Q.drop_mark, id=id_, mark=mark)


def was_ordered(tx: Transaction, id_: UUID, event_id: UUID, at: datetime) -> None:
    """It is known what became of the letter of a recipient, so it was ordered."""
    tx.run(Q.was_ordered, id=id_, event_id=event_id, at=at)


def silent(tx: Transaction, now: datetime, *, limit: int) -> list[Row]:
    """Recipients of whom nothing was heard for long, and who were not asked for lately; a batch."""
    return tx.all(
        Q.silent,
        since=now - ASKED_FOR,
        before=now - SILENT_AFTER,
        silent=SILENT_AFTER + AHEAD,
        asked_before=now - ASKED_AGAIN,
        longest=ASKED_AGAIN + WAITS["notice_recipient.asked_at"],
        limit=limit,
    )


def asked(tx: Transaction, ids: Sequence[UUID], now: datetime) -> None:
    """It was asked what became of these recipients."""
    tx.run(Q.asked, ids=list(ids), now=now)


def said_gone(tx: Transaction, *, limit: int) -> list[Row]:
    """Recipients of whom it is to be asked whether they are gone, a batch."""
    return tx.all(Q.said_gone, reasons=[GONE, NOBODY_LEFT], limit=limit)


def drop_recipient(tx: Transaction, recipient: Row, at: datetime) -> None:
    """Whoever was erased meanwhile is on no list any more."""
    stand_in(tx, recipient["account_id"], recipient["user_id"], at)
    tx.run(Q.drop_recipient, id=recipient["id"])


def stand_in(
    tx: Transaction, account_id: UUID, user_id: UUID | None, at: datetime, held: Held = NOTHING_HELD
) -> None:
    """Before a person goes: a customer with no other one to be told stands on its notices by itself.

    A person tells it, unless account says that the customer is gone too. Where somebody there was told, or stays
    because of a hold, nothing changes.
    """
    for row in tx.all(Q.last_of_customer, account_id=account_id, user_id=user_id, **held.columns()):
        id_ = recipient_id(row["notice_id"], row["account_id"], None)
        tx.run(Q.stand_in, id=id_, person=row["id"], at=at, reason=NOBODY_LEFT)


def of_failure(tx: Transaction, case_id: UUID) -> UUID | None:
    """The recipient whom a case of a contact failure is about."""
    row = tx.one(Q.of_failure, case_id=case_id)
    return row["id"] if row else None


def counts(tx: Transaction, case_id: UUID) -> dict[UUID, Row]:
    """How many of each notice of a case stand on it, were sent it, told, and not reached."""
    return {row["notice_id"]: row for row in tx.all(Q.counts, case_id=case_id)}


def recipients(tx: Transaction, case_id: UUID) -> list[Row]:
    """The recipients of a case, those first who could not be reached: one more than is shown where there are."""
    return tx.all(Q.recipients, case_id=case_id, limit=RECIPIENTS_SHOWN + 1)


def persons_told(tx: Transaction, case_id: UUID) -> list[datetime]:
    """The first and the last instant at which persons were told of a breach; none where nobody was."""
    row = tx.one(Q.persons_told, case_id=case_id)
    return [at for at in (row["first"], row["last"]) if at is not None] if row else []


def told_to(tx: Transaction, case_id: UUID, account_id: UUID) -> dict[UUID, Row]:
    """The notices of a case that a customer was told: `sent_at`, and `told_at`, when its mail had it, if known."""
    rows = tx.all(Q.told_to, case_id=case_id, account_id=account_id)
    return {row["notice_id"]: row for row in rows}


def not_told(tx: Transaction, case_id: UUID) -> int:
    """How many recipients their last notice of a case has not reached, of whom no person has settled that."""
    row = tx.one(Q.not_told, case_id=case_id)
    return int(row["count"]) if row else 0


def not_reached(tx: Transaction, case_id: UUID) -> int:
    """At how many customers nobody was told each notice of a case, and no person has settled that."""
    row = tx.one(Q.not_reached, case_id=case_id)
    return int(row["count"]) if row else 0
