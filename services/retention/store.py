"""The only room of retention with SQL in reach: erasures with their answers, and certificates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from services.retention import rules
from services.retention.values import (
    FINISHED,
    Answer,
    Cancellation,
    Erasure,
    HeldPart,
    Limits,
    Outcome,
    Scope,
    State,
    Trigger,
    limits_on,
)
from shared import calendar
from shared.database import Row, Transaction, load_queries
from shared.errors import Transient

Q = load_queries(__file__)

RUN_LOCK: Final = 0x72756E
CHAIN_LOCK: Final = 0x636861696E
LEASE: Final = timedelta(seconds=60)
DUE_LIMIT: Final = 10_000
FORGOTTEN_AT_ONCE: Final = 500


class Overtaken(Transient):
    """Somebody else changed the erasure meanwhile; read it again."""


class Kept:
    """An erasure as it was read, with the version that a change must still find."""

    def __init__(self, erasure: Erasure, version: int, *, cleared: bool) -> None:
        """`cleared`: it has passed the brake."""
        self.erasure = erasure
        self.version = version
        self.cleared = cleared


def add(tx: Transaction, erasure: Erasure) -> None:
    """A new erasure."""
    tx.run(Q.insert, **_columns(erasure, cleared=False, next_at=None))


def save(
    tx: Transaction, kept: Kept, erasure: Erasure, *, next_at: datetime | None, suspended: bool = False
) -> Kept:
    """The erasure after a decision; `next_at` is when to look at it again. Raises `Overtaken`.

    One that is `suspended` passes the brake again before it goes on.
    """
    cleared = kept.cleared and not suspended and erasure.state not in {State.HALTED, State.CANCELLED}
    columns = _columns(erasure, cleared=cleared, next_at=next_at)
    if not tx.run(Q.update, **columns, version=kept.version):
        raise Overtaken("the erasure was changed meanwhile")
    return Kept(erasure, kept.version + 1, cleared=cleared)


def get(tx: Transaction, erasure_id: UUID, *, locked: bool = False) -> Kept | None:
    """One erasure; `locked` holds it until the end of the transaction."""
    row = tx.one(Q.get_locked if locked else Q.get, id=erasure_id)
    return _kept(tx, [row])[0] if row else None


def of_account(tx: Transaction, account_id: UUID) -> list[Kept]:
    """Every erasure of an account and of its users, oldest first."""
    return _kept(tx, tx.all(Q.shown_of_account, account_id=account_id))


def of_scope(tx: Transaction, scope: Scope) -> list[Kept]:
    """Every erasure of the account, and of the user where the scope names one, held.

    Whoever holds those of the account keeps all others from planning anything for its users.
    """
    return _kept(tx, tx.all(Q.of_scope, account_id=scope.account_id, user_id=scope.user_id))


def running_of_users(tx: Transaction, account_id: UUID) -> list[Kept]:
    """The clocks of an account's users that can still be called off, held; hold those of the account first."""
    return _kept(tx, tx.all(Q.running_of_users, account_id=account_id))


def keep_return(tx: Transaction, scope: Scope, at: datetime) -> None:
    """The account or user came back at this instant."""
    tx.run(Q.keep_return, account_id=scope.account_id, user_id=scope.user_id, at=at)


def last_return(tx: Transaction, scope: Scope) -> datetime | None:
    """When the account or user came back last, None where that was never, or is long ago."""
    row = tx.one(Q.last_return, account_id=scope.account_id, user_id=scope.user_id)
    return row["at"] if row else None


def forget_returns(tx: Transaction, before: datetime) -> int:
    """Forget returns of before then, in a batch; how many."""
    return tx.run(Q.forget_returns, before=before, limit=DUE_LIMIT)


def forget_erased(tx: Transaction, before: datetime) -> int:
    """Forget a batch of erasures carried out before then, with all that names their accounts; how many.

    One that kept something stays until that is erased too.
    """
    rows = tx.all(Q.over, before=before, limit=FORGOTTEN_AT_ONCE)
    if rows:
        ids, accounts, users = ([row[name] for row in rows] for name in ("id", "account_id", "user_id"))
        tx.run(Q.forget_answers, ids=ids)
        tx.run(Q.forget_erasures, ids=ids, account_ids=accounts, user_ids=users)
        tx.run(Q.forget_returns_of, account_ids=accounts, user_ids=users)
    return len(rows)


def in_state(tx: Transaction, state: State, limit: int) -> list[Kept]:
    """Erasures in a state, oldest first."""
    return _kept(tx, tx.all(Q.in_state, state=state.value, limit=limit))


