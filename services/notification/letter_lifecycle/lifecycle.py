"""The life cycle of a letter: every change of its state is written here, with the events that announce it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from services.notification.letter_lifecycle.events import (
    LetterEvent,
    NotificationDelivered,
    NotificationFailed,
    NotificationSent,
    NotificationUnreachable,
)
from services.notification.letter_lifecycle.rules import (
    RECONCILE_AFTER,
    advance,
    announced,
    becomes_a_task,
    on_unknown,
    retry_at,
)
from services.notification.letter_lifecycle.store import Queue
from services.notification.letter_lifecycle.values import GiveUp, Letter, Mailing, Renew, State
from services.notification.letters.rules import can_be_declined
from services.notification.letters.values import LetterClass
from services.notification.mailgun.rules import failure_reason, is_wrongly_suppressed, signal_of, suppression_from
from services.notification.mailgun.values import Signal, VendorEvent
from services.notification.suppressions.values import SuppressionKind
from shared.context import Context, working_in
from shared.database import Transaction
from shared.events import Code
from shared.identifiers import new_id

if TYPE_CHECKING:
    from services.notification.alarms.store import AlarmStore
    from services.notification.last_letters.store import FarewellStore
    from services.notification.preferences.store import PreferenceStore
    from services.notification.staff_tasks.store import TaskStore
    from services.notification.suppressions.store import SuppressionStore


@dataclass(kw_only=True, eq=False)
class LetterLifecycle:
    """Moves letters on, and notes what follows from it for addresses, persons and alarms.

    Each method works in the caller's transaction, which holds the letter's row.
    """

    suppressions: SuppressionStore
    preferences: PreferenceStore
    farewells: FarewellStore
    tasks: TaskStore
    alarms: AlarmStore
    queue: Queue = field(default_factory=Queue)

    def accepted(self, tx: Transaction, letter: Letter, message_id: str | None, now: datetime) -> None:
        """Mailgun has the letter. A webhook may have said more already; nothing is taken back."""
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
            self.suppressions.suppress(tx, suppression, letter, now)
        if signal is Signal.DELIVERED and letter.state is not State.BOUNCED:
            self.suppressions.address_works(tx, letter)
        if is_wrongly_suppressed(event):
            self.alarms.raise_alarm(tx, "unsubscribed_at_mailgun", now)
        after = advance(letter.state, signal)
        reason = failure_reason(event) if after is State.BOUNCED else None
        self._move(
            tx,
            letter,
            after,
            now,
            reason=reason,
            code=event.code,
            message_id=event.message_id,
            happened_at=event.at,
        )
        return self.queue.lock(tx, letter.id) or letter

    def abandon(self, tx: Transaction, letter: Letter, reason: str, now: datetime) -> None:
        """Give a letter up."""
        self._move(tx, letter, State.ABANDONED, now, reason=reason)

    def forget(self, tx: Transaction, letter: Letter, now: datetime) -> None:
        """The user is no more: publish it and keep nothing.

        Of a company another contact is looked for. What was for this person alone has nobody left.
        """
        self._publish(tx, letter, State.ABANDONED, "recipient_gone", now)
        self.queue.delete(tx, letter)
        alone = self.queue.take_mailing_of_person(tx, letter) if letter.kind.tells_breach else None
        if alone is None:
            self._look_for_another(tx, letter, now)
        else:
            tell_unreachable(tx, alone, "recipient_gone", now)

    def forget_mailing(self, tx: Transaction, letter: Letter, now: datetime) -> None:
        """Nobody at this customer is to be told what the letter tells: publish it, and keep nothing."""
        self._publish(tx, letter, State.ABANDONED, "withdrawn", now)
        self.queue.delete(tx, letter)
        if letter.mailing_id is not None:
            self.queue.delete_mailing(tx, letter.mailing_id)

    def _look_for_another(self, tx: Transaction, letter: Letter, now: datetime) -> None:
        """A letter about a breach reached nobody: whoever splits mailings up finds the next contact, or none."""
        if letter.kind.tells_breach and letter.mailing_id is not None:
            self.queue.reopen_mailing(tx, letter.mailing_id, now)

    def wait(self, tx: Transaction, letter: Letter, *, due_at: datetime, reason: str, counted: bool = True) -> None:
        """Put a letter that surely did not go out back into the line; `counted` says whether it was a try."""
        attempts = letter.attempts if counted else max(letter.attempts - 1, 0)
        self.queue.write(tx, letter, State.PENDING, due_at=due_at, reason=reason, attempts=attempts)

    def park(self, tx: Transaction, letter: Letter, status: int, now: datetime) -> None:
        """Keep a letter until a person has seen to the alarm."""
        self.queue.write(tx, letter, State.PARKED, due_at=now, reason=f"mailgun_{status}", code=status)

    def unclear(self, tx: Transaction, letter: Letter, reason: str, now: datetime, chance: float) -> None:
        """It is not known whether the letter went out: ask later, or send a new code at once, or give up."""
        decision = on_unknown(letter.kind, letter, now)
        if isinstance(decision, GiveUp):
            self.abandon(tx, letter, decision.reason, now)
        elif isinstance(decision, Renew):
            self._renew(tx, letter, now, chance)
        else:
            self.queue.write(tx, letter, State.UNKNOWN, due_at=decision.until, reason=reason)

    def _renew(self, tx: Transaction, letter: Letter, now: datetime, chance: float) -> None:
        due_at = now if letter.renewal == 0 else retry_at(now, letter.renewal, chance)
        self.queue.write(tx, letter, State.SUPERSEDED, due_at=now, reason="renewed", settled_at=now)
        self.queue.add_letters(
            tx, letter, [letter.user_id], now=due_at, mailing_id=letter.mailing_id, renewal=letter.renewal + 1
        )

    def _decline_all(self, tx: Transaction, letter: Letter, now: datetime) -> None:
        """Whoever unsubscribes at Mailgun says no to all of it; said again it changes nothing."""
        whose = {"user_id": letter.user_id, "account_id": letter.account_id}
        self.preferences.one_at_a_time(tx, letter.user_id)
        declined = self.preferences.opt_outs(tx, letter.user_id)
        for letter_class in filter(can_be_declined, LetterClass):
            if letter_class not in declined:
                self.preferences.decline(tx, **whose, letter_class=letter_class, since=now, now=now)

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
        happened_at: datetime | None = None,
    ) -> None:
        if after is letter.state:
            if message_id is not None:
                self.queue.note_message(tx, letter, message_id)
            return
        left = NotificationSent in announced(letter.state, after)
        awaited = after in (State.SENT, State.DEFERRED)
        self.queue.write(
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
        kind = letter.kind
        if left and kind.farewell:
            self.farewells.remember(tx, letter.id, now)
        if after in (State.BOUNCED, State.ABANDONED):
            if becomes_a_task(kind, reason or "bounced"):
                self.tasks.add_undeliverable(tx, letter, reason or "bounced", now)
            self._look_for_another(tx, letter, now)
        self._publish(tx, letter, after, reason, now, happened_at=happened_at)

    def _publish(
        self,
        tx: Transaction,
        letter: Letter,
        after: State,
        reason: str | None,
        now: datetime,
        *,
        happened_at: datetime | None = None,
    ) -> None:
        """Announce the change. Not of farewells: the mailing is announced as a whole, when it is done."""
        if letter.kind.farewell:
            return
        more: dict[type[LetterEvent], dict[str, Any]] = {
            NotificationFailed: {"reason": Code(reason or "bounced")},
            NotificationDelivered: {"delivered_at": min(happened_at or now, now)},
        }
        with working_in(context_of(letter)):
            for event in announced(letter.state, after):
                tx.outbox.add(event_about(letter, event, **more.get(event, {})), now=now)


def event_about(about: Letter | Mailing, event: type[LetterEvent], **more: Any) -> LetterEvent:
    """An event about a letter, or about a mailing of last letters as a whole."""
    return event(
        letter_id=about.id,
        letter=Code(about.letter),
        account_id=about.account_id,
        user_id=about.user_id,
        **more,
    )


def tell_unreachable(tx: Transaction, mailing: Mailing, reason: str, now: datetime) -> None:
    """Announce that a letter about a breach has reached nobody, once for the whole mailing."""
    with working_in(context_of(mailing)):
        tx.outbox.add(event_about(mailing, NotificationUnreachable, reason=Code(reason)), now=now)


def context_of(about: Letter | Mailing) -> Context:
    """The context of events about a letter: caused by the event that asked for it, and correlated with it."""
    return Context(correlation_id=about.facts.correlation_id or new_id(), causation_id=about.event_id)
