"""The sender: claims letters, asks account for the address, hands them to Mailgun, notes what came of it.

Every call to another party is made outside of any transaction. A worker that dies leaves a lease behind: a letter
whose call had not begun goes back into the line, any other is asked for at Mailgun before it is ever sent again.
"""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.account.letters.calls import LetterFacts, Recipients
from services.notification.course import Course
from services.notification.letters import Letters, LinkMissing, Rendered
from services.notification.mailgun import Accepted, Mailgun, NotSent, Outcome, Outgoing, Refused, Throttled, Unknown
from services.notification.rules import (
    LETTERS,
    can_be_declined,
    date_that_was_told,
    date_to_tell,
    erasures_ahead,
    is_known_reader,
    reason_not_to_send,
    retry_at,
    suppressed_for,
    unsubscribe_token,
)
from services.notification.store import Queue, Records, Refusals
from services.notification.values import Erasure, Facts, Letter, LetterKind, Person, Recipient, State
from services.retention.calls import Timeline
from shared import errors, log
from shared.calls import Caller
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.privacy import BlindIndex

FACTS_SECONDS: Final = 5.0
LETTERS_A_ROUND: Final = 20
"""A worker's share of a round, small enough for the round to end while the process is asked to stop."""
PAUSE_AFTER_REFUSAL: Final = timedelta(minutes=5)
NOT_HEARD: Final = "retention has not heard of the inactivity yet"
TRY_AGAIN: Final = (errors.Transient, errors.Internal, errors.Refused)
"""Account's refusals that have no meaning of their own here may be over at the next try (such as `Restoring`)."""

_log = log.get("notification.sender")


class Account:
    """What the sender asks of account; the answers are held in memory for as long as one letter takes."""

    def __init__(self, caller: Caller) -> None:
        """`caller` reaches the service over the bus."""
        self._caller = caller

    def person(self, user_id: UUID, letter: str, ticket_id: UUID | None) -> Person:
        """Address, name, language and company of a user. Raises account's refusals and `Transient`."""
        facts = LetterFacts(user_id=user_id, letter=letter, ticket_id=ticket_id)
        shown = self._caller.ask(facts, timeout_seconds=FACTS_SECONDS).given()
        del shown["account_id"]
        return Person(**shown)

    def recipients(self, account_id: UUID) -> list[Recipient]:
        """The users of a company. Raises account's refusals and `Transient`."""
        shown = self._caller.ask(Recipients(account_id=account_id), timeout_seconds=FACTS_SECONDS).recipients
        return [Recipient(user_id=each.user_id, role=each.role, confirmed=each.confirmed) for each in shown]


class Retention:
    """What the sender asks of retention."""

    def __init__(self, caller: Caller) -> None:
        """`caller` reaches the service over the bus."""
        self._caller = caller

    def erasures(self, account_id: UUID) -> list[Erasure]:
        """The erasures of a company and its users. Raises retention's refusals and `Transient`."""
        erasures = self._caller.ask(Timeline(account_id=account_id), timeout_seconds=FACTS_SECONDS).erasures
        return [
            Erasure(user_id=each.user_id, state=each.state, due_on=each.due_on, suspended=each.suspended)
            for each in erasures
        ]


