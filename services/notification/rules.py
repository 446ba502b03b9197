"""Pure decisions about letters: who gets which, when it may go, what an answer or a silence means.

Nothing here reads a clock, draws a random number or talks to anybody.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from services.notification.values import (
    Erasure,
    Lane,
    Letter,
    LetterClass,
    LetterKind,
    Person,
    Purpose,
    Readers,
    Recipient,
    Signal,
    State,
    Suppression,
    SuppressionKind,
    VendorEvent,
)
from shared.calendar import REMINDER_DAYS, add_months, erasure_due_after_notice, oslo_date
from shared.errors import Conflict, Invalid
from shared.invisible_characters import BLANK_LETTERS
from shared.terms import enforces, erasure, messages, parties, protection, rights
from shared.terms.parameters import in_force
from shared.waits import AHEAD, is_due

LOCKED_CLASSES: Final = frozenset({LetterClass.SERVICE, LetterClass.LEGAL})
MAILGUN_PURPOSES: Final = frozenset(Purpose)
"""The purposes the terms name for Mailgun (L98, L194), and legal notices. Marketing is not among them."""

_REGISTRATION: Final = Purpose.ACCOUNT_REGISTRATION
_PASSWORD: Final = Purpose.PASSWORD_CHANGE
_NOTICE: Final = Purpose.LEGAL_NOTICE
_SERVICE, _LEGAL = LetterClass.SERVICE, LetterClass.LEGAL

KINDS: Final = (
    LetterKind(
        code="email_confirmation", letter_class=_SERVICE, purpose=_REGISTRATION, lane=Lane.SECURITY,
        max_age_hours=24, asked_for=True, link="confirm", with_token=True, renewable=True, to_unconfirmed=True,
    ),
    LetterKind(
        code="invitation", letter_class=_SERVICE, purpose=_REGISTRATION, lane=Lane.OTHER,
        max_age_hours=72, link="password", with_token=True, renewable=True, to_unconfirmed=True,
    ),
    LetterKind(
        code="sign_up_repeated", letter_class=_SERVICE, purpose=_REGISTRATION, lane=Lane.SECURITY,
        max_age_hours=24, link="password", asked_for=True, to_unconfirmed=True,
    ),
    LetterKind(
        code="return_by_link", letter_class=_SERVICE, purpose=_REGISTRATION, lane=Lane.SECURITY,
        max_age_hours=24, asked_for=True, link="reactivate", with_token=True, renewable=True, tells_erasure=True,
    ),
    LetterKind(
        code="return_by_company", letter_class=_SERVICE, purpose=_REGISTRATION, lane=Lane.SECURITY,
        max_age_hours=24, asked_for=True, tells_erasure=True,
    ),
    LetterKind(
        code="return_by_staff", letter_class=_SERVICE, purpose=_REGISTRATION, lane=Lane.SECURITY,
        max_age_hours=24, asked_for=True, to_unconfirmed=True, tells_erasure=True,
    ),
    LetterKind(
        code="password_changed", letter_class=_SERVICE, purpose=_PASSWORD, lane=Lane.SECURITY,
        max_age_hours=72, link="password",
    ),
    LetterKind(
        code="address_changed", letter_class=_SERVICE, purpose=_REGISTRATION, lane=Lane.SECURITY,
        max_age_hours=24,
    ),
    LetterKind(
        code="password_reset", letter_class=_SERVICE, purpose=_PASSWORD, lane=Lane.SECURITY,
        max_age_hours=1, asked_for=True, link="password", with_token=True, renewable=True, to_unconfirmed=True,
    ),
    LetterKind(
        code="account_deactivated", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.LEGAL_DEADLINE,
        max_age_hours=168,
    ),
    LetterKind(
        code="company_closed", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.LEGAL_DEADLINE,
        max_age_hours=168, readers=Readers.MEMBERS,
    ),
    LetterKind(
        code="user_deactivated", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.LEGAL_DEADLINE,
        max_age_hours=168,
    ),
    LetterKind(
        code="termination_noticed", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.LEGAL_DEADLINE,
        max_age_hours=168,
    ),
    LetterKind(
        code="termination_withdrawn", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.OTHER,
        max_age_hours=72,
    ),
    LetterKind(
        code="account_reminder", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.LEGAL_DEADLINE,
        max_age_hours=120,
    ),
    LetterKind(
        code="user_reminder", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.LEGAL_DEADLINE,
        max_age_hours=120,
    ),
    LetterKind(
        code="erasure_postponed", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.LEGAL_DEADLINE,
        max_age_hours=168, tells_erasure=True, breaks_a_date=True, readers=Readers.EVERYBODY,
    ),
    LetterKind(
        code="restriction_will_be_lifted", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.LEGAL_DEADLINE,
        max_age_hours=168,
    ),
    LetterKind(
        code="account_erased", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.LEGAL_DEADLINE,
        max_age_hours=24, link="certificates", farewell=True,
    ),
    LetterKind(
        code="user_erased", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.LEGAL_DEADLINE,
        max_age_hours=24, link="certificates", farewell=True,
    ),
    LetterKind(
        code="account_reactivated", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.OTHER,
        max_age_hours=72,
    ),
    LetterKind(
        code="company_reopened", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.OTHER,
        max_age_hours=72, link="password", readers=Readers.MEMBERS,
    ),
    LetterKind(
        code="user_reactivated", letter_class=_LEGAL, purpose=_NOTICE, lane=Lane.OTHER,
        max_age_hours=72, link="password",
    ),
)  # fmt: skip
LETTERS: Final = {kind.code: kind for kind in KINDS}
"""Every letter there is. Its class is fixed here, so nobody can choose another one while sending."""

BOUNCE_STEPS: Final = tuple(timedelta(days=days) for days in (1, 7, 30, 90))
"""For how long an address gets no letters after its first, second, … bounce: one may be wrong."""
SUPPRESSED_AT_MOST: Final = BOUNCE_STEPS[-1] + AHEAD
ASKED_AGAIN_AFTER: Final = {
    SuppressionKind.BOUNCE: timedelta(minutes=5),
    SuppressionKind.COMPLAINT: timedelta(hours=24),
}
"""How often a letter that somebody asks for goes to a suppressed address all the same."""
TASK_DAYS: Final = 3
"""Within how many days a person tells what a letter could not."""
NO_FAILURE: Final = frozenset(
    {"withdrawn", "no_date_told", "recipient_gone", "recipient_inactive", "address_unconfirmed", "ticket_spent"}
)
"""Reasons for which a letter is given up because there is nothing, or nobody, left to tell."""

FAIR_STEP: Final = timedelta(milliseconds=250)
"""How far each further letter of one customer moves back in the line, so that a flood holds up its own sender."""

RETRY_BASE_SECONDS: Final = 15.0
RETRY_CAP_SECONDS: Final = 900.0
RETRY_LEAST_SECONDS: Final = 1.0

LOG_DELAY: Final = timedelta(minutes=30)
"""Mailgun's events may be this late; a search that finds nothing proves nothing before."""
UNKNOWN_CHECKS: Final = tuple(timedelta(minutes=m) for m in (1, 2, 4, 8, 15))
RENEWALS: Final = 3
WEBHOOK_LATEST: Final = timedelta(hours=9)
"""Mailgun repeats a webhook for about eight hours, perhaps with its first signature."""
WEBHOOK_AHEAD: Final = timedelta(minutes=5)
RECONCILE_AFTER: Final = timedelta(hours=8)
RECONCILE_EVERY: Final = timedelta(hours=12)
RECONCILE_CHECKS: Final = 5
"""Events are kept three days at least; asking for longer would find nothing new."""

