"""A notice of a breach: what it says, in codes, and to whom it goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from shared.identifiers import derived_id

LETTERS: Final = frozenset({"breach_notice", "breach_person"})
"""The letters that tell of a breach: to a customer (GDPR article 33(2)), and to a person (article 34)."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What customers or persons are told, in codes of `shared.breach_words`.

    It is a draft until a decision rests on it; nothing changes it from then on. `number` counts the phases of a
    case (article 33(4)): a partial one says what is not known yet, and another one follows. `records` is about how
    many records are concerned, where that is known. `recipients` is how many it was decided for. `restored_at` is
    when a restore had lost something of it: letters may have left of which nobody here knows.
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
        return "breach_notice" if self.audience is Audience.CUSTOMERS else "breach_person"


def recipient_id(notice_id: UUID, account_id: UUID, user_id: UUID | None) -> UUID:
    """By which one recipient of one notice is known here and in what is told of the letter: always the same."""
    return derived_id("breach_notice", notice_id, account_id, user_id or account_id)
