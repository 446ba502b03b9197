"""Who is called to a case, how soon somebody else is, and how often one person hears of anything. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, NamedTuple

from services.cases.duty.values import OnDutyPair
from services.cases.duty_alerts.values import Alert, Rung, Waiting
from shared.terms.clauses.incidents import CONTROLLERS_ARE_TOLD, INCIDENTS_ARE_KEPT
from shared.terms.rule_registry import enforces


class Urgency(NamedTuple):
    """Whether somebody is called when a case of a kind is opened, and after how long somebody else is."""

    at_opening: bool
    answered_within: timedelta


URGENCY: Final[Mapping[str, Urgency]] = MappingProxyType(
    {
        "incident": Urgency(at_opening=True, answered_within=timedelta(minutes=15)),
        "breach_controller": Urgency(at_opening=True, answered_within=timedelta(minutes=15)),
        "breach_processor": Urgency(at_opening=True, answered_within=timedelta(minutes=15)),
        "alarm": Urgency(at_opening=True, answered_within=timedelta(minutes=30)),
    }
)
"""By kind of case, the most urgent one first. Of any other kind somebody is called once a clock runs out."""
OTHERS: Final = Urgency(at_opening=False, answered_within=timedelta(hours=1))
AT_OPENING: Final = tuple(kind for kind, urgency in URGENCY.items() if urgency.at_opening)

PACE: Final = timedelta(minutes=2)
"""One person gets one message in this time; what comes meanwhile goes into the next one, however much it is."""
ASK_AGAIN: Final = timedelta(seconds=30)
"""So soon it is asked again who leads incidents, where the service of staff does not answer."""
LAST: Final = max(Rung)
CALLED_AGAIN_IN: Final = timedelta(minutes=15)
"""After this time everybody is called once more where no way has brought the last calls to any of them."""
CALLED_AGAIN_FOR: Final = timedelta(hours=24)
"""For so long; by then the clocks of a case have called as well."""
NOT_TOLD_AFTER: Final = timedelta(hours=12)
"""A letter about a breach is delivered, refused or given up by then, and we have heard of it."""
UNSENT_AFTER: Final = timedelta(minutes=5)
WAITS: Final[Mapping[str, timedelta]] = MappingProxyType(
    {"case_alert.next_at": max(OTHERS.answered_within, *(each.answered_within for each in URGENCY.values()))}
)


def urgency_of(kind: str) -> Urgency:
    """How urgent cases of a kind are."""
    return URGENCY.get(kind, OTHERS)


@enforces(INCIDENTS_ARE_KEPT, CONTROLLERS_ARE_TOLD)
def whom(alert: Alert, pair: OnDutyPair | None) -> tuple[Rung, str | None]:
    """Who is called now, and on which rung; None where it is everybody who leads incidents.

    First whoever answers for the case, then whoever of the two on duty was not called yet. Where there is nobody,
    it is everybody at once.
    """
    rota = (pair.person, pair.deputy) if pair else ()
    if alert.rung == Rung.ON_DUTY:
        first = alert.owner or next(iter(rota), None)
        return (Rung.ON_DUTY, first) if first else (Rung.LEADS, None)
    if alert.rung == Rung.NEXT:
        other = next((each for each in rota if each not in alert.called), None)
        return (Rung.NEXT, other) if other else (Rung.LEADS, None)
    return Rung(min(alert.rung, LAST)), None


def number_of(alert: Alert, rung: Rung) -> int:
    """By which number the calls of a rung are kept: the last one can come again, and then they are others."""
    return max(alert.rung, rung)


def next_at(alert: Alert, rung: Rung, now: datetime) -> datetime | None:
    """When the rung after this one is called where nobody comes; None after the last one."""
    return None if rung >= LAST else now + urgency_of(alert.kind).answered_within


def foremost(waiting: Iterable[Waiting]) -> Waiting:
    """Which of several a message is about; it counts the others."""
    kinds = tuple(URGENCY)
    return min(
        waiting,
        key=lambda each: (
            kinds.index(each.kind) if each.kind in kinds else len(kinds),
            each.due_at is None,
            each.due_at,
            each.alert_id,
        ),
    )