NAME_LIMIT: Final = 60
_LOOKS_LIKE_AN_ADDRESS: Final = re.compile(r"://|www\.|@|\w\.\w{2,}", re.IGNORECASE)
_VARIABLE: Final = re.compile(r"%\s*[A-Za-z][\w.]*\s*%|\{\{|\}\}|\$\{")
"""What Mailgun, or a template somewhere on the way, would fill in."""
_LEADERS: Final = frozenset({"owner"})
_OVER: Final = frozenset({"certified", "cancelled"})

_RANK: Final = {
    State.SENT: 1,
    State.DEFERRED: 2,
    State.DELIVERED: 3,
    State.BOUNCED: 4,
    State.COMPLAINED: 5,
}
_REACHED: Final = {
    Signal.ACCEPTED: State.SENT,
    Signal.DEFERRED: State.DEFERRED,
    Signal.DELIVERED: State.DELIVERED,
    Signal.BOUNCED: State.BOUNCED,
    Signal.REJECTED: State.BOUNCED,
    Signal.COMPLAINED: State.COMPLAINED,
}


class PurposeRefused(Invalid):
    """Mailgun is not the way for this letter: its class or purpose is not among those the terms name."""

    code = "purpose_refused"


@enforces(parties.MAILGUN_FOR_THREE_THINGS, messages.PRODUCT_NEWS_IS_OPTIONAL)
def assert_mailgun_may_carry(letter_class: str, purpose: str) -> None:
    """Raise `PurposeRefused` unless the letter is a locked one whose purpose is what it is (L98).

    A legal letter is a legal notice and nothing else is: under another purpose's name, any letter would pass.
    """
    honest = (letter_class == LetterClass.LEGAL) == (purpose == Purpose.LEGAL_NOTICE)
    if letter_class not in LOCKED_CLASSES or purpose not in MAILGUN_PURPOSES or not honest:
        raise PurposeRefused("Mailgun may not carry letters of this class and purpose")


