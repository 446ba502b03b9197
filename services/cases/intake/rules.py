"""Which alarms are one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from services.cases.engine.values import OF_MACHINES, Signal
from shared.errors import Invalid
from shared.terms.clauses.incidents import INCIDENTS_ARE_KEPT
from shared.terms.clauses.monitoring import DISAGREEMENT_IS_TALKED_ABOUT, HOST_REPORTS_ATTACKS
from shared.terms.rule_registry import enforces

SUCCESS: Final = "success_in_cluster"
"""What a detector calls log-ins that succeeded in the midst of an attack: suspected compromise."""
ATTACKS: Final = frozenset({"spraying", "stuffing", "slow_stuffing", "distributed_stuffing"})
"""What detectors call an attack on many names, by thresholds that nobody passes who mistypes: an incident, also
where nobody gets in."""
UNUSUAL: Final = frozenset(
    {
        "unusual_origin",
        "unusual_country",
        "impossible_travel",
        "mass_deactivation",
        "mass_change",
        "mass_collection",
    }
)
"""What is no incident alone."""


@enforces(HOST_REPORTS_ATTACKS, INCIDENTS_ARE_KEPT)
def join_keys(source: str, signal: str, *, kind: str = "alarm") -> tuple[str, ...]:
    """By which something goes into the open case of the same thing; none where it is one alone.

    The last one is its own. An alarm about an attack goes into the incident of such, while one is open. Of who got
    in each is an incident.
    """
    if source not in OF_MACHINES:
        return ()
    of_incident = f"{source}:{signal}:incident"
    if kind == "incident":
        return (of_incident,) if signal == Signal.LOGIN_ATTACK else ()
    return (of_incident, f"{source}:{signal}") if kind == "alarm" else ()


class Opens(NamedTuple):
    """What an anomaly opens: a kind of case, and what it is about."""

    kind: str
    signal: Signal


@enforces(INCIDENTS_ARE_KEPT)
def opens(detector: str) -> Opens:
    """What is opened for what a detector has seen; a person decides what it was."""
    if detector == SUCCESS:
        return Opens("incident", Signal.LOGIN_SUCCESS)
    if detector in ATTACKS:
        return Opens("incident", Signal.LOGIN_ATTACK)
    return Opens("alarm", Signal.UNUSUAL_USE if detector in UNUSUAL else Signal.LOGIN_ATTACK)


def seen_together(detector: str) -> tuple[str, ...]:
    """Under which other detectors the same attack may be told, so that its cases say that they belong together."""
    during = (*sorted(ATTACKS), "company_spraying", "brute_force")
    if detector == SUCCESS:
        return during
    return (SUCCESS,) if detector in during else ()


def outlasts(occurred: tuple[datetime, datetime] | None, ended_at: datetime) -> bool:
    """Whether what is told of was still seen after its case had ended."""
    return occurred is not None and occurred[1] > ended_at


@enforces(DISAGREEMENT_IS_TALKED_ABOUT)
def kind_reported(about: str) -> str:
    """The kind of case that is opened for what a customer reports."""
    return "dispute" if about == Signal.DISAGREEMENT else "nonconformity"


@enforces(DISAGREEMENT_IS_TALKED_ABOUT)
def check_dispute(kind: str, account_ids: Sequence[UUID]) -> None:
    """Raise `Invalid` where a dispute is not with one customer: nobody could be talked to, or told how it ended."""
    if kind == "dispute" and len(account_ids) != 1:
        raise Invalid("a disagreement is with one customer", details={"account_ids": ["one, the customer"]})
