"""The plain values that retention's rules work on.

An erasure is one row from the first date to the certificate.  While its three months run, its id is called
`clock_id` on the bus; once it is carried out, `erasure_id`.  It is the same id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, Self
from uuid import UUID

from shared.calendar import CALENDAR_VERSION, oslo_date
from shared.hold_scope import LEGAL_HOLD
from shared.identifiers import derived_id
from shared.terms.parameters import in_force

if TYPE_CHECKING:
    from shared.events import Event


class Trigger(StrEnum):
    """What made the three months begin. Inactivity and the end of a contract are never merged."""

    ACCOUNT_INACTIVATED = "account_inactivated"
    USER_INACTIVATED = "user_inactivated"
    CONTRACT_TERMINATED = "contract_terminated"
    """The notice period is over; the three months count from its last day (L204)."""
    EARLY_REQUEST = "early_request"
    """It was asked for in writing not to wait for the date (L59, L204); no months are counted."""


class State(StrEnum):
    """Where an erasure stands; it says what has happened, never what is hoped for."""

    SCHEDULED = "scheduled"
    """The three months run, or have run out and nothing is done yet."""
    HALTED = "halted"
    """Stopped before it began, by the brake or by an answer nobody expected; a person must release it."""
    ANNOUNCED = "announced"
    """The last letter is being written; nothing is destroyed, and the person may still come back."""
    FENCED = "fenced"
    """Its keys can no longer be used or made: from here there is no way back."""
    ORDERED = "ordered"
    """The participants are erasing; it stays here until every one of them has confirmed."""
    DESTROYED = "destroyed"
    """Every participant has confirmed and the keys are destroyed."""
    CERTIFIED = "certified"
    """The certificate is issued."""
    CANCELLED = "cancelled"
    """Called off before anything was destroyed."""


REVOCABLE: Final = frozenset({State.SCHEDULED, State.HALTED, State.ANNOUNCED})
"""States in which nothing has been destroyed, so that the person may still come back."""

FINISHED: Final = frozenset({State.CERTIFIED, State.CANCELLED})
"""States in which nothing more will happen."""

HELD: Final = frozenset({LEGAL_HOLD})
"""What may be kept besides, where the order of the erasure said that something is held."""

RETAINABLE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "tripletex_bookkeeping": "accounting.vouchers",
        "agreement_acceptance": "accounting.agreements",
        "marketing_refusal": "suppression.refusals",
    }
)
"""All that may outlive an erasure, with the parameter that says for how long. What is not here may not stay."""


class Cancellation(StrEnum):
    """Why an erasure was called off."""

    REACTIVATED = "reactivated"
    """The account or user came back."""
    STARTED_ANEW = "started_anew"
    """Came back and was made inactive again: a new, full period runs instead."""
    EARLY_REQUEST = "early_request"
    """An earlier erasure was asked for in writing, and is carried out instead."""
    SUPERSEDED = "superseded"
    """The erasure of the whole account takes this user with it."""


class Outcome(StrEnum):
    """What a participant says of its part."""

    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is erased: a whole account, or one user of it."""

    account_id: UUID
    user_id: UUID | None = None

    @property
    def is_account(self) -> bool:
        """Whether this is the whole account."""
        return self.user_id is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The figures of one erasure: those of its `promised_on`. A later figure moves no date already promised."""

    months: int
    day_offset: int
    reminder_days: tuple[int, ...]
    letter_limit: timedelta
    step_limit: timedelta
    live_completion_days: int
    backup_max_age_days: int
    run_limit: int


def limits_on(day: date) -> Limits:
    """Return the figures in force on a date."""

    def figure(key: str) -> int:
        return in_force(key, day).default

    return Limits(
        months=figure("retention.inactive_account"),
        day_offset=figure("erasure.day_offset"),
        reminder_days=(figure("erasure.first_reminder"), figure("erasure.last_reminder")),
        letter_limit=timedelta(hours=figure("erasure.letter_limit")),
        step_limit=timedelta(hours=figure("erasure.step_limit")),
        live_completion_days=figure("erasure.live_completion"),
        backup_max_age_days=figure("backup.max_age"),
        run_limit=figure("erasure.run_limit"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice of termination: the day it was given and the last day of its period, both in Oslo."""

    noticed_on: date
    ends_on: date

    @classmethod
    def of(cls, noticed_on: date | None, ends_on: date | None) -> Self | None:
        """The notice with these days; None where there is none."""
        return cls(noticed_on=noticed_on, ends_on=ends_on) if noticed_on and ends_on else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inactivation:
    """The fact that starts the clock: the account, or the user, became inactive at this instant.

    `notice` is given where the end of a notice period is what made the account inactive.
    """

    scope: Scope
    inactivated_at: datetime
    notice: Notice | None = None

    @property
    def clock_id(self) -> UUID:
        """The id of the clock that it begins: one, however often it is heard of and tried.

        A try whose commit failed leaves its fact in the ledger. A restored database begins the clock of the first
        of these, and the world was told of that of the last.
        """
        since = self.inactivated_at.astimezone(UTC).isoformat(timespec="microseconds")
        return derived_id("clock", self.scope.account_id, self.scope.user_id, since)

    @property
    def trigger(self) -> Trigger:
        """The kind of trigger."""
        if self.notice is not None:
            return Trigger.CONTRACT_TERMINATED
        return Trigger.ACCOUNT_INACTIVATED if self.scope.is_account else Trigger.USER_INACTIVATED

    @property
    def counted_from(self) -> date:
        """The Oslo date from which the months count: the last day of notice, or the day of the inactivation."""
        return self.notice.ends_on if self.notice else oslo_date(self.inactivated_at)

    @property
    def promised_on(self) -> date:
        """The day whose figures hold: that of the notice, in which the dates were told, or of the inactivation."""
        return self.notice.noticed_on if self.notice else oslo_date(self.inactivated_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the account service says of a scope, and when it was asked; `None` as state: nothing is known there.

    `notice` is the notice of termination in force, or where `ended_by_notice` the one whose end made the account
    inactive. `is_last_owner` says of a user that the company would be without an active owner if this one went.
    """

    state: Literal["active", "inactive"] | None
    inactivated_at: datetime | None
    asked_at: datetime
    notice: Notice | None = None
    ended_by_notice: bool = False
    is_last_owner: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A participant's latest word: what it erased of each kind, and what it must keep."""

    outcome: Outcome
    counts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    retained: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPart:
    """One category of one person, or of everybody in the account and the company, that is held.

    `by` is the id of the hold or restriction; a restriction has no review date.
    """

    user_id: UUID | None
    category: str
    basis: str
    review_on: date | None
    by: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """One erasure from its schedule to its certificate.

    `started_at` is the instant of the trigger; `started_on`, from which the months count, and `due_on` are dates in
    Oslo.  `noticed_on` is the day of the notice of a terminated contract, `inactive_on` since when an account was
    inactive whose early erasure was asked for; others have neither.  `entered_at` is when the present state was
    entered, and `ordered_at` when the participants were asked last, for the `attempt`th time.  `released` says that
    a person let it pass the brake.  `reminded_on` holds the planned dates of reminders dealt with.  `participants`
    is who must confirm, fixed when they are first asked.

    `held` is what is not erased because it is held; it is fixed just before the keys are fenced, and None before.
    `begun_at` is when that was, and None as well for one brought back from the ledger.
    `kept_back` says that a participant had something of it and kept it.
    `resumed_on` is since when a suspended erasure may go on, and `completes` the certificate of the erasure that
    kept what this one erases.
    """

    id: UUID
    scope: Scope
    trigger: Trigger
    started_at: datetime
    started_on: date
    due_on: date
    state: State = State.SCHEDULED
    entered_at: datetime
    reminded_on: tuple[date, ...] = ()
    released: bool = False
    certificate_id: UUID | None = None
    backups_expire_on: date | None = None
    letter_done: bool = False
    participants: tuple[str, ...] = ()
    attempt: int = 0
    ordered_at: datetime | None = None
    answers: Mapping[str, Answer] = field(default_factory=lambda: MappingProxyType({}))
    key_fingerprints: tuple[str, ...] = ()
    destroyed_at: datetime | None = None
    cancellation: Cancellation | None = None
    held: tuple[HeldPart, ...] | None = None
    begun_at: datetime | None = None
    kept_back: bool = False
    resumed_on: date | None = None
    completes: UUID | None = None
    noticed_on: date | None = None
    inactive_on: date | None = None
    calendar_version: int = CALENDAR_VERSION

    @property
    def promised_on(self) -> date:
        """The day whose figures hold for this erasure, whatever figures come later."""
        return self.noticed_on or self.started_on

    @property
    def ended_on(self) -> date:
        """The day on which the contract, or the use of it, ended."""
        return self.inactive_on or self.started_on

    @property
    def asked_at(self) -> datetime:
        """When the participants were asked last; raises `ValueError` before they were."""
        if self.ordered_at is None:
            raise ValueError("the participants have not been asked yet")
        return self.ordered_at

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        """The participants that were asked to erase and have not confirmed that they did."""
        done = {name for name, answer in self.answers.items() if answer.outcome is Outcome.DONE}
        return tuple(name for name in self.participants if name not in done)


@dataclass(frozen=True, slots=True)
class Move:
    """An erasure as it is after a decision, and what the world is told of it."""

    erasure: Erasure
    events: tuple[Event, ...] = ()
