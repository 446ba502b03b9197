"""Objections to marketing and consents to it: by which way one comes, and what it says."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID


class Channel(StrEnum):
    """By which way a person objected: any counts (L27, L28)."""

    EMAIL = "by_email"
    PHONE = "by_phone"
    POST = "by_post"
    IN_PERSON = "in_person"
    ONESELF = "by_oneself"
    """In the product, with a session of one's own."""


OPTIONAL: Final = ("marketing", "product_news")
"""The classes of letters that one can decline (`can_be_declined`), by their codes."""


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A sentence that a person agrees to, in one language: who agreed is known by the digest of what they read."""

    letter_class: str
    language: str
    text: str

    @property
    def sha256(self) -> str:
        """The digest by which a consent names it."""
        return hashlib.sha256(self.text.encode()).hexdigest()


SENTENCES: Final = (
    Sentence(
        letter_class="marketing",
        language="nb",
        text=(
            "Ja takk, send meg markedsføring på e-post: tilbud, kurs, brosjyrer og nyhetsbrev. "
            "Jeg kan si nei igjen når som helst."
        ),
    ),
    Sentence(
        letter_class="marketing",
        language="en",
        text=(
            "Yes, send me marketing by e-mail: offers, courses, brochures and newsletters. "
            "I can decline again at any time."
        ),
    ),
    Sentence(
        letter_class="product_news",
        language="nb",
        text=(
            "Ja takk, send meg nyheter på e-post om forbedringer jeg kan klare meg uten. "
            "Jeg kan si nei igjen når som helst."
        ),
    ),
    Sentence(
        letter_class="product_news",
        language="en",
        text="Yes, send me news by e-mail of improvements I can do without. I can decline again at any time.",
    ),
)
"""What one agrees to now. A sentence is never changed: another one follows it, and it goes to `FORMER`."""
FORMER: Final[tuple[Sentence, ...]] = ()
"""What was agreed to before: it proves what a consent says, and nobody agrees to it any more."""
ENTERED: Final = tuple(each for each in Channel if each is not Channel.ONESELF)
"""Those by which somebody of the staff hears of it, and enters it."""


@dataclass(frozen=True, kw_only=True)
class Objection:
    """A person wants no marketing, as it was received at `received_at`. `case_id` is of the case that follows."""

    case_id: UUID
    account_id: UUID
    user_id: UUID
    channel: Channel
    received_at: datetime


@dataclass(frozen=True, kw_only=True)
class Consent:
    """A person agreed to letters of a class, by the sentence with this digest; until `withdrawn_at` it counts."""

    letter_class: str
    wording_sha256: str
    language: str
    given_at: datetime
    withdrawn_at: datetime | None
