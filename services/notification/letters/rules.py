"""Pure decisions about a letter as such: until when it is worth sending, and what may stand in it."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from services.notification.letters.values import LetterClass, LetterKind
from shared.calendar import oslo_date
from shared.invisible_characters import BLANK_LETTERS
from shared.terms import enforces
from shared.terms.clauses import erasure, messages, protection, rights

LOCKED_CLASSES: Final = frozenset({LetterClass.SERVICE, LetterClass.LEGAL})

NAME_LIMIT: Final = 60
_LOOKS_LIKE_AN_ADDRESS: Final = re.compile(r"://|www\.|@|\w\.\w{2,}", re.IGNORECASE)
_VARIABLE: Final = re.compile(r"%\s*[A-Za-z][\w.]*\s*%|\{\{|\}\}|\$\{")
"""What Mailgun, or a template somewhere on the way, would fill in."""


@enforces(messages.MARKETING_CAN_BE_DECLINED, messages.NECESSARY_LETTERS_STILL_GO)
def can_be_declined(letter_class: LetterClass) -> bool:
    """Whether a letter of this class offers a way to decline it, and is stopped by one."""
    return letter_class not in LOCKED_CLASSES


@enforces(erasure.LOST_FOR_EVER)
def farewell_letter(user_id: UUID | None) -> str:
    """The last letter before an erasure."""
    return "account_erased" if user_id is None else "user_erased"


def expires(kind: LetterKind, requested_at: datetime) -> datetime:
    """The instant from which the letter is not worth sending any more."""
    return requested_at + timedelta(hours=kind.max_age_hours)


@enforces(rights.RIGHT_OF_PORTABILITY)
def copy_by(erased_on: date, now: datetime) -> date | None:
    """The last day to ask for a copy before the data are erased; None once that day has passed in Oslo."""
    last = erased_on - timedelta(days=1)
    return None if last < oslo_date(now) else last


@enforces(protection.NOT_PASSED_ON)
def plain_name(name: str, *, spare: str = "") -> str:
    """A name as it may stand in a letter: one line that is seen, not long, no web address and nothing to fill in.

    Whoever signs up chooses the name and the address it is sent to; without this, our letters would carry any
    stranger's text to any mailbox. `spare` is what stands instead where the name is refused.
    """
    visible = "".join(" " if ch in BLANK_LETTERS or unicodedata.category(ch)[0] in "CZ" else ch for ch in name)
    text = " ".join(visible.split())
    # Mail programs and name servers take full-width signs and the ideographic full stop for the plain ones.
    read = unicodedata.normalize("NFKC", text).replace("\u3002", ".")
    if not any(ch.isalnum() for ch in read) or len(text) > NAME_LIMIT:
        return spare
    if _LOOKS_LIKE_AN_ADDRESS.search(read) or _VARIABLE.search(read):
        return spare
    return text
