"""A case as the rules see it. No field takes free text, and none names a person outside the staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self
from uuid import UUID

from services.cases.clocks.values import Limit, Unit
from services.cases.kinds.values import Moment
from shared.identifiers import derived_id

STATE_CLOCK: Final = "state."
"""What the rule of a state's own limit begins with."""


class Signal(StrEnum):
    """What an alarm or an incident is about, as whoever reports it sees it."""

    LOGIN_ATTACK = "login_attack"
    LOGIN_SUCCESS = "login_success"
    """Attempts to log in, some of them successful."""
    UNUSUAL_USE = "unusual_use"
    TRAFFIC = "traffic"
    MALWARE = "malware"
    OUTAGE = "outage"
    DATA_EXPOSED = "data_exposed"
    WRONG_RECIPIENT = "wrong_recipient"
    DATA_LOST = "data_lost"
    DEVICE_LOST = "device_lost"
    VENDOR_NOTICE = "vendor_notice"
    AGREEMENT_NOT_KEPT = "agreement_not_kept"
    DISAGREEMENT = "disagreement"
    OTHER = "other"


ASTRAY: Final = ("data_exposed", "data_lost", "device_lost", "unusual_use", "wrong_recipient")
"""Signals by which personal data may have gone astray. Somebody is called when a case of any kind is opened so: a
customer reports it as something not as agreed, and its two working days would outlast the time for a decision."""


OF_MACHINES: Final = frozenset({"host", "vendor", "detector"})
"""Sources that say the same thing again and again while it lasts: one open case takes it all in."""


class Link(StrEnum):
    """How one case belongs to another."""

    PROMOTED_TO = "promoted_to"
    MERGED_INTO = "merged_into"
    TWIN = "twin"
    CONTINUED_IN = "continued_in"
    """The case had ended, and what it was about went on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case. `owner` is `staff:<code>`, None where nobody is on duty; `signals` counts what was joined in it.

    `received_at` is the earliest receipt of all that is in it; nothing ever makes it later. `restored_at` is when
    it was last made true again from the ledger, until a person has looked what a restore has lost of it.
    """

    id: UUID
    reference: str
    kind: str
    kind_version: int
    state: str
    state_since: datetime
    owner: str | None
    opened_by: str
    signal: str
    join_key: str | None
    signals: int
    received_at: datetime
    opened_at: datetime
    ended_at: datetime | None
    version: int
    subjects_erased: int
    restored_at: datetime | None

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Self:
        """The case that stands in a row of `case_file`."""
        return cls(**row)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningClock:
    """A clock of a case. `round` tells the stays in one state apart; clocks of the whole case have one.

    `told` counts the marks (warnings, and the ends) of which the owner was told, `next_at` is when the next one
    comes, None where none does. It runs while `stopped_at` is None.
    """

    rule: str
    round: int
    started_at: datetime
    amount: int
    unit: str
    calendar_version: int
    internal_due: datetime
    statutory_due: datetime
    told: int
    next_at: datetime | None
    stopped_at: datetime | None

    @property
    def limit(self) -> Limit:
        """How long it runs."""
        return Limit(self.amount, Unit(self.unit))

    @property
    def key(self) -> tuple[str, int]:
        """Which one of its case it is."""
        return self.rule, self.round


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """An instant with a meaning in law, and who entered it when. It is never changed; a newer one counts."""

    name: Moment
    at: datetime
    entered_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a named person decided about a case, and why. It is never changed; `supersedes` names what it replaces.

    `is_late` says that the time for it was over, and `late_reason` why. What two persons sign was asked for by
    `decided_by`; `approved_by` is the other one, by the approval `approval_id`.
    """

    id: UUID
    step: str
    reason: str
    from_state: str
    to_state: str
    decided_by: str
    decided_at: datetime
    is_late: bool
    late_reason: str | None
    supersedes: UUID | None
    approved_by: str | None = None
    approval_id: UUID | None = None


class EffectState(StrEnum):
    """How an effect stands, for whoever looks at the case."""

    WAITING = "waiting"
    GIVEN_UP = "given_up"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a decision has carried out: once, whoever tries it and however often.

    It is tried at `next_at`; that is None once it is confirmed, and where it was given up after too many tries,
    until a person has it tried again. `last_error` is a code.
    """

    case_id: UUID
    decision_id: UUID
    code: str
    ordered_at: datetime
    tries: int
    next_at: datetime | None
    last_error: str | None
    confirmed_at: datetime | None

    @property
    def state(self) -> EffectState:
        """How it stands."""
        if self.confirmed_at is not None:
            return EffectState.CONFIRMED
        return EffectState.WAITING if self.next_at is not None else EffectState.GIVEN_UP

    def id_of(self, *parts: object) -> UUID:
        """The id of something that it does, the same at each try: idempotency keys, ids of events.

        `parts` tell one from the other, as the type of an event and an id; see `derived_id` for what they may be.
        """
        return derived_id(*parts, self.case_id, self.decision_id, self.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """A case with all that counts about it."""

    case: Case
    clocks: tuple[RunningClock, ...] = ()
    entered: tuple[Entered, ...] = ()
    decisions: tuple[Decision, ...] = ()
    effects: tuple[Effect, ...] = ()

    @property
    def not_carried_out(self) -> tuple[Effect, ...]:
        """What was decided and is not confirmed to be carried out."""
        return tuple(each for each in self.effects if each.confirmed_at is None)

    @property
    def moments(self) -> Mapping[Moment, datetime]:
        """The instants as they count now: of each name the one recorded last."""
        return {each.name: each.at for each in sorted(self.entered, key=lambda each: each.recorded_at)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What becomes of a case: how it stands after it, and what of it is new."""

    after: CaseFile
    decision: Decision | None = None
    entered: tuple[Entered, ...] = ()
    ordered: tuple[Effect, ...] = ()
