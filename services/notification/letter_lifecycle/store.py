"""Mailings and letters as rows: how they get into the line, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.notification.letter_lifecycle.rules import fair_place
from services.notification.letter_lifecycle.values import Letter, LetterRequest, Mailing, State
from services.notification.letters.values import Facts
from shared.database import Row, Transaction, load_queries
from shared.identifiers import derived_id, new_id

Q: Final = load_queries(__file__)

POSITION_LIMIT: Final = 1000
"""So many letters of a customer are counted, to find the place of the next."""
FACTS: Final = tuple(each.name for each in fields(Facts) if each.name not in ("about_user", "notice", "campaign"))


def _facts(row: Row) -> Facts:
    columns: dict[str, Any] = {name: row.get(name) for name in FACTS}
    return Facts(**columns)


def _request_row(request: LetterRequest) -> Row:
    same = ("event_id", "letter", "account_id", "requested_at", "expires_at")
    facts = {name: getattr(request.facts, name) for name in FACTS}
    return {name: getattr(request, name) for name in same} | facts | {"lane": int(request.kind.lane)}


def to_letter(row: Row) -> Letter:
    """A row of `letter` as a value."""
    same = (
        "id", "event_id", "mailing_id", "account_id", "user_id", "letter", "renewal", "attempts", "checks",
        "requested_at", "expires_at", "begun_at", "sent_at", "claim_id",
    )  # fmt: skip
    index = row["address_index"]
    return Letter(
        **{name: row[name] for name in same},
        state=State(row["state"]),
        facts=_facts(row),
        address_index=None if index is None else bytes(index),
    )


def to_mailing(row: Row) -> Mailing:
    """A row of `mailing` as a value."""
    same = (
        "id", "event_id", "letter", "account_id", "user_id", "attempts", "requested_at", "expires_at", "claim_id",
        "in_doubt",
    )  # fmt: skip
    return Mailing(**{name: row[name] for name in same}, facts=_facts(row))


def _letter_id(request: LetterRequest, user_id: UUID) -> UUID:
    """The id of a letter. One about a breach has the same whenever it is made: the provider's records know it."""
    return derived_id("letter", request.event_id, user_id) if request.kind.tells_breach else new_id()


