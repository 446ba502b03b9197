"""The figures the rules work with: versioned, immutable, each with its strength and its source.

A change is a new version with a later `since`; the older one stays, because a date already promised is computed
with the figure of its own day.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from shared.terms.source import DATED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


class Strength(Enum):
    """How far a figure binds: law, the published promise, an authority's guidance, or our own choice."""

    LAW = "law"
    PROMISE = "promise"
    GUIDE = "guide"
    POLICY = "policy"


class UnknownParameterError(LookupError):
    """No parameter bears this key, or none was in force on the day asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One figure: `default` counts `unit`; `since` is the first date on which this version is in force."""

    key: str
    default: int
    unit: str
    strength: Strength
    source: str
    version: int = 1
    since: date = DATED

    def as_json(self) -> dict[str, Any]:
        """Return the parameter as plain JSON values."""
        return {
            "key": self.key,
            "default": self.default,
            "unit": self.unit,
            "strength": self.strength.value,
            "source": self.source,
            "version": self.version,
            "since": self.since.isoformat(),
        }


HISTORY: Final = (
    Parameter(
        key="retention.inactive_account",
        default=3,
        unit="calendar months",
        strength=Strength.PROMISE,
        source="L59, L204",
    ),
    Parameter(
        key="contract.notice_period",
        default=1,
        unit="calendar months",
        strength=Strength.POLICY,
        source="L204 promises a notice period without saying how long",
    ),
    Parameter(
        key="erasure.day_offset",
        default=0,
        unit="days after the due date begins",
        strength=Strength.POLICY,
        source="0 erases from midnight of the due date, 1 once it has passed",
    ),
    Parameter(
        key="erasure.live_completion",
        default=7,
        unit="days after the due date",
        strength=Strength.POLICY,
        source="without undue delay",
    ),
    Parameter(
        key="erasure.first_reminder",
        default=30,
        unit="days before the due date",
        strength=Strength.POLICY,
        source="GDPR article 28(3)(g): the choice of return or deletion",
    ),
    Parameter(
        key="erasure.last_reminder",
        default=7,
        unit="days before the due date",
        strength=Strength.POLICY,
        source="GDPR article 28(3)(g): the choice of return or deletion",
    ),
    Parameter(
        key="erasure.run_limit",
        default=25,
        unit="erasures in a run",
        strength=Strength.POLICY,
        source="more than this stops and asks a person",
    ),
    Parameter(
        key="erasure.letter_limit",
        default=24,
        unit="hours",
        strength=Strength.POLICY,
        source="the farewell letter must not delay erasure",
    ),
    Parameter(
        key="erasure.step_limit",
        default=24,
        unit="hours",
        strength=Strength.POLICY,
        source="after this a participant is overdue and is asked again",
    ),
    Parameter(
        key="backup.max_age",
        default=30,
        unit="days",
        strength=Strength.POLICY,
        source="L96, L206; the law asks for a bounded figure that is stated",
    ),
    Parameter(
        key="backup.keyring_max_age",
        default=7,
        unit="days",
        strength=Strength.POLICY,
        source="a destroyed key is to be gone from copies sooner than what it opened",
    ),
    Parameter(
        key="backup.interval",
        default=12,
        unit="hours",
        strength=Strength.POLICY,
        source="L96, L206: one a day, and a second try before a day has passed",
    ),
    Parameter(
        key="backup.proof_interval",
        default=7,
        unit="days",
        strength=Strength.POLICY,
        source="L96, L192: that data can be brought back is shown by doing it, no longer ago than a set is kept",
    ),
    Parameter(
        key="early_request.kept",
        default=36,
        unit="calendar months",
        strength=Strength.POLICY,
        source="GDPR article 5(2); foreldelsesloven § 2: claims are time-barred after three years",
    ),
    Parameter(
        key="hold.review",
        default=90,
        unit="days",
        strength=Strength.POLICY,
        source="L59, L204: no longer than reasonable",
    ),
    Parameter(
        key="restriction.lift_notice",
        default=7,
        unit="days",
        strength=Strength.POLICY,
        source="GDPR article 18(3): told before it is lifted",
    ),
    Parameter(
        key="dsr.deadline",
        default=1,
        unit="calendar months from receipt",
        strength=Strength.LAW,
        source="GDPR article 12(3)",
    ),
    Parameter(
        key="dsr.extension_total",
        default=3,
        unit="calendar months from receipt",
        strength=Strength.LAW,
        source="GDPR article 12(3)",
    ),
    Parameter(
        key="dsr.forward_to_controller",
        default=2,
        unit="working days",
        strength=Strength.POLICY,
        source="GDPR article 28(3)(e), L176",
    ),
    Parameter(
        key="breach.dpa_deadline_hours",
        default=72,
        unit="hours",
        strength=Strength.LAW,
        source="GDPR article 33(1)",
    ),
    Parameter(
        key="breach.controller_notice_target_hours",
        default=24,
        unit="hours",
        strength=Strength.POLICY,
        source="GDPR article 33(2), L61, L154",
    ),
    Parameter(
        key="log.login_retention",
        default=6,
        unit="calendar months",
        strength=Strength.GUIDE,
        source="guidance of CNIL; necessity for the purpose of L57",
    ),
    Parameter(
        key="log.login_retention_cap",
        default=12,
        unit="calendar months",
        strength=Strength.GUIDE,
        source="guidance of CNIL",
    ),
    Parameter(
        key="letters.account_invitations_daily",
        default=200,
        unit="letters in 24 hours to addresses that the account's people chose",
        strength=Strength.POLICY,
        source="L98, L194: letters about registration, and no flood of them to strangers",
    ),
    Parameter(
        key="letters.address_daily",
        default=6,
        unit="letters of a kind in 24 hours",
        strength=Strength.POLICY,
        source="L98, L194: nobody's mailbox is filled by whoever knows its address",
    ),
    Parameter(
        key="subprocessor.notice_days",
        default=30,
        unit="days",
        strength=Strength.POLICY,
        source="GDPR article 28(2): an opportunity to object",
    ),
    Parameter(
        key="suspicion.contact_attempts",
        default=2,
        unit="attempts",
        strength=Strength.POLICY,
        source="L160",
    ),
    Parameter(
        key="suspicion.contact_channels",
        default=2,
        unit="channels",
        strength=Strength.POLICY,
        source="L160",
    ),
    Parameter(
        key="suspicion.contact_wait",
        default=10,
        unit="working days",
        strength=Strength.POLICY,
        source="L160",
    ),
    Parameter(
        key="stats.k_persons",
        default=10,
        unit="persons in a cell",
        strength=Strength.POLICY,
        source="L102, L156, L198",
    ),
    Parameter(
        key="stats.k_tenants",
        default=5,
        unit="customers in a cell",
        strength=Strength.POLICY,
        source="L102, L156, L198",
    ),
    Parameter(
        key="stats.dominance",
        default=50,
        unit="percent of a cell",
        strength=Strength.POLICY,
        source="L102, L156, L198",
    ),
    Parameter(
        key="accounting.vouchers",
        default=60,
        unit="calendar months after the financial year",
        strength=Strength.LAW,
        source="bokføringsloven § 13",
    ),
    Parameter(
        key="accounting.agreements",
        default=42,
        unit="calendar months after the financial year",
        strength=Strength.LAW,
        source="bokføringsloven § 13",
    ),
)
"""Every version of every parameter, oldest first."""

PARAMETERS: Final[Mapping[str, Parameter]] = MappingProxyType({each.key: each for each in HISTORY})
"""The newest version of each parameter."""


def parameter(key: str) -> Parameter:
    """Return the newest version of a parameter, or raise `UnknownParameterError`."""
    try:
        return PARAMETERS[key]
    except KeyError:
        raise UnknownParameterError(f"there is no parameter {key!r}") from None


def in_force(key: str, on: date, history: tuple[Parameter, ...] = HISTORY) -> Parameter:
    """Return the version of a parameter that was in force on a date, or raise `UnknownParameterError`."""
    versions = [each for each in history if each.key == key and each.since <= on]
    if not versions:
        raise UnknownParameterError(f"no version of {key!r} was in force on {on}")
    return max(versions, key=lambda each: (each.since, each.version))
