"""Bad input at the real gateway: always a clear answer, nothing half-done, nothing lost."""

from __future__ import annotations

import copy
import json
from uuid import uuid4

import pytest
import requests

from sandbox.mailgun.webhooks import sign
from services.gateway.endpoints import ENDPOINTS
from services.notification.preferences.calls import CONSENT_SENTENCES
from tests.bad_input import VALUES, spoilt, spoilt_texts
from tests.bad_input import put as put_in
from tests.e2e.people import PASSWORD, Company, Visitor, a_letter, letters_to, somebody
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

INSIDES = ("Traceback", "psycopg", "kombu", "nameko", 'File "', "services.", "amqp", "SELECT ")
JSON = {"Content-Type": "application/json"}
SENSITIVE = "sensitive_input_refused"


@pytest.fixture
def company(system):
    return Company(system, users=1)


@pytest.fixture(scope="module")
def resident(whole_system):
    whole_system.wait_ready()
    return Company(whole_system, users=1).move_in()


def refused(answer, status):
    """The problem document of an answer, which has this status and tells nothing of our insides."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json"), answer.text
    problem = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert not [word for word in INSIDES if word in answer.text]
    return problem


def nothing_came_of(company):
    """Nobody got a letter from it, so no account was made: signing up properly still works."""
    assert letters_to(company.system, company.creator.email) == []
    company.must("POST", "/v1/accounts", 202, json=company.form)
    a_letter(company.system, company.creator.email, "email_confirmation")


@pytest.mark.parametrize(
    "body",
    [b"{", b"", b"[]", b'"text"', b'{"company": NaN}', b'{"password": 1, "password": 2}', b"\xff\xfe", b"[" * 5000],
    ids=["cut off", "empty", "a list", "a text", "not a number", "a key twice", "no UTF-8", "deep"],
)
def test_what_is_not_one_json_object_is_refused_as_malformed(company, body):
    problem = refused(company.ask("POST", "/v1/accounts", data=body, headers=JSON), 400)
    assert problem["type"] == "/problems/malformed"


def test_a_body_of_one_megabyte_is_refused_before_it_is_read(company):
    body = json.dumps(company.form | {"password": "x" * 1_000_000})
    refused(company.ask("POST", "/v1/accounts", data=body, headers=JSON), 413)
    nothing_came_of(company)


def test_a_body_that_does_not_say_it_is_json_is_refused(company):
    refused(company.ask("POST", "/v1/accounts", data=json.dumps(company.form)), 415)
    nothing_came_of(company)


def put(form, path, value):
    changed = copy.deepcopy(form)
    at = changed
    *way, last = path
    for step in way:
        at = at[step]
    at[last] = value
    return changed


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("birth_number",), "01010112345"),
        (("company", "address"), "Storgata 1"),
        (("creator", "birthday"), "1990-01-01"),
        (("users", 0, "note"), "hello"),
        (("company", "name"), 17),
        (("company", "name"), ""),
        (("company",), "Eksempel AS"),
        (("users",), {"name": "x"}),
        (("users",), [None]),
        (("agreement", "accepted"), "true"),
        (("agreement", "accepted"), False),
        (("agreement", "attestations", "authority"), False),
        (("agreement", "authority"), "friend"),
        (("password",), "kort"),
        (("language",), "sv"),
        (("creator", "email"), "kari@"),
        (("creator", "email"), "kari@firma"),
        (("creator", "email"), "kari kari@firma.example"),
        (("creator", "email"), ["kari@firma.example"]),
        (("company", "phone"), "12"),
        (("company", "phone"), "+47 000 00 000"),
        (("creator", "phone"), "ring meg"),
        (("company", "org_number"), "806800938"),
        (("company", "org_number"), "12345"),
        (("company", "org_number"), 806800937),
        (("company", "name"), "Foretak 418190 12359"),
        (("users", 0, "name"), "Kari 01819012365"),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else repr(value)[:24],
)
def test_a_sign_up_with_a_field_that_does_not_fit_is_refused_and_the_field_named(company, path, value):
    problem = refused(company.ask("POST", "/v1/accounts", json=put(company.form, path, value)), 422)
    named = json.dumps(problem["errors"])
    assert str(path[0]) in named or str(path[-1]) in named
    assert str(value) not in problem["detail"] or len(str(value)) < 3
    assert letters_to(company.system, company.creator.email) == []


@pytest.mark.clause("INPUT-1")
def test_s48_a_report_with_a_national_identity_number_is_refused_and_the_number_kept_nowhere(
    whole_system, resident
):
    number = "01819012365"  # of the synthetic ones, and so nobody's
    path, report = "/v1/account/nonconformities", {"about": "outage", "text": f"Siden til {number} var nede."}
    before = resident.must("GET", path, 200)["nonconformities"]
    problem = refused(resident.ask("POST", path, json=report), 422)
    assert problem["errors"].keys() == {"text"}
    assert number not in json.dumps(problem)
    log = (whole_system.home / "logs" / "account.log").read_text()
    lines = [each for line in log.splitlines() if (each := json.loads(line)).get("event") == SENSITIVE]
    assert [(each["field"], each["kind"], each["account_id"]) for each in lines][-1:] == [
        ("text", "national_id", str(resident.account_id))
    ]
    assert number not in log
    assert resident.must("GET", path, 200)["nonconformities"] == before
    told = resident.must("POST", path, 202, json=report | {"text": "Siden til den sykemeldte var nede."})
    assert told["hints"] == ["health"], "what is only a word is taken, and told"


def test_after_all_refusals_nothing_is_half_done(company):
    refused(company.ask("POST", "/v1/accounts", json=put(company.form, ("creator", "phone"), "12")), 422)
    nothing_came_of(company)


def test_a_second_sign_up_gets_the_same_answer_makes_no_second_account_and_tells_the_known_address(company):
    first = company.must("POST", "/v1/accounts", 202, json=company.form)
    company.confirm()
    again = company.form | {"company": company.form["company"] | {"name": "En annen bedrift"}, "users": []}
    again["creator"] = {"name": "En annen", "email": company.creator.email.upper(), "phone": "+4790012345"}
    assert company.must("POST", "/v1/accounts", 202, json=again) == first
    a_letter(company.system, company.creator.email, "sign_up_repeated")
    assert len(letters_to(company.system, company.creator.email, "email_confirmation")) == 1
    query = "SELECT count(*) FROM account_user WHERE id = %s OR account_id = %s"
    assert company.system.rows("account", query, company.creator.user_id, company.account_id) == [(2,)]
    company.token = company.log_in()["token"]
    assert company.must("GET", "/v1/account", 200)["name"] == company.name


def test_a_sign_up_repeated_with_its_key_is_done_once_and_writes_one_letter(company):
    for _ in range(3):
        company.sign_up()
    company.confirm()
    company.join()
    assert len(letters_to(company.system, company.creator.email)) == 1


def test_a_change_of_a_stale_version_is_refused_with_the_current_one(resident):
    account = resident.must("GET", "/v1/account", 200)
    changed = resident.must("PATCH", "/v1/account", 200, json={"version": account["version"], "language": "en"})
    body = {"version": account["version"], "phone": "+4790012345"}
    problem = refused(resident.ask("PATCH", "/v1/account", json=body), 409)
    assert problem["current_version"] == changed["version"]
    assert resident.must("GET", "/v1/account", 200)["phone"] == account["phone"]
    user = resident.others[0].user_id
    body = {"version": 999, "name": "Nytt navn"}
    refused(resident.ask("PATCH", f"/v1/users/{user}", json=body), 409)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/v1/users/{}"),
        ("POST", "/v1/users/{}/deactivation"),
        ("POST", "/v1/users/{}/reactivation"),
        ("POST", "/v1/users/{}/invitation"),
    ],
)
def test_ids_that_nobody_has_and_ids_of_somebody_else_are_equally_unknown(system, resident, method, path):
    stranger = Company(system).move_in()
    body = {"version": 1} | ({"name": "Nytt navn"} if method == "PATCH" else {})
    answers = [
        refused(stranger.ask(method, path.format(user_id), json=body), 404)
        for user_id in (uuid4(), resident.others[0].user_id, resident.creator.user_id)
    ]
    assert answers[0] == answers[1] == answers[2]
    shown = {user["name"] for user in resident.must("GET", "/v1/users", 200)["users"]}
    assert shown == {resident.creator.name, resident.others[0].name}


@pytest.mark.clause("RIGHTS-6", "RIGHTS-7", "ISOLATE-1")
def test_s23_what_a_person_asks_for_is_seen_by_them_alone_and_passed_on_where_the_company_answers(system, resident):
    person, stranger = resident.others[0], Company(system).move_in()
    token = resident.log_in(person)["token"]
    path = "/v1/rights-requests"
    asked = resident.must("POST", path, 202, json={"right": "access"}, token=token)
    again = resident.must("POST", path, 202, json={"right": "access"}, token=token)
    assert (asked["is_new"], again) == (True, asked | {"is_new": False})
    assert asked["reference"] in a_letter(system, person.email, "rights_received")["text"]
    withdrawal = f"{path}/{asked['case_id']}/withdrawal"
    unknown = [refused(each.ask("POST", withdrawal), 404) for each in (resident, stranger)]
    assert unknown[0] == unknown[1] == refused(stranger.ask("POST", f"{path}/{uuid4()}/withdrawal"), 404)
    assert [each.must("GET", path, 200)["requests"] for each in (resident, stranger)] == [[], []]
    content = {"right": "erasure", "concerns": "content"}
    content = resident.must("POST", path, 202, json=content, token=token)
    system.vilkar(
        "case", "decide", content["case_id"], "--version", "1", "--step", "forward_request",
        "--reason", "customer_is_controller", "--yes",
    )  # fmt: skip
    assert resident.name in a_letter(system, person.email, "request_passed_on")["text"]
    assert person.name not in a_letter(system, resident.creator.email, "request_forwarded")["text"]
    passed_on = "/v1/account/forwarded-requests"
    (seen,) = resident.must("GET", passed_on, 200)["requests"]
    assert (seen["case_id"], seen["user_id"]) == (content["case_id"], person.user_id)
    assert stranger.must("GET", passed_on, 200)["requests"] == []
    refused(resident.ask("GET", passed_on, token=token), 403)
    assert resident.must("POST", withdrawal, 200, token=token)["state"] == "withdrawn"
    shown = {each["case_id"]: each["state"] for each in resident.must("GET", path, 200, token=token)["requests"]}
    assert shown == {asked["case_id"]: "withdrawn", content["case_id"]: "with_controller"}


@pytest.mark.parametrize("path", ["/v1/certificates/{}", "/v1/nothing", "/v1/users/7/deactivation", "/v2/accounts"])
def test_what_is_not_there_is_answered_with_404(system, path):
    refused(Visitor(system).ask("GET", path.format(uuid4())), 404)


def test_a_method_that_is_not_offered_and_a_missing_session_are_told_apart(system):
    visitor = Visitor(system)
    refused(visitor.ask("DELETE", "/v1/accounts"), 405)
    refused(visitor.ask("GET", "/v1/account"), 401)
    refused(visitor.ask("GET", "/v1/account", token="x" * 43), 401)


def test_a_plain_user_neither_sees_the_others_nor_changes_the_company(resident):
    token = resident.log_in(resident.others[0])["token"]
    shown = resident.must("GET", "/v1/users", 200, token=token)["users"]
    assert [user["email"] for user in shown] == [resident.others[0].email]
    version = resident.must("GET", "/v1/account", 200)["version"]
    for method, path, body in (
        ("PATCH", "/v1/account", {"version": version, "name": "Mitt"}),
        ("POST", "/v1/users", somebody(resident.domain).form),
        ("POST", "/v1/account/deactivation", {"version": version, "current_password": PASSWORD}),
    ):
        refused(resident.ask(method, path, json=body, token=token), 403)


def test_known_and_unknown_addresses_get_the_same_answers(system, resident):
    visitor = Visitor(system)
    stranger = f"{uuid4().hex}@nowhere.example"
    for path in ("/v1/password-reset-requests", "/v1/email-confirmation-requests"):
        known, unknown = (
            visitor.must("POST", path, 202, json={"email": email}) for email in (resident.creator.email, stranger)
        )
        assert known == unknown
    wrong = [
        refused(visitor.ask("POST", "/v1/sessions", json={"email": email, "password": PASSWORD + "!"}), 401)
        for email in (resident.creator.email, stranger)
    ]
    assert wrong[0] == wrong[1]


def webhook(system, letter, *, key=None, age_seconds=0):
    """A webhook as Mailgun would send it about a letter, signed with `key`."""
    from tests.e2e.people import clock

    timestamp = str(int(clock(system).now().timestamp()) - age_seconds)
    token = uuid4().hex + "0" * 18
    key = key or system.secret("notification", "mailgun_webhook_signing_key")
    event = {
        "event": "failed",
        "severity": "permanent",
        "reason": "bounce",
        "id": uuid4().hex,
        "timestamp": float(timestamp),
        "recipient": letter["recipients"][0],
        "user-variables": letter["variables"],
        "message": {"headers": {"message-id": letter["id"]}},
        "delivery-status": {"code": 550},
    }
    signature = sign(key, timestamp=timestamp, token=token)
    return {"signature": {"timestamp": timestamp, "token": token, "signature": signature}, "event-data": event}


def test_a_webhook_that_is_not_mailguns_is_answered_406_and_changes_nothing(system):
    company = Company(system)
    company.sign_up()
    company.confirm()
    letter = a_letter(system, company.creator.email, "email_confirmation")
    path = "/webhooks/mailgun/" + system.secret("notification", "mailgun_webhook_path_secret")
    good = webhook(system, letter)
    wrong_key = webhook(system, letter, key="somebody else's")
    altered = good | {"signature": good["signature"] | {"timestamp": str(int(good["signature"]["timestamp"]) - 1)}}
    old = webhook(system, letter, age_seconds=3 * 86400)
    visitor = Visitor(system)
    for body in (wrong_key, altered, old, {}, {"signature": {}, "event-data": good["event-data"]}):
        assert visitor.ask("POST", path, json=body).status_code == 406
    assert visitor.ask("POST", path, data=b"\xff{").status_code == 406
    assert visitor.ask("POST", "/webhooks/mailgun/" + "0" * 32, json=good).status_code == 406
    with system.bus() as bus:

        def states():
            return letter_states(bus, company)

        assert states() <= {"sent", "delivered"}
        # The same words with the right signature are believed: it was the signature that made the difference.
        assert visitor.ask("POST", path, json=good).status_code == 200
        until(lambda: "bounced" in states(), what="a bounced letter", seconds=10, every=0.2)
        assert states() == {"bounced"}
        # Its token is used up: what comes with it again is a repetition and nothing more.
        assert visitor.ask("POST", path, json=good).status_code == 200


def test_an_alarm_mailed_by_the_host_is_a_case_and_a_forged_one_is_not(system):
    url = f"{system.gateway}/webhooks/mailgun/{system.secret('notification', 'mailgun_webhook_path_secret')}/mail"
    letter = {"url": url, "recipient": "alarm@mg.example.no", "sender": "vakt@host.example", "subject": "Trafikk"}

    def mailed(**changes):
        answer = requests.post(f"{system.sandbox}/control/inbound", json=letter | changes, timeout=20)
        return answer.json()["answer"]

    def alarms():
        query = "SELECT signals FROM case_file WHERE join_key = 'host:traffic' AND ended_at IS NULL"
        return sum(signals for (signals,) in system.rows("cases", query))

    before = alarms()
    assert mailed(spf="Fail", dkim="Fail") == 406
    assert mailed(sender="x@evil.example") == 406
    attached = [{"filename": "logg.txt", "content_type": "text/plain", "content": "aGVp"}]
    assert [mailed(), mailed(attachments=attached)] == [200, 200]
    until(lambda: alarms() == before + 2, what="two alarms in one case", seconds=20, every=0.2)
    assert mailed(timestamp="1") == 406


# ── every kind of bad input at every address ──────────────────────────────────────────────────────────────

CLEAR = {200, 201, 202, 204, 400, 401, 403, 404, 405, 406, 409, 411, 413, 415, 422, 423, 429, 431}
"""A clear answer, be it yes or no; never a fault of ours."""
TOKEN = "0123456789abcdef" * 2
SAMPLES = {
    "confirmEmail": {"token": TOKEN},
    "requestConfirmation": {"email": "nobody@nowhere.example"},
    "logIn": {"email": "nobody@nowhere.example", "password": "Ni elger og en paraply"},
    "requestPasswordReset": {"email": "nobody@nowhere.example"},
    "resetPassword": {"token": TOKEN, "new_password": "Ni elger og en paraply"},
    "reactivateAccount": {"email": "nobody@nowhere.example", "password": "Ni elger og en paraply"},
    "reactivateByLetter": {"token": TOKEN},
    "changePassword": {"current_password": "Ni elger og en paraply", "new_password": "To rever under en hylle"},
    "changeEmail": {"email": "nobody@nowhere.example", "current_password": "Ni elger og en paraply"},
    "updateAccount": {
        "version": 999,
        "name": "Nytt navn",
        "phone": "22225555",
        "language": "nb",
        "org_number": None,
    },
    "deactivateAccount": {"version": 999},
    "terminateContract": {"version": 999, "current_password": "Ni elger og en paraply"},
    "withdrawNotice": {"version": 999},
    "confirmAccuracy": {"version": 999},
    "addUser": {"name": "", "email": "ny@nowhere.example", "phone": "22225555", "language": "nb"},
    "updateUser": {"version": 999, "name": "Nytt navn"},
    "deactivateUser": {"version": 999},
    "reactivateUser": {"version": 999},
    "inviteUser": {"version": 999},
    "reportNonconformity": {"about": "outage", "text": "Siden svarer ikke.", "noticed_at": "2026-01-02T03:04:05Z"},
    "beginSupport": {"text": "Hvordan legger jeg til en bruker?"},
    "writeOnToSupport": {"text": "Hvordan legger jeg til en bruker?"},
    "makeRightsRequest": {"right": "access"},
    "beginCorrespondence": {"kind": "complaint", "about": "data_use", "text": "Dere ringer om kvelden."},
    "declineEmails": {"classes": ["marketing"]},
    "agreeToEmails": {"sentences": [CONSENT_SENTENCES[0].sha256]},
    "requestExport": {"kind": "access", "whose": "own"},
    "requestExportWithPassword": {"email": "nobody@nowhere.example", "password": "Ni elger og en paraply"},
    "downloadExport": {"email": "nobody@nowhere.example", "password": "Ni elger og en paraply"},
    "makeTransfer": {
        "email": "nobody@nowhere.example",
        "password": "Ni elger og en paraply",
        "receiver": "Ny Leverandør AS",
    },
    "fetchTransfer": {"code": TOKEN},
    "confirmTransfer": {"code": TOKEN, "sha256": "ab" * 32},
    "reportWithPassword": {
        "email": "nobody@nowhere.example",
        "password": "Ni elger og en paraply",
        "about": "outage",
        "text": "Siden svarer ikke.",
    },
}
"""Something that can be spoilt for every address that takes a body; sign-up has a form of its own."""


def test_every_address_that_takes_a_body_has_something_to_spoil():
    assert {each.operation for each in ENDPOINTS if each.request is not None} == {*SAMPLES, "signUp"}


def clear(answer, what):
    assert answer.status_code in CLEAR, f"{what}: {answer.status_code} {answer.text[:300]}"
    assert not [word for word in INSIDES if word in answer.text], what


@pytest.mark.parametrize("operation", SAMPLES)
def test_a_body_with_one_thing_wrong_gets_a_clear_answer(system, resident, operation):
    (endpoint,) = (each for each in ENDPOINTS if each.operation == operation)
    path = endpoint.path.replace("<uuid:user_id>", str(uuid4()))
    token = resident.token if endpoint.needs_session else ""
    for what, body in [*spoilt(SAMPLES[operation]), *spoilt_texts(SAMPLES[operation])]:
        data = body if isinstance(body, bytes) else json.dumps(body)
        clear(Visitor(system).ask(endpoint.method, path, data=data, headers=JSON, token=token), what)


def test_a_sign_up_with_one_thing_wrong_gets_a_clear_answer_and_one_made_well_comes_through(company):
    for what, form in [*spoilt(company.form), *spoilt_texts(company.form)]:
        if "password: " in what or "agreement" in what:
            continue  # which are asked of the same reader elsewhere, and cost a digest
        data = form if isinstance(form, bytes) else json.dumps(form)
        clear(Visitor(company.system).ask("POST", "/v1/accounts", data=data, headers=JSON), what)
    company.sign_up()
    company.confirm()


def test_headers_with_anything_in_them_get_a_clear_answer(system):
    values = [
        value for value in VALUES.values() if isinstance(value, str) and value.isprintable() and value.isascii()
    ]
    values += [
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Basic Og==",
        "*/*;q=x",
        "a" * 4000,
        "=?utf-8?q?x?=",
        ",,,",
        "0x7f",
    ]
    for name in (
        "Authorization",
        "Idempotency-Key",
        "Content-Type",
        "Accept",
        "X-Forwarded-For",
        "User-Agent",
        "Cookie",
    ):
        for value in values:
            headers = {"Content-Type": "application/json", name: value.strip()}
            for method, path in (("POST", "/v1/sessions"), ("GET", "/v1/account"), ("GET", "/")):
                body = json.dumps(SAMPLES["logIn"]) if method == "POST" else None
                clear(Visitor(system).ask(method, path, data=body, headers=headers), f"{name}: {value[:40]!r}")


def test_a_signed_webhook_is_taken_whatever_stands_in_it_and_the_next_one_is_understood(system):
    company = Company(system)
    company.sign_up()
    company.confirm()
    letter = a_letter(system, company.creator.email, "email_confirmation")
    path = "/webhooks/mailgun/" + system.secret("notification", "mailgun_webhook_path_secret")
    event = webhook(system, letter)["event-data"] | {"event": "opened"}
    for at in ("event", "id", "timestamp", "severity", "user-variables", "message", "delivery-status", None):
        for what, value in VALUES.items():
            body = webhook(system, letter)
            body["event-data"] = put_in(event, (at,) if at else (), value)
            answer = Visitor(system).ask("POST", path, json=body) if not half(value) else None
            assert answer is None or answer.status_code == 200, f"{at}, {what}: {answer.status_code} {answer.text}"
    assert Visitor(system).ask("POST", path, json=webhook(system, letter)).status_code == 200
    with system.bus() as bus:
        until(lambda: bounced(bus, company), what="a bounced letter")


def half(value):
    """What JSON of requests cannot write: infinite numbers are refused by the client itself."""
    return isinstance(value, float) and value > 1e308


def bounced(bus, company):
    return "bounced" in letter_states(bus, company)


def letter_states(bus, company):
    of_owner = {"account_id": company.account_id, "user_id": company.creator.user_id}
    return {each["state"] for each in bus.notification.letters(**of_owner)["letters"]}
