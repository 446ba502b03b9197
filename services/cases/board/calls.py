"""What cases there are, and how one stands."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import OneOf, Regexp

from services.cases.kinds.table import PRESENT
from shared.calls import Call
from shared.errors import NotFound
from shared.keyset import Paged, PageShown
from shared.records import Record
from shared.staff import READERS, Act, Role

SEES: Final = (
    Role.SUPPORT,
    Role.CASE_HANDLER,
    Role.PRIVACY_LEAD,
    Role.INCIDENT_LEAD,
    Role.OPERATOR,
    Role.DEVELOPER,
    Role.MANAGEMENT,
    Role.AUDITOR,
)
REFERENCE: Final = r"V-[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{2}"
Reference = Annotated[str, Regexp(rf"{REFERENCE}\Z", error="what a case is called, such as V-7K3M-92")]
OPEN: Final = "open"
ENDED: Final = "ended"
STATES: Final = (OPEN, "overdue", ENDED)
KINDS: Final = tuple(PRESENT)


class CaseShown(Record):
    """A case. `next_rule` is the clock that is over first of those that run, `next_due` when; null where none runs.

    `subjects` counts the companies and people it is about, `subjects_erased` those of them that were erased since.
    `not_carried_out` counts what was decided and is not confirmed to be carried out. `restored_at` is when it was
    made true again after a restore, until somebody has looked what that has lost.
    """

    case_id: UUID
    reference: str
    kind: str
    kind_version: int
    party: str
    state: str
    state_since: datetime
    owner: str | None
    owner_role: str | None
    opened_by: str
    signal: str
    signals: int
    received_at: datetime
    opened_at: datetime
    ended_at: datetime | None
    version: int
    subjects: int
    subjects_erased: int
    next_rule: str | None
    next_due: datetime | None
    not_carried_out: int
    restored_at: datetime | None


class CasesShown(PageShown):
    """A page of them, in the order that the call says."""

    cases: tuple[CaseShown, ...]


class CaseBoard(Paged, Call[CasesShown], service="cases", staff=Act(roles=SEES)):
    """Cases that are open, or have ended, of one kind or of all; or the one that people call by this reference.

    What is due first stands first; of those that have ended the last one.
    `overdue` are those open ones of which a clock is over.
    """

    reference: Reference | None = None
    kind: Annotated[str, OneOf(KINDS)] | None = None
    state: Annotated[str, OneOf(STATES)] = OPEN


class CasesOfAccount(Paged, Call[CasesShown], service="cases", staff=Act(roles=READERS, shows="account_id")):
    """Cases that name a company or somebody of it, or have it on a list of those whom they concern.

    The newest first, whether they are open or have ended.
    """

    account_id: UUID


class ClockShown(Record):
    """A clock of a case: the parameter or state it runs by, and the two instants at which it is over (C4)."""

    rule: str
    started_at: datetime
    internal_due: datetime
    statutory_due: datetime
    stopped_at: datetime | None


class InstantShown(Record):
    """An instant with a meaning in law; `counts` is false for one that a later entry has replaced."""

    name: str
    at: datetime
    entered_by: str
    recorded_at: datetime
    counts: bool


class DecisionShown(Record):
    """What a person decided, and why; `approved_by` is the other one, where two sign it."""

    decision_id: UUID
    step: str
    reason: str
    from_state: str
    to_state: str
    decided_by: str
    decided_at: datetime
    is_late: bool
    late_reason: str | None
    supersedes: UUID | None
    approved_by: str | None
    approval_id: UUID | None


class EffectShown(Record):
    """What a decision has carried out: `waiting` until it is `confirmed`, or `given_up` after too many tries.

    It is tried again at `next_at`; `last_error` is a code.
    """

    decision_id: UUID
    effect: str
    state: str
    ordered_at: datetime
    tries: int
    next_at: datetime | None
    last_error: str | None
    confirmed_at: datetime | None


class LinkShown(Record):
    """A case that belongs to this one; `is_from` where this one came from it."""

    link: str
    case_id: UUID
    reference: str
    is_from: bool
    linked_at: datetime


class SightingShown(Record):
    """What a detector told of one attack, over all `tellings`: the most of each that it counted in one window.

    `got_in` counts the people whose log-in may have been somebody else's; whom it was is not kept here, and their
    log-ins end with them. It may have been told to the alarm that this case came from.
    """

    detector: str
    rule_version: int
    first_told_at: datetime
    last_told_at: datetime
    tellings: int
    window_from: datetime
    window_to: datetime
    attempts: int
    failures: int
    targets: int
    networks: int
    accounts: int
    got_in: int


class StepShown(Record):
    """What can be done next, and for which reasons. `lacking` are instants that it needs and nobody has entered.

    A step of `two_persons` is signed by two.
    """

    step: str
    leads: str
    reasons: tuple[str, ...]
    decisive: bool
    two_persons: bool
    lacking: tuple[str, ...]
    joins: str | None
    is_late: bool


class HoldOfCase(Record):
    """What is held for a dispute, and on which day a person looks at it again."""

    hold_id: UUID
    review_on: date


class CaseWhole(CaseShown):
    """A case with all that is known about it, and what can be done next.

    `account_ids` are the first of the customers that it is about, `customers` says how many there are. `sightings`
    are the first hundred attacks that were told of it. `holds` are what is held for it: a dispute ends once they
    are released.
    """

    clocks: tuple[ClockShown, ...]
    instants: tuple[InstantShown, ...]
    decisions: tuple[DecisionShown, ...]
    effects: tuple[EffectShown, ...]
    links: tuple[LinkShown, ...]
    sightings: tuple[SightingShown, ...]
    account_ids: tuple[UUID, ...]
    customers: int
    holds: tuple[HoldOfCase, ...]
    steps: tuple[StepShown, ...]


class ShowCase(Call[CaseWhole], service="cases", refusals=(NotFound,), staff=Act(roles=SEES)):
    """One case."""

    case_id: UUID


class CaseCustomersShown(PageShown):
    """A page of them in order of their ids."""

    account_ids: tuple[UUID, ...]


class CaseCustomers(Paged, Call[CaseCustomersShown], service="cases", refusals=(NotFound,), staff=Act(roles=SEES)):
    """The customers that a case is about, but for those that were erased since."""

    case_id: UUID
