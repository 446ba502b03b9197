"""What may only be stored, as each service keeps it in its own database: holds and restrictions in force.

Events of their beginning and end come by different queues and in any order; each has an id of its own that ends
once and for good, so whatever is heard of it after its end begins nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol
from uuid import UUID

from shared.database import Transaction, load_queries
from shared.hold_scope import Held
from shared.privacy.ledger_lines import Entry, Kind

ENDS_KEPT: Final = timedelta(days=180)
"""Longer than a parked event waits for a person."""
LIMIT: Final = 20_000

Q = load_queries(__file__, "restricted.sql")
FORGET_ENDS: Final = Q.forget_ends
"""Run by the housekeeping of every service, with `before` and `limit`."""


class HoldScope(Protocol):
    """What a hold covers; no users means the whole account, no categories everything."""

    @property
    def account_id(self) -> UUID:
        """The account it lies in."""
        ...

    @property
    def user_ids(self) -> Sequence[UUID]:
        """The persons, or nobody for all."""
        ...

    @property
    def categories(self) -> Sequence[str]:
        """The kinds of data, or none for all."""
        ...


class RestrictionScope(Protocol):
    """Whom a restriction covers; no user means the whole account."""

    @property
    def account_id(self) -> UUID:
        """The account it lies in."""
        ...

    @property
    def user_id(self) -> UUID | None:
        """The person, or None for all."""
        ...


def hold(tx: Transaction, id_: UUID, scope: HoldScope, since: datetime) -> None:
    """What a hold covers may only be stored from now on, unless it is heard of after its end (L59, L204)."""
    _impose(
        tx,
        id_,
        "hold",
        account_id=scope.account_id,
        user_ids=scope.user_ids,
        categories=scope.categories,
        since=since,
    )


def restrict(tx: Transaction, id_: UUID, scope: RestrictionScope, since: datetime) -> None:
    """What a restriction covers may only be stored from now on, unless it is heard of after its end (L39)."""
    user_ids = [scope.user_id] if scope.user_id else []
    _impose(tx, id_, "restriction", account_id=scope.account_id, user_ids=user_ids, since=since)


def _impose(
    tx: Transaction,
    id_: UUID,
    kind: Literal["hold", "restriction"],
    *,
    account_id: UUID,
    user_ids: Sequence[UUID] = (),
    categories: Sequence[str] = (),
    since: datetime,
) -> None:
    tx.one(Q.lock, id=id_)
    tx.run(
        Q.impose,
        id=id_,
        kind=kind,
        account_id=account_id,
        user_ids=list(user_ids) or [None],
        categories=list(categories),
        since=since,
    )


def lift(tx: Transaction, id_: UUID, now: datetime) -> None:
    """It is over, once and for good."""
    tx.one(Q.lock, id=id_)
    tx.run(Q.note_end, id=id_, now=now)
    tx.run(Q.lift, id=id_)


def is_kept(tx: Transaction, account_id: UUID, user_id: UUID | None, category: str | None) -> bool:
    """Whether a category of a person may only be stored; without a person the company's own, without one all."""
    row = tx.one(Q.is_kept, account_id=account_id, user_id=user_id, category=category)
    return bool(row and row["kept"])


def is_over(tx: Transaction, id_: UUID) -> bool:
    """Whether this hold or restriction has ended."""
    row = tx.one(Q.stands, id=id_)
    return bool(row and row["over"])


def in_force(tx: Transaction, account_id: UUID) -> Held:
    """All that may only be stored in an account."""
    rows = tx.all(Q.of_account, account_id=account_id, limit=LIMIT)
    held = Held()
    for row in rows:
        held |= Held.over([row["user_id"]] if row["user_id"] else [], row["categories"])
    return held


def erase(tx: Transaction, account_id: UUID, user_id: UUID | None, held: Held) -> int:
    """Forget what was restricted in an erased scope; where something of it is still held, all stays as it is."""
    return 0 if held else tx.run(Q.erase, account_id=account_id, user_id=user_id)


# ── after a restore ───────────────────────────────────────────────────────────────────────────────────────


class RestrictionReplay:
    """Makes holds, restrictions and the ends of both true again."""

    facts = frozenset({Kind.HOLD_PLACED, Kind.HOLD_RELEASED, Kind.RESTRICTION_SET, Kind.RESTRICTION_LIFTED})

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make a hold or restriction, or the end of one, true again."""
        if entry.kind == Kind.HOLD_PLACED:
            _impose(
                tx,
                _id_of(entry),
                "hold",
                account_id=entry.account_id,
                user_ids=[UUID(each) for each in entry.data["user_ids"]],
                categories=list(entry.data["categories"]),
                since=entry.at,
            )
        elif entry.kind == Kind.RESTRICTION_SET:
            restrict(tx, _id_of(entry), entry, entry.at)
        else:
            lift(tx, _id_of(entry), entry.at)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether it is in force, or is over."""
        return verify(tx, entry)


def verify(tx: Transaction, entry: Entry) -> bool:
    """Whether the hold or restriction of the fact is in force, or is over."""
    row = tx.one(Q.stands, id=_id_of(entry))
    begun = entry.kind in (Kind.HOLD_PLACED, Kind.RESTRICTION_SET)
    return bool(row and (row["over"] or (begun and row["in_force"])))


def was_partial(entry: Entry) -> bool:
    """Whether an erasure kept something that was held, which is there until another erasure completes it.

    Once the hold has ended nobody can tell such a row from one that should be gone; that erasure has yet to come.
    """
    return entry.data.get("extent") == "partial"


def _id_of(entry: Entry) -> UUID:
    name = "hold_id" if entry.kind in (Kind.HOLD_PLACED, Kind.HOLD_RELEASED) else "restriction_id"
    return entry.uuid(name)