class Sender:
    """Sends what is due. Safe to run in any number of processes and threads at once."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        account: Account,
        retention: Retention,
        mailgun: Mailgun,
        letters: Letters,
        index: BlindIndex,
        unsubscribe_key: bytes,
        public_url: str,
        letters_per_second: float = 20.0,
        burst: float = 40.0,
        workers: int = 4,
    ) -> None:
        """`letters_per_second` and `burst` hold for all replicas together; `workers` for this one."""
        self._database = database
        self._clock = clock
        self._account = account
        self._retention = retention
        self._mailgun = mailgun
        self._letters = letters
        self._index = index
        self._unsubscribe_key = unsubscribe_key
        self._public_url = public_url.rstrip("/")
        self.letters_per_second = letters_per_second
        self._burst = burst
        self.workers = workers
        self._queue, self._refusals, self._records = Queue(), Refusals(), Records()
        self._course = Course(self._queue, self._refusals, self._records)
        self._chance = random.SystemRandom().random

    def deliver(self) -> int:
        """Send what is due, with several workers once there is something; returns how many were handled."""
        first = self._claim()
        if first is None:
            return 0
        handled: list[int] = []
        failures: list[BaseException] = []
        threads = [
            threading.Thread(target=self._worker, args=(None, handled, failures), daemon=True)
            for _ in range(self.workers - 1)
        ]
        for thread in threads:
            thread.start()
        self._worker(first, handled, failures)
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]
        return sum(handled)

    def _worker(self, letter: Letter | None, handled: list[int], failures: list[BaseException]) -> None:
        count = 0
        try:
            for _ in range(LETTERS_A_ROUND):
                letter = letter or self._claim()
                if letter is None:
                    break
                self._handle(letter)
                letter = None
                count += 1
        except Exception as error:  # noqa: BLE001  # raised again by `deliver`, once all workers have ended
            failures.append(error)
        handled.append(count)

    def _claim(self) -> Letter | None:
        with self._database.transaction() as tx:
            return self._queue.claim_letter(tx, self._clock.now(), rate=self.letters_per_second, burst=self._burst)

    def _handle(self, letter: Letter) -> None:
        """Send one letter; a fault of ours puts it back, and is told."""
        try:
            self._send(letter)
        except errors.Transient:
            raise
        except Exception as error:  # noqa: BLE001  # one letter that cannot be made must not stop all others
            _log.error("letter_failed", letter_id=letter.id, letter=letter.letter, exc_info=error)
            self._return_untouched(letter)

    def _return_untouched(self, letter: Letter) -> None:
        with self._database.transaction() as tx:
            now = self._clock.now()
            current = self._queue.lock(tx, letter.id)
            self._records.alarm(tx, "letter_fault", now)
            if current is None or current.claim_id != letter.claim_id or current.begun_at is not None:
                return
            self._course.wait(tx, current, due_at=retry_at(now, letter.attempts, self._chance()), reason="fault")

    def _send(self, letter: Letter) -> None:
        kind = LETTERS[letter.letter]
        if self._clock.now() >= letter.expires_at:
            self._settle(letter, "expired")
            return
        made = self._make(kind, letter)
        if made is None:
            return
        person, rendered, index = made
        if not is_known_reader(kind, person):
            self._settle(letter, "address_unconfirmed")
            return
        if not self._let_through(kind, letter, person, index) or not self._begin(kind, letter, index):
            return
        outgoing = Outgoing(
            letter_id=letter.id,
            letter=kind.code,
            letter_class=kind.letter_class,
            purpose=kind.purpose,
            to=person.email,
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            unsubscribe_url=self._unsubscribe_url(kind, letter),
        )
        outcome = self._mailgun.send(outgoing, now=self._clock.now())
        with self._database.transaction() as tx:
            self._finish(tx, letter, outcome, self._clock.now())

    def _make(self, kind: LetterKind, letter: Letter) -> tuple[Person, Rendered, bytes] | None:
        """The address and the words; None where there is nobody or nothing to send, which is noted."""
        try:
            facts, ends = self._facts(kind, letter)
            if kind.breaks_a_date and facts.due_on is None:
                self._settle(letter, "no_date_told")
                return None
            if kind.with_token and not ends:
                raise errors.Unavailable(NOT_HEARD)  # no token is made for a letter that waits
            person = self._account.person(letter.user_id, letter.letter, letter.facts.ticket_id)
            if not (ends or person.company_is_blocked):
                raise errors.Unavailable(NOT_HEARD)
            rendered = self._letters.render(kind, person, facts, now=self._clock.now())
        except errors.NotFound:
            self._settle(letter, "recipient_gone")
        except (errors.Conflict, LinkMissing):
            self._settle(letter, "ticket_spent")
        except errors.Locked:
            self._settle(letter, "recipient_inactive")
        except TRY_AGAIN as error:
            _log.warning("letter_facts_not_known", letter_id=letter.id, exc_info=error)
            self._try_later(letter, "facts_unavailable")
        else:
            try:
                return person, rendered, self._index.of_email(person.email)
            except errors.Invalid:
                self._settle(letter, "address_refused")
        return None

    def _facts(self, kind: LetterKind, letter: Letter) -> tuple[Facts, bool]:
        """What the event told, and the date of the erasure where the letter tells it without having heard of it.

        Also whether retention knows of the end that such a letter is about. Of a blocked account nothing ends.
        """
        facts = replace(letter.facts, about_user=letter.mailing_id is None)
        if not kind.tells_erasure:
            return facts, True
        ahead = erasures_ahead(self._retention.erasures(letter.account_id), letter.user_id)
        if kind.breaks_a_date:
            return replace(facts, due_on=date_that_was_told(ahead)), True
        return replace(facts, due_on=date_to_tell(ahead)), bool(ahead)

    def _settle(self, letter: Letter, reason: str) -> None:
        with self._database.transaction() as tx:
            current = self._mine(tx, letter)
            if current is None:
                return
            if reason == "recipient_gone":
                self._course.forget(tx, current, self._clock.now())
            else:
                self._course.abandon(tx, current, reason, self._clock.now())

    def _try_later(self, letter: Letter, reason: str) -> None:
        with self._database.transaction() as tx:
            current = self._mine(tx, letter)
            if current is not None:
                due_at = retry_at(self._clock.now(), letter.attempts, self._chance())
                self._course.wait(tx, current, due_at=due_at, reason=reason)

    def _mine(self, tx: Transaction, letter: Letter) -> Letter | None:
        """The letter's row while this worker still holds it."""
        current = self._queue.lock(tx, letter.id)
        held = current is not None and current.claim_id == letter.claim_id and current.state is State.SENDING
        return current if held else None

    def _let_through(self, kind: LetterKind, letter: Letter, person: Person, index: bytes) -> bool:
        """Have Mailgun forget what it holds against an address that is tried again: it would drop the letter."""
        with self._database.transaction() as tx:
            suppressions = self._refusals.suppressions(tx, index)
        if not suppressions or suppressed_for(kind, suppressions, self._clock.now()):
            return True
        try:
            for each in suppressions:
                self._mailgun.release(person.email, each.kind)
        except errors.Unavailable as error:
            _log.warning("address_not_released", letter_id=letter.id, exc_info=error)
            self._try_later(letter, "address_not_released")
            return False
        return True

    def _begin(self, kind: LetterKind, letter: Letter, index: bytes) -> bool:
        """Note that the call is about to be made, unless the letter may not go any more."""
        with self._database.transaction() as tx:
            now = self._clock.now()
            current = self._mine(tx, letter)
            if current is None:
                return False
            suppressions = self._refusals.suppressions(tx, index)
            reason = reason_not_to_send(
                kind.letter_class,
                suppressed_for(kind, suppressions, now),
                self._refusals.opt_outs(tx, letter.user_id),
                restricted=self._refusals.is_restricted(tx, letter),
            )
            if self._refusals.is_cancelled(tx, letter.facts.clock_id):
                reason = "withdrawn"
            if reason is not None:
                self._course.abandon(tx, current, reason, now)
                return False
            if suppressions:
                self._refusals.note_try(tx, index, now)
            return self._queue.begin(tx, letter, address_index=index, now=now)

    def _unsubscribe_url(self, kind: LetterKind, letter: Letter) -> str | None:
        if not can_be_declined(kind.letter_class):
            return None
        token = unsubscribe_token(
            self._unsubscribe_key,
            user_id=letter.user_id,
            account_id=letter.account_id,
            letter_class=kind.letter_class,
        )
        return f"{self._public_url}/unsubscribe/{token}"

    def _finish(self, tx: Transaction, letter: Letter, outcome: Outcome, now: datetime) -> None:
        """Note what came of the call; a letter erased meanwhile is not written again."""
        current = self._queue.lock(tx, letter.id)
        later = self._heed(tx, letter, outcome, now)
        if current is not None and isinstance(outcome, Accepted):
            # Even where the lease was lost: that it went out is true whoever holds the row.
            self._course.accepted(tx, current, outcome.message_id, now)
            return
        if current is None or current.claim_id != letter.claim_id or current.state is not State.SENDING:
            return
        match outcome:
            case Throttled():
                self._course.wait(tx, current, due_at=later, reason="throttled", counted=False)
            case NotSent(reason=reason):
                self._course.wait(tx, current, due_at=later, reason=reason)
            case Refused(status=status, reason=None):
                self._course.park(tx, current, status, now)
            case Refused(reason=str(reason)):
                self._course.abandon(tx, current, reason, now)
            case Unknown(reason=reason):
                self._course.unclear(tx, current, reason, now, self._chance())

    def _heed(self, tx: Transaction, letter: Letter, outcome: Outcome, now: datetime) -> datetime:
        """What an outcome means for all other letters; returns when to try again."""
        later = retry_at(now, letter.attempts, self._chance())
        if isinstance(outcome, Throttled):
            later = later if outcome.wait is None else now + outcome.wait
            self._queue.pause(tx, later, now)
        if isinstance(outcome, Refused):
            self._alarm(tx, outcome, now)
        return later

    def _alarm(self, tx: Transaction, refused: Refused, now: datetime) -> None:
        _log.error("mailgun_refuses", status=refused.status)
        if refused.reason == "address_refused":
            return
        self._records.alarm(tx, f"mailgun_{refused.status}", now, status=refused.status)
        if refused.reason is None:
            self._queue.pause(tx, now + PAUSE_AFTER_REFUSAL, now)
