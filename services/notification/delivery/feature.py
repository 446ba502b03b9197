"""Delivery: claims letters, asks for the address, hands them to Mailgun, notes what came of it.

Every call to another party is made outside of any transaction. A worker that dies leaves a lease behind: a letter
whose call had not begun goes back into the line, any other is asked for at Mailgun before it is ever sent again.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from uuid import UUID

from services.cases.notices.calls import NoticeSaid
from services.notification.campaigns.values import Campaign
from services.notification.delivery.calls import Capacity, CapacityShown, RateSet, SetRate
from services.notification.delivery.rules import DECLINED, LATE_AFTER, bound_by, reason_not_to_send
from services.notification.delivery.store import DeliveryStore
from services.notification.letter_classes.values import NOT_SAID
from services.notification.letter_lifecycle.lifecycle import LetterLifecycle
from services.notification.letter_lifecycle.rules import retry_at
from services.notification.letter_lifecycle.store import Queue
from services.notification.letter_lifecycle.values import Letter, State
from services.notification.letters.kinds import KINDS, PREFERENCES_PAGE
from services.notification.letters.rendering import LinkMissing, Rendered, Renderer, language_of
from services.notification.letters.rules import LOCKED_CLASSES, can_be_declined
from services.notification.letters.values import Audience, Facts, LetterClass, LetterKind
from services.notification.mailgun.client import (
    Accepted,
    Mailgun,
    NotSent,
    Outcome,
    Outgoing,
    Refused,
    Throttled,
    Unknown,
)
from services.notification.mailgun.rules import MAILGUN_PURPOSES, mailgun_may_carry
from services.notification.recipients.lookup import TRY_AGAIN, Lookup
from services.notification.recipients.rules import (
    date_that_was_told,
    date_to_tell,
    erasures_ahead,
    is_known_reader,
    what_is_held,
)
from services.notification.recipients.values import Person
from services.notification.suppressions.values import SuppressionKind
from shared import errors, log
from shared.bus import Feature, answers, every, metrics
from shared.bus.alarms import Waiting, alarm
from shared.bus.probes import HOURLY, probe
from shared.clock import Clock
from shared.database import Database, Row, Transaction
from shared.privacy import BlindIndex, restricted
from shared.terms.clauses import messages, parties

if TYPE_CHECKING:
    from services.notification.alarms.store import AlarmStore
    from services.notification.preferences.store import PreferenceStore
    from services.notification.suppressions.store import SuppressionStore

LETTERS_A_ROUND: Final = 20
"""A worker's share of a round, small enough for the round to end while the process is asked to stop."""
PAUSE_AFTER_REFUSAL: Final = timedelta(minutes=5)
NOT_TO_BE_TOLD: Final = "not_to_be_told"
NOT_HEARD: Final = "retention has not heard of the inactivity yet"

_log = log.get("notification.delivery")


class NotToBeToldError(Exception):
    """What the letter tells is not for this reader: whoever ordered it, it does not leave."""


NOBODY_OR_NOTHING: Final[Mapping[type[Exception], str]] = MappingProxyType(
    {
        NotToBeToldError: NOT_TO_BE_TOLD,
        errors.NotFound: "recipient_gone",
        errors.Conflict: "ticket_spent",
        LinkMissing: "ticket_spent",
        errors.Locked: "recipient_inactive",
    }
)
"""What says that there is nobody or nothing to send, and why the letter is given up then."""