class Queue:
    """Mailings and letters that wait, are under way, or have been settled."""

    def add_mailing(self, tx: Transaction, request: LetterRequest, user_id: UUID | None) -> None:
        """Put a letter to a company, or about one of its users, into the line; the same event does so once.

        An erasure that is announced again has its last letter already, unless the date it tells has moved.
        """
        row = _request_row(request) | {"id": new_id(), "user_id": user_id, "in_doubt": False}
        if not tx.run(Q.add_mailing, **row) and request.facts.erasure_id is not None:
            tx.run(Q.reopen_farewell, **row)

    def add_mailings(
        self, tx: Transaction, requests: Sequence[tuple[LetterRequest, UUID | None]], *, in_doubt: bool = False
    ) -> int:
        """Put a letter to each of many companies, or about one of its users, into the line; returns how many."""
        rows = [
            _request_row(request) | {"id": new_id(), "user_id": user_id, "in_doubt": in_doubt}
            for request, user_id in requests
        ]
        return tx.many(Q.add_mailing, rows)

    def reopen_mailing(self, tx: Transaction, mailing_id: UUID, now: datetime) -> None:
        """Look again whom of a company a letter goes to: one of those who got it was not reached."""
        tx.run(Q.reopen_mailing, id=mailing_id, now=now)

    def take_mailing_of_person(self, tx: Transaction, letter: Letter) -> Mailing | None:
        """Forget the mailing of a letter that was for its reader alone, and tell what it was; else None."""
        row = tx.one(Q.take_mailing_of_person, id=letter.mailing_id, user_id=letter.user_id)
        return to_mailing(row) if row else None

    def delete_mailing(self, tx: Transaction, mailing_id: UUID) -> None:
        """Forget a mailing that nobody is to get."""
        tx.run(Q.delete_mailing, id=mailing_id)

    def add_letters(
        self,
        tx: Transaction,
        request: LetterRequest,
        users: Sequence[UUID],
        *,
        now: datetime,
        mailing_id: UUID | None = None,
        renewal: int = 0,
        in_doubt: bool = False,
    ) -> int:
        """Put one letter to each user into the line, behind those of the same customer; returns how many.

        What is `in_doubt` is asked for before it leaves.
        """
        waiting = tx.one(Q.waiting_of_account, account_id=request.account_id, limit=POSITION_LIMIT)
        ahead = int(waiting["waiting"]) if waiting else 0
        state = State.UNKNOWN if in_doubt else State.PENDING
        same = _request_row(request) | {"mailing_id": mailing_id, "renewal": renewal, "due_at": now, "state": state}
        rows = [
            {
                **same,
                "id": _letter_id(request, user_id),
                "user_id": user_id,
                "fair_at": fair_place(now, ahead + place),
            }
            for place, user_id in enumerate(users)
        ]
        return tx.many(Q.add_letter, rows)

    def add_letters_in_places(
        self, tx: Transaction, requests: Sequence[tuple[LetterRequest, UUID, datetime]], *, now: datetime
    ) -> int:
        """Put letters of a campaign into the line, each to one user and in its place there; returns how many."""
        same = {"mailing_id": None, "renewal": 0, "due_at": now, "state": State.PENDING}
        rows = [
            {**_request_row(request), **same, "id": new_id(), "user_id": user_id, "fair_at": place}
            for request, user_id, place in requests
        ]
        return tx.many(Q.add_letter, rows)

    def waiting(self, tx: Transaction, event_ids: Sequence[UUID]) -> list[UUID]:
        """Those of the events that asked for a letter of which none has left, nor was given up."""
        return [row["event_id"] for row in tx.all(Q.waiting, event_ids=list(event_ids))]

    def were_told(self, tx: Transaction, told: Mapping[UUID, datetime]) -> None:
        """Whoever each event asked a letter for had it then."""
        rows = [{"event_id": event_id, "at": at} for event_id, at in told.items()]
        tx.many(Q.close_told, rows)
        tx.many(Q.deliver_told, rows)

    def doubt(self, tx: Transaction, notice_id: UUID, now: datetime) -> int:
        """Have asked for each letter of a notice that waits, before it leaves; returns how many."""
        return tx.run(Q.doubt_mailings, notice_id=notice_id) + tx.run(Q.doubt_letters, notice_id=notice_id, now=now)

    def lock(self, tx: Transaction, letter_id: UUID) -> Letter | None:
        """One letter, held until the transaction ends."""
        row = tx.one(Q.lock_letter, id=letter_id)
        return to_letter(row) if row else None

    def lock_by_message(self, tx: Transaction, message_id: str) -> Letter | None:
        """The letter with a message id of Mailgun, held until the transaction ends."""
        row = tx.one(Q.lock_letter_by_message, message_id=message_id)
        return to_letter(row) if row else None

    def write(
        self,
        tx: Transaction,
        letter: Letter,
        state: State,
        *,
        due_at: datetime,
        reason: str | None = None,
        attempts: int | None = None,
        checks: int = 0,
        sent_at: datetime | None = None,
        reconcile_at: datetime | None = None,
        settled_at: datetime | None = None,
        message_id: str | None = None,
        code: int | None = None,
    ) -> None:
        """Write what became of a letter this transaction holds. `due_at` matters to the open states only."""
        tx.run(
            Q.write_letter,
            id=letter.id,
            state=state.value,
            reason=reason,
            due_at=due_at,
            attempts=letter.attempts if attempts is None else attempts,
            checks=checks,
            sent_at=sent_at or letter.sent_at,
            reconcile_at=reconcile_at,
            settled_at=settled_at,
            message_id=message_id,
            code=code,
        )

    def note_message(self, tx: Transaction, letter: Letter, message_id: str) -> None:
        """Keep the id Mailgun gave a letter."""
        tx.run(Q.note_message, id=letter.id, message_id=message_id)

    def delete(self, tx: Transaction, letter: Letter) -> None:
        """Forget a letter to a user who is no more."""
        tx.run(Q.delete_letter, id=letter.id)

    def look_up(self, tx: Transaction, letter: Letter, at: datetime | None, *, checks: int = 0) -> None:
        """Have Mailgun's records asked for a letter, whatever its state; with no instant, no more."""
        tx.run(Q.look_up, id=letter.id, at=at, checks=checks)

    def is_cancelled(self, tx: Transaction, clock_id: UUID | None) -> bool:
        """Whether an erasure was called off."""
        return clock_id is not None and tx.one(Q.clock_is_cancelled, clock_id=clock_id) is not None

    def cancel_clock(self, tx: Transaction, clock_id: UUID, now: datetime) -> None:
        """Let no letter that announces this erasure leave any more."""
        tx.run(Q.cancel_clock, clock_id=clock_id, now=now)