def to_remind(tx: Transaction, today: date, limit: int) -> list[Kept]:
    """Clocks with a reminder to be sent, held; those that another replica holds are left out."""
    return _kept(tx, tx.all(Q.to_remind, today=today, limit=limit))


def due(tx: Transaction, now: datetime) -> list[Kept] | None:
    """What is due and has not passed the brake, held; None where another replica plans this run."""
    taken = tx.one(Q.one_run, lock=RUN_LOCK)
    if not taken or not taken["taken"]:
        return None
    kept = _kept(tx, tx.all(Q.due, latest=calendar.oslo_date(now), limit=DUE_LIMIT))
    return [each for each in kept if _is_open(each.erasure, now)]


def _is_open(erasure: Erasure, now: datetime) -> bool:
    return now >= rules.opens_at(erasure, limits_on(erasure.promised_on))


def braked_count(tx: Transaction) -> int:
    """How many wait for a person or are under way without one having looked."""
    row = tx.one(Q.braked_count, limit=DUE_LIMIT)
    return int(row["count"]) if row else 0


def halted(tx: Transaction) -> Row | None:
    """How many wait for a person's release, and since when."""
    return tx.one(Q.halted)


def unfinished(tx: Transaction, today: date) -> list[Kept]:
    """Erasures whose day has come, without a certificate and not held as a whole, the earliest first."""
    return _kept(tx, tx.all(Q.unfinished, today=today, limit=DUE_LIMIT))


def clear(tx: Transaction, ids: Sequence[UUID], now: datetime) -> None:
    """These passed the brake."""
    if ids:
        tx.run(Q.clear, ids=list(ids), now=now)


def claim(tx: Transaction, now: datetime, limit: int) -> list[UUID]:
    """Take erasures in progress that have something to be done; they are ours for a minute."""
    bounds = {"due": rules.WAITS["erasure.next_at"], "lease": rules.WAITS["erasure.lease_until"]}
    rows = tx.all(Q.claim, now=now, lease_until=now + LEASE, limit=limit, **bounds)
    return [row["id"] for row in rows]


def by_state(tx: Transaction) -> dict[str, int]:
    """How many erasures are not over, by state."""
    counted = {row["state"]: int(row["count"]) for row in tx.all(Q.by_state)}
    return {state.value: counted.get(state.value, 0) for state in State if state not in FINISHED}


def wait(tx: Transaction, kept: Kept, until: datetime) -> None:
    """Nothing to do until then, unless something has happened meanwhile, which is then looked at at once."""
    if not tx.run(Q.wait, id=kept.erasure.id, version=kept.version, next_at=until):
        tx.run(Q.unlease, id=kept.erasure.id)


def let_go(tx: Transaction, erasure_id: UUID, next_at: datetime) -> None:
    """Nobody works on it any more; it is looked at again at `next_at` or earlier."""
    tx.run(Q.let_go, id=erasure_id, next_at=next_at)


def keep_answer(tx: Transaction, erasure_id: UUID, participant: str, answer: Answer, now: datetime) -> None:
    """A participant's latest word."""
    tx.run(
        Q.keep_answer,
        erasure_id=erasure_id,
        participant=participant,
        outcome=answer.outcome.value,
        counts=Jsonb(dict(answer.counts)),
        retained=list(answer.retained),
        now=now,
    )


def chain_end(tx: Transaction) -> tuple[int, str] | None:
    """Sequence and hash of the last certificate; nobody else issues one until the transaction ends."""
    tx.one(Q.chain_lock, lock=CHAIN_LOCK)
    row = tx.one(Q.last_certificate)
    return (row["sequence"], row["hash"]) if row else None


def keep_certificate(
    tx: Transaction, *, sequence: int, certificate_id: UUID, document: str, digest: str, now: datetime
) -> None:
    """The next link of the chain."""
    tx.run(
        Q.keep_certificate,
        sequence=sequence,
        certificate_id=certificate_id,
        document=document,
        hash=digest,
        now=now,
    )


def certificate(tx: Transaction, certificate_id: UUID) -> Row | None:
    """One certificate by its id."""
    return tx.one(Q.certificate, id=certificate_id)


def state_of_certificate(tx: Transaction, certificate_id: UUID) -> str | None:
    """How far the erasure is that will have this certificate; None where there is none."""
    row = tx.one(Q.state_of_certificate, id=certificate_id)
    return str(row["state"]) if row else None


def hash_before(tx: Transaction, sequence: int) -> str | None:
    """The hash of the certificate before this one; None before the first."""
    row = tx.one(Q.hash_of, sequence=sequence - 1)
    return str(row["hash"]) if row else None


