"""How people prove who they are, as rows: passwords, sessions, attempts, brakes, letters and their tickets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import errors

from services.account import rules
from services.account.accounts.values import UserState
from services.account.authentication.values import SessionState
from services.account.letters import letter_rules
from services.account.tickets.links import Change, sessions_end_by, tickets_ended_by
from services.account.tickets.values import TicketState
from shared.database import Transaction, load_queries
from shared.errors import NotFound
from shared.identifiers import new_id

Q: Final = load_queries(__file__)
Row = dict[str, Any]


class AlreadyKnownError(Exception):
    """The address is somebody's log-in name, or stands twice in one company."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Whose address it is, and the digest of the password to compare with.

    `proved` says whether somebody has proved to read at the address; else this is the newest sign-up
    that claims so.
    """

    user_id: UUID
    account_id: UUID
    password_hash: str | None
    proved: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A session as found by its token."""

    id: UUID
    user_id: UUID
    account_id: UUID
    role: str
    language: str
    state: SessionState


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A ticket and whose it is."""

    id: UUID
    user_id: UUID
    account_id: UUID
    state: TicketState


def digest(token: str) -> bytes:
    """What is kept of a secret that its holder brings back."""
    return hashlib.sha256(token.encode()).digest()


@contextmanager
def unique_addresses() -> Iterator[None]:
    """Translate the database's refusal of a second equal address. Raises `AlreadyKnownError`."""
    try:
        yield
    except errors.UniqueViolation:
        raise AlreadyKnownError from None


def found(row: Row | None) -> Row:
    """The row. Raises `NotFound` where there is none."""
    if row is None:
        raise NotFound
    return row


