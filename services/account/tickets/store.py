"""Tickets of letters as rows, and the end of links and sessions. Each works in a transaction it is given."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from services.account.accounts.store import found
from services.account.tickets import rules
from services.account.tickets.link_endings import Change, sessions_end_by, tickets_ended_by
from services.account.tickets.values import Ticket, TicketState
from shared.database import Transaction, load_queries
from shared.database.pool import Row
from shared.identifiers import new_id

Q: Final = load_queries(__file__)


def digest(token: str) -> bytes:
    """What is kept of a secret that its holder brings back."""
    return hashlib.sha256(token.encode()).digest()


def insert_ticket(tx: Transaction, *, user_id: UUID, account_id: UUID, kind: str, now: datetime) -> UUID:
    """A letter is to be written to this user; the ticket's id."""
    ticket_id = new_id()
    tx.run(Q.insert_ticket, id=ticket_id, user_id=user_id, account_id=account_id, kind=kind, now=now)
    return ticket_id


def ticket(tx: Transaction, ticket_id: UUID, user_id: UUID) -> Ticket:
    """One ticket of this user, locked. Raises `NotFound`."""
    return _ticket(found(tx.one(Q.ticket_for_update, id=ticket_id, user_id=user_id)))


def ticket_by_token(tx: Transaction, token: str, *, lock: bool = False) -> Ticket | None:
    """The ticket that a letter's token belongs to."""
    query = Q.ticket_by_token_for_update if lock else Q.ticket_by_token
    row = tx.one(query, token_hash=digest(token))
    return _ticket(row) if row else None


def mint_ticket(tx: Transaction, ticket_id: UUID, token: str, *, now: datetime) -> None:
    """Keep the digest of the token that the letter carries; an earlier token stops working."""
    tx.run(Q.mint_ticket, id=ticket_id, token_hash=digest(token), now=now)


def use_ticket(tx: Transaction, ticket_id: UUID, *, now: datetime) -> None:
    """It does not work again."""
    tx.run(Q.use_ticket, id=ticket_id, now=now)


def void_tickets(tx: Transaction, user_id: UUID, kinds: Sequence[str], *, now: datetime) -> None:
    """The user's unused links of these kinds do not work any more; they still count as letters."""
    tx.run(Q.void_tickets, user_id=user_id, kinds=list(kinds), now=now)


def end_links(tx: Transaction, user_id: UUID, change: Change, *, now: datetime, keep: UUID | None = None) -> None:
    """What this change of the user ends (`links`): links are void, sessions end but for the session `keep`."""
    void_tickets(tx, user_id, tickets_ended_by(change), now=now)
    if sessions_end_by(change):
        tx.run(Q.delete_user_sessions, user_id=user_id, keep=keep)


def end_links_of_account(tx: Transaction, account_id: UUID, change: Change, *, now: datetime) -> None:
    """The same for everybody of a company."""
    tx.run(Q.void_account_tickets, account_id=account_id, kinds=tickets_ended_by(change), now=now)
    if sessions_end_by(change):
        tx.run(Q.delete_account_sessions, account_id=account_id)


def earlier_tickets(tx: Transaction, user_id: UUID, kind: str, *, since: datetime) -> list[datetime]:
    """When letters of this kind were asked for the user since then."""
    return [row["created_at"] for row in tx.all(Q.earlier_tickets, user_id=user_id, kind=kind, since=since)]


def earlier_letters(tx: Transaction, email_index: bytes, kind: str, *, since: datetime) -> list[datetime]:
    """When letters of this kind were asked for the address since then, whosever it is."""
    rows = tx.all(Q.earlier_letters, email_index=email_index, kind=kind, since=since)
    return [row["created_at"] for row in rows]


def oldest_counted(tx: Transaction, account_id: UUID, kinds: Sequence[str], *, limit: int) -> datetime | None:
    """When the oldest of the account's newest `limit` letters of these kinds was asked for; None for fewer."""
    row = tx.one(Q.oldest_counted, account_id=account_id, kinds=list(kinds), but=limit - 1)
    return row["created_at"] if row else None


# ── letters asked for ─────────────────────────────────────────────────────────────────────────────────────


def request_letter(tx: Transaction, kind: str, email_index: bytes, *, now: datetime) -> None:
    """Somebody asked for a letter to an address, known or not."""
    tx.run(Q.request_letter, id=new_id(), kind=kind, email_index=email_index, now=now)


def postpone_letter(tx: Transaction, kind: str, email_index: bytes, *, now: datetime, due_at: datetime) -> None:
    """Keep a wish until a letter may go; where one of the kind waits already nothing is added."""
    wish = {"id": new_id(), "kind": kind, "email_index": email_index, "due_at": due_at}
    tx.run(Q.postpone_letter, **wish, now=now, due=rules.WISH_WAITS)


def take_letter_requests(tx: Transaction, *, now: datetime, limit: int) -> list[Row]:
    """The oldest wishes for letters that are due; gone when this transaction is committed."""
    return tx.all(Q.take_letter_requests, now=now, due=rules.WISH_WAITS, limit=limit)


def uninvited(tx: Transaction, account_id: UUID) -> list[UUID]:
    """Users without a password and without an invitation on its way."""
    return [row["id"] for row in tx.all(Q.uninvited, account_id=account_id)]


def expire(tx: Transaction, now: datetime, limit: int) -> int:
    """Delete a batch of tickets that cannot be of use any more; how many."""
    return tx.run(Q.expire_tickets, before=now - rules.TICKETS_KEPT, limit=limit)


def _ticket(row: Row) -> Ticket:
    state = TicketState(
        kind=row["kind"], created_at=row["created_at"], minted_at=row["minted_at"], used_at=row["used_at"]
    )
    return Ticket(id=row["id"], user_id=row["user_id"], account_id=row["account_id"], state=state)
