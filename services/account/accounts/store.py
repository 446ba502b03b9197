"""Companies and users as rows, as every feature reads them; texts arrive here sealed.

Each works in a transaction it is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from psycopg import errors

from services.account.accounts.values import AccountState, UserState
from shared.actor import Actor
from shared.database import Transaction, load_queries
from shared.database.pool import Row
from shared.errors import Conflict, NotFound

Q: Final = load_queries(__file__)

Lock = Literal["share", "update"]


class AddressTaken(Conflict):
    """The address is somebody's log-in name, or stands twice in one company."""

    def __init__(self) -> None:
        super().__init__("this address is in use already", details={"reason": "address_taken"})


@dataclass(frozen=True, slots=True, kw_only=True)
class UserCounts:
    """All users of a company, the active ones, and the owners among these."""

    users: int
    active: int
    owners: int


def found(row: Row | None) -> Row:
    """The row. Raises `NotFound` where there is none."""
    if row is None:
        raise NotFound
    return row


@contextmanager
def unique_addresses() -> Iterator[None]:
    """Translate the database's refusal of a second equal address. Raises `AddressTaken`."""
    try:
        yield
    except errors.UniqueViolation:
        raise AddressTaken from None


def lock_address(tx: Transaction, email_index: bytes) -> None:
    """Whoever signs up with this address or proves it waits for this transaction; before any other lock."""
    tx.one(Q.lock_address, email_index=email_index)


# ── companies ─────────────────────────────────────────────────────────────────────────────────────────────


def account(tx: Transaction, account_id: UUID, lock: Lock | None = None) -> AccountState:
    """A company as the rules see it. Raises `NotFound`."""
    query = {None: Q.account, "share": Q.account_for_share, "update": Q.account_for_update}[lock]
    return AccountState(**found(tx.one(query, id=account_id)))


def account_row(tx: Transaction, account_id: UUID) -> Row:
    """A company with its sealed columns. Raises `NotFound`."""
    return found(tx.one(Q.account_sealed, id=account_id))


def deactivate_account(tx: Transaction, account_id: UUID, *, by: str, reason: str | None, now: datetime) -> None:
    """Set inactive; its sessions and links are for the caller to end."""
    tx.run(Q.deactivate_account, id=account_id, by=by, reason=reason, now=now)


def reactivate_account(tx: Transaction, account_id: UUID, *, now: datetime) -> None:
    """Set active again; the links that led back are for the caller to end."""
    tx.run(Q.reactivate_account, id=account_id, now=now)


def count_users(tx: Transaction, account_id: UUID) -> UserCounts:
    """How many users the company has."""
    return UserCounts(**found(tx.one(Q.count_users, account_id=account_id)))


# ── users ─────────────────────────────────────────────────────────────────────────────────────────────────


def user(tx: Transaction, user_id: UUID, *, lock: bool = False) -> UserState:
    """A user as the rules see it. Raises `NotFound`."""
    return UserState(**found(tx.one(Q.user_for_update if lock else Q.user, id=user_id)))


def user_of(tx: Transaction, account_id: UUID, user_id: UUID, *, lock: bool = False) -> UserState:
    """The same, of this company. Raises `NotFound` for another company's user."""
    one = user(tx, user_id, lock=lock)
    if one.account_id != account_id:
        raise NotFound
    return one


def acting_user(tx: Transaction, actor: Actor) -> UserState | None:
    """The actor's own row; None for staff, the system, and users there are not."""
    row = tx.one(Q.user, id=actor.user_id) if actor.user_id else None
    return UserState(**row) if row else None


def user_row(tx: Transaction, user_id: UUID) -> Row:
    """A user with the sealed columns. Raises `NotFound`."""
    return found(tx.one(Q.user_sealed, id=user_id))


def user_rows(tx: Transaction, account_id: UUID, *, only: UUID | None = None, role: str | None = None) -> list[Row]:
    """A company's users with the sealed columns: all, one, or those of a role."""
    return tx.all(Q.users_sealed, account_id=account_id, only=only, role=role)


def insert_user(tx: Transaction, columns: Mapping[str, Any], *, role: str, now: datetime) -> None:
    """Write a user, whose address nobody has proved. Raises `AddressTaken`."""
    with unique_addresses():
        tx.run(Q.insert_user, **columns, role=role, now=now)


def update_user(tx: Transaction, user_id: UUID, columns: Mapping[str, Any]) -> Row:
    """Write the columns that are given; version and state after it. Raises `AddressTaken`."""
    with unique_addresses():
        return found(tx.one(Q.update_user, id=user_id, **columns))


def confirm_user(tx: Transaction, user_id: UUID, *, now: datetime) -> int:
    """The address is confirmed and is the log-in name; the new version. Raises `AddressTaken`."""
    with unique_addresses():
        return int(found(tx.one(Q.confirm_user, id=user_id, now=now))["version"])


def deactivate_user(tx: Transaction, user_id: UUID, *, by: str, now: datetime) -> Row:
    """Set one user inactive; version and state after it. Sessions and links are for the caller to end."""
    left = {"inactivated_at": now, "inactivated_by": by, "reactivated_at": None}
    return found(tx.one(Q.set_user_state, id=user_id, state="inactive", **left))


def reactivate_user(tx: Transaction, user_id: UUID, *, now: datetime) -> Row:
    """Set one user active again; version and state after it."""
    back = {"inactivated_at": None, "inactivated_by": None, "reactivated_at": now}
    return found(tx.one(Q.set_user_state, id=user_id, state="active", **back))


def recipients(tx: Transaction, account_id: UUID) -> list[Row]:
    """Who may get letters about the company, owners first."""
    return tx.all(Q.recipients, account_id=account_id)


def assert_address_free(tx: Transaction, one: UserState, email_index: bytes) -> None:
    """Raises `AddressTaken` where another user of the same company has this address."""
    row = tx.one(Q.address_is_taken, account_id=one.account_id, email_index=email_index, but_for=one.id)
    if found(row)["taken"]:
        raise AddressTaken
