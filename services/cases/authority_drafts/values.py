"""What an authority is told of a breach, in a model of our own, and how its form asks for that.

The form changes, and so does the common template of the EDPB (June 2026): what changes then is `FORM` alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final


class Phase(StrEnum):
    """Which notice it is (GDPR article 33(4)). Both go into one case at the authority."""

    FIRST = "first"
    FOLLOW_UP = "follow_up"


class Source(StrEnum):
    """Where in a case something is answered, and so by whom."""

    INSTANTS = "instants"
    LIST = "list"
    NOTICE = "notice"
    DECISION = "decision"
    CUSTOMER = "customer"
    """The customer does it itself, and no case of ours says it."""
    INSTALLATION = "installation"
    """It is the same in every notice: the settings of the installation say who we are."""


FIELDS: Final = {
    "occurred": Source.INSTANTS,
    "discovered": Source.INSTANTS,
    "aware": Source.INSTANTS,
    "customers": Source.LIST,
    "persons": Source.LIST,
    "records": Source.NOTICE,
    "main_cause": Source.NOTICE,
    "what_happened": Source.NOTICE,
    "how_it_arose": Source.NOTICE,
    "relation": Source.NOTICE,
    "data_types": Source.NOTICE,
    "whereabouts": Source.NOTICE,
    "consequences": Source.NOTICE,
    "measures": Source.NOTICE,
    "persons_informed": Source.DECISION,
    "late_reason": Source.DECISION,
    "notifier": Source.INSTALLATION,
    "contact": Source.INSTALLATION,
    "data_protection_officer": Source.INSTALLATION,
}
"""What an authority can be told, and where in the case it is answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question of a form, with what answers it here, in order."""

    code: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form of an authority, as it was read on a day."""

    code: str
    read_on: date
    questions: tuple[Question, ...]


FORM: Final = Form(
    code="datatilsynet",
    read_on=date(2026, 11, 22),
    questions=(
        Question(code="main_cause", fields=("main_cause",)),
        Question(code="time_span", fields=("occurred",)),
        Question(code="discovered", fields=("discovered", "aware")),
        Question(code="number_affected", fields=("persons", "customers", "records")),
        Question(code="what_happened", fields=("what_happened",)),
        Question(code="how_it_arose", fields=("how_it_arose",)),
        Question(code="data_types", fields=("data_types",)),
        Question(code="relation", fields=("relation",)),
        Question(code="whereabouts", fields=("whereabouts",)),
        Question(code="consequences", fields=("consequences",)),
        Question(code="measures", fields=("measures",)),
        Question(code="persons_informed", fields=("persons_informed",)),
        Question(code="late_reason", fields=("late_reason",)),
        Question(code="who_notifies", fields=("notifier", "contact", "data_protection_officer")),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a case says to one thing: codes, instants, a number, or a text of the installation about itself.

    `is_asked` is false where it does not arise.
    """

    field: str
    codes: tuple[str, ...] = ()
    instants: tuple[datetime, ...] = ()
    number: int | None = None
    text: str | None = None
    is_asked: bool = True

    @property
    def is_answered(self) -> bool:
        """Whether the case says anything to it."""
        return bool(self.codes or self.instants or self.text) or self.number is not None

    @property
    def is_lacking(self) -> bool:
        """Whether somebody has to answer it yet."""
        return self.is_asked and not self.is_answered
