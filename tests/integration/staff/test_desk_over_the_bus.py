"""The desk's pages in front of the real service of the vendor's people: what ends while a page is open."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from services.audit.verification.calls import Verify
from services.desk import sessions as session_cookies
from services.desk.api.app import Api
from services.desk.api.machine_alarms import MachineAlarms
from services.desk.client import CALL_SECONDS, Desk
from services.desk.requests_refused import RequestsRefused
from services.desk.sessions import StaffSessions
from services.desk.stated_caller import StatedCallers
from services.desk.web.app import make
from services.desk.web.pages.table import PAGES
from services.desk.web.service import PLACES
from services.staff.authentication import store as authentication
from services.staff.device_log_in import rules as devices
from services.staff.device_log_in.calls import BeginDeviceLogIn, DecideDeviceLogIn, PollDeviceLogIn
from services.staff.passkeys.calls import By
from shared.actor import Actor
from shared.config import load
from shared.errors import DeadlineExceeded, Forbidden, Unauthenticated, Unavailable
from shared.http.bodies import InvalidToken
from shared.http.circuit_breaker import CircuitBreaker
from shared.staff import Purpose, Role
from shared.system import SERVICES
from shared.web.csrf import COOKIE, FIELD, token_of
from shared.web.visit import KEY_FIELD
from tests.desk_stage import BROWSER, HOST, settings_in
from tests.integration.staff.deciders import Decider, asked_for
from tests.integration.staff.house import House, reason

pytestmark = pytest.mark.integration

PARKED = "/parked"


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return load(settings_in(tmp_path_factory.mktemp("desk")))


@pytest.fixture(scope="module")
def app(house, settings) -> Flask:
    return make(PAGES, caller=house.desk, sessions=StaffSessions(house.desk), settings=settings, public_url=HOST)


class Tab:
    """A tab of a browser that has a session."""

    def __init__(self, app: Flask, token: str) -> None:
        self._client = Client(app)
        for name, value in ((COOKIE, BROWSER), (session_cookies.COOKIE, token), ("__Host-vilkar-language", "en")):
            self._client.set_cookie(name, value, domain="desk.example", secure=True)

    def get(self, path: str) -> TestResponse:
        return self._client.get(path, base_url=HOST)

    def post(self, path: str, **fields: str) -> TestResponse:
        sent = {"Origin": HOST, "Sec-Fetch-Site": "same-origin"}
        return self._client.post(path, base_url=HOST, headers=sent, data={FIELD: token_of(BROWSER), **fields})


def events(house: House, type_: str, code: str) -> list[dict[str, Any]]:
    rows = house.owner.execute("SELECT body FROM outbox WHERE routing_key = %s ORDER BY id", (type_,)).fetchall()
    told = [json.loads(bytes(body)) for (body,) in rows]
    return [each["data"] for each in told if each["data"]["staff_code"] == code]


@pytest.fixture
def operator(house) -> Decider:
    """Somebody who has just come, and what they have may end."""
    return Decider.sworn(house.stage, f"op-{uuid4().hex[:12]}", Role.OPERATOR, purpose=Purpose.OPERATIONS)


@pytest.fixture
def tab(app, operator) -> Tab:
    return Tab(app, operator.token)


def test_a_page_is_told_once_with_all_that_it_reads(house, tab, operator):
    assert tab.get(PARKED).status_code == 200
    (told,) = events(house, "staff.acts_signed", operator.code)
    assert told["purpose"] == "operations"
    assert told["acts"] == sorted(f"{service}.parked_list" for service in SERVICES)
    assert events(house, "staff.acts_refused", operator.code) == []


def test_reading_of_people_of_a_customer_is_told_once_a_page(house, app):
    handler, account_id = house.people["case_handler"], str(uuid4())
    Tab(app, handler.token).get(f"/customers/{account_id}/timeline?purpose=operations")
    told = [each for each in events(house, "staff.personal_data_read", handler.code)
            if each["account_id"] == account_id]  # fmt: skip
    assert [(each["acts"], each["purpose"], each["seen_user_ids"], each["persons"]) for each in told] == [
        (["audit.trail", "notification.letters", "retention.timeline"], "operations", [], 0)
    ]


@pytest.mark.clause("STAFF-1")
def test_what_the_desk_turned_away_gets_into_the_outbox_of_staff_in_nobodys_name(house):
    refused = RequestsRefused()
    refused.note(InvalidToken())
    refused.note(InvalidToken())
    refused.tell(house.desk, house.stage.clock.now())
    query = "SELECT body FROM outbox WHERE routing_key = 'staff.requests_refused' ORDER BY id"
    (told,) = [json.loads(bytes(body)) for (body,) in house.owner.execute(query).fetchall()]
    assert (told["data"]["reason"], told["data"]["count"]) == ("session_unknown", 2)
    assert not told["actor"].startswith("staff:")


def test_nobody_has_the_staff_called_silent_by_a_short_time_limit(house, settings, operator):
    guarded = CircuitBreaker(house.desk, default_seconds=CALL_SECONDS, places=PLACES)
    stated = StatedCallers(guarded)
    api = Api(
        guarded,
        acting=lambda session: stated.of(session.actor, session.token),
        sessions=StaffSessions(guarded, kind="desk"),  # no command line is needed to show it
        machine_alarms=lambda: MachineAlarms(alarms=()),
        public_url=HOST,
    )
    program = Client(api)

    def asked(path: str, body: dict[str, Any], **headers: str) -> int:
        return program.post(f"/v1/calls{path}", base_url=HOST, json=body, headers=headers).status_code

    session = {"Authorization": f"Bearer {operator.token}"}
    shortest = {"Time-Limit": "1e-9"}
    poll = {"device_token": "x" * 43}
    ping = {"service": "staff", "method": "ping", "fields": {}, "seconds": 0}
    for _ in range(3):
        assert asked("/staff/poll_device_log_in", poll, **shortest) in (403, 422), "told why"
        assert asked("/staff/ping", {}, **session, **shortest) == 422
        assert asked("", {"calls": [ping]}, **session) == 422
    with pytest.raises((DeadlineExceeded, Unavailable)):  # too short to be sent, or to be answered
        guarded.call("staff", "ping", timeout_seconds=1e-9)
    page = make(PAGES, caller=guarded, sessions=StaffSessions(guarded), settings=settings, public_url=HOST)
    assert Tab(page, operator.token).get("/me").status_code == 200
    assert asked("/staff/ping", {}, **session) == 200
    stated.close()


def end_grant(house: House, operator: Decider) -> None:
    house.owner.execute(
        "UPDATE role_grant SET begins_at = now() - interval '2 days', expires_at = now() - interval '1 second'"
        " WHERE person_id = (SELECT id FROM person WHERE code = %s)",
        (operator.code,),
    )


def end_undertaking(house: House, operator: Decider) -> None:
    house.owner.execute(
        "UPDATE prerequisite SET ended_at = now(), ended_because = 'outdated' WHERE kind = 'undertaking'"
        " AND person_id = (SELECT id FROM person WHERE code = %s)",
        (operator.code,),
    )


def take_role(house: House, operator: Decider) -> None:
    (grant_id,) = house.owner.execute(
        "SELECT id FROM role_grant WHERE person_id = (SELECT id FROM person WHERE code = %s)", (operator.code,)
    ).fetchone()
    house.do(house.people["kari"], "staff.revoke_grant", {"grant_id": str(grant_id)})


ENDINGS = [
    (end_grant, "grant_not_live", "The grant that you had for this has ended"),
    (take_role, "grant_not_live", "The grant that you had for this has ended"),
    (end_undertaking, "undertaking_over", "Your undertaking of confidentiality is over"),
]


@pytest.mark.clause("STAFF-1")
@pytest.mark.parametrize(("end", "why", "words"), ENDINGS, ids=[each[0].__name__ for each in ENDINGS])
def test_what_ends_while_a_page_is_open_counts_at_the_next_step(
    house, databases, settings, tab, operator, end, why, words
):
    assert tab.get(PARKED).status_code == 200
    end(house, operator)
    answer = tab.get(PARKED)
    assert answer.status_code == 403
    assert words in answer.text
    (told,) = events(house, "staff.acts_refused", operator.code)
    assert (told["reason"], len(told["acts"])) == (why, len(SERVICES))
    who = Actor("staff", name=operator.code)
    callers = StatedCallers(house.desk)
    desk = Desk(settings, callers.of(who, operator.token), who=lambda: who)
    before = verifications(databases)
    with pytest.raises(Forbidden) as refused:
        desk.ask(Verify(actor=who))
    assert reason(refused) == why
    assert verifications(databases) == before
    assert events(house, "staff.acts_refused", operator.code)[-1] == told | {"acts": ["audit.verify"]}
    callers.close()


def verifications(databases) -> int:
    with psycopg.connect(databases.owner_dsn("audit")) as connection:
        (number,) = connection.execute("SELECT count(*) FROM verification").fetchone()
    return number


@pytest.mark.clause("STAFF-1")
def test_who_leaves_is_out_with_the_next_step(house, tab, operator):
    assert tab.get(PARKED).status_code == 200
    house.do(house.people["kari"], "staff.record_exit", {"code": operator.code, "reason": "left"})
    answer = tab.get(PARKED)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/log-in?next=%2Fparked")
    with pytest.raises(Unauthenticated):
        house.sign(operator, asked_for("audit.trail_head", {}))


def test_a_second_tab_is_out_where_the_first_one_logged_out(house, app, tab, operator):
    second = Tab(app, operator.token)
    assert second.get(PARKED).status_code == 200
    assert tab.post("/log-out").status_code == 303
    signed = len(events(house, "staff.acts_signed", operator.code))
    assert second.get(PARKED).headers["Location"].startswith("/log-in")
    assert second.post("/find", email="kari@firma.example", purpose="dispute").headers["Location"] == (
        "/log-in?next=%2Ffind%3Fdraft%3Dyes"
    )
    assert len(events(house, "staff.acts_signed", operator.code)) == signed


def test_the_session_of_a_command_line_opens_no_page_and_ends_with_its_person_s_wish(house, app, operator):
    """Whoever has copied the file of a session gets no further than its end."""
    device = house.desk.ask(BeginDeviceLogIn())
    code = devices.understood(device.user_code)
    house.desk.ask(DecideDeviceLogIn(token=operator.token, user_code=code, approve=True))
    stolen = house.desk.ask(PollDeviceLogIn(device_token=device.device_token)).token
    assert Tab(app, stolen).get(PARKED).headers["Location"].startswith("/log-in")
    house.do(house.people["kari"], "staff.end_sessions_of", {"code": operator.code})
    operator.token = stolen
    with pytest.raises(Unauthenticated):
        house.do(operator, "audit.trail_head", {})


@pytest.mark.parametrize(
    ("lack", "words"),
    [
        ("undertaking_over", "Your undertaking of confidentiality is over"),
        ("training_over", "Your training is too old"),
        ("role_not_granted", "None of your roles does this"),
        ("grant_not_live", "The grant that you had for this has ended"),
    ],
)
def test_the_page_says_what_somebody_lacks(house, app, lack, words):
    answer = Tab(app, house.lacking[lack].token).get(PARKED)
    assert answer.status_code == 403
    assert words in answer.text


def test_who_has_one_key_is_led_to_enrol_another(house, app):
    answer = Tab(app, house.lacking["passkeys_missing"].token).get(PARKED)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me")


@pytest.mark.clause("STAFF-2")
def test_somebody_comes_by_a_link_of_the_desk_and_leaves_by_its_form(house, app):
    administers = {"purpose": Purpose.STAFF_ADMINISTRATION}
    admin = Decider.sworn(house.stage, f"admin-{uuid4().hex[:8]}", Role.STAFF_ADMIN, **administers)

    def proved(minutes):
        ago = "UPDATE session SET authenticated_at = now() - %s * interval '1 minute' WHERE token_digest = %s"
        house.owner.execute(ago, (minutes, authentication.digest(admin.token)))

    desk, code = Tab(app, admin.token), f"new-{uuid4().hex[:8]}"
    proved(16)
    refused = desk.post("/people", code=code)
    assert (refused.status_code, "/log-in?next=/people" in refused.text) == (403, True)
    proved(14)
    (token,) = re.findall(r"/enrol/([\w-]+)", desk.post("/people", code=code).text)
    newcomer = Decider(house.stage, code)
    newcomer.enrol(By(link=token), newcomer.keys[0])
    newcomer.log_in()
    newcomer.enrol(By(session=newcomer.token), newcomer.keys[1])
    assert desk.get(f"/people/{code}").status_code == 200
    sent = {"code": code, "reason": "left", KEY_FIELD: str(uuid4())}
    assert desk.post("/acts/record-exit", **sent).headers["Location"] == f"/people/{code}?done=done"
    with pytest.raises(Unauthenticated):
        house.sign(newcomer, asked_for("audit.trail_head", {}))
