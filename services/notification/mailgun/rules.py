"""Pure decisions about Mailgun: what it may carry, and what its events mean."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from services.notification.letters.rules import LOCKED_CLASSES
from services.notification.letters.values import LetterClass, Purpose
from services.notification.mailgun.values import Signal, Signature, VendorEvent
from services.notification.suppressions.values import SuppressionKind
from shared.errors import Invalid, Unauthenticated
from shared.terms import enforces
from shared.terms.clauses import messages, parties, protection

MAILGUN_PURPOSES: Final = frozenset(Purpose) - {Purpose.MARKETING}
"""The purposes the terms name for Mailgun (L98, L194), and legal notices. Marketing is not among them."""

DECLINABLE: Final = frozenset(LetterClass) - LOCKED_CLASSES
MAILGUN: Final = "mailgun"
"""What the register of purposes calls it."""
LOG_DELAY: Final = timedelta(minutes=30)
"""Mailgun's events may be this late; a search that finds nothing proves nothing before."""

WEBHOOK_LATEST: Final = timedelta(hours=9)
"""Mailgun repeats a webhook for about eight hours, perhaps with its first signature."""
WEBHOOK_AHEAD: Final = timedelta(minutes=5)


class PurposeRefused(Invalid):
    """Mailgun is not the way for this letter: its class or purpose is not among those the terms name."""

    code = "purpose_refused"


@enforces(parties.MAILGUN_FOR_THREE_THINGS, messages.PRODUCT_NEWS_IS_OPTIONAL)
def mailgun_may_carry(letter_class: str, purpose: str, named: Collection[str] = ()) -> bool:
    """Whether the letter's purpose is what it is, and one that the terms name (L98) or the register: `named`.

    A legal letter is a legal notice and nothing else is: under another purpose's name, any letter would pass. What
    one may decline is marketing, and leaves once the register says that Mailgun is used for that.
    """
    if letter_class in LOCKED_CLASSES:
        honest = (letter_class == LetterClass.LEGAL) == (purpose == Purpose.LEGAL_NOTICE)
        return purpose in MAILGUN_PURPOSES and honest
    return letter_class in DECLINABLE and purpose == Purpose.MARKETING and purpose in named


@enforces(parties.MAILGUN_FOR_THREE_THINGS, messages.PRODUCT_NEWS_IS_OPTIONAL)
def assert_mailgun_may_carry(letter_class: str, purpose: str, named: Collection[str] = ()) -> None:
    """Raise `PurposeRefused` for a letter that Mailgun may not carry (`mailgun_may_carry`)."""
    if not mailgun_may_carry(letter_class, purpose, named):
        raise PurposeRefused("Mailgun may not carry letters of this class and purpose")


def signal_of(event: VendorEvent) -> Signal | None:
    """What an event of Mailgun means for its letter; None for what is of no use (opened, clicked, stored)."""
    if event.name == "failed":
        return Signal.BOUNCED if event.severity == "permanent" else Signal.DEFERRED
    known = {signal.value for signal in Signal} - {Signal.BOUNCED, Signal.DEFERRED}
    return Signal(event.name) if event.name in known else None


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


def signature_is_mailguns(key: str, signature: Signature) -> bool:
    """Whether Mailgun made this signature; compared in constant time."""
    signed = (signature.timestamp + signature.token).encode()
    expected = hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.signature.encode())


@enforces(protection.ONLY_YOUR_OWN)
def webhook_is_timely(timestamp: str, now: datetime) -> bool:
    """Whether a webhook's signed instant (epoch seconds) is near enough: not from the future, not long past."""
    age = now.timestamp() - int(timestamp)
    return -WEBHOOK_AHEAD.total_seconds() <= age <= WEBHOOK_LATEST.total_seconds()


def check_signed(key: str, signature: Signature, now: datetime) -> None:
    """Raise `Unauthenticated`, with the verdict, unless Mailgun signed it, and not too long ago."""
    if not signature_is_mailguns(key, signature):
        raise Unauthenticated("wrong signature", details={"verdict": "wrong_signature"})
    if not webhook_is_timely(signature.timestamp, now):
        raise Unauthenticated("too old or too new", details={"verdict": "untimely"})
