"""Entrypoints of notification: events become jobs, calls are answered, loops are kept going."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from services.account.confirmation.events import UserConfirmationRequested
from services.account.email_change.events import UserAddressChanged
from services.account.letters.events import SignUpRepeated, UserPasswordResetRequested, UserReturnRequested
from services.account.passwords.events import UserPasswordChanged
from services.account.reactivation.events import AccountReactivated
from services.account.termination.events import TerminationNoticed, TerminationWithdrawn
from services.account.users.events import UserInvited, UserReactivated
from services.notification import calls
from services.notification.calls import (
    AlarmShown,
    AlarmsShown,
    CapacityShown,
    LetterShown,
    LettersShown,
    ParkedReleased,
    RateSet,
    Unsubscribed,
    WebhookVerdict,
)
from services.notification.events import PreferencesChanged
from services.notification.inquiry import Inquiry
from services.notification.mailings import Mailings
from services.notification.person_tasks import PersonTasks
from services.notification.replay import NotificationReplayer
from services.notification.restricting import Restricting
from services.notification.rules import (
    LATE_AFTER,
    LETTERS,
    bound_by,
    can_be_declined,
    erased_after_notice,
    expires,
    farewell_letter,
    letter_of_return,
    letters_on_schedule,
    read_unsubscribe_token,
    reminder_is_sent,
    reminder_letter,
)
from services.notification.sender import Sender
from services.notification.store import WAITS, Queue, Records, Refusals, Row
from services.notification.values import Facts
from services.notification.webhooks import Webhooks
from services.retention.events import (
    ErasureAnnounced,
    ErasureCancelled,
    ErasureReminderDue,
    ErasureScheduled,
    RestrictionLiftAnnounced,
)
from shared import errors, log
from shared.bus import answers, every, handles, metrics
from shared.bus.alarms import Waiting, alarm
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.events import Code, Received
from shared.hold_scope import LEGAL_HOLD
from shared.participation.events import (
    ErasureDryRunAnswered,
    ErasureDryRunOrdered,
    ErasureOrdered,
    ErasureStepCompleted,
    HoldPlaced,
)
from shared.privacy.gate import Replayer

PRUNE_ROUNDS = 20

_log = log.get("notification.service")


class NotificationService(Restricting, PersonTasks):
    """Letters: from the event that asks for one to the mail server that takes it, and their forgetting."""

    name: ClassVar[str] = "notification"

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        sender: Sender,
        mailings: Mailings,
        inquiry: Inquiry,
        webhooks: Webhooks,
        unsubscribe_key: bytes,
    ) -> None:
        """The parts, wired in `__main__`."""
        self.database = database
        self.clock = clock
        self._sender = sender
        self._mailings = mailings
        self._inquiry = inquiry
        self._webhooks = webhooks
        self._unsubscribe_key = unsubscribe_key
        self._queue, self._refusals, self._records = Queue(), Refusals(), Records()

    waits = WAITS

    def guarded(self) -> Iterator[tuple[Database, Replayer | None]]:
        """Its own database."""
        yield self.database, NotificationReplayer()

    # ── events become jobs; nothing is sent and nobody is asked here ─────────────────────────────────────

    @handles(UserConfirmationRequested)
    def write_confirmation(self, message: Received[UserConfirmationRequested], tx: Transaction) -> None:
        """The address of a user is to be confirmed."""
        facts = Facts(correlation_id=message.correlation_id, ticket_id=message.event.ticket_id)
        self._to_user(tx, "email_confirmation", message, message.event, facts)

    @handles(UserInvited)
    def write_invitation(self, message: Received[UserInvited], tx: Transaction) -> None:
        """A user shall set a password."""
        facts = Facts(correlation_id=message.correlation_id, ticket_id=message.event.ticket_id)
        self._to_user(tx, "invitation", message, message.event, facts)

    @handles(SignUpRepeated)
    def write_sign_up_repeated(self, message: Received[SignUpRepeated], tx: Transaction) -> None:
        """Somebody signed up with the address of a user we know."""
        self._to_user(tx, "sign_up_repeated", message, message.event, Facts(correlation_id=message.correlation_id))

    @handles(UserReturnRequested)
    def write_way_back(self, message: Received[UserReturnRequested], tx: Transaction) -> None:
        """Somebody inactive asked for a way in: the letter says how to come back, and until when."""
        event = message.event
        facts = Facts(correlation_id=message.correlation_id, ticket_id=event.ticket_id)
        self._to_user(tx, letter_of_return(event.way), message, event, facts)

    @handles(UserPasswordChanged)
    def write_password_changed(self, message: Received[UserPasswordChanged], tx: Transaction) -> None:
        """A password was changed: its owner is told, in case it was somebody else."""
        facts = Facts(correlation_id=message.correlation_id, happened_at=message.time)
        self._to_user(tx, "password_changed", message, message.event, facts)

    @handles(UserAddressChanged)
    def write_address_changed(self, message: Received[UserAddressChanged], tx: Transaction) -> None:
        """An address was replaced: the old one is told, in case it was somebody else."""
        event = message.event
        facts = Facts(
            correlation_id=message.correlation_id, ticket_id=event.ticket_id, happened_at=event.changed_at
        )
        self._to_user(tx, "address_changed", message, event, facts)

    @handles(UserPasswordResetRequested)
    def write_password_reset(self, message: Received[UserPasswordResetRequested], tx: Transaction) -> None:
        """A user wants a new password."""
        facts = Facts(correlation_id=message.correlation_id, ticket_id=message.event.ticket_id)
        self._to_user(tx, "password_reset", message, message.event, facts)

    @handles(AccountReactivated)
    def write_reactivation(self, message: Received[AccountReactivated], tx: Transaction) -> None:
        """A company's account is active again: whoever was told that it was not is told that too."""
        facts = Facts(correlation_id=message.correlation_id, happened_at=message.time)
        self._to_company(tx, "account_reactivated", message, message.event, facts)
        self._to_company(tx, "company_reopened", message, message.event, facts)

    @handles(UserReactivated)
    def write_user_reactivation(self, message: Received[UserReactivated], tx: Transaction) -> None:
        """A user is active again: the date of the erasure that was told does not hold any more."""
        self._to_user(tx, "user_reactivated", message, message.event, Facts(correlation_id=message.correlation_id))

    @handles(TerminationNoticed)
    def write_notice_received(self, message: Received[TerminationNoticed], tx: Transaction) -> None:
        """Notice of termination was given: its dates are told, with the offer of a copy."""
        event = message.event
        facts = Facts(
            correlation_id=message.correlation_id,
            noticed_on=event.noticed_on,
            notice_ends_on=event.notice_ends_on,
            due_on=erased_after_notice(event.noticed_on, event.notice_ends_on),
        )
        self._to_company(tx, "termination_noticed", message, event, facts)

    @handles(TerminationWithdrawn)
    def write_notice_withdrawn(self, message: Received[TerminationWithdrawn], tx: Transaction) -> None:
        """A notice was taken back: those who were told of it are told of that too."""
        facts = Facts(correlation_id=message.correlation_id, happened_at=message.time)
        self._to_company(tx, "termination_withdrawn", message, message.event, facts)

    @handles(ErasureScheduled)
    def write_date_of_erasure(self, message: Received[ErasureScheduled], tx: Transaction) -> None:
        """Something was made inactive: the date of its erasure is told, with the offer of a copy."""
        event = message.event
        facts = Facts(
            correlation_id=message.correlation_id,
            clock_id=event.clock_id,
            due_on=event.due_on,
            cause=str(event.trigger),
        )
        for letter in letters_on_schedule(event.user_id, event.trigger):
            self._about_erasure(tx, letter, message, event, facts)

    @handles(ErasureReminderDue)
    def write_reminder(self, message: Received[ErasureReminderDue], tx: Transaction) -> None:
        """The date of an erasure is near."""
        event = message.event
        if reminder_is_sent(event.days_left):
            facts = Facts(correlation_id=message.correlation_id, clock_id=event.clock_id, due_on=event.due_on)
            self._about_erasure(tx, reminder_letter(event.user_id), message, event, facts)

    @handles(ErasureCancelled)
    def withhold_letters(self, message: Received[ErasureCancelled], tx: Transaction) -> None:
        """An erasure was called off: letters that announce it do not leave any more."""
        self._refusals.cancel_clock(tx, message.event.clock_id, self.clock.now())

    @handles(HoldPlaced)
    def begin_hold(self, message: Received[HoldPlaced], tx: Transaction) -> None:
        """Something is held: it may only be stored, and whoever was told a date of erasure hears of it."""
        super().begin_hold(message, tx)
        event = message.event
        facts = Facts(
            correlation_id=message.correlation_id,
            started_on=event.starts_on,
            review_on=event.review_on,
            cause=str(event.reason),
        )
        if event.user_ids:
            self._to_users(tx, "erasure_postponed", message, event.user_ids, facts)
        else:
            self._to_company(tx, "erasure_postponed", message, event, facts)

    @handles(RestrictionLiftAnnounced)
    def write_end_of_restriction(self, message: Received[RestrictionLiftAnnounced], tx: Transaction) -> None:
        """A restriction is to be lifted: whoever had it set is told before (GDPR article 18(3))."""
        event = message.event
        facts = Facts(
            correlation_id=message.correlation_id,
            due_on=event.lift_from,
            started_on=event.requested_on,
            cause=str(event.ground) if event.ground else None,
        )
        to = self._to_company if event.user_id is None else self._to_user
        to(tx, "restriction_will_be_lifted", message, event, facts)

    @handles(ErasureAnnounced)
    def write_farewell(self, message: Received[ErasureAnnounced], tx: Transaction) -> None:
        """An erasure is about to be carried out: the last letter is written while the address is known."""
        event = message.event
        facts = Facts(
            correlation_id=message.correlation_id,
            clock_id=event.erasure_id,  # cancelling the clock withdraws this letter too
            erasure_id=event.erasure_id,
            certificate_id=event.certificate_id,
            backups_expire_on=event.backups_expire_on,
            cause=str(event.trigger) if event.trigger else None,
        )
        self._to_company(tx, farewell_letter(event.user_id), message, event, facts)

    @handles(ErasureOrdered)
    def erase(self, message: Received[ErasureOrdered], tx: Transaction) -> None:
        """Forget everything about a company or one of its users, but for what is held. Twice does no harm."""
        event = message.event
        counts, kept = self._records.erase(tx, event.account_id, event.user_id, event.held)
        retained = [LEGAL_HOLD] if kept else []
        done = ErasureStepCompleted.done(event.erasure_id, self.name, counts, retained)
        tx.outbox.add(done, now=self.clock.now())

    @handles(ErasureDryRunOrdered)
    def try_erasure(self, message: Received[ErasureDryRunOrdered], tx: Transaction) -> None:
        """Forget, count and undo it."""
        event = message.event
        with tx.undone():
            counts, kept = self._records.erase(tx, event.account_id, event.user_id, event.held)
        retained = [LEGAL_HOLD] if kept else []
        answer = ErasureDryRunAnswered.foreseen(event.dry_run_id, self.name, counts, retained)
        tx.outbox.add(answer, now=self.clock.now())

    def _about_erasure(
        self,
        tx: Transaction,
        letter: str,
        message: Received[Any],
        event: ErasureScheduled | ErasureReminderDue,
        facts: Facts,
    ) -> None:
        if event.user_id is None:
            self._to_company(tx, letter, message, event, facts)
        else:
            self._to_user(tx, letter, message, event, facts)

    def _to_user(self, tx: Transaction, letter: str, message: Received[Any], event: Any, facts: Facts) -> None:
        self._to_users(tx, letter, message, [event.user_id], facts)

    def _to_users(
        self, tx: Transaction, letter: str, message: Received[Any], users: Sequence[UUID], facts: Facts
    ) -> None:
        kind, now = LETTERS[letter], self.clock.now()
        self._queue.add_letters(
            tx,
            kind,
            users,
            event_id=message.id,
            account_id=message.event.account_id,
            facts=facts,
            now=now,
            requested_at=now,
            expires_at=expires(kind, now),
        )

    def _to_company(self, tx: Transaction, letter: str, message: Received[Any], event: Any, facts: Facts) -> None:
        kind, now = LETTERS[letter], self.clock.now()
        self._queue.add_mailing(
            tx,
            kind,
            event_id=message.id,
            account_id=event.account_id,
            user_id=getattr(event, "user_id", None),
            facts=facts,
            now=now,
            expires_at=expires(kind, now),
        )

    # ── work on time ─────────────────────────────────────────────────────────────────────────────────────

    @every(seconds=1)
    def split_mailings(self) -> None:
        """Make single letters of letters to a company; apart from sending, so that no reset waits for it."""
        self._mailings.expand()

    @every(seconds=0.5)
    def deliver_letters(self) -> None:
        """Send what is due."""
        self._sender.deliver()

    @every(seconds=15)
    def clear_up(self) -> None:
        """Take up what a lost worker left behind, and ask for letters that may have gone out."""
        self._inquiry.recover()
        self._inquiry.ask()

    @every(seconds=2, irreversible=True)
    def finish_farewells(self) -> None:
        """Have addresses forgotten at Mailgun and tell of farewells that are done."""
        self._mailings.forget_addresses()
        self._mailings.close_farewells()

    @every(seconds=600)
    def catch_up(self) -> None:
        """Ask for letters of which no webhook told."""
        self._inquiry.reconcile()

    @every(seconds=3600, irreversible=True)
    def forget_old_letters(self) -> None:
        """Delete rows whose time is over, in batches; says so when there was nothing."""
        deleted = 0
        for _ in range(PRUNE_ROUNDS):
            with self.database.transaction() as tx:
                batch = self._records.prune(tx, self.clock.now())
            deleted += batch
            if batch == 0:
                break
        _log.info("old_rows_deleted", count=deleted)

    @every(seconds=30)
    def measure_letters(self) -> None:
        """Tell how many letters wait, were given up or bounced, and how many addresses get none."""
        with self.database.transaction() as tx:
            counted, suppressed = self._queue.by_state(tx), self._queue.suppressed(tx, self.clock.now())
        for state, count in counted.items():
            metrics.LETTERS.labels(state).set(count)
        metrics.SUPPRESSED.set(suppressed)

    # ── calls ────────────────────────────────────────────────────────────────────────────────────────────

    @answers(calls.ReceiveWebhook)
    def receive_webhook(self, call: calls.ReceiveWebhook) -> WebhookVerdict:
        """Check a webhook of Mailgun and take in what it says; the caller answers 200 or 406."""
        verdict = self._webhooks.receive(path_secret=call.path_secret, body=call.body)
        return WebhookVerdict(accepted=verdict.accepted, verdict=verdict.word)

    @answers(calls.Letters)
    def letters(self, call: calls.Letters) -> LettersShown:
        """The newest letters of a company or to a user."""
        with self.database.transaction() as tx:
            rows = self._queue.newest(tx, **call.given())
        return LettersShown(letters=tuple(_shown(row) for row in rows))

    @answers(calls.Letter)
    def letter(self, call: calls.Letter) -> LetterShown:
        """One letter."""
        with self.database.transaction() as tx:
            row = self._queue.by_id(tx, call.letter_id)
        if row is None:
            raise errors.NotFound
        return _shown(row)

    @answers(calls.Unsubscribe)
    def unsubscribe(self, call: calls.Unsubscribe, tx: Transaction) -> Unsubscribed:
        """Send no more letters of a class to a user."""
        user_id, account_id, letter_class = read_unsubscribe_token(self._unsubscribe_key, call.token)
        if not can_be_declined(letter_class):
            raise errors.Conflict("letters of this class are necessary and cannot be declined")
        now = self.clock.now()
        self._refusals.opt_out(tx, user_id=user_id, account_id=account_id, letter_class=letter_class, now=now)
        event = PreferencesChanged(account_id=account_id, user_id=user_id, declined=Code(letter_class.value))
        tx.outbox.add(event, now=now)
        return Unsubscribed(letter_class=letter_class.value)

    @alarm("mailgun", says="troubles with Mailgun that do not end by themselves", act="vilkar mailgun alarms")
    def mailgun_troubles(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """A person sees to them and then releases what waits."""
        return Waiting.of(self._records.alarms_waiting(tx))

    @alarm("letters_held", says="letters held back until a person has looked", act="vilkar mailgun release")
    def held_letters(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """They are sent once somebody releases them."""
        return Waiting.of(self._records.letters_waiting(tx))

    @alarm(
        "letters_late", says="letters that have not left for a quarter of an hour", act="vilkar mailgun capacity"
    )
    def late_letters(self, tx: Transaction, now: datetime) -> Waiting | None:
        """They are tried again by themselves."""
        return Waiting.of(self._queue.late(tx, now - LATE_AFTER))

    @answers(calls.Capacity)
    def capacity(self, _call: calls.Capacity) -> CapacityShown:
        """What bounds the sending of letters now, and whether another process would help."""
        now, setting = self.clock.now(), self._sender.letters_per_second
        with self.database.transaction() as tx:
            row = self._queue.capacity(tx, now, rate=setting)
        bound = bound_by(due=row["due"], paused=row["paused_until"] is not None, tokens=row["tokens"])
        return CapacityShown(
            bound_by=bound,
            another_process_helps=bound == "workers",
            letters_per_second=row["per_second"] or setting,
            rate_is_from="setting" if row["per_second"] is None else "command",
            workers_a_process=self._sender.workers,
            paused_until=row["paused_until"],
            due=row["due"],
            pending=row["pending"],
            sending=row["sending"],
            unclear=row["unclear"],
            parked=row["parked"],
            oldest_asked_for_at=row["oldest"],
        )

    @answers(calls.SetRate)
    def set_rate(self, call: calls.SetRate, tx: Transaction) -> RateSet:
        """Let so many letters leave a second from now on, in every process; nothing has to be started anew."""
        self._queue.set_rate(tx, call.letters_per_second)
        return RateSet(letters_per_second=call.letters_per_second or self._sender.letters_per_second)

    @answers(calls.Alarms)
    def alarms(self, _call: calls.Alarms) -> AlarmsShown:
        """What a person must see to at Mailgun."""
        with self.database.transaction() as tx:
            rows, parked = self._records.open_alarms(tx)
        return AlarmsShown(alarms=tuple(AlarmShown(**row) for row in rows), parked_letters=parked)

    @answers(calls.ReleaseParked)
    def release_parked(self, _call: calls.ReleaseParked, tx: Transaction) -> ParkedReleased:
        """A person has seen to the alarms: close them, end the pause, and send parked letters, 500 at a time."""
        now = self.clock.now()
        released = self._queue.release_parked(tx, now)
        self._records.close_alarms(tx, now)
        self._queue.resume(tx)
        return ParkedReleased(released=released)


def _shown(row: Row) -> LetterShown:
    return LetterShown(
        letter_id=row["id"],
        letter=row["letter"],
        account_id=row["account_id"],
        user_id=row["user_id"],
        state=row["state"],
        reason=row["reason"],
        attempts=row["attempts"],
        requested_at=row["requested_at"],
        sent_at=row["sent_at"],
        settled_at=row["settled_at"],
    )