@dataclass(kw_only=True, eq=False)
class Delivery(Feature):
    """Sends what is due. Safe to run in any number of processes and threads at once.

    `letters_per_second` and `burst` hold for all replicas together; `workers` for this one.
    """

    database: Database
    clock: Clock
    lookup: Lookup
    mailgun: Mailgun
    renderer: Renderer
    index: BlindIndex
    lifecycle: LetterLifecycle
    suppressions: SuppressionStore
    preferences: PreferenceStore
    alarms: AlarmStore
    class_now: Callable[[Transaction, str, UUID | None], LetterClass | None]
    """Which class a letter is of now, by its code or campaign; None where nobody has said it: it may not leave."""
    campaign_now: Callable[[Transaction, UUID], Campaign | None]
    """A campaign whose letters may leave; None where it was stopped."""
    purposes_now: Callable[[Transaction], frozenset[str]]
    """What Mailgun is used for now, besides what the terms name."""
    preferences_token: Callable[[Letter], str]
    unsubscribe_url: Callable[[LetterKind, Letter], str | None]
    letters_per_second: float = 20.0
    burst: float = 40.0
    workers: int = 4
    queue: Queue = field(default_factory=Queue)
    store: DeliveryStore = field(default_factory=DeliveryStore)
    chance: Callable[[], float] = random.SystemRandom().random

    @every(seconds=0.5)
    def deliver_letters(self) -> None:
        """Send what is due, with several workers once there is something."""
        first = self._claim()
        if first is None:
            return
        failures: list[BaseException] = []
        threads = [
            threading.Thread(target=self._worker, args=(None, failures), daemon=True)
            for _ in range(self.workers - 1)
        ]
        for thread in threads:
            thread.start()
        self._worker(first, failures)
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]

    @every(seconds=30)
    def measure_letters(self) -> None:
        """Set the gauges: how many letters wait, were given up or bounced, and how many addresses get none."""
        with self.database.transaction() as tx:
            counted = self.store.by_state(tx)
            suppressed = self.suppressions.count(tx, self.clock.now())
        for state, count in counted.items():
            metrics.LETTERS.labels(state).set(count)
        metrics.SUPPRESSED.set(suppressed)

    @alarm(
        "letters_late", says="letters that have not left for a quarter of an hour", act="vilkar mailgun capacity"
    )
    def late_letters(self, tx: Transaction, now: datetime) -> Waiting | None:
        """They are tried again by themselves."""
        return Waiting.of(self.store.late(tx, now - LATE_AFTER))

    @probe(
        messages.NECESSARY_LETTERS_STILL_GO,
        nb="nødvendige e-poster som et nei har stanset",
        en="necessary letters that a refusal has stopped",
        seconds=HOURLY,
    )
    def necessary_letters_stopped(self, tx: Transaction, _now: datetime) -> Row | None:
        """A letter that nobody can decline was treated as one that can."""
        locked = [each.code for each in KINDS if each.letter_class in LOCKED_CLASSES]
        return self.store.stopped(tx, DECLINED, locked)

    @probe(
        parties.MAILGUN_FOR_THREE_THINGS,
        nb="e-poster fra det siste døgnet av et slag Mailgun ikke skal ha",
        en="letters of the last day of a kind that is not for Mailgun",
        seconds=HOURLY,
    )
    def letters_not_for_mailgun(self, tx: Transaction, now: datetime) -> Row | None:
        """A letter left that the list of purposes does not allow."""
        purposes = MAILGUN_PURPOSES | self.purposes_now(tx)
        allowed = [each.code for each in KINDS if each.purpose in purposes]
        return self.store.sent_beside(tx, now - timedelta(days=1), allowed)

    @answers(Capacity)
    def capacity(self, _call: Capacity) -> CapacityShown:
        """What bounds the sending of letters now, and whether another process would help."""
        now, setting = self.clock.now(), self.letters_per_second
        with self.database.transaction() as tx:
            row = self.store.capacity(tx, now, rate=setting)
        bound = bound_by(due=row["due"], paused=row["paused_until"] is not None, tokens=row["tokens"])
        return CapacityShown(
            bound_by=bound,
            another_process_helps=bound == "workers",
            letters_per_second=row["per_second"] or setting,
            rate_is_from="setting" if row["per_second"] is None else "command",
            workers_a_process=self.workers,
            paused_until=row["paused_until"],
            due=row["due"],
            pending=row["pending"],
            sending=row["sending"],
            unclear=row["unclear"],
            parked=row["parked"],
            oldest_asked_for_at=row["oldest"],
        )

    @answers(SetRate)
    def set_rate(self, call: SetRate, tx: Transaction) -> RateSet:
        """Let so many letters leave a second from now on, in every process; nothing has to be started anew."""
        self.store.set_rate(tx, call.letters_per_second)
        return RateSet(letters_per_second=call.letters_per_second or self.letters_per_second)

    def _worker(self, letter: Letter | None, failures: list[BaseException]) -> None:
        try:
            for _ in range(LETTERS_A_ROUND):
                letter = letter or self._claim()
                if letter is None:
                    break
                self._handle(letter)
                letter = None
        except Exception as error:  # noqa: BLE001  # raised again by `deliver_letters`, once all workers have ended
            failures.append(error)

    def _claim(self) -> Letter | None:
        with self.database.transaction() as tx:
            return self.store.claim(tx, self.clock.now(), rate=self.letters_per_second, burst=self.burst)

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
        with self.database.transaction() as tx:
            now = self.clock.now()
            current = self.queue.lock(tx, letter.id)
            self.alarms.raise_alarm(tx, "letter_fault", now)
            if current is None or current.claim_id != letter.claim_id or current.begun_at is not None:
                return
            self.lifecycle.wait(tx, current, due_at=retry_at(now, letter.attempts, self.chance()), reason="fault")

    def _send(self, letter: Letter) -> None:
        kind = letter.kind
        if self.clock.now() >= letter.expires_at:
            self._settle(letter, "expired")
            return
        made = self._make(kind, letter) if self._has_its_class(letter) else None
        if made is None:
            return
        person, rendered, index = made
        if not is_known_reader(kind, person):
            self._settle(letter, "address_unconfirmed")
            return
        if not self._let_through(kind, letter, person, index):
            return
        begun = self._begin(kind, letter, index)
        if begun is None:
            return
        letter_class, named = begun
        outgoing = Outgoing(
            letter_id=letter.id,
            letter=kind.code,
            letter_class=letter_class,
            purpose=kind.purpose,
            to=person.email,
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            unsubscribe_url=self.unsubscribe_url(replace(kind, letter_class=letter_class), letter),
            reply_name=person.reply_name,
        )
        outcome = self.mailgun.send(outgoing, now=self.clock.now(), named=named)
        with self.database.transaction() as tx:
            self._finish(tx, letter, outcome, self.clock.now())

    def _make(self, kind: LetterKind, letter: Letter) -> tuple[Person, Rendered, bytes] | None:
        """The address and the words; None where there is nobody or nothing to send, which is noted."""
        try:
            facts, ends = self._facts(kind, letter)
            if kind.breaks_a_date and facts.due_on is None:
                self._settle(letter, "no_date_told")
                return None
            if kind.with_token and not ends:
                raise errors.Unavailable(NOT_HEARD)  # no token is made for a letter that waits
            thread_id = letter.facts.case_id if kind.takes_replies and self.mailgun.replies_to else None
            person = self.lookup.person(letter.user_id, letter.letter, letter.facts.ticket_id, thread_id)
            if kind.of_campaign:
                facts = self._with_words(letter, facts, person)
            if not (ends or person.company_is_blocked):
                raise errors.Unavailable(NOT_HEARD)
            if kind.link == PREFERENCES_PAGE:
                person = replace(person, link_token=self.preferences_token(letter))
            rendered = self.renderer.render(kind, person, facts, now=self.clock.now())
        except tuple(NOBODY_OR_NOTHING) as error:
            self._settle(letter, next(why for kind, why in NOBODY_OR_NOTHING.items() if isinstance(error, kind)))
        except TRY_AGAIN as error:
            _log.warning("letter_facts_not_known", letter_id=letter.id, exc_info=error)
            self._try_later(letter, "facts_unavailable")
        else:
            try:
                return person, rendered, self.index.of_email(person.email)
            except errors.Invalid:
                self._settle(letter, "address_refused")
        return None

    def _facts(self, kind: LetterKind, letter: Letter) -> tuple[Facts, bool]:
        """What the event told, and of the erasure what the event could not know: its date, or what of it is held.

        Also whether retention knows of the end that such a letter is about. Of a blocked account nothing ends.
        """
        facts = replace(letter.facts, about_user=letter.mailing_id is None)
        if kind.tells_breach:
            return replace(facts, notice=self._notice(kind, letter)), True
        if not (kind.tells_erasure or kind.tells_held):
            return facts, True
        about_company = not facts.about_user and kind.audience is Audience.LEADERS
        known = self.lookup.erasures(letter.account_id, None if about_company else letter.user_id)
        if kind.tells_held:
            return replace(facts, **what_is_held(known, facts.clock_id)), True
        ahead = erasures_ahead(known, letter.user_id)
        if kind.breaks_a_date:
            return replace(facts, due_on=date_that_was_told(ahead)), True
        return replace(facts, due_on=date_to_tell(ahead)), bool(ahead)

    def _with_words(self, letter: Letter, facts: Facts, person: Person) -> Facts:
        """The words of the campaign. Raises `NotToBeToldError` where it is not for this reader, or was stopped."""
        with self.database.transaction() as tx:
            campaign = self.campaign_now(tx, letter.facts.campaign_id) if letter.facts.campaign_id else None
        if campaign is None or campaign.language not in (None, language_of(person.language)):
            raise NotToBeToldError
        return replace(facts, campaign=campaign.words)

    def _has_its_class(self, letter: Letter) -> bool:
        """Whether the letter may leave by its class, before a token is made for it and an address is asked for."""
        with self.database.transaction() as tx:
            is_said = self.class_now(tx, letter.kind.code, letter.facts.campaign_id) is not None
            is_stopped = self._is_stopped(tx, letter)
        if is_stopped:
            self._settle(letter, "withdrawn")
        elif not is_said:
            self._try_later(letter, NOT_SAID)
        return is_said and not is_stopped

    def _is_stopped(self, tx: Transaction, letter: Letter) -> bool:
        campaign_id = letter.facts.campaign_id
        return campaign_id is not None and self.campaign_now(tx, campaign_id) is None

    def _notice(self, kind: LetterKind, letter: Letter) -> NoticeSaid:
        """What cases says of the breach. Raises `NotToBeToldError` for whoever is not on the list of the notice."""
        if letter.facts.notice_id is None:
            raise NotToBeToldError
        user_id = letter.user_id if kind.to_each else None
        try:
            return self.lookup.notice(letter.facts.notice_id, letter.account_id, user_id)
        except errors.NotFound:
            raise NotToBeToldError from None

    def _settle(self, letter: Letter, reason: str) -> None:
        with self.database.transaction() as tx:
            current = self._mine(tx, letter)
            if current is None:
                return
            if reason == NOT_TO_BE_TOLD:
                self.lifecycle.forget_mailing(tx, current, self.clock.now())
            elif reason == "recipient_gone":
                self.lifecycle.forget(tx, current, self.clock.now())
            else:
                self.lifecycle.abandon(tx, current, reason, self.clock.now())

    def _try_later(self, letter: Letter, reason: str) -> None:
        with self.database.transaction() as tx:
            current = self._mine(tx, letter)
            if current is not None:
                due_at = retry_at(self.clock.now(), letter.attempts, self.chance())
                self.lifecycle.wait(tx, current, due_at=due_at, reason=reason)

    def _mine(self, tx: Transaction, letter: Letter) -> Letter | None:
        """The letter's row while this worker still holds it."""
        current = self.queue.lock(tx, letter.id)
        held = current is not None and current.claim_id == letter.claim_id and current.state is State.SENDING
        return current if held else None

    def _let_through(self, kind: LetterKind, letter: Letter, person: Person, index: bytes) -> bool:
        """Have Mailgun forget what it holds against an address that is tried again: it would drop the letter."""
        with self.database.transaction() as tx:
            known, stopping = self.suppressions.against(tx, kind, index, self.clock.now())
        if not known or stopping:
            return True
        try:
            for each in known:
                self.mailgun.release(person.email, each.kind)
        except errors.Unavailable as error:
            _log.warning("address_not_released", letter_id=letter.id, exc_info=error)
            self._try_later(letter, "address_not_released")
            return False
        return True

    def _begin(self, kind: LetterKind, letter: Letter, index: bytes) -> tuple[LetterClass, frozenset[str]] | None:
        """Note that the call is about to be made; None where it may not go any more.

        Returns as which class it goes, and which purposes the register names for Mailgun.
        """
        with self.database.transaction() as tx:
            now = self.clock.now()
            current = self._mine(tx, letter)
            if current is None:
                return None
            letter_class = self.class_now(tx, kind.code, letter.facts.campaign_id)
            if letter_class is None:
                due_at = retry_at(now, letter.attempts, self.chance())
                self.lifecycle.wait(tx, current, due_at=due_at, reason=NOT_SAID)
                return None
            known, stopping = self.suppressions.against(tx, kind, index, now)
            named = self.purposes_now(tx)
            reason = self._reason_not_to_send(tx, letter, letter_class, stopping, index)
            if reason in (None, "not_agreed_to") and not mailgun_may_carry(letter_class, kind.purpose, named):
                reason = "purpose_refused"
            if self.queue.is_cancelled(tx, letter.facts.clock_id) or self._is_stopped(tx, letter):
                reason = "withdrawn"
            if reason is not None:
                self.lifecycle.abandon(tx, current, reason, now)
                return None
            if known:
                self.suppressions.note_try(tx, index, now)
            has_begun = self.store.begin(tx, letter, address_index=index, now=now)
            return (letter_class, named) if has_begun else None

    def _reason_not_to_send(
        self,
        tx: Transaction,
        letter: Letter,
        letter_class: LetterClass,
        stopping: frozenset[SuppressionKind],
        index: bytes,
    ) -> str | None:
        """Why its reader gets this letter not now: what they said until this moment counts, and who was erased."""
        is_optional = can_be_declined(letter_class)
        if is_optional:
            self.preferences.one_at_a_time(tx, letter.user_id)
        opted_out = self.preferences.opt_outs(tx, letter.user_id)
        if is_optional and self.preferences.is_refused(tx, index, letter_class, letter.user_id):
            opted_out.add(letter_class)
        return reason_not_to_send(
            letter_class,
            stopping,
            opted_out,
            self.preferences.agreed_to(tx, letter.user_id),
            restricted=restricted.is_kept(tx, letter.account_id, letter.user_id, "profile"),
        )

    def _finish(self, tx: Transaction, letter: Letter, outcome: Outcome, now: datetime) -> None:
        """Note what came of the call; a letter erased meanwhile is not written again."""
        current = self.queue.lock(tx, letter.id)
        later = self._heed(tx, letter, outcome, now)
        if current is not None and isinstance(outcome, Accepted):
            # Even where the lease was lost: that it went out is true whoever holds the row.
            self.lifecycle.accepted(tx, current, outcome.message_id, now)
            return
        if current is None or current.claim_id != letter.claim_id or current.state is not State.SENDING:
            return
        match outcome:
            case Throttled():
                self.lifecycle.wait(tx, current, due_at=later, reason="throttled", counted=False)
            case NotSent(reason=reason):
                self.lifecycle.wait(tx, current, due_at=later, reason=reason)
            case Refused(status=status, reason=None):
                self.lifecycle.park(tx, current, status, now)
            case Refused(reason=str(reason)):
                self.lifecycle.abandon(tx, current, reason, now)
            case Unknown(reason=reason):
                self.lifecycle.unclear(tx, current, reason, now, self.chance())

    def _heed(self, tx: Transaction, letter: Letter, outcome: Outcome, now: datetime) -> datetime:
        """What an outcome means for all other letters; returns when to try again."""
        later = retry_at(now, letter.attempts, self.chance())
        if isinstance(outcome, Throttled):
            later = later if outcome.wait is None else now + outcome.wait
            self.store.pause(tx, later, now)
        if isinstance(outcome, Refused):
            self._alarm(tx, outcome, now)
        return later

    def _alarm(self, tx: Transaction, refused: Refused, now: datetime) -> None:
        _log.error("mailgun_refuses", status=refused.status)
        if refused.reason == "address_refused":
            return
        self.alarms.raise_alarm(tx, f"mailgun_{refused.status}", now, status=refused.status)
        if refused.reason is None:
            self.store.pause(tx, now + PAUSE_AFTER_REFUSAL, now)
