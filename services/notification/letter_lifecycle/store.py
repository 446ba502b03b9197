"""Mailings and letters as rows: how they get into the line, and what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.notification.letter_lifecycle.rules import fair_place
from services.notification.letter_lifecycle.values import Letter, Mailing, State
from services.notification.letters.values import Facts, LetterKind
from shared.database import Row, Transaction, load_queries
from shared.identifiers import new_id

Q: Final = load_queries(__file__)

POSITION_LIMIT: Final = 1000
FACTS: Final = tuple(each.name for each in fields(Facts) if each.name != "about_user")
_OF_A_LETTER_ONLY: Final = frozenset({"ticket_id"})


def _facts(row: Row) -> Facts:
    told: dict[str, Any] = {name: row.get(name) for name in FACTS}
    return Facts(**told)


def _facts_row(facts: Facts) -> Row:
    return {name: getattr(facts, name) for name in FACTS}


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
    )  # fmt: skip
    return Mailing(**{name: row[name] for name in same}, facts=_facts(row))


class Queue:
    """Mailings and letters that wait, are under way, or have been settled."""

    def add_mailing(
        self,
        tx: Transaction,
        kind: LetterKind,
        *,
        event_id: UUID,
        account_id: UUID,
        user_id: UUID | None,
        facts: Facts,
        now: datetime,
        expires_at: datetime,
    ) -> None:
        """Put a letter to a company or person into the line; the same event does so once.

        An erasure that is announced again has its last letter already, unless the date it tells has moved.
        """
        row = {name: value for name, value in _facts_row(facts).items() if name not in _OF_A_LETTER_ONLY}
        added = tx.run(
            Q.add_mailing,
            id=new_id(),
            event_id=event_id,
            letter=kind.code,
            account_id=account_id,
            user_id=user_id,
            lane=int(kind.lane),
            now=now,
            expires_at=expires_at,
            **row,
        )
        if not added and facts.erasure_id is not None:
            tx.run(
                Q.reopen_farewell,
                erasure_id=facts.erasure_id,
                backups_expire_on=facts.backups_expire_on,
                expires_at=expires_at,
            )

    def waiting_of(self, tx: Transaction, account_id: UUID) -> int:
        """How many letters of a customer stand in line, counted to 1000."""
        row = tx.one(Q.waiting_of_account, account_id=account_id, limit=POSITION_LIMIT)
        return int(row["waiting"]) if row else 0

    def add_letters(
        self,
        tx: Transaction,
        kind: LetterKind,
        users: Sequence[UUID],
        *,
        event_id: UUID,
        account_id: UUID,
        facts: Facts,
        now: datetime,
        requested_at: datetime,
        expires_at: datetime,
        mailing_id: UUID | None = None,
        renewal: int = 0,
    ) -> int:
        """Put one letter to each user into the line, behind those of the same customer; returns how many."""
        ahead = self.waiting_of(tx, account_id)
        rows = [
            {
                "id": new_id(),
                "event_id": event_id,
                "mailing_id": mailing_id,
                "account_id": account_id,
                "user_id": user_id,
                "letter": kind.code,
                "renewal": renewal,
                "lane": int(kind.lane),
                "due_at": now,
                "fair_at": fair_place(now, ahead + place),
                "requested_at": requested_at,
                "expires_at": expires_at,
                **_facts_row(facts),
            }
            for place, user_id in enumerate(users)
        ]
        return tx.many(Q.add_letter, rows)

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