class AccessStore:
    """Rows about access. Every method works in the transaction it is given."""

    # ── passwords and sessions ────────────────────────────────────────────────────────────────────────────

    def candidate(self, tx: Transaction, email_index: bytes) -> Candidate | None:
        """Whose log-in name this address is, or the newest sign-up that waits for it."""
        row = tx.one(Q.user_by_address, email_index=email_index)
        return _candidate(row) if row else None

    def candidate_by_id(self, tx: Transaction, user_id: UUID) -> tuple[Candidate, bytes]:
        """The same by the user's id, with the digest of the address. Raises `NotFound`."""
        row = found(tx.one(Q.user_credential, id=user_id))
        return _candidate(row), row["email_index"]

    def password_hash(self, tx: Transaction, user_id: UUID) -> str | None:
        """The digest of a user's password."""
        row = tx.one(Q.credential, user_id=user_id)
        return str(row["password_hash"]) if row else None

    def save_first_password(self, tx: Transaction, user_id: UUID, password_hash: str, *, now: datetime) -> None:
        """The password of somebody who has no session and no link yet."""
        tx.run(Q.save_credential, user_id=user_id, password_hash=password_hash, now=now)

    def save_password(
        self, tx: Transaction, user_id: UUID, password_hash: str, *, keep: UUID | None, now: datetime
    ) -> None:
        """A new password, which ends the user's links and sessions, but for the session `keep`."""
        tx.run(Q.save_credential, user_id=user_id, password_hash=password_hash, now=now)
        self.end_links(tx, user_id, Change.PASSWORD, now=now, keep=keep)

    def end_links(
        self, tx: Transaction, user_id: UUID, change: Change, *, now: datetime, keep: UUID | None = None
    ) -> None:
        """What this change of the user ends (`links`): links are void, sessions end but for the session `keep`."""
        self.void_tickets(tx, user_id, tickets_ended_by(change), now=now)
        if sessions_end_by(change):
            tx.run(Q.delete_user_sessions, user_id=user_id, keep=keep)

    def end_links_of_account(self, tx: Transaction, account_id: UUID, change: Change, *, now: datetime) -> None:
        """The same for everybody of a company."""
        tx.run(Q.void_account_tickets, account_id=account_id, kinds=tickets_ended_by(change), now=now)
        if sessions_end_by(change):
            tx.run(Q.delete_account_sessions, account_id=account_id)

    def rehash(self, tx: Transaction, user_id: UUID, *, old_hash: str, new_hash: str) -> None:
        """The same password under newer parameters."""
        tx.run(Q.rehash_credential, user_id=user_id, old_hash=old_hash, new_hash=new_hash)

    def open_session(self, tx: Transaction, user: UserState, token: str, *, now: datetime) -> None:
        """Write a session; the user's oldest beyond the limit end."""
        tx.run(
            Q.insert_session,
            id=new_id(),
            token_hash=digest(token),
            user_id=user.id,
            account_id=user.account_id,
            now=now,
        )
        tx.run(Q.trim_sessions, user_id=user.id, keep=rules.SESSIONS_A_USER)

    def session(self, tx: Transaction, token: str) -> OpenSession | None:
        """The session that the token belongs to."""
        row = tx.one(Q.session, token_hash=digest(token))
        if row is None:
            return None
        names = ("created_at", "seen_at", "account_state", "user_state")
        state = SessionState(**{name: row.pop(name) for name in names})
        return OpenSession(state=state, **row)

    def touch_session(self, tx: Transaction, session_id: UUID, *, now: datetime) -> None:
        """It was used now."""
        tx.run(Q.touch_session, id=session_id, now=now)

    def close_session(self, tx: Transaction, token: str) -> None:
        """Log-out."""
        tx.run(Q.delete_session, token_hash=digest(token))

    # ── attempts and brakes ───────────────────────────────────────────────────────────────────────────────

    def insert_attempt(
        self,
        tx: Transaction,
        origin: Mapping[str, Any],
        *,
        candidate: Candidate | None,
        outcome: str,
        now: datetime,
    ) -> UUID:
        """Keep who tried, from where, and what came of it; the attempt's id."""
        tx.run(
            Q.insert_attempt,
            **origin,
            account_id=candidate.account_id if candidate else None,
            user_id=candidate.user_id if candidate else None,
            outcome=outcome,
            now=now,
        )
        attempt_id: UUID = origin["id"]
        return attempt_id

    def attempts(self, tx: Transaction, ids: Sequence[UUID]) -> list[Row]:
        """The attempts asked for that are still kept."""
        return tx.all(Q.attempts, ids=list(ids))

    def failures(self, tx: Transaction, key: bytes, *, now: datetime) -> list[datetime]:
        """The recent failures under a key; whoever else asks for them waits for this transaction."""
        tx.run(Q.make_brake, key=key, now=now)
        return list(found(tx.one(Q.brake_for_update, key=key))["failed_at"])

    def set_failures(self, tx: Transaction, key: bytes, failures: Sequence[datetime], *, now: datetime) -> None:
        """The failures to remember under a key."""
        tx.run(Q.set_brake, key=key, failed_at=list(failures), now=now)

    # ── letters and their tickets ─────────────────────────────────────────────────────────────────────────

    def request_letter(self, tx: Transaction, kind: str, email_index: bytes, *, now: datetime) -> None:
        """Somebody asked for a letter to an address, known or not."""
        tx.run(Q.request_letter, id=new_id(), kind=kind, email_index=email_index, now=now)

    def postpone_letter(
        self, tx: Transaction, kind: str, email_index: bytes, *, now: datetime, due_at: datetime
    ) -> None:
        """Keep a wish until a letter may go; where one of the kind waits already nothing is added."""
        wish = {"id": new_id(), "kind": kind, "email_index": email_index, "due_at": due_at}
        tx.run(Q.postpone_letter, **wish, now=now, due=letter_rules.WISH_WAITS)

    def take_letter_requests(self, tx: Transaction, *, now: datetime, limit: int) -> list[Row]:
        """The oldest wishes for letters that are due; gone when this transaction is committed."""
        return tx.all(Q.take_letter_requests, now=now, due=letter_rules.WISH_WAITS, limit=limit)

    def insert_ticket(self, tx: Transaction, user: Candidate | UserState, kind: str, *, now: datetime) -> UUID:
        """A letter is to be written to this user; the ticket's id."""
        ticket_id = new_id()
        user_id = user.user_id if isinstance(user, Candidate) else user.id
        tx.run(Q.insert_ticket, id=ticket_id, user_id=user_id, account_id=user.account_id, kind=kind, now=now)
        return ticket_id

    def earlier_tickets(self, tx: Transaction, user_id: UUID, kind: str, *, since: datetime) -> list[datetime]:
        """When letters of this kind were asked for the user since then."""
        return [row["created_at"] for row in tx.all(Q.earlier_tickets, user_id=user_id, kind=kind, since=since)]

    def earlier_letters(self, tx: Transaction, email_index: bytes, kind: str, *, since: datetime) -> list[datetime]:
        """When letters of this kind were asked for the address since then, whosever it is."""
        return [
            row["created_at"] for row in tx.all(Q.earlier_letters, email_index=email_index, kind=kind, since=since)
        ]

    def oldest_counted(
        self, tx: Transaction, account_id: UUID, kinds: Sequence[str], *, limit: int
    ) -> datetime | None:
        """When the oldest of the account's newest `limit` letters of these kinds was asked for; None for fewer."""
        row = tx.one(Q.oldest_counted, account_id=account_id, kinds=list(kinds), but=limit - 1)
        return row["created_at"] if row else None

    def ticket(self, tx: Transaction, ticket_id: UUID, user_id: UUID) -> Ticket:
        """One ticket of this user, locked. Raises `NotFound`."""
        return _ticket(found(tx.one(Q.ticket_for_update, id=ticket_id, user_id=user_id)))

    def ticket_by_token(self, tx: Transaction, token: str, *, lock: bool = False) -> Ticket | None:
        """The ticket that a letter's token belongs to."""
        query = Q.ticket_by_token_for_update if lock else Q.ticket_by_token
        row = tx.one(query, token_hash=digest(token))
        return _ticket(row) if row else None

    def mint_ticket(self, tx: Transaction, ticket_id: UUID, token: str, *, now: datetime) -> None:
        """Keep the digest of the token that the letter carries; an earlier token stops working."""
        tx.run(Q.mint_ticket, id=ticket_id, token_hash=digest(token), now=now)

    def use_ticket(self, tx: Transaction, ticket_id: UUID, *, now: datetime) -> None:
        """It does not work again."""
        tx.run(Q.use_ticket, id=ticket_id, now=now)

    def void_tickets(self, tx: Transaction, user_id: UUID, kinds: Sequence[str], *, now: datetime) -> None:
        """The user's unused links of these kinds do not work any more; they still count as letters."""
        tx.run(Q.void_tickets, user_id=user_id, kinds=list(kinds), now=now)


def _candidate(row: Row) -> Candidate:
    return Candidate(
        user_id=row["id"],
        account_id=row["account_id"],
        password_hash=row["password_hash"],
        proved=row["proved"],
    )


def _ticket(row: Row) -> Ticket:
    state = TicketState(
        kind=row["kind"], created_at=row["created_at"], minted_at=row["minted_at"], used_at=row["used_at"]
    )
    return Ticket(id=row["id"], user_id=row["user_id"], account_id=row["account_id"], state=state)
