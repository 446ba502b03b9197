"""What a notice of a breach says, from its codes into the words of a letter."""

from __future__ import annotations

from dataclasses import dataclass

from services.cases.notices.calls import NoticeSaid
from shared import breach_words as words
from shared import security_notice_words as of_changes
from shared.dates_in_words import long_instant
from shared.words import said


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeWords:
    """A notice in the language of its reader; a list is empty where nothing is to be said."""

    reference: str
    number: int
    attempts: int | None
    breaches: int | None
    is_partial: bool
    natures: tuple[str, ...]
    causes: tuple[str, ...]
    groups: tuple[str, ...]
    data: tuple[str, ...]
    whereabouts: tuple[str, ...]
    persons: int
    records: int | None
    consequences: tuple[str, ...]
    measures: tuple[str, ...]
    advice: tuple[str, ...]
    unknown: tuple[str, ...]
    occurred_from: str | None
    occurred_to: str | None
    aware_at: str | None
    late: str | None
    names_content: bool
    """Whether it is about persons whom only the customer can count."""


def in_words(notice: NoticeSaid, language: str) -> NoticeWords:
    """The notice in words: what is undecided is left out, and nothing is added."""
    own = of_changes.OF_NOTICE if notice.audience == of_changes.HOLDERS else words.OF_NOTICE

    def each(name: str) -> tuple[str, ...]:
        codes: tuple[str, ...] = getattr(notice, name)
        return tuple(said(own[name], code, language) for code in codes) if codes else ()

    instants = {
        name: None if at is None else long_instant(at, language)
        for name, at in (
            ("occurred_from", notice.occurred_from),
            ("occurred_to", notice.occurred_to),
            ("aware_at", notice.aware_at),
        )
    }
    return NoticeWords(
        reference=notice.reference,
        number=notice.number,
        attempts=notice.attempts,
        breaches=notice.breaches,
        is_partial=notice.is_partial,
        natures=each("natures"),
        causes=each("causes"),
        groups=each("groups"),
        data=each("data"),
        whereabouts=each("whereabouts"),
        persons=notice.persons,
        records=notice.records,
        consequences=each("consequences"),
        measures=each("measures"),
        advice=each("advice"),
        unknown=each("unknown"),
        late=None if notice.late_reason is None else said(words.LATE, notice.late_reason, language),
        names_content="persons_in_content" in notice.groups,
        **instants,
    )
