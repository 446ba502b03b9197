"""The tokens of links by which one declines, what one agrees to, and what an objection to marketing stops. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from services.notification.letters.rules import can_be_declined
from services.notification.letters.values import LetterClass
from services.notification.preferences.values import SENTENCES, Objection, Sentence
from shared import base64url
from shared.calendar import add_months
from shared.errors import Conflict, Invalid
from shared.past_instants import check_past
from shared.terms import enforces
from shared.terms.clauses import messages, rights
from shared.terms.parameters import in_force

OPTIONAL_CLASSES: Final = tuple(filter(can_be_declined, LetterClass))
"""What an objection to marketing stops: news of what one can do without is marketing to whoever wants none."""
HANDED_OVER: Final = timedelta(seconds=3)
"""So long a refusal waits for a letter to the same person that is on its way to Mailgun at that moment."""
EARLIEST_YEAR: Final = 2018
"""Nobody has objected under the law before it was in force."""


@enforces(messages.DECLINED_BY_MAIL_OR_PHONE, rights.RIGHT_TO_OBJECT_OR_RESTRICT)
def check_received(received_at: datetime, now: datetime) -> None:
    """Raise `Invalid` for an objection from the future, or from before there was anything to object to."""
    check_past(received_at, now, field="received_at", earliest_year=EARLIEST_YEAR)


def check_same(known: Objection, objection: Objection) -> None:
    """Raise `Conflict` where the id is of an objection of somebody else, or of one that came otherwise."""
    if known != objection:
        raise Conflict("another objection has this id", details={"reason": "other_objection"})


@enforces(messages.MARKETING_CAN_BE_DECLINED)
def refusals_kept_until(erased_on: date) -> date:
    """The last day on which it is known that an erased person's address shall get no marketing."""
    months = in_force("suppression.refusals", erased_on).default
    return add_months(date(erased_on.year, 12, 31), months)


@enforces(messages.MARKETING_CAN_BE_DECLINED, messages.PRODUCT_NEWS_IS_OPTIONAL)
def agreed(digests: Iterable[str]) -> dict[LetterClass, Sentence]:
    """The sentences with these digests, by the class each is about. Raises `Conflict` for one not shown now.

    Nothing is agreed to that was not read: what is kept says which sentence it was, in which language.
    """
    shown = {each.sha256: each for each in SENTENCES}
    sentences = [shown.get(digest) for digest in digests]
    if None in sentences:
        raise Conflict("this is not a sentence that is shown now", details={"reason": "other_sentence"})
    return {LetterClass(each.letter_class): each for each in sentences if each is not None}


UNSUBSCRIBE: Final = b"unsubscribe"
PREFERENCES: Final = b"preferences"
"""What a token is for: one of the one kind is none of the other."""
_NOT_OURS: Final = {
    UNSUBSCRIBE: "this unsubscribe link is not one of ours",
    PREFERENCES: "this link to preferences is not one of ours",
}


@enforces(messages.MARKETING_CAN_BE_DECLINED)
def unsubscribe_token(key: bytes, *, user_id: UUID, account_id: UUID, letter_class: LetterClass) -> str:
    """The token of an unsubscribe link: it names user, company and class, and only we can make one."""
    return _signed(key, UNSUBSCRIBE, user_id.bytes + account_id.bytes + letter_class.value.encode())


@enforces(messages.MARKETING_CAN_BE_DECLINED)
def read_unsubscribe_token(key: bytes, token: str) -> tuple[UUID, UUID, LetterClass]:
    """The user, company and class that a token names. Raises `Invalid` for one we did not make."""
    payload = _read(key, UNSUBSCRIBE, token)
    return UUID(bytes=payload[:16]), UUID(bytes=payload[16:32]), LetterClass(payload[32:].decode())


@enforces(messages.MARKETING_CAN_BE_DECLINED)
def preferences_token(key: bytes, *, user_id: UUID, account_id: UUID) -> str:
    """The token of a link to what a user wants to get: it names user and company, and only we can make one."""
    return _signed(key, PREFERENCES, user_id.bytes + account_id.bytes)


@enforces(messages.MARKETING_CAN_BE_DECLINED)
def read_preferences_token(key: bytes, token: str) -> tuple[UUID, UUID]:
    """The user and company that a token names. Raises `Invalid` for one we did not make."""
    payload = _read(key, PREFERENCES, token)
    return UUID(bytes=payload[:16]), UUID(bytes=payload[16:32])


def _signed(key: bytes, use: bytes, payload: bytes) -> str:
    return base64url.encode(_mac(key, use, payload) + payload)


def _read(key: bytes, use: bytes, token: str) -> bytes:
    try:
        raw = base64.b64decode(token.encode() + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise Invalid(_NOT_OURS[use]) from None
    mac, payload = raw[:32], raw[32:]
    if not hmac.compare_digest(mac, _mac(key, use, payload)):
        raise Invalid(_NOT_OURS[use])
    return payload


def _mac(key: bytes, use: bytes, payload: bytes) -> bytes:
    return hmac.new(key, use + b"\x00" + payload, hashlib.sha256).digest()
