"""The course of a letter: every change of its state is written here, with the events that tell of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.notification.events import NotificationDelivered, NotificationFailed, NotificationSent
from services.notification.rules import (
    LETTERS,
    RECONCILE_AFTER,
    GiveUp,
    Renew,
    advance,
    announced,
    becomes_a_task,
    can_be_declined,
    failure_reason,
    is_wrongly_suppressed,
    on_unknown,
    retry_at,
    signal_of,
    suppression_from,
    told_by,
)
from services.notification.store import Queue, Records, Refusals
from services.notification.values import Letter, LetterClass, Signal, State, SuppressionKind, VendorEvent
from shared.context import Context, working_in
from shared.database import Transaction
from shared.events import Code, Event
from shared.identifiers import new_id


class Course:
    """Moves letters on. Each method works in the caller's transaction, which holds the letter's row."""

    def __init__(self, queue: Queue, refusals: Refusals, records: Records) -> None:
        """The rooms of the store that a letter's course touches."""
        self._queue = queue
        self._refusals = refusals
        self._records = records

    def accepted(self, tx: Transaction, letter: Letter, message_id: str | None, now: datetime) -> None:
        """Mailgun has the letter. A webhook may have told more already; nothing is taken back."""
        self._move(tx, letter, advance(letter.state, Signal.ACCEPTED), now, message_id=message_id)

    def apply(self, tx: Transaction, letter: Letter, event: VendorEvent, now: datetime) -> Letter:
        """Take in one event of Mailgun; returns the letter as it is then."""
        signal = signal_of(event)
        if signal is None:
            return letter
        if signal is Signal.UNSUBSCRIBED:
            self._decline_all(tx, letter, now)
            return letter
        suppression = suppression_from(event)
        if suppression is not None and not (
            suppression is SuppressionKind.BOUNCE and letter.state is State.BOUNCED
        ):
            self._refusals.suppress(tx, suppression, letter, now)
        if signal is Signal.DELIVERED and letter.state is not State.BOUNCED:
            self._refusals.address_works(tx, letter)
        if is_wrongly_suppressed(event):
            self._records.alarm(tx, "unsubscribed_at_mailgun", now)
        after = advance(letter.state, signal)
        reason = failure_reason(event) if after is State.BOUNCED else None
        self._move(tx, letter, after, now, reason=reason, code=event.code, message_id=event.message_id)
        return self._queue.lock(tx, letter.id) or letter

    def abandon(self, tx: Transaction, letter: Letter, reason: str, now: datetime) -> None:
        """Give a letter up."""
        self._move(tx, letter, State.ABANDONED, now, reason=reason)

    def forget(self, tx: Transaction, letter: Letter, now: datetime) -> None:
        """The user is no more: tell of it and keep nothing."""
        self._tell(tx, letter, State.ABANDONED, "recipient_gone", now)
        self._queue.delete(tx, letter)

    def wait(self, tx: Transaction, letter: Letter, *, due_at: datetime, reason: str, counted: bool = True) -> None:
        """Put a letter that surely did not go out back into the line; `counted` says whether it was a try."""
        attempts = letter.attempts if counted else max(letter.attempts - 1, 0)
        self._queue.write(tx, letter, State.PENDING, due_at=due_at, reason=reason, attempts=attempts)

    def park(self, tx: Transaction, letter: Letter, status: int, now: datetime) -> None:
        """Keep a letter until a person has seen to the alarm."""
        self._queue.write(tx, letter, State.PARKED, due_at=now, reason=f"mailgun_{status}", code=status)

    def unclear(self, tx: Transaction, letter: Letter, reason: str, now: datetime, chance: float) -> None:
        """It is not known whether the letter went out: ask later, or send a new code at once, or give up."""
        decision = on_unknown(LETTERS[letter.letter], letter, now)
        if isinstance(decision, GiveUp):
            self.abandon(tx, letter, decision.reason, now)
        elif isinstance(decision, Renew):
            self._renew(tx, letter, now, chance)
        else:
            self._queue.write(tx, letter, State.UNKNOWN, due_at=decision.until, reason=reason)

    def _renew(self, tx: Transaction, letter: Letter, now: datetime, chance: float) -> None:
        due_at = now if letter.renewal == 0 else retry_at(now, letter.renewal, chance)
        self._queue.write(tx, letter, State.SUPERSEDED, due_at=now, reason="renewed", settled_at=now)
        self._queue.add_letters(
            tx,
            LETTERS[letter.letter],
            [letter.user_id],
            event_id=letter.event_id,
            account_id=letter.account_id,
            facts=letter.facts,
            now=due_at,
            requested_at=letter.requested_at,
            expires_at=letter.expires_at,
            mailing_id=letter.mailing_id,
            renewal=letter.renewal + 1,
        )

    def _decline_all(self, tx: Transaction, letter: Letter, now: datetime) -> None:
        for letter_class in filter(can_be_declined, LetterClass):
            self._refusals.opt_out(
                tx, user_id=letter.user_id, account_id=letter.account_id, letter_class=letter_class, now=now
            )

    def _move(
        self,
        tx: Transaction,
        letter: Letter,
        after: State,
        now: datetime,
        *,
        reason: str | None = None,
        message_id: str | None = None,
        code: int | None = None,
    ) -> None:
        if after is letter.state:
            if message_id is not None:
                self._queue.note_message(tx, letter, message_id)
            return
        left = "notification.sent" in announced(letter.state, after)
        awaited = after in (State.SENT, State.DEFERRED)
        self._queue.write(
            tx,
            letter,
            after,
            due_at=now,
            reason=reason,
            sent_at=now if left else None,
            reconcile_at=now + RECONCILE_AFTER if awaited else None,
            settled_at=now,
            message_id=message_id,
            code=code,
        )
        kind = LETTERS[letter.letter]
        if left and kind.farewell:
            self._records.add_farewell(tx, letter.id, now)
        if after in (State.BOUNCED, State.ABANDONED) and becomes_a_task(kind, reason or "bounced"):
            self._records.add_task(
                tx,
                "undeliverable",
                task_id=new_id(),
                account_id=letter.account_id,
                user_id=letter.user_id,
                due_on=told_by(now),
                now=now,
                letter=letter,
                reason=reason or "bounced",
            )
        self._tell(tx, letter, after, reason, now)

    def _tell(self, tx: Transaction, letter: Letter, after: State, reason: str | None, now: datetime) -> None:
        """Publish what the change means; of farewells only the whole mailing tells, when it is done."""
        if LETTERS[letter.letter].farewell:
            return
        told = announced(letter.state, after)
        with working_in(story_of(letter)):
            if "notification.sent" in told:
                tx.outbox.add(_event(NotificationSent, letter), now=now)
            if "notification.delivered" in told:
                tx.outbox.add(_event(NotificationDelivered, letter), now=now)
            if "notification.failed" in told:
                tx.outbox.add(_event(NotificationFailed, letter, reason=Code(reason or "bounced")), now=now)


def _event(cls: type[Event], letter: Letter, **more: Code) -> Event:
    values: dict[str, Any] = {
        "letter_id": letter.id,
        "letter": Code(letter.letter),
        "account_id": letter.account_id,
        "user_id": letter.user_id,
    }
    return cls(**values, **more)


def story_of(letter: Letter) -> Context:
    """The context of events about a letter: the story that asked for it, caused by the event that did."""
    return Context(correlation_id=letter.facts.correlation_id or new_id(), causation_id=letter.event_id)
