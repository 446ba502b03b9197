"""The desk's interface for programs: who gets in, what is passed on, and what bad input is told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Response

from services.desk import sessions as session_cookies
from services.desk.api import problems
from services.desk.api.allowed_calls import IN_A_BROWSER
from services.desk.api.app import BEGUN, BODY_LIMIT_BYTES, PREFIX, RATES, Api
from services.desk.api.machine_alarms import MachineAlarm, MachineAlarms
from services.desk.demo_log_in import InventedPeople
from services.desk.known_calls import known_calls
from services.desk.requests_refused import RequestsRefused
from services.desk.sessions import IN_COMMAND_LINES, Session, StaffSessions
from services.desk.stated_caller import StatedCallers
from services.retention.execution.calls import Release
from services.staff.device_log_in import rules as device_log_in
from services.staff.device_log_in.calls import DeviceLogInBegun
from services.staff.sessions.calls import Authenticated
from shared.errors import (
    REFUSALS,
    Conflict,
    DeadlineExceeded,
    Internal,
    Permanent,
    Refused,
    TooMany,
    Unavailable,
    VilkarError,
)
from shared.http.rate_limits import Rate
from shared.staff import acts
from shared.web.session_door import ASKED, UNSEEN, Sessions
from shared.webauthn import RelyingParty
from tests.bad_input import spoilt, spoilt_texts
from tests.desk_stage import HOLD, HOST, ID, TOKEN, OneSession, Services
from tests.examples import example

pytestmark = pytest.mark.unit

HOLDS = "/api/v1/calls/retention/holds"
MACHINE = "/api/v1/machine-alarms"
LATE = MachineAlarm(
    service="backup", code="backup_late", says="the last one is old", act="vilkar backup status", count=1,
    since=datetime(2026, 11, 29, 8, tzinfo=UTC),
)  # fmt: skip
RELEASE = {"erasure_ids": [ID]}


class Program:
    """What asks the interface: a command line with a session, unless it is told to show another or none."""

    def __init__(
        self,
        sessions: Sessions[Session] | None = None,
        *,
        invented: InventedPeople | None = None,
        rates: Mapping[str, Rate] = RATES,
    ) -> None:
        self.services = Services()
        self.refused = RequestsRefused()
        stated = StatedCallers(self.services)
        api = Api(
            self.services,
            acting=lambda session: stated.of(session.actor, session.token),
            sessions=sessions or OneSession(),
            machine_alarms=lambda: MachineAlarms(alarms=(LATE,)),
            public_url=HOST,
            invented_people=invented,
            refused=self.refused,
            rates=rates,
        )
        self.client = Client(DispatcherMiddleware(Response("the pages", status=404), {PREFIX: api}))

    def post(
        self, path: str, body: Any = None, *, token: str | None = TOKEN, base_url: str = HOST, **headers: str
    ) -> TestResponse:
        data = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
        sent = {"Content-Type": "application/json", "X-Forwarded-For": "192.0.2.1"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        return self.client.post(
            path, base_url=base_url, data=data, headers=sent, environ_overrides={"REMOTE_ADDR": "192.0.2.1"}
        )


@pytest.fixture
def program() -> Program:
    return Program()


def code_of(answer: TestResponse) -> tuple[int, str]:
    assert answer.content_type == problems.CONTENT_TYPE
    said = json.loads(answer.data)
    assert said["status"] == answer.status_code
    return answer.status_code, said["code"]


def test_whoever_is_on_another_machine_is_told_what_is_wrong_where_the_desk_is(program) -> None:
    answer = program.post(MACHINE)
    assert (answer.status_code, json.loads(answer.data)) == (200, MachineAlarms(alarms=(LATE,)).to_json())
    assert MachineAlarms.from_json(json.loads(answer.data)).alarms == (LATE,)
    assert program.services.asked == []


@pytest.mark.parametrize(
    ("token", "body", "said"),
    [(None, {}, (401, "unauthenticated")), (TOKEN[:-1] + "y", {}, (401, "unauthenticated")),
     (TOKEN, {"all": True}, (422, "invalid")), (TOKEN, b"{", (400, "malformed"))],
)  # fmt: skip
def test_who_shows_no_session_or_asks_for_something_else_is_told_nothing_of_the_machine(
    program, token, body, said
) -> None:
    answer = program.post(MACHINE, body, token=token)
    assert code_of(answer) == said
    assert b"backup" not in answer.data


def test_a_call_is_passed_on_and_its_reply_comes_back_as_json(program) -> None:
    answer = program.post(HOLDS, {"state": "overdue"})
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert json.loads(answer.data)["holds"][0]["hold_id"] == HOLD["hold_id"]
    ((service, method, fields),) = program.services.asked
    assert (service, method, fields["state"]) == ("retention", "holds", "overdue")
    (signing,) = program.services.signings
    assert (signing["token"], signing["acts"][0]["act"]) == (TOKEN, "retention.holds")


def test_every_answer_may_be_kept_and_shown_nowhere(program) -> None:
    for answer in (program.post(HOLDS), program.post("/api/v1/calls/retention/nothing")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answer.headers


def test_a_call_that_every_service_answers_is_asked_of_the_one_that_is_named(program) -> None:
    program.services.replies["open_alarms"] = {"alarms": []}
    assert program.post("/api/v1/calls/billing-sync/open_alarms").status_code == 200
    assert program.services.asked[0][:2] == ("billing-sync", "open_alarms")


def test_every_act_of_staff_can_be_asked_for_here() -> None:
    assert acts().keys() <= known_calls().keys()


def test_what_staff_do_not_call_is_not_there(program) -> None:
    for path in ("/api/v1/calls/account/log_in", "/api/v1/calls/nobody/ping", "/api/v1", "/api/v2/calls/a/b"):
        assert code_of(program.post(path)) == (404, "not_found"), path
    answer = program.client.get(HOLDS, base_url=HOST)
    assert (*code_of(answer), answer.headers["Allow"]) == (405, "method_not_allowed", "POST")
    assert program.services.asked == []


@pytest.mark.parametrize(
    ("path", "body", "header"),
    [("/api/v1/calls/staff/authenticate", {}, "true"), (HOLDS, {}, "true"),
     ("/api/v1/calls/retention/release", RELEASE, "yes"), ("/api/v1/calls/staff/begin_device_log_in", {}, "no")],
)  # fmt: skip
def test_what_is_not_tried_is_not_carried_out_instead(program, path, body, header) -> None:
    assert code_of(program.post(path, body, Rehearsal=header)) == (422, "invalid")
    assert program.services.asked == []


# ── who asks ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("token", [None, "", "x", "y" * 300, "Zq3vT0-b1JtPmR7cXyA5uW9kLsE2hGfN4oDi6QeVrSy"])
def test_without_a_session_nothing_is_passed_on(program, token) -> None:
    answer = program.post(HOLDS, token=token)
    assert code_of(answer) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert program.services.asked == []


def test_a_cookie_of_the_pages_opens_nothing_here(program) -> None:
    program.client.set_cookie(session_cookies.COOKIE, TOKEN, domain="desk.example", secure=True)
    assert code_of(program.post(HOLDS, token=None)) == (401, "unauthenticated")


def test_the_session_of_a_browser_is_none_of_a_command_line() -> None:
    services = Services()
    sessions = StaffSessions(services, kind=IN_COMMAND_LINES)
    known = example(Authenticated, staff_code="kari", kind="desk", passkeys=2)
    services.replies["authenticate"] = known
    assert sessions.known(TOKEN) is None
    services.replies["authenticate"] = known | {"kind": "command_line"}
    assert sessions.known(TOKEN) == Session(code="kari", passkeys=2, token=TOKEN)


def test_with_one_passkey_nothing_is_passed_on() -> None:
    program = Program(OneSession(passkeys=1))
    assert code_of(program.post(HOLDS)) == (403, "forbidden")
    assert program.services.asked == []


def test_another_host_name_is_not_answered(program) -> None:
    assert code_of(program.post(HOLDS, base_url="https://gateway.example")) == (400, "malformed")
    assert program.services.asked == []


def test_a_call_about_ones_own_session_gets_it_from_where_it_was_shown(program) -> None:
    program.services.replies["authenticate"] = example(Authenticated, staff_code="kari")
    assert program.post("/api/v1/calls/staff/authenticate").status_code == 200
    assert program.services.asked == [("staff", "authenticate", {"token": TOKEN})]
    assert code_of(program.post("/api/v1/calls/staff/log_out", {"token": "another" * 8})) == (422, "invalid")
    assert len(program.services.asked) == 1


def test_what_staff_do_not_sign_is_refused_with_its_reason(program) -> None:
    program.services.unsigned["retention.holds"] = "undertaking_over"
    answer = program.post(HOLDS)
    assert code_of(answer) == (403, "forbidden")
    assert json.loads(answer.data)["details"] == {"reason": "undertaking_over"}
    assert program.services.asked == []


def test_approval_and_purpose_are_what_is_signed_for(program) -> None:
    assert program.post(HOLDS, Approval_Id=ID, Purpose="dispute").status_code == 200
    (signing,) = program.services.signings
    assert (signing["purpose"], signing["acts"][0]["approval_id"]) == ("dispute", ID)
    for header in ({"Approval_Id": "first"}, {"Purpose": "curiosity"}):
        assert code_of(program.post(HOLDS, **header)) == (422, "invalid")
    assert len(program.services.asked) == 1


def test_the_file_of_a_session_that_ended_and_what_takes_a_browser_are_told(program) -> None:
    for _ in range(2):
        program.post(HOLDS, token=TOKEN[:-1] + "y")
    program.post("/api/v1/calls/staff/invite_person", {"code": "per", "token_digest": "0" * 64})
    program.post(HOLDS, Origin="https://evil.example")
    program.post("/api/v1/calls/staff/nothing")
    program.refused.tell(program.services, datetime(2027, 3, 1, 9, tzinfo=UTC))
    asked = [fields for _, method, fields in program.services.asked if method == "tell_requests_refused"]
    assert {each["reason"]: each["count"] for each in asked} == {
        "session_unknown": 2, "browser_needed": 1, "foreign_origin": 1,
    }  # fmt: skip
    assert TOKEN[:-1] not in str(asked)


@pytest.mark.parametrize("method", sorted(IN_A_BROWSER))
def test_keys_codes_and_statements_are_not_had_by_the_file_of_a_session(program, method) -> None:
    path = f"/api/v1/calls/{method.replace('.', '/')}"
    assert code_of(program.post(path)) == (403, "forbidden")
    assert code_of(program.post(path, token=None)) == (401, "unauthenticated")
    assert program.services.asked == []


@pytest.mark.parametrize("token", [None, TOKEN], ids=["without a session", "with one"])
def test_a_device_begins_without_a_session_and_others_wait_after_too_many(program, token) -> None:
    program.services.replies["begin_device_log_in"] = example(DeviceLogInBegun)
    burst = RATES[BEGUN].burst
    answers = [program.post("/api/v1/calls/staff/begin_device_log_in", token=token) for _ in range(burst + 1)]
    assert [answer.status_code for answer in answers].count(200) == burst
    assert code_of(answers[-1]) == (429, "too_many")
    assert int(answers[-1].headers["Retry-After"]) >= 1


def test_one_address_cannot_take_all_the_places_of_devices_that_wait() -> None:
    rate, minutes = RATES[BEGUN], device_log_in.LASTS.total_seconds() / 60
    assert (rate.burst + minutes * rate.per_minute) * 5 <= device_log_in.PENDING_MOST


class Counted(OneSession):
    """Counts how often the service is asked."""

    asked = 0
    has_ended = False

    def known(self, token: str) -> Session | None:
        self.asked += 1
        return None if self.has_ended else super().known(token)


def test_guessing_sessions_is_slowed_down_before_anybody_is_asked_and_a_session_in_use_is_not() -> None:
    sessions = Counted()
    program = Program(sessions, rates={**RATES, UNSEEN: Rate(burst=5, per_minute=1)})
    assert program.post(HOLDS).status_code == 200
    answers = [program.post(HOLDS, token=f"{n:04}{'g' * 30}") for n in range(20)]
    assert [answer.status_code for answer in answers] == [401] * 4 + [429] * 16
    assert code_of(answers[-1]) == (429, "too_many")
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert sessions.asked == 5
    assert program.post(HOLDS).status_code == 200
    assert sessions.asked == 6, "what was seen before is asked about again: it may have ended"


def test_a_session_that_has_ended_is_none_at_once_and_its_token_one_like_any_other() -> None:
    sessions = Counted()
    program = Program(sessions, rates={**RATES, UNSEEN: Rate(burst=2, per_minute=1)})
    assert program.post(HOLDS).status_code == 200
    sessions.has_ended = True
    assert [program.post(HOLDS).status_code for _ in range(3)] == [401, 401, 429]
    assert sessions.asked == 3


def test_one_session_asks_so_many_things_at_once() -> None:
    program = Program(rates={**RATES, ASKED: Rate(burst=3, per_minute=1)})
    answers = [program.post(HOLDS) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]


def test_where_there_are_no_invented_people_none_is_let_in(program) -> None:
    path = "/api/v1/invented-people/kari/sessions"
    assert code_of(program.post(path, token=None)) == (404, "not_found")
    party = RelyingParty.of_url(HOST)
    demo = Program(invented=InventedPeople(caller=program.services, party=party, environment="demo"))
    assert code_of(demo.post(path.replace("kari", "nobody"), token=None)) == (404, "not_found")
    assert program.services.asked == []


def let_in(path: str, data: bytes, content_type: str) -> int:
    party = RelyingParty.of_url(HOST)
    services = Services()
    demo = Program(invented=InventedPeople(caller=services, party=party, environment="demo"))
    sent = {"Content-Type": content_type}
    answer = demo.client.post(path, base_url=HOST, data=data, headers=sent)
    assert services.asked == []
    return answer.status_code


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_form_of_any_web_page_asks_for_no_session_of_an_invented_person(content_type) -> None:
    assert let_in("/api/v1/invented-people/kari/sessions", b"{}", content_type) == 415
    assert let_in("/api/v1/invented-people/kari/sessions", b'{"next": 1}', "application/json") == 422


@pytest.mark.parametrize(
    "sent", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"},
             {"Sec_Fetch_Site": "same-site"}, {"Origin": HOST, "Sec_Fetch_Site": "cross-site"}],
)  # fmt: skip
@pytest.mark.parametrize("path", [HOLDS, MACHINE, "/api/v1/invented-people/kari/sessions"])
def test_what_a_page_of_another_site_makes_a_browser_ask_is_refused(program, path, sent) -> None:
    assert code_of(program.post(path, **sent)) == (403, "forbidden")
    assert program.services.asked == []


def test_a_program_and_a_page_of_the_desk_itself_may_ask(program) -> None:
    for sent in ({}, {"Origin": HOST, "Sec_Fetch_Site": "same-origin"}, {"Sec_Fetch_Site": "none"}):
        assert program.post(HOLDS, **sent).status_code == 200


def test_calls_of_one_page_are_signed_together_and_one_failure_ends_no_other(program) -> None:
    program.services.replies["open_alarms"] = Unavailable("audit does not answer")
    asked = [
        {"service": "retention", "method": "holds", "fields": {"state": "overdue"}, "seconds": 5},
        {"service": "audit", "method": "open_alarms", "fields": {}, "seconds": 5},
        {"service": "retention", "method": "restrictions", "fields": {}, "seconds": 5},
    ]
    answer = program.post("/api/v1/calls", {"calls": asked})
    assert answer.status_code == 200
    first, second, third = json.loads(answer.data)["outcomes"]
    assert first["reply"]["holds"][0]["hold_id"] == HOLD["hold_id"]
    assert isinstance(problems.error_of(second["problem"]["status"], second["problem"]), Unavailable)
    assert third["problem"] is None
    (signing,) = program.services.signings
    assert [each["act"] for each in signing["acts"]] == ["retention.holds", "retention.restrictions"]


@pytest.mark.parametrize(
    ("calls", "code"),
    [
        ([], "invalid"),
        ([{"service": "retention", "method": "nothing", "fields": {}, "seconds": 5}], "not_found"),
        ([{"service": "retention", "method": "holds", "fields": {"state": "asleep"}, "seconds": 5}], "invalid"),
        ([{"service": "retention", "method": "holds", "fields": {}, "seconds": 61}], "invalid"),
        ([{"service": "staff", "method": "sign_statements", "fields": {}, "seconds": 5}], "forbidden"),
        ([{"service": "staff", "method": "begin_device_log_in", "fields": {}, "seconds": 5}], "forbidden"),
        ([{"service": "retention", "method": "holds", "fields": {}, "seconds": 5}] * 33, "invalid"),
    ],
)
def test_of_several_none_is_made_where_one_is_wrong(program, calls, code) -> None:
    assert code_of(program.post("/api/v1/calls", {"calls": calls}))[1] == code
    assert code_of(program.post("/api/v1/calls", {"calls": calls}, token=None)) == (401, "unauthenticated")
    assert program.services.asked == []


# ── bad input ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_whatever_is_wrong_with_a_body_is_refused_before_anybody_is_asked(program) -> None:
    tried = 0
    bodies = [(what, json.dumps(value).encode()) for what, value in spoilt({"state": "active", "limit": 5})]
    for what, body in [*bodies, *spoilt_texts({"state": "active"})]:
        before, answer = len(program.services.asked), program.post(HOLDS, body)
        assert answer.status_code in (200, 400, 422), what
        assert (answer.status_code == 200) == (len(program.services.asked) > before), what
        tried += answer.status_code != 200
    assert tried > 40


def test_a_body_too_large_or_of_another_type_is_refused(program) -> None:
    assert code_of(program.post(HOLDS, b" " * (BODY_LIMIT_BYTES + 1))) == (413, "too_large")
    assert code_of(program.post(HOLDS, Content_Type="text/plain")) == (415, "unsupported_media_type")
    assert program.services.asked == []


def test_what_is_wrong_is_named_by_its_field(program) -> None:
    answer = program.post(HOLDS, {"state": "sleeping", "colour": "red"})
    assert code_of(answer) == (422, "invalid")
    assert set(json.loads(answer.data)["details"]["fields"]) == {"state", "colour"}


@pytest.mark.parametrize("limit", ["0", "1e-9", "0.9", "-1", "61", "nan", "inf", "soon", ""])
def test_a_time_limit_is_a_number_of_seconds(program, limit) -> None:
    assert code_of(program.post(HOLDS, Time_Limit=limit)) == (422, "invalid")


def test_a_key_serves_one_person_and_one_call_and_is_not_passed_on_as_it_was_written(program) -> None:
    program.services.replies["release"] = example(Release.reply, released=1)
    keys = []
    for key in ("first", "first", "second"):
        assert program.post("/api/v1/calls/retention/release", RELEASE, Idempotency_Key=key).status_code == 200
        keys.append(program.services.asked[-1][2]["idempotency_key"])
    assert keys[0] == keys[1] != keys[2]
    assert "first" not in keys[0]
    for key in ("", "x" * 101):
        answer = program.post("/api/v1/calls/retention/release", RELEASE, Idempotency_Key=key)
        assert code_of(answer) == (422, "invalid")
    assert code_of(program.post(HOLDS, Idempotency_Key="first")) == (422, "invalid"), "it changes nothing"


# ── what goes wrong, there and back ───────────────────────────────────────────────────────────────────────────────

FAILURES: list[VilkarError] = [
    *(cls("Said so.", details={"reason": "a_code", "version": 3}) for cls in REFUSALS.values()),
    TooMany(details={"retry_after_seconds": 7}),
    Unavailable("account does not answer"),
    DeadlineExceeded("account.ping did not answer within 2 s"),
    Internal("0192f6c0-0000-7000-8000-00000000000f"),
]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda each: type(each).__name__)
def test_who_asks_here_meets_what_a_service_raised(program, failure) -> None:
    program.services.replies["holds"] = failure
    answer = program.post(HOLDS)
    met = problems.error_of(answer.status_code, json.loads(answer.data))
    assert (type(met), str(met)) == (type(failure), str(failure))
    if isinstance(failure, Refused):
        assert met.details == failure.details
        assert answer.status_code == failure.status


def test_a_fault_tells_its_number_and_nothing_else(program) -> None:
    program.services.replies["holds"] = Permanent("a secret of the house")
    answer = program.post(HOLDS)
    assert code_of(answer) == (500, "internal")
    assert "secret" not in answer.text
    assert isinstance(problems.error_of(500, json.loads(answer.data)), Internal)


@pytest.mark.parametrize("body", [None, [], "a page", {"code": 7}, {"code": "no_code_of_ours", "detail": 3}])
@pytest.mark.parametrize("status", [200, 404, 409, 500, 502, 503])
def test_what_is_no_document_of_ours_is_understood_as_a_failure(status, body) -> None:
    assert isinstance(problems.error_of(status, body), VilkarError)
    if status >= 500:
        assert not isinstance(problems.error_of(status, body), Conflict)
