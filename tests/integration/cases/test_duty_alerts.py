"""Whoever is on duty is called to a case, others after them, and nobody more often than they can bear."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from services.audit.anomalies.events import AnomalyDetected
from services.cases.duty_alerts import rules
from services.cases.duty_alerts.calls import ShowAlerts
from services.cases.duty_alerts.events import DutyAlerted
from services.cases.engine.values import ASTRAY
from services.notification.duty_alerts.events import DutyAlertDelivered, DutyAlertFailed
from shared.bus.alarms import open_alarms
from shared.context import acting_as
from shared.events import Code, Received
from tests.in_process import ask, hear, run
from tests.integration.cases.handling import NOW, incident, published, report, show, step

pytestmark = [pytest.mark.integration, pytest.mark.clause("INCIDENT-1", "BREACH-1")]

MINUTE = timedelta(minutes=1)
DECISION = (
    "INSERT INTO case_decision (id, case_id, step, reason, from_state, to_state, decided_by, decided_at, is_late)"
    " VALUES (%s, %s, 'investigate', 'begun', 'triage', 'investigating', 'staff:kari', %s, false)"
)


def called(owner) -> list[tuple[str, str, str]]:
    data = [each["data"] for each in published(owner, DutyAlerted.type)]
    return [(each["staff_code"], each["cause"], each["level"]) for each in data]


def alerts_of(cases, case_id):
    return ask(cases, ShowAlerts(case_id=case_id)).alerts


def later(cases, clock, minutes: int) -> None:
    clock.move(minutes * MINUTE)
    run(cases, "alert_duty")


def told_of(cases, event) -> None:
    message = Received(
        id=uuid4(), event=event, source="notification", time=cases.clock.now(), subject=event.subject,
        correlation_id=uuid4(),
    )  # fmt: skip
    hear(cases, message)


def alarms(cases) -> set[str]:
    return {each.spec.code for each in open_alarms((cases,))}


def test_whoever_is_on_duty_is_called_then_who_is_next_then_everybody_and_then_it_ends(cases, owner, clock) -> None:
    case_id = report(cases).case_id
    for _ in range(3):
        run(cases, "alert_duty")
    assert called(owner) == [("kari", "opened", "on_duty")]
    (event,) = published(owner, DutyAlerted.type)
    assert set(event["data"]) == {
        "alert_id", "case_id", "staff_code", "kind", "cause", "level", "rule", "due_at", "others",
    }  # fmt: skip
    assert event["data"]["case_id"] == str(case_id)
    later(cases, clock, 29)
    assert len(called(owner)) == 1
    later(cases, clock, 2)
    assert called(owner)[1:] == [("ola", "opened", "next")]
    later(cases, clock, 31)
    assert sorted(called(owner)[2:]) == [(each, "opened", "leads") for each in ("eva", "kari", "ola")]
    later(cases, clock, 31)
    assert "duty_unanswered" in alarms(cases)
    assert len(called(owner)) == 8
    for _ in range(4):
        later(cases, clock, 20)
    assert len(called(owner)) == 8, "everybody was called twice: now it stands on the board and in the alarms"
    (shown,) = alerts_of(cases, case_id)
    assert (shown.next_at, shown.closed_at) == (None, None)


def test_whoever_was_called_and_looks_has_come_and_others_who_look_have_not(cases, owner, clock) -> None:
    case_id = report(cases).case_id
    run(cases, "alert_duty")
    with acting_as("staff:eva"):
        show(cases, case_id)
    assert alerts_of(cases, case_id)[0].closed_at is None, "she was not called: she may only be reading"
    with acting_as("staff:kari"):
        show(cases, case_id)
    (shown,) = alerts_of(cases, case_id)
    assert (shown.answered_by, shown.closed_at, shown.next_at) == ("staff:kari", clock.now(), None)
    assert [each.person for each in shown.persons] == ["staff:kari"]
    later(cases, clock, 120)
    assert len(called(owner)) == 1


def test_whoever_does_something_with_the_case_has_come(cases, owner, clock) -> None:
    case_id = report(cases).case_id
    run(cases, "alert_duty")
    clock.move(MINUTE)
    step(cases, case_id, "acknowledge", "looked_at")
    later(cases, clock, 60)
    assert len(called(owner)) == 1
    assert alerts_of(cases, case_id)[0].answered_by == "staff:kari"


def test_a_storm_of_alarms_is_one_call(cases, owner, clock) -> None:
    for number in range(60):
        report(cases, str(number))
        if number % 20 == 0:
            run(cases, "alert_duty")
    later(cases, clock, 10)
    assert len(called(owner)) == 1


def test_what_comes_at_once_of_several_cases_is_one_message_and_the_next_one_waits_its_time(
    cases, owner, clock
) -> None:
    many = [report(cases, str(number), source="staff").case_id for number in range(20)]
    run(cases, "alert_duty")
    (event,) = published(owner, DutyAlerted.type)
    assert event["data"]["others"] == 19
    report(cases, "21", source="staff")
    run(cases, "alert_duty")
    assert len(called(owner)) == 1
    later(cases, clock, 3)
    assert len(called(owner)) == 2
    with acting_as("staff:kari"):
        show(cases, many[7])
    assert all(alerts_of(cases, each)[0].answered_by == "staff:kari" for each in many), "it was one message"


def test_where_nobody_is_on_duty_everybody_who_leads_incidents_is_called(cases, owner, clock, rota) -> None:
    rota.weeks.clear()
    run(cases, "copy_duty")
    rota.leads = None
    report(cases)
    run(cases, "alert_duty")
    assert called(owner) == []
    later(cases, clock, 6)
    assert "duty_not_called" in alarms(cases)
    rota.leads = ("eva", "ola")
    later(cases, clock, 1)
    assert sorted(called(owner)) == [("eva", "opened", "leads"), ("ola", "opened", "leads")]


def test_who_cannot_be_reached_is_not_waited_for(cases, owner, clock) -> None:
    case_id = report(cases).case_id
    run(cases, "alert_duty")
    (event,) = published(owner, DutyAlerted.type)
    told_of(cases, DutyAlertFailed(alert_id=event["data"]["alert_id"], reason=Code("no_address")))
    later(cases, clock, 1)
    assert called(owner)[1:] == [("ola", "opened", "next")]
    second = published(owner, DutyAlerted.type)[1]
    told_of(cases, DutyAlertDelivered(alert_id=second["data"]["alert_id"], way=Code("mail")))
    first, last = alerts_of(cases, case_id)[0].persons
    assert (first.person, first.reason, first.failed_at is None) == ("staff:kari", "no_address", False)
    assert (last.person, last.delivered_at) == ("staff:ola", clock.now())
    assert len(called(owner)) == 2


def test_where_no_way_leads_to_anybody_everybody_is_called_again_until_one_does(cases, owner, clock) -> None:
    report(cases)
    heard = 0
    for _ in range(4):
        later(cases, clock, 3)
        events = published(owner, DutyAlerted.type)
        for each in events[heard:]:
            told_of(cases, DutyAlertFailed(alert_id=each["data"]["alert_id"], reason=Code("not_reached")))
        heard = len(events)
    assert heard == 8, "within minutes everybody was called twice, and not one of the messages arrived"
    later(cases, clock, 10)
    assert (len(called(owner)), "duty_unanswered" in alarms(cases)) == (8, True)
    later(cases, clock, 6)
    again = published(owner, DutyAlerted.type)[8:]
    assert sorted(each["data"]["staff_code"] for each in again) == ["eva", "kari", "ola"]
    assert {each["data"]["level"] for each in again} == {"leads"}
    assert "duty_unanswered" in alarms(cases)
    told_of(cases, DutyAlertDelivered(alert_id=again[0]["data"]["alert_id"], way=Code("mail")))
    for each in again[1:]:
        told_of(cases, DutyAlertFailed(alert_id=each["data"]["alert_id"], reason=Code("not_reached")))
    later(cases, clock, 40)
    assert len(called(owner)) == 11, "one of them has it"


def test_a_customer_who_reports_data_gone_astray_has_somebody_called(cases, owner, clock) -> None:
    for number, signal in enumerate((*ASTRAY, "agreement_not_kept", "outage", "other")):
        report(cases, str(number), kind="nonconformity", source="customer", signal=signal)
    run(cases, "alert_duty")
    (event,) = published(owner, DutyAlerted.type)
    assert (event["data"]["kind"], event["data"]["others"]) == ("nonconformity", len(ASTRAY) - 1)


def test_a_clock_that_is_over_calls_whoever_it_was_handed_to(cases, owner, clock) -> None:
    case_id = report(cases).case_id
    run(cases, "alert_duty")
    with acting_as("staff:kari"):
        show(cases, case_id)
    clock.move(timedelta(hours=4))
    run(cases, "watch_clocks")
    run(cases, "alert_duty")
    assert called(owner)[1:] == [("ola", "over", "on_duty")]
    (event,) = published(owner, DutyAlerted.type)[1:]
    assert event["data"]["rule"] == "breach.triage"
    assert event["data"]["due_at"] is not None


def test_an_attack_with_success_calls_at_once_and_what_a_person_has_opened_calls_nobody(cases, owner) -> None:
    incident(cases)  # promoted from an alarm by a person, who is there
    run(cases, "alert_duty")
    assert [cause for _, cause, _ in called(owner)] == []
    event = AnomalyDetected(
        anomaly_id=uuid4(), detector=Code("success_in_cluster"), rule_version=1, window_from=NOW - 5 * MINUTE,
        window_to=NOW, attempts=60, failures=57, targets=55, networks=3, accounts=0, account_ids=[], user_ids=[],
    )  # fmt: skip
    message = Received(
        id=uuid4(), event=event, source="audit", time=NOW, subject=event.subject, correlation_id=uuid4()
    )
    hear(cases, message)
    run(cases, "alert_duty")
    data = [each["data"] for each in published(owner, DutyAlerted.type)]
    assert [(each["kind"], each["cause"]) for each in data] == [("incident", "opened")]


def test_a_decision_that_is_not_carried_out_calls_somebody_once(cases, owner, clock) -> None:
    case_id = incident(cases)
    run(cases, "alert_duty")
    decision, now = uuid4(), clock.now()
    owner.execute(
        DECISION,
        (decision, case_id, now),
    )
    owner.execute(
        "INSERT INTO case_effect (case_id, decision_id, code, ordered_at, tries)"
        " VALUES (%s, %s, 'announce_breach', %s, 30)",
        (case_id, decision, now),
    )
    later(cases, clock, 3)
    later(cases, clock, 3)
    assert [cause for _, cause, _ in called(owner)] == ["not_carried_out"]


def test_a_notice_of_which_nobody_knows_whether_it_told_its_reader_is_an_alarm(cases, owner, clock) -> None:
    case_id, notice_id, list_id, decision = incident(cases), uuid4(), uuid4(), uuid4()
    owner.execute(
        DECISION,
        (decision, case_id, NOW - MINUTE),
    )
    owner.execute(
        "INSERT INTO affected_list (id, case_id, scope, as_of, asked_by, asked_at)"
        " VALUES (%s, %s, 'all', now(), 'staff:kari', now())",
        (list_id, case_id),
    )
    owner.execute(
        "INSERT INTO breach_notice (id, case_id, number, audience, natures, groups, data, consequences, measures,"
        " advice, unknown, drafted_by, drafted_at, decision_id, decided_at, list_id, recipients) VALUES (%s, %s, 1,"
        " 'customers', '{}', '{}', '{}', '{}', '{}', '{}', '{}', 'staff:kari', %s, %s, %s, %s, 2)",
        (notice_id, case_id, NOW, decision, NOW, list_id),
    )
    for told_at in (None, NOW):
        owner.execute(
            "INSERT INTO notice_recipient (id, notice_id, account_id, ordered_at, order_event_id, told_at)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            (uuid4(), notice_id, uuid4(), NOW, uuid4(), told_at),
        )
    clock.move(rules.NOT_TOLD_AFTER)
    run(cases, "alert_duty")
    assert "breach_not_told" not in alarms(cases)
    later(cases, clock, 1)
    assert "breach_not_told" in alarms(cases)
    assert "not_told" in [cause for _, cause, _ in called(owner)]
    owner.execute("UPDATE notice_recipient SET told_at = %s", (clock.now(),))
    run(cases, "alert_duty")
    assert "breach_not_told" not in alarms(cases)
    closed = [each.closed_at for each in alerts_of(cases, case_id) if each.cause == "not_told"]
    assert closed == [clock.now()]
