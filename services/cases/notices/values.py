"""A notice of a breach: what it says, in codes, and to whom it goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

from shared.identifiers import derived_id
from shared.security_notice_words import HOLDERS

CODES: Final = (
    "natures", "causes", "groups", "data", "whereabouts", "consequences", "measures", "advice", "unknown",
)  # fmt: skip
"""The fields of a notice that say something in codes of `shared.breach_words`."""


class Mark(StrEnum):
    """How far the telling of a recipient has come, as the ledger gets it."""

    SENT = "sent"
    TOLD = "told"
    FAILED = "failed"
    """A person tells it another way."""


class Audience(StrEnum):
    """Whom a notice is for."""

    CUSTOMERS = "customers"
    PERSONS = "persons"
    HOLDERS = HOLDERS
    """Those whom agreements about changed security measures name."""


LETTER_OF: Final = MappingProxyType(
    {
        Audience.CUSTOMERS: "breach_notice",
        Audience.PERSONS: "breach_person",
        Audience.HOLDERS: "security_notice",
    }
)
"""The letter that tells each: of a breach to a customer (GDPR article 33(2)) and to a person (article 34)."""
LETTERS: Final = frozenset(LETTER_OF.values())
GONE: Final = "recipient_gone"
"""Notification says that a recipient is no more."""
NOBODY_LEFT: Final = "nobody_left"
"""A customer stands on a notice to named people by itself: it has none of them, or the last one was erased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What customers or persons are told, in codes of `shared.breach_words`.

    It is a draft until a decision rests on it; nothing changes it from then on. `number` counts the phases of a
    case (article 33(4)): a partial one says what is not known yet, and another one follows. `records` is about how
    many records are concerned, where that is known. One of changed security measures has its codes in
    `shared.security_notice_words`, and counts the `attempts` and `breaches` that were logged. `recipients` is how
    many it was decided for. `restored_at` is when a restore had lost something of it: letters may have left of
    which nobody here knows.
    """

    id: UUID
    case_id: UUID
    number: int
    audience: Audience
    natures: tuple[str, ...]
    groups: tuple[str, ...]
    data: tuple[str, ...]
    records: int | None
    consequences: tuple[str, ...]
    measures: tuple[str, ...]
    advice: tuple[str, ...]
    unknown: tuple[str, ...]
    drafted_by: str
    drafted_at: datetime
    causes: tuple[str, ...] = ()
    whereabouts: tuple[str, ...] = ()
    attempts: int | None = None
    breaches: int | None = None
    list_id: UUID | None = None
    decision_id: UUID | None = None
    decided_at: datetime | None = None
    late_reason: str | None = None
    recipients: int | None = None
    restored_at: datetime | None = None

    @property
    def is_partial(self) -> bool:
        """Whether more follows."""
        return bool(self.unknown)

    @property
    def letter(self) -> str:
        """The letter that tells it."""
        return LETTER_OF[self.audience]


def recipient_id(notice_id: UUID, account_id: UUID, user_id: UUID | None) -> UUID:
    """By which one recipient of one notice is known here and in what is told of the letter: always the same."""
    return derived_id("breach_notice", notice_id, account_id, user_id or account_id)