@enforces(
    messages.MARKETING_CAN_BE_DECLINED,
    messages.NECESSARY_LETTERS_STILL_GO,
    rights.RIGHT_TO_OBJECT_OR_RESTRICT,
)
def reason_not_to_send(
    letter_class: LetterClass,
    suppressed: Collection[SuppressionKind],
    opted_out: Collection[LetterClass],
    *,
    restricted: bool = False,
) -> str | None:
    """Why this letter may not go now, or None. Asked at the moment of sending, not when it was queued.

    An objection stops optional letters only, and so does a restriction: what may only be stored is not used. An
    address that is suppressed for this letter (`suppressed_for`) gets none: Mailgun would drop it without a word,
    and a failure told at once is of more use to whoever waits for it.
    """
    if letter_class not in LOCKED_CLASSES and letter_class in opted_out:
        return "opted_out"
    if letter_class not in LOCKED_CLASSES and restricted:
        return "restricted"
    if SuppressionKind.COMPLAINT in suppressed:
        return "suppressed_complaint"
    if SuppressionKind.BOUNCE in suppressed:
        return "suppressed_bounce"
    return None


@enforces(protection.CONFIDENTIAL_AND_CORRECT)
def bounce_ends_at(times: int, now: datetime) -> datetime:
    """Until when an address gets no letters after its bounce number `times`."""
    return now + BOUNCE_STEPS[min(max(times, 1), len(BOUNCE_STEPS)) - 1]


@enforces(messages.NECESSARY_LETTERS_STILL_GO)
def suppressed_for(
    kind: LetterKind, suppressions: Iterable[Suppression], now: datetime
) -> frozenset[SuppressionKind]:
    """Why the address gets not even this letter now.

    A bounce holds for its time, a complaint for ever. Whoever asks for a letter says that they read there, so it
    goes all the same, but no oftener than `ASKED_AGAIN_AFTER`. What a wrong clock wrote holds back nothing.
    """

    def holds(each: Suppression) -> bool:
        if each.ends_at is not None and is_due(each.ends_at, now, SUPPRESSED_AT_MOST):
            return False
        pause = ASKED_AGAIN_AFTER[each.kind]
        waited = each.tried_at is None or is_due(each.tried_at + pause, now, pause + AHEAD)
        return not (kind.asked_for and waited)

    return frozenset(each.kind for each in suppressions if holds(each))


@enforces(erasure.ERASE_AFTER_INACTIVE, messages.NECESSARY_LETTERS_STILL_GO)
def becomes_a_task(kind: LetterKind, reason: str) -> bool:
    """Whether a letter that failed is told by a person instead: one that the law asks for, while there is a reader.

    The last letter before an erasure is not: what became of it is told to retention, and its reader is forgotten.
    """
    return kind.letter_class is LetterClass.LEGAL and not kind.farewell and reason not in NO_FAILURE


def told_by(now: datetime) -> date:
    """The date by which a person tells what a letter could not."""
    return oslo_date(now) + timedelta(days=TASK_DAYS)


@enforces(rights.RIGHT_OF_PORTABILITY)
def copy_by(erased_on: date, now: datetime) -> date | None:
    """The last day to ask for a copy before the data are erased; None once that day has passed in Oslo."""
    last = erased_on - timedelta(days=1)
    return None if last < oslo_date(now) else last


@enforces(rights.RIGHT_OF_PORTABILITY)
def copy_due_on(received_on: date, erased_on: date | None, now: datetime) -> date:
    """When a copy that was asked for is handed over: within the month, and before the day of the erasure.

    What is late already is due today. Raises `Conflict` where it was asked for once the erasure may have begun:
    nobody can be promised a copy of what is being erased.
    """
    if erased_on is not None and received_on >= erased_on:
        raise Conflict(
            "the last day to ask for a copy was the day before the erasure", details={"erased_on": str(erased_on)}
        )
    within = add_months(received_on, in_force("dsr.deadline", received_on).default)
    last = within if erased_on is None else min(within, erased_on - timedelta(days=1))
    return max(last, oslo_date(now))


