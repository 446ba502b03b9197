"""What persons do with cases."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import Length, OneOf, Range

from services.cases.engine.rules import LATE_REASONS
from services.cases.kinds.table import ONE_PERSON, REASONS, STEPS, TWO_PERSONS
from services.cases.kinds.values import BY_LETTER, Moment
from shared.actor import Staff
from shared.calls import Call
from shared.errors import Conflict, Forbidden, NotFound
from shared.records import Record
from shared.staff import Act, Role

HANDLERS: Final = (Role.CASE_HANDLER, Role.PRIVACY_LEAD, Role.INCIDENT_LEAD, Role.OPERATOR)
"""Who handles cases of security."""
LEADS: Final = (Role.PRIVACY_LEAD, Role.INCIDENT_LEAD)
"""Who decides what has a meaning in law."""
REFUSALS: Final = (Conflict, NotFound)
TYPED_INSTANTS: Final = tuple(each.value for each in Moment if each not in BY_LETTER)
"""What a person may say when it was."""
ACCOUNTS_AT_ONCE: Final = 500


class CaseChanged(Record):
    """A case after a change. `opened` are the cases that followed from it."""

    case_id: UUID
    version: int
    state: str
    opened: tuple[UUID, ...] = ()


class OfCase(Record):
    """About one case, in the version that was seen; `Conflict` where it is another one by now."""

    case_id: UUID
    version: Annotated[int, Range(min=1)]
    actor: Staff


class TakeStep(
    OfCase, Call[CaseChanged], service="cases", command=True, refusals=REFUSALS, staff=Act(roles=HANDLERS)
):
    """Do what a case needs next, and say why.

    `other_id` names the case that takes this one in, where the step joins two. Where this one was noticed earlier,
    `confirmed` says that the clocks of the other one are meant to start then.
    """

    step: Annotated[str, OneOf(STEPS)]
    reason: Annotated[str, OneOf(REASONS)]
    other_id: UUID | None = None
    confirmed: bool = False
    late_reason: Annotated[str, OneOf(LATE_REASONS)] | None = None


class DecideCase(
    OfCase, Call[CaseChanged], service="cases", command=True, refusals=REFUSALS, staff=Act(roles=LEADS)
):
    """Decide what has a meaning in law: whether it was a breach, how high the risk is, that somebody was told.

    It stands for ever and can be superseded. What comes late is carried out all the same, and says why.
    """

    step: Annotated[str, OneOf(ONE_PERSON)]
    reason: Annotated[str, OneOf(REASONS)]
    late_reason: Annotated[str, OneOf(LATE_REASONS)] | None = None


class DecideByTwo(
    Call[CaseChanged],
    service="cases",
    command=True,
    refusals=(*REFUSALS, Forbidden),
    staff=Act(roles=LEADS, two_persons=True),
):
    """Decide what two persons sign: that a notice is sent, that a person's request is refused.

    Both sign the case in the version that was seen: a draft or a list that has changed since refuses it. What comes
    late is carried out all the same, and says why.
    """

    case_id: UUID
    version: Annotated[int, Range(min=1)]
    step: Annotated[str, OneOf(TWO_PERSONS)]
    reason: Annotated[str, OneOf(REASONS)]
    late_reason: Annotated[str, OneOf(LATE_REASONS)] | None = None


class EnterInstant(
    OfCase, Call[CaseChanged], service="cases", command=True, refusals=REFUSALS, staff=Act(roles=LEADS)
):
    """Say when something happened: never derived from when somebody typed it, and never in the future.

    What clocks start from moves back only: `confirmed` says that the earlier instant is meant. When a letter left
    that gives us more time is told by the letter, or by who posted it.
    """

    name: Annotated[str, OneOf(TYPED_INSTANTS)]
    at: datetime
    confirmed: bool = False


class AssignCase(
    OfCase, Call[CaseChanged], service="cases", command=True, refusals=REFUSALS, staff=Act(roles=HANDLERS)
):
    """Let another person of the staff answer for a case."""

    owner: Staff


class CheckRestored(
    OfCase, Call[CaseChanged], service="cases", command=True, refusals=REFUSALS, staff=Act(roles=HANDLERS)
):
    """Say that what a restore has lost of a case was looked at and entered again.

    Facts do not say whom a case is about: who was added since the backup is not there again.
    """


class AddAffected(
    OfCase, Call[CaseChanged], service="cases", command=True, refusals=REFUSALS, staff=Act(roles=HANDLERS)
):
    """Say which companies a case is about, or one company and people of it; who is named already stays so."""

    account_ids: Annotated[tuple[UUID, ...], Length(min=1, max=ACCOUNTS_AT_ONCE)]
    user_ids: Annotated[tuple[UUID, ...], Length(max=ACCOUNTS_AT_ONCE)] = ()
