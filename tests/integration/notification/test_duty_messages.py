"""Whoever is on duty is called by every way there is, and what reached nobody is told at once."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from notification_env import BOUNCE, build, receive, told_by_mailgun

from sandbox.settings import DEFAULT_KEYS
from services.cases.duty_alerts.events import DutyAlerted
from services.notification.duty_alerts import rules
from services.notification.duty_alerts.events import DutyAlertDelivered, DutyAlertFailed
from services.notification.duty_alerts.hook import DutyHook
from services.staff.people.events import EnrolmentLinkIssued
from shared.bus.alarms import open_alarms
from shared.case_references import reference_of
from shared.dates_in_words import long_instant
from shared.errors import Unavailable
from shared.events import Code
from shared.identifiers import new_id

pytestmark = [pytest.mark.integration, pytest.mark.clause("INCIDENT-1", "BREACH-1")]

KARI = "kari@staff.example"


@pytest.fixture
def call(house):
    house.account.staff["kari"] = KARI

    def call(*, code: str = "kari", cause: str = "over", **changes) -> DutyAlerted:
        given = {
            "case_id": new_id(), "alert_id": new_id(), "staff_code": Code(code), "kind": Code("incident"),
            "cause": Code(cause), "level": Code("on_duty"), "rule": Code("breach.triage"),
            "due_at": house.clock.now() + timedelta(hours=4), "others": 0,
        }  # fmt: skip
        event = DutyAlerted(**given | changes)
        house.hear(event)
        return event

    return call


@pytest.fixture
def with_hook(house):
    """The house with a pager beside the mail."""

    def hooked(url: str = house.sandbox.duty_hook_url, secret: str = DEFAULT_KEYS["duty_hook_secret"]) -> None:
        house.service = build(
            database=house.database,
            clock=house.clock,
            caller=house.account,
            mailgun_url=house.sandbox.mailgun_url,
            hook=DutyHook(url=url, secret=secret, desk_url="https://desk.example"),
        )

    return hooked


def news(house) -> list[tuple[str, dict]]:
    return [(kind, data) for kind, data in house.told() if kind.startswith("duty_alert.")]


def alarms(house) -> set[str]:
    return {each.spec.code for each in open_alarms((house.service,))}


def send(house, *, times: int = 1) -> None:
    for _ in range(times):
        house.run("hook_duty_alerts", "mail_duty_alerts")
        house.clock.move(timedelta(minutes=5))


def test_the_letter_says_what_waits_and_where_and_names_nobody(house, call) -> None:
    event = call(others=3)
    house.hear(event)  # told twice
    send(house)
    (sent,) = house.sent()
    assert sent["to"] == KARI
    assert set(sent["tags"]) == {"duty_alert", "staff_alert"}
    for part in ("text", "html"):
        assert reference_of(event.case_id) in sent[part]
        assert f"https://desk.example/cases/{event.case_id}" in sent[part]
    assert long_instant(event.due_at, "nb") in sent["text"]
    assert "3 saker til" in sent["text"]
    assert "kari" not in sent["text"].lower()
    assert KARI not in json.dumps(house.rows("SELECT * FROM duty_alert"), default=str)
    receive(house, told_by_mailgun(house, "delivered", letter_id=event.alert_id))
    assert news(house) == [(DutyAlertDelivered.type, {"alert_id": str(event.alert_id), "way": "mail"})]


def test_it_waits_behind_no_letter_and_no_pause(house, call) -> None:
    house.change("UPDATE provider_budget SET tokens = 0, paused_until = %s", house.clock.now() + timedelta(hours=1))
    call()
    house.run("deliver_letters", "mail_duty_alerts")
    assert [each["to"] for each in house.sent()] == [KARI]


def test_an_address_that_bounced_is_tried_again_and_a_bounce_is_told(house, call) -> None:
    house.account.staff["kari"] = "bounce@staff.example"
    for _ in range(2):
        event = call()
        send(house)
        receive(house, told_by_mailgun(house, "failed", letter_id=event.alert_id, **BOUNCE))
    assert len(house.sent()) == 2, "what Mailgun holds against it is dropped first"
    assert [(kind, data["reason"]) for kind, data in news(house)] == [(DutyAlertFailed.type, "bounced")] * 2
    assert "duty_mail_fails" in alarms(house)
    ahead = house.clock.now() + timedelta(days=1000)
    house.change("UPDATE duty_alert SET state = 'sent', settled_at = %s WHERE alert_id = %s", ahead, event.alert_id)
    assert "duty_mail_fails" in alarms(house), "what went well by a wrong clock hides no failure"
    house.account.staff["kari"] = KARI
    call()
    send(house)
    assert "duty_mail_fails" not in alarms(house)


def test_who_has_left_or_has_no_address_gets_nothing_and_that_is_told_at_once(house, call) -> None:
    event = call(code="ola")
    send(house)
    assert house.sent() == []
    assert news(house) == [(DutyAlertFailed.type, {"alert_id": str(event.alert_id), "reason": "no_address"})]


def test_while_staff_does_not_answer_it_is_tried_again_but_not_for_ever(house, call) -> None:
    call()
    house.account.failures = [Unavailable("away")] * 2
    send(house, times=3)
    assert len(house.sent()) == 1
    call()
    house.account.failures = [Unavailable("away")] * 50
    send(house, times=rules.TRIES_MOST + 2)
    assert len(house.account.failures) == 50 - rules.TRIES_MOST
    assert [(kind, data["reason"]) for kind, data in news(house)] == [(DutyAlertFailed.type, "address_unknown")]


def test_what_is_old_wakes_nobody(house, call) -> None:
    call()
    house.clock.move(rules.LASTS)
    send(house)
    assert house.sent() == []
    assert [data["reason"] for _, data in news(house)] == ["expired"]


def test_the_pager_gets_the_same_call_signed_and_without_a_name(house, call, with_hook) -> None:
    with_hook()
    event = call()
    send(house)
    (page,) = house.sandbox.pages()
    assert page == {
        "version": 1, "alert_id": str(event.alert_id), "case": reference_of(event.case_id), "kind": "incident",
        "cause": "over", "level": "on_duty", "clock": "breach.triage", "due_at": event.due_at.isoformat(),
        "others": 0, "link": f"https://desk.example/cases/{event.case_id}",
    }  # fmt: skip
    assert len(house.sent()) == 1
    assert [data["way"] for _, data in news(house)] == ["hook"]


def test_where_mail_is_away_the_pager_wakes_and_nobody_else_is_called_for_that(house, call, with_hook) -> None:
    with_hook()
    house.sandbox.fail("mailgun", "error", calls=200)
    call()
    send(house, times=rules.TRIES_MOST + 1)
    assert len(house.sandbox.pages()) == 1
    assert [kind for kind, _ in news(house)] == [DutyAlertDelivered.type]
    assert alarms(house) >= {"duty_mail_fails"}


def test_a_pager_that_fails_is_tried_again_and_then_an_alarm(house, call, with_hook) -> None:
    with_hook()
    house.sandbox.fail("pager", "error", calls=2)
    call()
    send(house, times=3)
    assert len(house.sandbox.pages()) == 1
    house.sandbox.fail("pager", "error", calls=50)
    call()
    send(house, times=rules.TRIES_MOST + 1)
    assert "duty_hook_fails" in alarms(house)
    assert len(house.sent()) == 2
    assert DutyAlertFailed.type not in [kind for kind, _ in news(house)]


def test_a_pager_takes_nothing_that_others_have_signed(house, call, with_hook) -> None:
    with_hook(secret="somebody else's")
    call()
    send(house, times=rules.TRIES_MOST + 1)
    assert house.sandbox.pages() == []
    assert "duty_hook_fails" in alarms(house)


@pytest.mark.clause("STAFF-1")
@pytest.mark.parametrize("former", [None, "kari@before.example"])
def test_who_is_let_back_is_told_of_the_link_at_once_and_at_the_address_before_as_well(house, call, former) -> None:
    if former is not None:
        house.account.former["kari"] = former
    house.hear(EnrolmentLinkIssued(staff_code=Code("kari"), purpose=Code("invitation")))
    house.hear(EnrolmentLinkIssued(staff_code=Code("kari"), purpose=Code("recovery")))
    send(house)
    sent = house.sent()
    assert [each["to"] for each in sent] == [KARI, *([former] if former else [])]
    for each in sent:
        assert set(each["tags"]) == {"enrolment_link", "staff_alert"}
        for part in ("text", "html"):
            assert "https://desk.example/me" in each[part]
            assert "Har du ikke avtalt dette med noen" in each[part]
        assert "kari" not in each["text"].lower()
    call()
    send(house)
    assert len(house.sent()) == len(sent) + 1, "a call on duty goes to the address of now"
    assert former is None or former not in json.dumps(house.rows("SELECT * FROM duty_alert"), default=str)


@pytest.mark.clause("STAFF-1")
def test_a_warning_about_a_link_that_reaches_nobody_is_an_alarm(house) -> None:
    house.hear(EnrolmentLinkIssued(staff_code=Code("ola"), purpose=Code("recovery")))
    send(house)
    assert house.sent() == []
    assert "duty_mail_fails" in alarms(house)


def test_what_is_half_a_year_old_is_forgotten(house, call) -> None:
    call()
    send(house)
    house.clock.move(rules.KEPT + timedelta(days=1))
    house.run("forget_duty_alerts")
    assert house.rows("SELECT 1 FROM duty_alert") == []
