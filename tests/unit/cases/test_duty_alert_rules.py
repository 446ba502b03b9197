"""Who is called, and how soon after whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.cases.duty.values import OnDutyPair
from services.cases.duty_alerts import rules
from services.cases.duty_alerts.values import Alert, Rung, Waiting
from services.cases.engine.values import ASTRAY, Signal
from services.cases.kinds.table import PRESENT

pytestmark = [pytest.mark.unit, pytest.mark.clause("INCIDENT-1", "BREACH-1")]

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
PAIR = OnDutyPair("staff:kari", "staff:ola")


def alert(
    rung: int, *, owner: str | None = "staff:kari", called: tuple[str, ...] = (), kind: str = "alarm"
) -> Alert:
    return Alert(id=UUID(int=1), case_id=UUID(int=2), kind=kind, owner=owner, rung=rung, called=called)


@pytest.mark.parametrize(
    ("given", "pair", "expected"),
    [
        (alert(0), PAIR, (Rung.ON_DUTY, "staff:kari")),
        (alert(0, owner="staff:eva"), PAIR, (Rung.ON_DUTY, "staff:eva")),
        (alert(0, owner=None), PAIR, (Rung.ON_DUTY, "staff:kari")),
        (alert(0, owner=None), None, (Rung.LEADS, None)),
        (alert(1, called=("staff:kari",)), PAIR, (Rung.NEXT, "staff:ola")),
        (alert(1, owner="staff:eva", called=("staff:eva",)), PAIR, (Rung.NEXT, "staff:kari")),
        (alert(1, called=("staff:kari", "staff:ola")), PAIR, (Rung.LEADS, None)),
        (alert(1, called=("staff:kari",)), None, (Rung.LEADS, None)),
        (alert(2), PAIR, (Rung.LEADS, None)),
        (alert(3), PAIR, (Rung.LEADS_AGAIN, None)),
        (alert(4), PAIR, (Rung.LEADS_AGAIN, None)),
    ],
)
def test_whoever_answers_is_called_then_who_is_next_then_everybody(given, pair, expected) -> None:
    assert rules.whom(given, pair) == expected


@pytest.mark.parametrize("kind", sorted(PRESENT))
def test_every_kind_has_an_end_and_the_graver_it_is_the_sooner_somebody_else_is_called(kind) -> None:
    waits = [rules.next_at(alert(0, kind=kind), rung, NOW) for rung in Rung]
    assert waits[-1] is None
    assert all(NOW < each <= NOW + rules.WAITS["case_alert.next_at"] for each in waits[:-1] if each)
    if kind in rules.URGENCY:
        assert rules.urgency_of(kind).answered_within < rules.OTHERS.answered_within


def test_calls_of_the_last_rung_are_told_apart_however_often_it_comes() -> None:
    assert [rules.number_of(alert(number), rules.whom(alert(number), None)[0]) for number in (2, 3, 4, 9)] == [
        2, 3, 4, 9,
    ]  # fmt: skip
    assert rules.number_of(alert(0), Rung.LEADS) == Rung.LEADS
    assert set(ASTRAY) <= {each.value for each in Signal}


def test_a_message_is_about_what_is_gravest_and_due_first() -> None:
    def waiting(number: int, kind: str, hours: int | None) -> Waiting:
        due_at = None if hours is None else NOW + timedelta(hours=hours)
        return Waiting(
            alert_id=UUID(int=number), case_id=UUID(int=number), kind=kind, cause="opened", rule=None,
            due_at=due_at, rung=0,
        )  # fmt: skip

    several = [
        waiting(1, "contact_failure", 1),
        waiting(2, "alarm", 1),
        waiting(3, "incident", None),
        waiting(4, "incident", 9),
        waiting(5, "incident", 2),
    ]
    order = []
    while several:
        foremost = rules.foremost(several)
        several.remove(foremost)
        order.append(foremost.alert_id.int)
    assert order == [5, 4, 3, 2, 1]