@enforces(protection.NOT_PASSED_ON)
def is_known_reader(kind: LetterKind, person: Person) -> bool:
    """Whether this letter may go to the person's address: to one that nobody ever confirmed only some may.

    Whoever signed up with it may have mistyped it, or meant somebody else; that one is no customer, and is not
    written to as if he were.
    """
    return person.confirmed or kind.to_unconfirmed


@enforces(erasure.LOST_FOR_EVER, rights.HELP_FOR_THE_CONTROLLER)
def recipients_of(people: Sequence[Recipient]) -> list[Recipient]:
    """Who gets a letter about the whole company: those who answer for it, or everybody where nobody does."""
    leaders = [person for person in people if person.role in _LEADERS]
    return leaders or list(people)


@enforces(erasure.ERASE_AFTER_INACTIVE)
def readers_of(kind: LetterKind, people: Sequence[Recipient]) -> list[Recipient]:
    """Who of a company gets this letter: those who answer for it, all others who ever read one, or both."""
    leaders = recipients_of(people)
    members = [person for person in people if person not in leaders and person.confirmed]
    return {Readers.LEADERS: leaders, Readers.MEMBERS: members, Readers.EVERYBODY: [*leaders, *members]}[
        kind.readers
    ]


@enforces(erasure.ERASE_AFTER_INACTIVE)
def reminder_letter(user_id: UUID | None) -> str:
    """The reminder of a coming erasure: of a company to those who answer for it, of one person to that person."""
    return "account_reminder" if user_id is None else "user_reminder"


@enforces(erasure.ERASE_AFTER_INACTIVE)
def letter_of_return(way: str) -> str:
    """The letter for an inactive user who asked for a way in. Raises `Invalid` for a way nobody knows."""
    letter = f"return_{way}"
    if letter not in LETTERS:
        raise Invalid("there is no letter for this way back")
    return letter


@enforces(erasure.ERASE_AFTER_INACTIVE)
def erasures_ahead(erasures: Iterable[Erasure], user_id: UUID) -> list[Erasure]:
    """Those that will erase this user: of the user alone, or of the whole company; not what is over."""
    return [each for each in erasures if each.user_id in (None, user_id) and each.state not in _OVER]


@enforces(erasure.ERASE_AFTER_INACTIVE, erasure.HOLD_IN_DISPUTE)
def date_to_tell(ahead: Iterable[Erasure]) -> date | None:
    """The first date on which the user's data are erased; None while all of it is suspended."""
    return min((each.due_on for each in ahead if not each.suspended), default=None)


@enforces(erasure.HOLD_IN_DISPUTE)
def date_that_was_told(ahead: Iterable[Erasure]) -> date | None:
    """The first date of erasure that was told and that a hold may break; None where none was."""
    return min((each.due_on for each in ahead), default=None)


@enforces(erasure.ERASE_AFTER_INACTIVE)
def letters_on_schedule(user_id: UUID | None, trigger: str) -> tuple[str, ...]:
    """The letters that tell the date of erasure on the day inactivity begins; of a company, all its users hear.

    None where the customer asked not to wait: the last letter follows at once and says what there is to say.
    """
    if trigger == "early_request":
        return ()
    return ("account_deactivated", "company_closed") if user_id is None else ("user_deactivated",)


@enforces(erasure.ERASE_AFTER_NOTICE)
def erased_after_notice(noticed_on: date, notice_ends_on: date) -> date:
    """The date of erasure that the letter about a notice promises, by the figure of the day of the notice."""
    months = in_force("retention.inactive_account", noticed_on).default
    return erasure_due_after_notice(notice_ends_on, months)


@enforces(erasure.ERASE_AFTER_INACTIVE)
def reminder_is_sent(days_left: int) -> bool:
    """Whether a reminder becomes a letter; the one of the first day is told by the letter on the schedule."""
    return days_left <= max(REMINDER_DAYS)


@enforces(erasure.LOST_FOR_EVER)
def farewell_letter(user_id: UUID | None) -> str:
    """The last letter before an erasure."""
    return "account_erased" if user_id is None else "user_erased"


