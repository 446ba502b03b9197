"""What a kind of case is: its states, what a person does in each, its clocks, and how long its file is kept.

A kind is declared and never changed: what changes is a new version of it, and open cases keep theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.cases.clocks.values import Limit
from shared.staff import Role


class Party(StrEnum):
    """In which part the vendor is concerned; `by_data` where that turns on whose data they are."""

    CONTROLLER = "controller"
    PROCESSOR = "processor"
    BOTH = "both"
    BY_DATA = "by_data"


class Moment(StrEnum):
    """The instants with a meaning in law. Each is entered or comes from a source that tells it."""

    OCCURRED_FROM = "occurred_from"
    OCCURRED_TO = "occurred_to"
    DETECTED_AT = "detected_at"
    """Of the alarm."""
    AWARE_AT = "aware_at"
    """Of a reasonable degree of certainty that it was a breach; the 72 hours begin here."""
    NOTIFIED_AT = "notified_at"
    """When the authority was notified."""
    CUSTOMER_AWARE_AT = "customer_aware_at"
    """When the first customer for which we notify the authority was told; its own 72 hours begin here."""
    RECEIVED_AT = "received_at"
    """When a person's request reached the vendor, by whichever way; the month of GDPR article 12(3) begins here."""
    IDENTITY_ASKED_AT = "identity_asked_at"
    """When the person was asked to show who they are."""
    IDENTIFIED_AT = "identified_at"
    """When the person had shown it."""
    EXTENSION_SENT_AT = "extension_sent_at"
    """When the person was told, with reasons, that the answer takes longer."""


OF_BREACH: Final = (
    Moment.OCCURRED_FROM,
    Moment.OCCURRED_TO,
    Moment.DETECTED_AT,
    Moment.AWARE_AT,
    Moment.NOTIFIED_AT,
)
"""The instants of a breach; the others are of what persons ask for."""
STARTING: frozenset[Moment] = frozenset(
    {Moment.DETECTED_AT, Moment.AWARE_AT, Moment.CUSTOMER_AWARE_AT, Moment.RECEIVED_AT}
)
"""What clocks start from: earlier knowledge moves it back, and nothing moves it forward."""
BY_LETTER: Final = frozenset({Moment.CUSTOMER_AWARE_AT, Moment.IDENTITY_ASKED_AT, Moment.EXTENSION_SENT_AT})
"""What says how much time there is, and so is known by a letter and by nothing that somebody types."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state of an open case. It has a limit of its own, or the case's clock `until` bounds it.

    `owner` is the role of staff that answers for it.
    """

    code: str
    owner: Role
    limit: Limit | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A clock of the whole case: the parameter that says how long it runs, and the instant it starts from.

    It runs in the states of `runs_in`; without `starts` it starts when the case first comes into one of them. Once
    one of the steps `done_by` was taken it runs no more, and none of them is late again. After `warns` hours the
    owner is told that it runs.
    """

    rule: str
    starts: Moment | None
    runs_in: tuple[str, ...]
    done_by: tuple[str, ...] = ()
    warns: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestClock(Clock):
    """The clock of a person's request, in months from its receipt (GDPR article 12(3)).

    It waits while the person is asked who they are: in the state `asking`, begun by the step `asks`, for as long as
    that state may last and no longer. The step `extends` makes it run for what the parameter `extended` says, from
    the same receipt, once the person was told of that in time.
    """

    asking: str
    asks: str
    extends: str
    extended: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a person does with a case: from which states it leads where, and for which reasons.

    A `decisive` one has a meaning in law: only those who lead incidents or privacy take it, and two of them sign it
    where `two_persons` says so. `needs` are instants
    that must be known before, `answers` the clock in whose time it is to be taken, `opens` the kinds of the cases
    that follow from it, `joins` the kind of the case that takes this one in. `effects` are what has to be carried
    out because of it, by their codes: until each is confirmed, the case says "decided, not carried out". Where it
    `says_what_follows`, the case that it opens is about what the reason says, and else about the same as this one.
    """

    code: str
    begins: tuple[str, ...]
    leads: str
    reasons: tuple[str, ...]
    decisive: bool = False
    two_persons: bool = False
    needs: tuple[Moment, ...] = ()
    answers: str | None = None
    opens: tuple[str, ...] = ()
    joins: str | None = None
    effects: tuple[str, ...] = ()
    says_what_follows: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseKind:
    """One version of a kind of case. The first of `states` is the one in which a case is opened.

    `kept` is the parameter that says how long its file is kept once it is closed.
    """

    code: str
    version: int
    opened_by: tuple[str, ...]
    party: Party
    states: tuple[State, ...]
    ends: tuple[str, ...]
    steps: tuple[Step, ...]
    clocks: tuple[Clock, ...]
    kept: str

    @property
    def first(self) -> State:
        """The state in which a case is opened."""
        return self.states[0]

    def state(self, code: str) -> State | None:
        """The open state of this name; None for an end."""
        return next((each for each in self.states if each.code == code), None)

    def step(self, code: str) -> Step | None:
        """The step of this name."""
        return next((each for each in self.steps if each.code == code), None)

    def clock(self, rule: str) -> Clock | None:
        """The clock that runs by this rule."""
        return next((each for each in self.clocks if each.rule == rule), None)