def certificates(tx: Transaction, after: int, limit: int) -> list[Row]:
    """A stretch of the chain."""
    return tx.all(Q.certificates, after=after, limit=limit)


def next_reminder(erasure: Erasure, limits: Limits) -> date | None:
    """The first planned reminder that has not been dealt with."""
    if erasure.state is not State.SCHEDULED:
        return None
    planned = calendar.reminder_dates(erasure.started_on, erasure.due_on, limits.reminder_days)
    return min((day for day in planned if day not in erasure.reminded_on), default=None)


def _columns(erasure: Erasure, *, cleared: bool, next_at: datetime | None) -> dict[str, Any]:
    return {
        "id": erasure.id,
        "account_id": erasure.scope.account_id,
        "user_id": erasure.scope.user_id,
        "trigger": erasure.trigger.value,
        "started_at": erasure.started_at,
        "started_on": erasure.started_on,
        "due_on": erasure.due_on,
        "noticed_on": erasure.noticed_on,
        "inactive_on": erasure.inactive_on,
        "calendar_version": erasure.calendar_version,
        "state": erasure.state.value,
        "entered_at": erasure.entered_at,
        "remind_on": next_reminder(erasure, limits_on(erasure.promised_on)),
        "reminded_on": list(erasure.reminded_on),
        "released": erasure.released,
        "certificate_id": erasure.certificate_id,
        "backups_expire_on": erasure.backups_expire_on,
        "letter_done": erasure.letter_done,
        "participants": list(erasure.participants),
        "attempt": erasure.attempt,
        "ordered_at": erasure.ordered_at,
        "key_fingerprints": list(erasure.key_fingerprints),
        "destroyed_at": erasure.destroyed_at,
        "cancellation": erasure.cancellation.value if erasure.cancellation else None,
        "held": None if erasure.held is None else Jsonb([_plain(part) for part in erasure.held]),
        "held_by": sorted({part.by for part in erasure.held or ()}),
        "kept_back": erasure.kept_back,
        "resumed_on": erasure.resumed_on,
        "completes": erasure.completes,
        "cleared": cleared,
        "next_at": next_at,
    }


def _kept(tx: Transaction, rows: Iterable[Row]) -> list[Kept]:
    listed = list(rows)
    if not listed:
        return []
    answers: dict[UUID, dict[str, Answer]] = {}
    for row in tx.all(Q.answers, ids=[row["id"] for row in listed]):
        answers.setdefault(row["erasure_id"], {})[row["participant"]] = Answer(
            outcome=Outcome(row["outcome"]),
            counts=MappingProxyType(row["counts"]),
            retained=tuple(row["retained"]),
        )
    return [
        Kept(_erasure(row, answers.get(row["id"], {})), row["version"], cleared=row["cleared"]) for row in listed
    ]


def _erasure(row: Row, answers: dict[str, Answer]) -> Erasure:
    return Erasure(
        id=row["id"],
        scope=Scope(account_id=row["account_id"], user_id=row["user_id"]),
        trigger=Trigger(row["trigger"]),
        started_at=row["started_at"],
        started_on=row["started_on"],
        due_on=row["due_on"],
        noticed_on=row["noticed_on"],
        inactive_on=row["inactive_on"],
        calendar_version=row["calendar_version"],
        state=State(row["state"]),
        entered_at=row["entered_at"],
        reminded_on=tuple(row["reminded_on"]),
        released=row["released"],
        certificate_id=row["certificate_id"],
        backups_expire_on=row["backups_expire_on"],
        letter_done=row["letter_done"],
        participants=tuple(row["participants"]),
        attempt=row["attempt"],
        ordered_at=row["ordered_at"],
        answers=MappingProxyType(answers),
        key_fingerprints=tuple(row["key_fingerprints"]),
        destroyed_at=row["destroyed_at"],
        cancellation=Cancellation(row["cancellation"]) if row["cancellation"] else None,
        held=None if row["held"] is None else tuple(_part(part) for part in row["held"]),
        kept_back=row["kept_back"],
        resumed_on=row["resumed_on"],
        completes=row["completes"],
    )


def _plain(part: HeldPart) -> dict[str, str | None]:
    return {
        "user_id": str(part.user_id) if part.user_id else None,
        "category": part.category,
        "basis": part.basis,
        "review_on": part.review_on.isoformat() if part.review_on else None,
        "by": str(part.by),
    }


def _part(plain: dict[str, str]) -> HeldPart:
    return HeldPart(
        user_id=UUID(plain["user_id"]) if plain["user_id"] else None,
        category=plain["category"],
        basis=plain["basis"],
        review_on=date.fromisoformat(plain["review_on"]) if plain["review_on"] else None,
        by=UUID(plain["by"]),
    )