def fair_place(due_at: datetime, position: int) -> datetime:
    """Where a letter stands in the line of its lane when `position` letters of its customer stand before it."""
    return due_at + position * FAIR_STEP


def expires(kind: LetterKind, requested_at: datetime) -> datetime:
    """The instant from which the letter is not worth sending any more."""
    return requested_at + timedelta(hours=kind.max_age_hours)


LATE_AFTER: Final = timedelta(minutes=15)
"""A letter that has not left for so long is told."""


def bound_by(*, due: int, paused: bool, tokens: float) -> str:
    """What bounds the sending of letters now: `pause`, `letters`, `rate` or `workers`.

    Another process helps only where it is the workers: all share one bucket, which is the provider's rate.
    """
    if paused:
        return "pause"
    if due == 0:
        return "letters"
    return "rate" if tokens < 1 else "workers"


def retry_at(now: datetime, attempts: int, chance: float) -> datetime:
    """When to try again after `attempts` tries: exponential, full jitter; `chance` is drawn from [0, 1)."""
    ceiling = min(RETRY_CAP_SECONDS, RETRY_BASE_SECONDS * 2.0 ** min(attempts - 1, 10))
    return now + timedelta(seconds=max(RETRY_LEAST_SECONDS, chance * ceiling))


@dataclass(frozen=True)
class Wait:
    """Ask Mailgun again at this instant."""

    until: datetime


@dataclass(frozen=True)
class Resend:
    """The letter did not go out: send it."""


@dataclass(frozen=True)
class Renew:
    """Send a letter of the same kind with a new code at once; whichever arrives, the newest code counts."""


@dataclass(frozen=True)
class GiveUp:
    """Do not try again, for this reason."""

    reason: str


def on_unknown(kind: LetterKind, letter: Letter, now: datetime) -> Wait | Renew | GiveUp:
    """What to do when a call to Mailgun ended without a clear answer, so the letter may have gone out."""
    if not kind.renewable:
        return Wait(now + UNKNOWN_CHECKS[0])
    if letter.renewal >= RENEWALS or now >= letter.expires_at:
        return GiveUp("outcome_unknown")
    return Renew()


def on_not_found(letter: Letter, begun_at: datetime, now: datetime) -> Wait | Resend | GiveUp:
    """What to do when Mailgun's logs were read and do not know the letter. Blind re-sending is never it."""
    if now < begun_at + LOG_DELAY:
        step = UNKNOWN_CHECKS[min(letter.checks + 1, len(UNKNOWN_CHECKS) - 1)]
        return Wait(min(now + step, begun_at + LOG_DELAY))
    return GiveUp("expired") if now >= letter.expires_at else Resend()


def on_lost_lease(letter: Letter) -> State:
    """What a letter is whose worker has not come back: untouched unless the call had been begun."""
    return State.PENDING if letter.begun_at is None else State.UNKNOWN


def signal_of(event: VendorEvent) -> Signal | None:
    """What an event of Mailgun means for its letter; None for what is of no use (opened, clicked, stored)."""
    if event.name == "failed":
        return Signal.BOUNCED if event.severity == "permanent" else Signal.DEFERRED
    known = {signal.value for signal in Signal} - {Signal.BOUNCED, Signal.DEFERRED}
    return Signal(event.name) if event.name in known else None


def advance(state: State, signal: Signal) -> State:
    """The state of a letter after a signal. Signals come in any order and twice; the end is always the same.

    What is known can only grow: accepted, deferred, delivered, bounced (which may follow delivered), complained.
    """
    reached = _REACHED.get(signal, state)
    return reached if _RANK.get(reached, 0) > _RANK.get(state, 0) else state


def announced(before: State, after: State) -> tuple[str, ...]:
    """The types of the events that a change of state tells, oldest fact first."""
    told = []
    if _RANK.get(before, 0) == 0 and _RANK.get(after, 0) > 0:
        told.append("notification.sent")
    if after is State.DELIVERED and before is not State.DELIVERED:
        told.append("notification.delivered")
    if after in (State.BOUNCED, State.ABANDONED) and before is not after:
        told.append("notification.failed")
    return tuple(told)


def failure_reason(event: VendorEvent) -> str:
    """The code for a letter that Mailgun or the recipient's server refused for good."""
    if event.name == "rejected":
        return "rejected"
    known = {
        "suppress-bounce": "suppressed_bounce",
        "suppress-complaint": "suppressed_complaint",
        "suppress-unsubscribe": "suppressed_at_mailgun",
    }
    return known.get(event.reason or "", "bounced")


