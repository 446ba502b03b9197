"""The parked list: messages that could not be handled, with the reason, until a person decides about each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from shared.bus import metrics, wire
from shared.bus.every_service_events import ParkedDecided
from shared.bus.retry import stack_hash
from shared.bus.sender_check import SenderNotBelieved
from shared.context import acting_as
from shared.database import Row, Transaction, load_queries
from shared.errors import Conflict, NotFound
from shared.events import Code
from shared.identifiers import new_id
from shared.keyset import Paged, bounds

Q: Final = load_queries(__file__)
TYPE_CHARACTERS: Final = 100
REASON_CHARACTERS: Final = 400
ENOUGH_OF_A_KIND: Final = 10
"""So many of one kind by one sender show a person what it is; the number of the others says how bad it is."""
"""Why a message is never handled. Codes, for they are kept where no erasure looks for anybody."""


@dataclass(frozen=True, kw_only=True)
class Unhandled:
    """A message that could not be handled. `queue` is where a replay sends it, `body` its bytes."""

    queue: str
    body: bytes = field(repr=False)
    headers: Mapping[str, Any]
    type: str
    message_id: UUID | None
    reason: str
    error: BaseException
    attempts: int
    sender: str = ""


def is_noise(error: BaseException, sender: str, ours: Collection[str]) -> bool:
    """Whether a message is none, or not from whom it claims to be, and none of `ours` has sent it.

    `ours` are the users whose word counts here. What they send is kept one by one, whatever is wrong with it.
    """
    return isinstance(error, SenderNotBelieved) or (isinstance(error, wire.Undecodable) and sender not in ours)


def park_or_count(tx: Transaction, unhandled: Unhandled, *, now: datetime) -> UUID:
    """As `park`, but of one kind by one sender only a few are kept; the rest is counted at the newest of them."""
    alike = tx.one(
        Q.count_parked_like,
        consumer=unhandled.queue,
        sender=_printable(unhandled.sender),
        error_class=type(unhandled.error).__qualname__,
        reason=_printable(unhandled.reason, limit=REASON_CHARACTERS),
        enough=ENOUGH_OF_A_KIND,
        now=now,
    )
    if alike is None:
        return park(tx, unhandled, now=now)
    metrics.COUNTED.labels(unhandled.queue).inc()
    counted: UUID = alike["id"]
    return counted


def park(tx: Transaction, unhandled: Unhandled, *, now: datetime) -> UUID:
    """Add to the list and return the entry's id."""
    parked_id = new_id()
    tx.run(
        Q.park,
        id=parked_id,
        consumer=unhandled.queue,
        message_id=unhandled.message_id,
        type=_printable(unhandled.type),
        body=unhandled.body,
        headers=Jsonb(dict(unhandled.headers)),
        reason=_printable(unhandled.reason, limit=REASON_CHARACTERS),
        error_class=type(unhandled.error).__qualname__,
        stack_hash=stack_hash(unhandled.error),
        attempts=unhandled.attempts,
        sender=_printable(unhandled.sender),
        now=now,
    )
    return parked_id


def listed(tx: Transaction, *, state: str, consumer: str | None, page: Paged) -> list[Row]:
    """Entries in one state, oldest first, without bodies: a page, and one more where another follows."""
    return tx.all(Q.list_parked, state=state, consumer=consumer, **bounds(page))


def waiting(tx: Transaction) -> Row | None:
    """How many entries wait for a decision, and since when the oldest."""
    return tx.one(Q.parked_waiting)


def shown(tx: Transaction, parked_id: UUID) -> Row:
    """One entry, without its body. Raises `NotFound`."""
    row = tx.one(Q.show_parked, id=parked_id)
    if row is None:
        raise NotFound("there is no such parked message")
    return row


def replay(tx: Transaction, parked_id: UUID, *, actor: str, now: datetime) -> str:
    """Send an entry back to the queue it failed in, as a first attempt, through the outbox; return the queue.

    The message keeps its id, so a handler that has done its work in the meantime does not do it twice.
    Raises `NotFound`, and `Conflict` where it was decided about before or cannot be sent again.
    """
    row = _undecided(tx, parked_id)
    queue = str(row["consumer"])
    if row["error_class"] == SenderNotBelieved.__name__:
        raise Conflict("it is not believed to be from whom it claims: what is sent again is sent in our name")
    if not queue.startswith("evt-"):
        raise Conflict("only events can be sent again; a call is repeated by its caller")
    headers = {**row["headers"], wire.HEADER_ATTEMPT: 1}
    tx.run(
        Q.send_again,
        event_id=new_id(),
        queue=queue,
        subject=f"parked/{parked_id}",
        body=row["body"],
        headers=Jsonb(headers),
        now=now,
    )
    _decide(tx, row, "replayed", actor=actor, now=now)
    return queue


def discard(tx: Transaction, parked_id: UUID, *, reason: str, actor: str, now: datetime) -> None:
    """Decide that an entry is never handled. Raises `NotFound`, `Conflict`."""
    row = _undecided(tx, parked_id)
    _decide(tx, row, "discarded", actor=actor, now=now, reason=reason)


def _decide(
    tx: Transaction, row: Row, decision: str, *, actor: str, now: datetime, reason: str | None = None
) -> None:
    """Note the decision and tell it, each entry by itself: the entry is forgotten, the trail is not."""
    tx.run(Q.decide_parked, id=row["id"], state=decision, actor=actor, note=reason, now=now)
    event = ParkedDecided(
        parked_id=row["id"],
        message_id=row["message_id"],
        decision=Code(decision),
        reason=Code(reason) if reason else None,
    )
    with acting_as(actor):
        tx.outbox.add(event, now=now)


def _undecided(tx: Transaction, parked_id: UUID) -> Row:
    row = tx.one(Q.lock_parked, id=parked_id)
    if row is None:
        raise NotFound("there is no such parked message")
    if row["state"] != "parked":
        raise Conflict("it was decided about this message before", details={"state": row["state"]})
    return row


def _printable(text: str, *, limit: int = TYPE_CHARACTERS) -> str:
    """What PostgreSQL takes as text whatever a stranger sent."""
    return "".join(c if c.isprintable() else "?" for c in text)[:limit]
