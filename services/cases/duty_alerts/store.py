"""Calls to whoever is on duty, in the database. Functions work in the transaction they are given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from services.cases.duty_alerts.rules import AT_OPENING, CALLED_AGAIN_FOR, CALLED_AGAIN_IN, LAST, WAITS
from services.cases.duty_alerts.values import Alert, Cause, Waiting
from services.cases.engine.values import ASTRAY, Signal
from services.cases.kinds.table import PRESENT
from shared.database import Row, Transaction, load_queries
from shared.identifiers import new_id

Q: Final = load_queries(__file__)
SHOWN: Final = 100
PERSONS_AT_ONCE: Final = 100


def to_raise(
    tx: Transaction, now: datetime, *, effects_before: datetime, told_before: datetime, limit: int
) -> list[Row]:
    """What somebody is to be called for and was not: rows of `case_id`, `cause`, `mark`, `rule` and `due_at`."""
    opened = tx.all(Q.opened, kinds=list(AT_OPENING), signals=list(ASTRAY), cases=list(PRESENT), limit=limit)
    marks = tx.all(Q.marks, now=now, limit=limit)
    effects = tx.all(Q.not_carried_out, before=effects_before, limit=limit)
    untold = tx.all(Q.not_told, before=told_before, limit=limit)
    named = tx.all(Q.more_named, signal=Signal.LOGIN_SUCCESS, limit=limit)
    return [
        *({**row, "cause": Cause.OPENED} for row in opened),
        *({**row, "cause": Cause.OVER if row["is_over"] else Cause.WARNING} for row in marks),
        *({**row, "cause": Cause.NOT_CARRIED_OUT} for row in effects),
        *({**row, "cause": Cause.NOT_TOLD} for row in untold),
        *({**row, "cause": Cause.MORE_NAMED} for row in named),
    ]


def put(tx: Transaction, rows: Iterable[Row], now: datetime) -> None:
    """Somebody is to be called for these; for what was raised before nothing changes."""
    names = ("case_id", "cause", "mark", "rule", "due_at")
    tx.many(Q.put, [{name: row[name] for name in names} | {"id": new_id(), "now": now} for row in rows])


def close(tx: Transaction, now: datetime) -> None:
    """Close what somebody has seen to, or what is over."""
    tx.run(Q.close_decided, now=now)
    tx.run(Q.close_ended)
    tx.run(Q.close_told, now=now)


def came(tx: Transaction, case_id: UUID, person: str, now: datetime) -> None:
    """Somebody looks at a case. Where they were called to it, they came."""
    tx.run(Q.came, case_id=case_id, person=person, now=now)


def due(tx: Transaction, now: datetime, *, limit: int) -> list[Alert]:
    """What somebody is called for now, which no other process sees to until the transaction ends."""
    rows = tx.all(Q.due, now=now, longest=WAITS["case_alert.next_at"], limit=limit)
    return [Alert(**{**row, "called": tuple(row["called"])}) for row in rows]


def climb(
    tx: Transaction, alert: Alert, rung: int, persons: Sequence[str], *, next_at: datetime | None, now: datetime
) -> None:
    """These are called on this rung; where nobody comes, the one after it is called at `next_at`."""
    tx.many(Q.queue, [{"alert_id": alert.id, "rung": rung, "person": each, "now": now} for each in persons])
    tx.run(Q.climb, id=alert.id, rung=rung + 1, next_at=next_at)


def put_off(tx: Transaction, alert: Alert, until: datetime) -> None:
    """Nobody can be called before it is known who is there."""
    tx.run(Q.climb, id=alert.id, rung=alert.rung, next_at=until)


def persons_waiting(tx: Transaction, since: datetime, now: datetime) -> list[str]:
    """Whom messages wait for, of those who were sent none since then."""
    rows = tx.all(Q.persons_waiting, since=since, now=now, limit=PERSONS_AT_ONCE)
    return [row["person"] for row in rows]


def waiting(tx: Transaction, person: str) -> list[Waiting]:
    """What waits for a person, whom no other process calls until the transaction ends."""
    tx.one(Q.one_by_one, person=person)
    return [Waiting(**row) for row in tx.all(Q.waiting, person=person)]


def send(tx: Transaction, person: str, message_id: UUID, now: datetime) -> None:
    """What waited for a person leaves in one message."""
    tx.run(Q.send, person=person, message_id=message_id, now=now)


def delivered(tx: Transaction, message_id: UUID, at: datetime) -> None:
    """A message has arrived."""
    tx.run(Q.delivered, message_id=message_id, at=at)


def failed(tx: Transaction, message_id: UUID, reason: str, now: datetime) -> None:
    """A message reached nobody: who is next is called at once, unless somebody else was reached.

    Where it was the last one, everybody is called once more after a while: what carries messages may be away.
    """
    tx.run(Q.failed, message_id=message_id, reason=reason, now=now)
    tx.run(Q.call_another, message_id=message_id, now=now)
    tx.run(Q.call_again, message_id=message_id, at=now + CALLED_AGAIN_IN, since=now - CALLED_AGAIN_FOR)


def of_case(tx: Transaction, case_id: UUID) -> list[tuple[Row, list[Row]]]:
    """What somebody was called to a case for, and who, the newest first."""
    alerts = tx.all(Q.of_case, case_id=case_id, limit=SHOWN)
    persons: dict[UUID, list[Row]] = {row["id"]: [] for row in alerts}
    for row in tx.all(Q.persons_of, ids=list(persons)):
        persons[row.pop("alert_id")].append(row)
    return [(row, persons[row.pop("id")]) for row in alerts]


def unanswered(tx: Transaction) -> Row | None:
    """How many things everybody was called for and nobody came to, and since when."""
    return tx.one(Q.unanswered, last=int(LAST))


def unsent(tx: Transaction, before: datetime) -> Row | None:
    """How many raised before then nobody was called for, and since when."""
    return tx.one(Q.unsent, before=before)


def not_told(tx: Transaction, before: datetime) -> Row | None:
    """How many recipients of notices ordered before then were neither told nor failed, and since when."""
    return tx.one(Q.not_told_count, before=before)