@enforces(messages.NECESSARY_LETTERS_STILL_GO)
def is_wrongly_suppressed(event: VendorEvent) -> bool:
    """Whether Mailgun's own list of unsubscriptions, which knows no classes, held back a letter."""
    return event.reason == "suppress-unsubscribe"


@enforces(protection.CONFIDENTIAL_AND_CORRECT)
def suppression_from(event: VendorEvent) -> SuppressionKind | None:
    """Whether the address shall get no more letters: it does not exist, or its owner complained.

    A full mailbox or a refused message says nothing against the address.
    """
    if event.name == "complained" or event.reason == "suppress-complaint":
        return SuppressionKind.COMPLAINT
    if event.name != "failed" or event.severity != "permanent":
        return None
    gone = event.reason in ("bounce", "suppress-bounce") or (event.enhanced_code or "").startswith("5.1.")
    return SuppressionKind.BOUNCE if gone else None


@enforces(protection.ONLY_YOUR_OWN)
def webhook_is_timely(timestamp: str, now: datetime) -> bool:
    """Whether a webhook's signed instant (epoch seconds) is near enough: not from the future, not long past."""
    age = now.timestamp() - int(timestamp)
    return -WEBHOOK_AHEAD.total_seconds() <= age <= WEBHOOK_LATEST.total_seconds()


def next_reconciliation(now: datetime, checks: int) -> datetime | None:
    """When to ask again for a letter of which nothing more was heard; None when it is no use any more."""
    return now + RECONCILE_EVERY if checks < RECONCILE_CHECKS else None


@enforces(protection.NOT_PASSED_ON)
def plain_name(name: str, *, spare: str = "") -> str:
    """A name as it may stand in a letter: one line that is seen, not long, no web address and nothing to fill in.

    Whoever signs up chooses the name and the address it is sent to; without this, our letters would carry any
    stranger's text to any mailbox. `spare` is what stands instead where the name is refused.
    """
    kept = "".join(" " if ch in BLANK_LETTERS or unicodedata.category(ch)[0] in "CZ" else ch for ch in name)
    text = " ".join(kept.split())
    # Mail programs and name servers take full-width signs and the ideographic full stop for the plain ones.
    read = unicodedata.normalize("NFKC", text).replace("\u3002", ".")
    if not any(ch.isalnum() for ch in read) or len(text) > NAME_LIMIT:
        return spare
    if _LOOKS_LIKE_AN_ADDRESS.search(read) or _VARIABLE.search(read):
        return spare
    return text


@enforces(messages.MARKETING_CAN_BE_DECLINED)
def unsubscribe_token(key: bytes, *, user_id: UUID, account_id: UUID, letter_class: LetterClass) -> str:
    """The token of an unsubscribe link: it names user, company and class, and only we can make one."""
    payload = user_id.bytes + account_id.bytes + letter_class.value.encode()
    return base64.urlsafe_b64encode(_mac(key, payload) + payload).rstrip(b"=").decode()


@enforces(messages.MARKETING_CAN_BE_DECLINED)
def read_unsubscribe_token(key: bytes, token: str) -> tuple[UUID, UUID, LetterClass]:
    """The user, company and class that a token names. Raises `Invalid` for one we did not make."""
    try:
        raw = base64.b64decode(token.encode() + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise Invalid("this unsubscribe link is not one of ours") from None
    mac, payload = raw[:32], raw[32:]
    if not hmac.compare_digest(mac, _mac(key, payload)):
        raise Invalid("this unsubscribe link is not one of ours")
    return UUID(bytes=payload[:16]), UUID(bytes=payload[16:32]), LetterClass(payload[32:].decode())


def _mac(key: bytes, payload: bytes) -> bytes:
    return hmac.new(key, b"unsubscribe\x00" + payload, hashlib.sha256).digest()


@enforces(messages.MARKETING_CAN_BE_DECLINED, messages.NECESSARY_LETTERS_STILL_GO)
def can_be_declined(letter_class: LetterClass) -> bool:
    """Whether a letter of this class offers a way to decline it, and is stopped by one."""
    return letter_class not in LOCKED_CLASSES


@enforces(erasure.LOST_FOR_EVER)
def farewell_outcome(states: Iterable[State]) -> str | None:
    """Why the last letter of a mailing reached nobody, or None where at least one copy left."""
    seen = list(states)
    if any(_RANK.get(state, 0) > 0 for state in seen):
        return None
    return "given_up" if seen else "no_recipient"
