"""Erasures with what participants answered, as rows, and when somebody came back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, asdict, dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.retention.erasure import event_ids
from services.retention.erasure.due_dates import next_reminder
from services.retention.erasure.values import (
    Answer,
    Cancellation,
    Erasure,
    HeldPart,
    Move,
    Outcome,
    Scope,
    State,
    Trigger,
    limits_on,
)
from shared.database import Row, Transaction, load_queries
from shared.errors import Transient

Q = load_queries(__file__)


class Overtaken(Transient):
    """Somebody else changed the erasure meanwhile; read it again."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An erasure as it was read, with the version that a change must still find."""

    erasure: Erasure
    version: int
    _: KW_ONLY
    cleared: bool
    """Whether it has passed the brake."""


def add(tx: Transaction, erasure: Erasure) -> None:
    """A new erasure."""
    tx.run(Q.insert, **_columns(erasure, cleared=False, next_at=None))


def save(
    tx: Transaction, stored: Stored, erasure: Erasure, *, next_at: datetime | None, suspended: bool = False
) -> Stored:
    """The erasure after a decision; `next_at` is when to look at it again. Raises `Overtaken`.

    One that is `suspended` passes the brake again before it goes on.
    """
    cleared = stored.cleared and not suspended and erasure.state not in {State.HALTED, State.CANCELLED}
    columns = _columns(erasure, cleared=cleared, next_at=next_at)
    if not tx.run(Q.update, **columns, version=stored.version):
        raise Overtaken("the erasure was changed meanwhile")
    return Stored(erasure, stored.version + 1, cleared=cleared)


def apply(tx: Transaction, stored: Stored, move: Move, now: datetime, *, publish: bool = True) -> Stored:
    """Keep an erasure as it is after a decision, and publish what it led to unless that was published before."""
    saved = save(tx, stored, move.erasure, next_at=now)
    for event in move.events if publish else ():
        event_ids.publish(tx, event, now, sequence=saved.version, about=move.erasure)
    return saved


def apply_all(
    tx: Transaction, known: Mapping[UUID, Stored], moves: Iterable[Move], now: datetime, *, publish: bool = True
) -> None:
    """Apply decisions to erasures that are `known`, as they were read, by id; and add those that are new."""
    for move in moves:
        if move.erasure.id in known:
            apply(tx, known[move.erasure.id], move, now, publish=publish)
            continue
        add(tx, move.erasure)
        for event in move.events if publish else ():
            event_ids.publish(tx, event, now, sequence=1, about=move.erasure)


def get(tx: Transaction, erasure_id: UUID, *, locked: bool = False) -> Stored | None:
    """One erasure; `locked` holds it until the end of the transaction."""
    row = tx.one(Q.get_locked if locked else Q.get, id=erasure_id)
    return stored_rows(tx, [row])[0] if row else None


def of_account(tx: Transaction, account_id: UUID) -> list[Stored]:
    """Every erasure of an account and of its users, oldest first."""
    return stored_rows(tx, tx.all(Q.shown_of_account, account_id=account_id))


def of_scope(tx: Transaction, scope: Scope) -> list[Stored]:
    """Every erasure of the account, and of the user where the scope names one, held.

    Whoever holds those of the account keeps all others from planning anything for its users.
    """
    return stored_rows(tx, tx.all(Q.of_scope, account_id=scope.account_id, user_id=scope.user_id))


def running_of_users(tx: Transaction, account_id: UUID) -> list[Stored]:
    """The clocks of an account's users that can still be called off, held; hold those of the account first."""
    return stored_rows(tx, tx.all(Q.running_of_users, account_id=account_id))


def take_over(tx: Transaction, account_id: UUID) -> None:
    """What erasures of single users kept is the business of the erasure of their account from now on."""
    tx.run(Q.take_over, account_id=account_id)


def followed_up(tx: Transaction, certificate_id: UUID) -> None:
    """What the erasure with this certificate kept has been erased by another one since."""
    tx.run(Q.followed_up, certificate_id=certificate_id)


def is_empty(tx: Transaction) -> bool:
    """Whether nothing was ever to be erased."""
    return tx.one(Q.anything) is None


def keep_return(tx: Transaction, scope: Scope, at: datetime) -> None:
    """The account or user came back at this instant."""
    tx.run(Q.keep_return, account_id=scope.account_id, user_id=scope.user_id, at=at)


def last_return(tx: Transaction, scope: Scope) -> datetime | None:
    """When the account or user came back last, None where that was never, or is long ago."""
    row = tx.one(Q.last_return, account_id=scope.account_id, user_id=scope.user_id)
    return row["at"] if row else None


def stored_rows(tx: Transaction, rows: Iterable[Row]) -> list[Stored]:
    """Rows of the table `erasure`, with the answers to each."""
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
        Stored(_erasure(row, answers.get(row["id"], {})), row["version"], cleared=row["cleared"]) for row in listed
    ]


def _columns(erasure: Erasure, *, cleared: bool, next_at: datetime | None) -> dict[str, Any]:
    columns = {each.name: getattr(erasure, each.name) for each in fields(erasure)}
    del columns["answers"], columns["scope"]
    held = None if erasure.held is None else Jsonb([_plain(part) for part in erasure.held])
    return {name: _column(value) for name, value in columns.items()} | {
        "account_id": erasure.scope.account_id,
        "user_id": erasure.scope.user_id,
        "remind_on": next_reminder(erasure, limits_on(erasure.promised_on)),
        "held": held,
        "held_by": sorted({part.by for part in erasure.held or ()}),
        "cleared": cleared,
        "next_at": next_at,
    }


def _column(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def _erasure(row: Row, answers: dict[str, Answer]) -> Erasure:
    same = {each.name: row[each.name] for each in fields(Erasure) if each.name in row}
    return Erasure(
        **same
        | {
            "scope": Scope(account_id=row["account_id"], user_id=row["user_id"]),
            "trigger": Trigger(row["trigger"]),
            "state": State(row["state"]),
            "cancellation": Cancellation(row["cancellation"]) if row["cancellation"] else None,
            "reminded_on": tuple(row["reminded_on"]),
            "participants": tuple(row["participants"]),
            "key_fingerprints": tuple(row["key_fingerprints"]),
            "held": None if row["held"] is None else tuple(_part(part) for part in row["held"]),
            "answers": MappingProxyType(answers),
        }
    )


def _plain(part: HeldPart) -> dict[str, str | None]:
    return {name: None if value is None else str(value) for name, value in asdict(part).items()}


def _part(plain: dict[str, str]) -> HeldPart:
    return HeldPart(
        user_id=UUID(plain["user_id"]) if plain["user_id"] else None,
        category=plain["category"],
        basis=plain["basis"],
        review_on=date.fromisoformat(plain["review_on"]) if plain["review_on"] else None,
        by=UUID(plain["by"]),
    )
