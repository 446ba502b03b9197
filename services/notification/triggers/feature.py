"""Which event asks for which letter. Handlers write a row each; nothing is sent and nobody is asked here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.account.accuracy.events import AccuracyAsked
from services.account.companies.events import AccountUpdated
from services.account.confirmation.events import UserConfirmationRequested
from services.account.email_change.events import UserAddressChanged
from services.account.letters.events import SignUpRepeated, UserPasswordResetRequested, UserReturnRequested
from services.account.nonconformities.events import NonconformityReported
from services.account.passwords.events import UserPasswordChanged
from services.account.reactivation.events import AccountReactivated
from services.account.support.events import SupportAnswered, SupportMailDeclined
from services.account.takeover.events import UserLoginSuspected
from services.account.termination.events import TerminationNoticed, TerminationWithdrawn
from services.account.users.events import UserInvited, UserReactivated, UserUpdated
from services.cases.costs.events import CaseChargeDecided
from services.cases.nonconformities.events import NonconformityAnswered
from services.cases.notices.events import BreachNoticesOrdered
from services.cases.rights_requests.events import TO_CONTROLLER, RightsLetterOrdered
from services.notification.letter_lifecycle.store import Queue
from services.notification.letter_lifecycle.values import LetterRequest
from services.notification.letters.kinds import LETTERS
from services.notification.letters.rules import expires, farewell_letter
from services.notification.letters.values import Facts
from services.notification.preferences.events import MarketingObjected
from services.notification.triggers.rules import (
    answer_letter,
    erased_after_notice,
    letter_of_return,
    letters_on_schedule,
    receipt_letter,
    reminder_is_sent,
    reminder_letter,
)
from services.retention.clocks.events import ErasureReminderDue
from services.retention.erasure.events import ErasureCancelled, ErasureScheduled
from services.retention.execution.events import ErasureAnnounced
from services.retention.restrictions.events import RestrictionLiftAnnounced
from shared.bus import Feature, handles
from shared.clock import Clock
from shared.database import Transaction
from shared.events import Received
from shared.participation.events import HoldPlaced


@dataclass(kw_only=True, eq=False)
class Triggers(Feature):
    """Puts a letter into the line for each event that asks for one."""

    clock: Clock
    queue: Queue = field(default_factory=Queue)

    @handles(UserConfirmationRequested)
    def write_confirmation(self, message: Received[UserConfirmationRequested], tx: Transaction) -> None:
        """The address of a user is to be confirmed."""
        self._to_user(tx, "email_confirmation", message, ticket_id=message.event.ticket_id)

    @handles(UserInvited)
    def write_invitation(self, message: Received[UserInvited], tx: Transaction) -> None:
        """A user shall set a password."""
        self._to_user(tx, "invitation", message, ticket_id=message.event.ticket_id)

    @handles(SignUpRepeated)
    def write_sign_up_repeated(self, message: Received[SignUpRepeated], tx: Transaction) -> None:
        """Somebody signed up with the address of a user we know."""
        self._to_user(tx, "sign_up_repeated", message)

    @handles(UserReturnRequested)
    def write_way_back(self, message: Received[UserReturnRequested], tx: Transaction) -> None:
        """Somebody inactive asked for a way in: the letter says how to come back, and until when."""
        self._to_user(tx, letter_of_return(message.event.way), message, ticket_id=message.event.ticket_id)

    @handles(UserPasswordChanged)
    def write_password_changed(self, message: Received[UserPasswordChanged], tx: Transaction) -> None:
        """A password was changed: its owner is told, in case it was somebody else."""
        self._to_user(tx, "password_changed", message, happened_at=message.time)

    @handles(UserAddressChanged)
    def write_address_changed(self, message: Received[UserAddressChanged], tx: Transaction) -> None:
        """An address was replaced: the old one is told, in case it was somebody else."""
        event = message.event
        self._to_user(tx, "address_changed", message, ticket_id=event.ticket_id, happened_at=event.changed_at)

    @handles(UserUpdated)
    def write_corrected(self, message: Received[UserUpdated], tx: Transaction) -> None:
        """Staff corrected data of a user: the person is told, and that others who have them are told too."""
        event = message.event
        if event.correction is not None:
            self._to_user(tx, "data_corrected", message, happened_at=message.time, cause=str(event.correction))

    @handles(AccountUpdated)
    def write_company_corrected(self, message: Received[AccountUpdated], tx: Transaction) -> None:
        """The same of data of the company: those who answer for it are told."""
        correction = message.event.correction
        if correction is not None:
            self._to_company(tx, "company_corrected", message, happened_at=message.time, cause=str(correction))

    @handles(UserPasswordResetRequested)
    def write_password_reset(self, message: Received[UserPasswordResetRequested], tx: Transaction) -> None:
        """A user wants a new password."""
        self._to_user(tx, "password_reset", message, ticket_id=message.event.ticket_id)

    @handles(UserLoginSuspected)
    def write_suspicion(self, message: Received[UserLoginSuspected], tx: Transaction) -> None:
        """Somebody else may have logged in or tried to: the user is told, and how to choose a new password."""
        event = message.event
        self._to_user(tx, "suspicious_attempt", message, happened_at=event.seen_at, cause=str(event.suspicion))

    @handles(AccuracyAsked)
    def write_question_of_accuracy(self, message: Received[AccuracyAsked], tx: Transaction) -> None:
        """Those who answer for a company are asked whether its data are right, or for a missing address."""
        self._to_company(tx, "accuracy_asked", message, cause=str(message.event.because))

    # ── the end of the agreement, and coming back ────────────────────────────────────────────────────────

    @handles(AccountReactivated)
    def write_reactivation(self, message: Received[AccountReactivated], tx: Transaction) -> None:
        """A company's account is active again: whoever was told that it was not is told that too."""
        for letter in ("account_reactivated", "company_reopened"):
            self._to_company(tx, letter, message, happened_at=message.time)

    @handles(UserReactivated)
    def write_user_reactivation(self, message: Received[UserReactivated], tx: Transaction) -> None:
        """A user is active again: the date of the erasure that was told does not hold any more."""
        self._to_user(tx, "user_reactivated", message)

    @handles(TerminationNoticed)
    def write_notice_received(self, message: Received[TerminationNoticed], tx: Transaction) -> None:
        """Notice of termination was given: its dates are told, with the offer of a copy."""
        noticed_on, ends_on = message.event.noticed_on, message.event.notice_ends_on
        due_on = erased_after_notice(noticed_on, ends_on)
        self._to_company(
            tx, "termination_noticed", message, noticed_on=noticed_on, notice_ends_on=ends_on, due_on=due_on
        )

    @handles(TerminationWithdrawn)
    def write_notice_withdrawn(self, message: Received[TerminationWithdrawn], tx: Transaction) -> None:
        """A notice was taken back: those who were told of it are told of that too."""
        self._to_company(tx, "termination_withdrawn", message, happened_at=message.time)

    # ── erasure, holds and restrictions ──────────────────────────────────────────────────────────────────

    @handles(ErasureScheduled)
    def write_date_of_erasure(self, message: Received[ErasureScheduled], tx: Transaction) -> None:
        """Something was made inactive: the date of its erasure is told, with the offer of a copy."""
        event = message.event
        for letter in letters_on_schedule(event.user_id, event.trigger):
            facts = {"clock_id": event.clock_id, "due_on": event.due_on, "cause": str(event.trigger)}
            self._to_concerned(tx, letter, message, **facts)

    @handles(ErasureReminderDue)
    def write_reminder(self, message: Received[ErasureReminderDue], tx: Transaction) -> None:
        """The date of an erasure is near."""
        event = message.event
        if reminder_is_sent(event.days_left):
            facts = {"clock_id": event.clock_id, "due_on": event.due_on}
            self._to_concerned(tx, reminder_letter(event.user_id), message, **facts)

    @handles(ErasureCancelled)
    def withhold_letters(self, message: Received[ErasureCancelled], tx: Transaction) -> None:
        """An erasure was called off: letters that announce it do not leave any more."""
        self.queue.cancel_clock(tx, message.event.clock_id, self.clock.now())

    @handles(ErasureAnnounced)
    def write_farewell(self, message: Received[ErasureAnnounced], tx: Transaction) -> None:
        """An erasure is about to be carried out: the last letter is written while the address is known."""
        event = message.event
        self._to_company(
            tx,
            farewell_letter(event.user_id),
            message,
            clock_id=event.erasure_id,  # cancelling the clock withdraws this letter too
            erasure_id=event.erasure_id,
            certificate_id=event.certificate_id,
            backups_expire_on=event.backups_expire_on,
            cause=str(event.trigger) if event.trigger else None,
        )

    @handles(HoldPlaced)
    def write_postponement(self, message: Received[HoldPlaced], tx: Transaction) -> None:
        """Something is held: whoever was told a date of erasure is told that it does not hold.

        Where that is not known here a letter is asked for all the same: before it leaves retention is asked.
        """
        event = message.event
        if event.postpones is False:
            return
        facts = {"started_on": event.starts_on, "review_on": event.review_on, "cause": str(event.reason)}
        if event.user_ids:
            self._to_users(tx, "erasure_postponed", message, event.user_ids, **facts)
        else:
            self._to_company(tx, "erasure_postponed", message, **facts)

    @handles(RestrictionLiftAnnounced)
    def write_end_of_restriction(self, message: Received[RestrictionLiftAnnounced], tx: Transaction) -> None:
        """A restriction is to be lifted: whoever had it set is told before (GDPR article 18(3))."""
        event = message.event
        self._to_concerned(
            tx,
            "restriction_will_be_lifted",
            message,
            due_on=event.lift_from,
            started_on=event.requested_on,
            cause=str(event.ground) if event.ground else None,
        )

    # ── breaches ─────────────────────────────────────────────────────────────────────────────────────────

    @handles(BreachNoticesOrdered)
    def write_breach_notices(self, message: Received[BreachNoticesOrdered], tx: Transaction) -> None:
        """A person decided that these are told of a breach: each once, however often it is told here.

        What asked for a letter is its recipient, so that what becomes of it is known by that. What may have left
        before a restore was asked for then, and is searched for from there on.
        """
        event, in_doubt = message.event, message.event.in_doubt_since is not None
        letter, now = str(event.letter), event.in_doubt_since or self.clock.now()
        facts = Facts(correlation_id=message.correlation_id, notice_id=event.notice_id)
        requests = [
            (
                LetterRequest(
                    event_id=recipient,
                    letter=letter,
                    account_id=account_id,
                    requested_at=now,
                    expires_at=expires(LETTERS[letter], now),
                    facts=facts,
                ),
                user_id,
            )
            for recipient, account_id, user_id in event.recipients()
        ]
        self.queue.add_mailings(tx, requests, in_doubt=in_doubt)

    # ── what somebody asks support ────────────────────────────────────────────────────────────────────────

    @handles(SupportAnswered)
    def write_support(self, message: Received[SupportAnswered], tx: Transaction) -> None:
        """Support has answered somebody: they are told that there is an answer, not what it says."""
        thread_id = message.event.thread_id
        self._to_user(tx, "support_answered", message, happened_at=message.time, case_id=thread_id)

    @handles(SupportMailDeclined)
    def write_declined(self, message: Received[SupportMailDeclined], tx: Transaction) -> None:
        """A reply by mail was not taken, or not all of it: whoever the thread is of is told why."""
        facts = {"happened_at": message.time, "case_id": message.event.thread_id}
        self._to_user(tx, "support_mail_declined", message, **facts, cause=str(message.event.reason))

    # ── what customers report ────────────────────────────────────────────────────────────────────────────

    @handles(NonconformityReported)
    def write_receipt(self, message: Received[NonconformityReported], tx: Transaction) -> None:
        """Somebody at a customer reported what is not as agreed, or that we disagree: they get a receipt."""
        event = message.event
        self._to_user(
            tx, receipt_letter(str(event.about)), message, happened_at=message.time, case_id=event.report_id
        )

    @handles(NonconformityAnswered)
    def write_answer(self, message: Received[NonconformityAnswered], tx: Transaction) -> None:
        """The case of it has ended: whoever reported is told how, or else the company."""
        event = message.event
        facts = {"happened_at": event.reported_at, "case_id": event.case_id, "cause": str(event.reason)}
        self._to_concerned(tx, answer_letter(str(event.outcome)), message, **facts)

    @handles(RightsLetterOrdered)
    def write_requester(self, message: Received[RightsLetterOrdered], tx: Transaction) -> None:
        """Whoever asked for something about data of theirs is written to, or the company that is to answer."""
        event, letter = message.event, str(message.event.letter)
        facts = {"happened_at": event.received_at, "case_id": event.case_id, "due_on": event.due_on}
        facts["cause"] = str(event.reason) if LETTERS[letter].causes else None
        if letter in TO_CONTROLLER:
            self.queue.add_mailing(tx, self._request(letter, message, facts), None)
        else:
            self._to_user(tx, letter, message, **facts)

    @handles(CaseChargeDecided)
    def write_charge(self, message: Received[CaseChargeDecided], tx: Transaction) -> None:
        """A customer is to pay for a deviation, or is not to any more: those who answer for it are told why."""
        event = message.event
        self._to_company(
            tx, "charge_decided", message, happened_at=message.time, case_id=event.case_id, cause=str(event.reason)
        )

    @handles(MarketingObjected)
    def write_confirmed_objection(self, message: Received[MarketingObjected], tx: Transaction) -> None:
        """Somebody objected to marketing: they are told since when it counts, and what goes out all the same."""
        event = message.event
        self._to_user(tx, "objection_confirmed", message, happened_at=event.received_at, case_id=event.case_id)

    # ── into the line ────────────────────────────────────────────────────────────────────────────────────

    def _to_concerned(self, tx: Transaction, letter: str, message: Received[Any], **facts: Any) -> None:
        """To the user whom the event names, or to the company where it names none."""
        to = self._to_company if message.event.user_id is None else self._to_user
        to(tx, letter, message, **facts)

    def _to_user(self, tx: Transaction, letter: str, message: Received[Any], **facts: Any) -> None:
        self._to_users(tx, letter, message, [message.event.user_id], **facts)

    def _to_users(
        self, tx: Transaction, letter: str, message: Received[Any], users: Sequence[UUID], **facts: Any
    ) -> None:
        request = self._request(letter, message, facts)
        self.queue.add_letters(tx, request, users, now=request.requested_at)

    def _to_company(self, tx: Transaction, letter: str, message: Received[Any], **facts: Any) -> None:
        self.queue.add_mailing(tx, self._request(letter, message, facts), getattr(message.event, "user_id", None))

    def _request(self, letter: str, message: Received[Any], facts: dict[str, Any]) -> LetterRequest:
        now = self.clock.now()
        return LetterRequest(
            event_id=message.id,
            letter=letter,
            account_id=message.event.account_id,
            requested_at=now,
            expires_at=expires(LETTERS[letter], now),
            facts=Facts(correlation_id=message.correlation_id, **facts),
        )
