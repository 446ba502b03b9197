"""The customers' own pages: who gets in, what a form becomes, what is said of what is refused."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from services.account.accounts.rules import blocked
from services.account.accounts.values import ROLES
from services.account.agreements.calls import AgreementShown, TermsTextShown, TermsVersionShown
from services.account.nonconformities.calls import Reported
from services.account.nonconformities.values import ABOUT, TEXT_LIMIT
from services.account.support.values import ABOUT as WRITTEN_ABOUT
from services.account.support.values import CASES, QUESTION
from services.account.support.values import STATES as SUPPORT_STATES
from services.account.support.values import TEXT_LIMIT as SUPPORT_TEXT_LIMIT
from services.audit.logins.calls import PURPOSES
from services.audit.logins.rules import DISCLOSURE_DAYS, OWN_ACCESS_DAYS
from services.audit.staff_reads.calls import ReadsOfDay
from services.cases.data_packs.calls import DataPackShown, NoticeInPack
from services.cases.kinds.complaint import COMPLAINT
from services.cases.kinds.enquiry import ENQUIRY
from services.cases.rights_requests.values import Concerns, Right
from services.gateway.rate_limits import RATES
from services.gateway.web.acts import Kind
from services.gateway.web.outcomes import WORDS, Outcome
from services.gateway.web.pages import incidents, log_ins, people, rights, support
from services.gateway.web.pages.table import ACTS, PAGES
from services.gateway.web.sessions import COOKIE
from services.gateway.web.words import TABLES
from services.notification.preferences.calls import CONSENT_SENTENCES, OPTIONAL_LETTERS
from services.retention.monitoring.calls import ErasureShown, HeldShown
from shared.breach_words import OF_NOTICE
from shared.calendar import add_months, erasure_due_after_notice, notice_ends_on, oslo_date
from shared.clock import Clock
from shared.dates_in_words import long_date
from shared.errors import (
    Conflict,
    DeadlineExceeded,
    Forbidden,
    Invalid,
    Locked,
    NotFound,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from shared.form_drafts import KEPT
from shared.input_guard import Hint, complaints
from shared.staff import Purpose
from shared.terms import texts
from shared.terms.parameters import parameter
from shared.vendor_imprint import DEMO_IMPRINT
from shared.web.csrf import COOKIE as FORM_COOKIE
from shared.web.csrf import FIELD
from shared.web.session_door import RATES as SESSION_RATES
from shared.web.session_door import UNSEEN
from tests.customer_stage import (
    ACCOUNT,
    ADDRESSES,
    BROWSER,
    COLLEAGUE,
    COMPANY,
    EXPORT,
    HOST,
    KEY,
    OWNER,
    REPLIES,
    SENDING,
    TOKEN,
    TRANSFER,
    Browser,
    address_of,
)
from tests.examples import example

pytestmark = pytest.mark.unit

SIGN_UP: dict[str, Any] = {
    "company_name": "Fjøsåker Bakeri AS", "org_number": "923 609 016", "company_email": "post@fjosaker.example",
    "company_phone": "22225555", "name": "Kåre Østby", "email": "kare@fjosaker.example", "phone": "41234567",
    "right": "chair", "accepted": "yes", **dict.fromkeys(texts.SENTENCES, "yes"),
    "version": "v1", "text_sha256": "1" * 64, "language": "nb",
}  # fmt: skip
UNSEEN_RATE = SESSION_RATES[UNSEEN]
OUR_OWN = {"Sec-Fetch-Site": "same-origin"}
PUBLIC = {
    "/",
    "/log-in",
    "/log-out",
    "/come-back",
    "/sign-up",
    "/ended",
    "/copy",
    "/copy/<export_id>",
    "/report",
    "/agreement",
}


@pytest.fixture
def browser(tmp_path) -> Browser:
    return Browser(tmp_path)


@pytest.fixture
def stranger(tmp_path) -> Browser:
    return Browser(tmp_path, logged_in=False)


@pytest.mark.parametrize("language", ["nb", "en"])
def test_every_page_stands_in_both_languages_and_says_who_we_are(tmp_path, language) -> None:
    browser = Browser(tmp_path, language=language)
    wrong = []
    for address in ADDRESSES:
        answer = browser.get(address)
        said = [DEMO_IMPRINT.name, DEMO_IMPRINT.org_number, DEMO_IMPRINT.seat, f"mailto:{DEMO_IMPRINT.contact}"]
        whole = all(each in answer.text for each in [*said, f'<html lang="{language}"'])
        if answer.status_code != 200 or not whole or answer.text.count("<h1") != 1 or "<b>Nord" in answer.text:
            wrong.append((address, answer.status_code))
    assert wrong == []


def test_pages_for_everybody_are_the_ways_in() -> None:
    assert {page.rule for page in PAGES if page.is_public} == PUBLIC


@pytest.mark.clause("ISOLATE-1")
def test_whoever_has_no_session_is_asked_to_log_in_and_no_service_hears_of_it(stranger) -> None:
    for page in PAGES:
        if page.is_public:
            continue
        address = address_of(page.rule)
        answer = stranger.post(address) if page.method == "POST" else stranger.get(address)
        assert (answer.status_code, answer.headers["Location"][:13]) == (303, "/log-in?next="), page.name
    assert stranger.services.asked == []


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "https://other.example"}, {"Origin": HOST, "Sec-Fetch-Site": "same-site"}]
)
def test_a_form_that_another_site_sends_does_nothing(browser, headers) -> None:
    assert {browser.post(address, headers).status_code for address in SENDING} == {403}
    assert {browser.post(address, **{FIELD: "x"}).status_code for address in SENDING} == {403}
    assert browser.services.asked == []


def test_the_interface_for_programs_reads_no_cookie(browser) -> None:
    assert browser.get("/v1/account").status_code == 401
    assert browser.services.asked == []


def test_whoever_logs_in_has_a_session_in_a_cookie_and_goes_on_to_where_they_wanted(stranger) -> None:
    answer = stranger.post("/log-in", email="kare@fjosaker.example", password=" pass ord ", next="/me")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me")
    assert answer.headers["Set-Cookie"] == f"{COOKIE}={TOKEN}; Secure; HttpOnly; Path=/; SameSite=Lax"
    (asked,) = stranger.services.of("log_in")
    assert (asked["password"], asked["origin"]["ip"]) == (" pass ord ", "127.0.0.1")
    elsewhere = stranger.post("/log-in", email="kare@fjosaker.example", password="x", next="//evil.example")
    assert elsewhere.headers["Location"] == "/"


@pytest.mark.parametrize(
    ("refusal", "status", "said"),
    [
        (Unauthenticated(), 401, "Adressen eller passordet er feil."),
        (Locked(), 423, "Be om en e-post"),
        (blocked(), 423, DEMO_IMPRINT.phone),
        (Forbidden(details={"reason": "unconfirmed"}), 403, "ikke bekreftet ennå"),
        (TooMany(), 429, "For mange forsøk"),
        (Unavailable("away"), 503, "vet ikke om det ble gjort"),
    ],
)
def test_whoever_is_not_let_in_is_told_why_and_gets_no_cookie(stranger, refusal, status, said) -> None:
    stranger.services.replies["log_in"] = refusal
    answer = stranger.post("/log-in", email="kare@fjosaker.example", password="x")
    assert (answer.status_code, said in answer.text) == (status, True)
    assert 'value="x"' not in answer.text
    assert COOKIE not in answer.headers.get("Set-Cookie", "")


def test_leaving_ends_the_session_here_and_in_the_browser(browser) -> None:
    answer = browser.post("/log-out")
    assert browser.services.of("log_out") == [{"token": TOKEN}]
    assert answer.headers["Set-Cookie"].startswith(f"{COOKIE}=; Expires=Thu, 01 Jan 1970")


def test_a_session_that_ended_leads_to_the_log_in_which_says_so(browser) -> None:
    browser.set(COOKIE, TOKEN[:-1] + "y")
    assert browser.get("/me").headers["Location"] == "/log-in?next=%2Fme"
    assert "Økten din er over." in browser.get("/log-in").text


@pytest.mark.clause("ACCEPT-1")
def test_the_whole_text_is_in_view_and_what_was_shown_is_what_is_accepted(stranger) -> None:
    page = stranger.get("/sign-up").text
    assert "<pre>§ 1\nHele teksten.</pre>" in page
    assert f'name="text_sha256" value="{"1" * 64}"' in page
    answer = stranger.post("/sign-up", **SIGN_UP)
    assert (answer.status_code, "Se etter en e-post" in answer.text) == (200, True)
    (asked,) = stranger.services.of("sign_up")
    assert asked["agreement"] == {
        "version": "v1", "text_sha256": "1" * 64, "accepted": True, "authority": "chair",
        "attestations": dict.fromkeys(texts.SENTENCES, True), "domain": "kunde.example",
        "element": "sign_up.accept",
    }  # fmt: skip
    assert (asked["company"]["org_number"], asked["creator"]["name"]) == ("923609016", "Kåre Østby")
    stranger.post("/sign-up", **SIGN_UP)
    assert len({each["idempotency_key"] for each in stranger.services.of("sign_up")}) == 1
    assert len({each["password"] for each in stranger.services.of("sign_up")}) == 2, "nobody knows it"


@pytest.mark.clause("ACCEPT-1")
@pytest.mark.parametrize("left_out", [None, "email"])
def test_ticks_under_another_text_do_not_count_under_the_one_that_is_shown_now(stranger, left_out) -> None:
    stranger.services.replies["sign_up"] = Conflict(details={"reason": "version"})
    sent = {name: each for name, each in SIGN_UP.items() if name != left_out} | {"text_sha256": "2" * 64}
    answer = stranger.post("/sign-up", **sent)
    assert answer.status_code in (409, 422)
    assert "Les den, og kryss av på nytt" in answer.text
    assert not re.search(r'type="checkbox"[^>]* checked', answer.text)
    assert f'name="text_sha256" value="{"1" * 64}"' in answer.text


@pytest.mark.clause("ACCEPT-1")
@pytest.mark.parametrize("left_out", ["accepted", "right", "email", *texts.SENTENCES])
def test_without_each_box_and_field_nobody_is_signed_up(stranger, left_out) -> None:
    answer = stranger.post("/sign-up", **{name: each for name, each in SIGN_UP.items() if name != left_out})
    assert answer.status_code == 422
    assert f'href="#{left_out}"' in answer.text
    assert re.search(rf'id="{left_out}"[^>]* aria-describedby="[^"]*{left_out}-error"', answer.text)
    assert 'value="Fjøsåker Bakeri AS"' in answer.text
    assert f'value="{KEY}"' in answer.text, "so that it is done once"
    assert stranger.services.of("sign_up") == []


def test_what_a_service_finds_wrong_is_told_at_its_field(stranger) -> None:
    stranger.services.replies["sign_up"] = Invalid(details={"fields": {"creator": {"phone": ["x"]}}})
    answer = stranger.post("/sign-up", **SIGN_UP)
    assert answer.status_code == 422
    assert 'href="#phone"' in answer.text
    assert answer.text.count("ds-validation-message") == 1


def test_one_changes_ones_own_data_with_the_version_that_one_read_and_once(browser) -> None:
    browser.services.replies["update_user"] = {"user_id": OWNER, "version": 5, "state": "active"}
    assert 'name="version" value="4"' in browser.get("/me/correct").text
    for _ in range(2):
        answer = browser.post("/me/correct", name="Kåre Ås", phone="41234567", language="en", version="4")
        assert answer.headers["Location"] == "/me?done=saved"
    first, second = browser.services.of("update_user")
    assert first == second
    assert (first["user_id"], first["version"], first["name"]) == (OWNER, 4, "Kåre Ås")
    assert (first["account_id"], first["actor"]) == (ACCOUNT, f"user:{OWNER}")
    assert "email" not in first


def test_whoever_is_a_user_sees_themselves_and_no_ways_of_an_owner(tmp_path) -> None:
    browser = Browser(tmp_path)
    browser.services.replies["authenticate"] = REPLIES["authenticate"] | {"role": "user", "user_id": COLLEAGUE}
    browser.services.replies["list_users"] = {"users": [REPLIES["list_users"]["users"][1]]}
    pages = {address: browser.get(address).text for address in ("/", "/company", "/people", "/rights")}
    for word in ("/people/invite", "/company/correct", "/company/terminate", "/change"):
        assert not [address for address, page in pages.items() if word in page], word
    assert browser.services.of("forwarded_requests") == []
    assert browser.services.of("timeline")[0]["user_id"] == COLLEAGUE


def test_a_password_is_typed_twice_alike_and_never_shown_again(browser) -> None:
    given = {"current_password": "gammelt ord 1", "new_password": "nytt og langt ord 2"}
    answer = browser.post("/me/password", **given, again_password="noe annet")
    assert (answer.status_code, browser.services.of("change_password")) == (422, [])
    assert "nytt og langt" not in answer.text
    browser.services.replies["change_password"] = Invalid(details={"password": ["too common"]})
    assert (
        'href="#new_password"' in browser.post("/me/password", **given, again_password=given["new_password"]).text
    )
    browser.services.replies["change_password"] = Forbidden(details={"reason": "wrong_password"})
    wrong = browser.post("/me/password", **given, again_password=given["new_password"])
    assert (wrong.status_code, "Passordet er feil." in wrong.text) == (403, True)


def test_an_owner_invites_changes_deactivates_and_takes_back(browser) -> None:
    changed = {"user_id": COLLEAGUE, "version": 3, "state": "active"}
    browser.services.replies |= dict.fromkeys(
        ("add_user", "update_user", "deactivate_user", "reactivate_user"), changed
    )
    person = {"name": "Ola Nordmann", "email": "ola@fjosaker.example", "phone": "+4741234568", "language": "en"}
    assert browser.post("/people/invite", **person).status_code == 303
    base = f"/people/{COLLEAGUE}"
    was = {f"was_{name}": each for name, each in (person | {"name": "Ola <b>Nordmann</b>", "role": "user"}).items()}
    changed = person | was | {"role": "owner", "current_password": "hemmelig ord 1"}
    assert browser.post(f"{base}/change", **changed, version="2").status_code == 303
    for act in ("deactivate", "reactivate"):
        assert browser.post(f"{base}/{act}", version="2").status_code == 303
    (update,) = browser.services.of("update_user")
    assert (update["role"], update["name"]) == ("owner", "Ola Nordmann")
    assert (update["current_password"], update["origin"]["ip"]) == ("hemmelig ord 1", "127.0.0.1")
    assert not {"email", "phone", "language"} & update.keys(), "what is as it was is not changed"
    assert [each["version"] for each in browser.services.of("deactivate_user")] == [2]
    keys = {each["idempotency_key"] for method, each in browser.services.asked if "idempotency_key" in each}
    assert len(keys) == 4, "each address has a key of its own"


def test_what_changed_meanwhile_is_said_and_what_stood_in_the_form_stays(browser) -> None:
    browser.services.replies["update_account"] = Conflict(details={"version": 8})
    values = {"name": "Nytt Navn AS", "email": "post@fjosaker.example", "phone": "+4722225555", "language": "nb"}
    answer = browser.post("/company/correct", **values, version="7")
    assert (answer.status_code, "noe er endret siden" in answer.text) == (409, True)
    assert 'value="Nytt Navn AS"' in answer.text


def test_addresses_on_paper_are_given_and_taken_away(browser) -> None:
    browser.services.replies["update_account"] = {"account_id": ACCOUNT, "version": 8, "state": "active"}
    values = {"name": "Fjøsåker Bakeri AS", "email": "post@fjosaker.example", "phone": "+4722225555",
              "language": "nb", "org_number": "923609016", "version": "7"}  # fmt: skip
    billing = {"billing_address_line_1": "Boks 1", "billing_address_postal_code": "5003",
               "billing_address_city": "Bergen"}  # fmt: skip
    was = {f"was_{name}": value for name, value in values.items()}
    was |= {"was_contact_address_line_1": "Storgata 1", "was_contact_address_city": "Bergen"}
    assert browser.post("/company/correct", **values, **billing, **was).status_code == 303
    (asked,) = browser.services.of("update_account")
    assert asked["contact_address"] is None
    assert asked["billing_address"]["line_1"] == "Boks 1"
    assert "email" not in asked


def test_the_end_of_an_account_takes_a_tick_and_says_how_to_come_back(browser) -> None:
    browser.services.replies["deactivate_account"] = {"account_id": ACCOUNT, "version": 8, "state": "inactive"}
    assert browser.post("/company/deactivate", version="7").status_code == 422
    assert 'href="#current_password"' in browser.post("/company/deactivate", version="7", sure="yes").text
    answer = browser.post("/company/deactivate", version="7", sure="yes", current_password="hemmelig ord 1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/ended?what=account")
    assert f"{COOKIE}=;" in answer.headers.get("Set-Cookie", ""), "nobody is logged in any more"
    assert "/password" in browser.get("/ended?what=account").text
    assert len(browser.services.of("deactivate_account")) == 1


def test_who_presses_log_out_when_the_session_has_ended_is_out(stranger) -> None:
    answer = stranger.post("/log-out")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/log-in")
    assert stranger.services.of("log_out") == []


def test_what_was_not_answered_in_time_is_not_said_to_be_undone_and_stays_in_the_form(browser) -> None:
    browser.services.replies["report_nonconformity"] = DeadlineExceeded("late")
    answer = browser.post("/incidents/report", about="outage", text="Alt er borte.")
    assert (answer.status_code, "vet ikke om det ble gjort" in answer.text) == (503, True)
    assert "Alt er borte." in answer.text
    assert f'value="{KEY}"' in answer.text, "so that it is done once"
    assert "Ingenting er gjort" not in answer.text


def test_what_is_saved_twice_is_the_same_request_whatever_the_service_has_by_then(browser) -> None:
    fields = {"name": "Fjøsåker Bakeri AS", "email": "post@fjosaker.example", "phone": "+4722225555",
              "language": "nb", "org_number": "923609016"}  # fmt: skip
    was = {f"was_{name}": value for name, value in fields.items()}
    assert all(
        f'name="{name}" value="{value}"' in browser.get("/company/correct").text for name, value in was.items()
    )
    browser.services.asked.clear()
    for number in ("923609016", "974760673"):
        browser.services.replies["get_account"] = COMPANY | {"phone": "+4722226666", "org_number": number}
        changed = fields | {"phone": "+4722226666"}
        assert browser.post("/company/correct", **changed, **was, version="7").status_code == 303
    assert browser.services.of("get_account") == [], "the form alone says what is asked for"
    first, second = browser.services.of("update_account")
    assert first == second
    assert (first["phone"], "email" in first, "org_number" in first) == ("+4722226666", False, False)
    browser.services.asked.clear()
    assert browser.post("/company/correct", **fields, **was, version="7").status_code == 303
    assert browser.services.asked == [], "nothing was changed"


def test_three_acts_with_a_password_carry_the_key_of_their_form(browser) -> None:
    proof = {"current_password": "hemmelig ord 1"}
    new = {"new_password": "nytt og langt ord 2", "again_password": "nytt og langt ord 2"}
    sent = {
        "/me/password": new,
        "/me/email": {"email": "ny@fjosaker.example"},
        "/company/terminate": {"version": "7"},
    }
    for address, given in sent.items():
        for _ in range(2):
            assert browser.post(address, **given, **proof).status_code == 303
    for method in ("change_password", "change_email", "terminate_with_password"):
        first, second = browser.services.of(method)
        assert first["idempotency_key"] == second["idempotency_key"]


@pytest.mark.parametrize("is_done", [True, False])
def test_what_was_set_aside_is_forgotten_once_it_is_sent_with_success(browser, is_done) -> None:
    browser.services.replies["drop_form_draft"] = {"status": "done"}
    if not is_done:
        browser.services.replies["add_user"] = Conflict(details={"reason": "address_taken"})
    person = {"name": "Ola Nordmann", "email": "ola@fjosaker.example", "phone": "41234567", "language": "en"}
    assert browser.post("/people/invite?draft=yes", **person).status_code == (303 if is_done else 409)
    dropped = [{"token": TOKEN, "path": "/people/invite"}] if is_done else []
    assert browser.services.of("drop_form_draft") == dropped


def test_a_person_asks_for_what_the_law_gives_and_takes_it_back(browser) -> None:
    browser.services.replies |= {
        "make_own_request": REPLIES["own_requests"]["requests"][0] | {"is_new": True},
        "withdraw_own_request": REPLIES["own_requests"]["requests"][0],
    }
    assert browser.post("/rights/ask", right="objection", concerns="account").status_code == 303
    assert browser.services.of("make_own_request") == [
        {"token": TOKEN, "right": "objection", "concerns": "account"}
    ]
    assert browser.post(address_of("/rights/<case_id>/withdraw")).status_code == 303
    assert "Datatilsynet, Postboks 458 Sentrum, 0105 Oslo" in browser.get("/rights").text


@pytest.mark.clause("RIGHTS-5", "RIGHTS-6")
def test_a_person_complains_in_their_own_words_and_takes_it_back(browser) -> None:
    answer = browser.post("/rights/complain", about="data_use", text="Dere ringer om kvelden.")
    assert answer.headers["Location"].startswith("/rights?done=case-written&number=")
    (asked,) = browser.services.of("begin_correspondence")
    assert (asked["kind"], asked["about"], asked["text"]) == ("complaint", "data_use", "Dere ringer om kvelden.")
    assert "helse" in browser.post("/rights/complain", about="data_use", text="Jeg er gravid.").text
    assert browser.post("/rights/enquire", about="terms", text="Hvor lenge?").status_code == 303
    assert browser.services.of("begin_correspondence")[-1]["kind"] == "enquiry"
    assert "V-7K3M-98" in browser.get("/rights").text
    browser.services.replies["withdraw_own_correspondence"] = REPLIES["own_correspondence"]["cases"][0]
    taken_back = browser.post(address_of("/rights/written/<case_id>/withdraw"))
    assert taken_back.headers["Location"] == "/rights?done=case-withdrawn"
    assert "ingen andre i virksomheten" in browser.get("/rights/complain").text


def test_one_writes_to_support_and_reads_the_answers(browser) -> None:
    written = browser.post("/support/write", text="Hvordan legger jeg til en bruker?")
    assert written.headers["Location"].startswith("/support?done=written&number=")
    (sent,) = browser.services.of("begin_support")
    assert (sent["text"], sent["account_id"]) == ("Hvordan legger jeg til en bruker?", ACCOUNT)
    thread = address_of("/support/<thread_id>")
    text = browser.get(thread).text
    assert "Fra deg" in text
    assert "Svar fra oss" in text
    assert browser.get(f"{thread}?before=3").status_code == 200
    assert [fields["before"] for fields in browser.services.of("support_thread")] == [None, 3]
    for nowhere in ("0", "1", "102", "x", "²"):
        assert browser.get(f"{thread}?before={nowhere}").status_code == 404
    assert browser.get("/support?after=x").status_code == 404
    assert "after=" in browser.get("/support").text
    more = browser.post(f"{thread}/write", text="Han er gravid.")
    assert "helse" in more.text, "what the text seems to speak of is told, and kept nowhere"
    browser.services.replies["write_on"] = Conflict("full", details={"reason": "thread_full"})
    assert "Begynn på en ny" in browser.post(f"{thread}/write", text="Mer.").text


def test_every_code_that_a_service_knows_has_words() -> None:
    assert TABLES["right"].keys() == set(Right)
    assert TABLES["concerns"].keys() == set(Concerns)
    assert TABLES["about"].keys() == set(ABOUT)
    assert TABLES["written_about"].keys() == set(WRITTEN_ABOUT)
    assert TABLES["written_kind"].keys() == {QUESTION, *CASES}
    states = {each.code for kind in (COMPLAINT, ENQUIRY) for each in kind.states}
    assert TABLES["written_state"].keys() == {*states, *COMPLAINT.ends, *ENQUIRY.ends}
    assert TABLES["role"].keys() == set(ROLES)
    assert TABLES["support_state"].keys() == set(SUPPORT_STATES)
    assert TABLES["purpose"].keys() >= {*PURPOSES, *map(str, Purpose)}


def test_the_numbers_that_pages_tell_are_those_of_the_rules() -> None:
    months, within = parameter("retention.inactive_account").default, parameter("dsr.deadline").default
    assert (months, within, TEXT_LIMIT) == (3, 1, 4000)
    assert rights.ASK.says is not None
    assert "én måned" in rights.ASK.says[0]
    assert (parameter("complaint.answer").default, parameter("enquiry.answer").default) == (1, 5)
    assert rights.ENQUIRE.says is not None
    assert "fem virkedager" in rights.ENQUIRE.says[0]
    assert rights.COMPLAIN.says is not None
    assert "én måned" in rights.COMPLAIN.says[0]
    assert incidents.REPORT.fields[1].hint is not None
    assert "4000" in incidents.REPORT.fields[1].hint[0]
    assert (parameter("support.answer").default, SUPPORT_TEXT_LIMIT) == (5, TEXT_LIMIT)
    assert support.BEGIN.says is not None
    assert "fem virkedager" in support.BEGIN.says[0]
    assert support.TEXT.hint is not None
    assert "4000" in support.TEXT.hint[0]
    assert int(log_ins.DAYS[-1]) == OWN_ACCESS_DAYS
    assert people.DISCLOSED_DAYS == DISCLOSURE_DAYS
    assert people.LOG_INS.says is not None
    assert "31" in people.LOG_INS.says[0]


def test_no_secret_is_kept_in_a_form_that_is_set_aside() -> None:
    secret = {each.name for act in ACTS for each in act.fields if each.kind is Kind.PASSWORD}
    assert secret
    assert all("password" in name for name in secret)


def test_what_stood_in_a_form_as_the_session_ended_is_there_after_the_next_log_in(browser) -> None:
    ended = TOKEN[:-1] + "y"
    browser.set(COOKIE, ended)
    person = {"name": "Ola Nordmann", "email": "ola@fjosaker.example", "phone": "41234567", "language": "en"}
    answer = browser.post("/people/invite", **person)
    assert answer.headers["Location"] == "/log-in?next=%2Fpeople%2Finvite%3Fdraft%3Dyes"
    (kept,) = browser.services.of("keep_form_draft")
    assert (kept["token"], kept["path"]) == (ended, "/people/invite")
    assert "Ola" not in kept["sealed"]
    browser.services.replies["show_form_draft"] = {"sealed": kept["sealed"]}
    browser.set(COOKIE, TOKEN)
    page = browser.get("/people/invite?draft=yes").text
    wanted = ("Det du fylte ut, står her", 'value="Ola Nordmann"', f'value="{KEY}"')
    assert [each for each in wanted if each not in page] == []
    assert browser.services.of("add_user") == []
    browser.services.replies["show_form_draft"] = NotFound()
    gone = browser.get("/people/invite?draft=yes")
    assert (gone.status_code, "Teksten er borte" in gone.text, KEPT) == (404, True, timedelta(hours=1))


def test_a_password_is_kept_nowhere(browser) -> None:
    browser.set(COOKIE, TOKEN[:-1] + "y")
    browser.post("/me/email", email="ny@fjosaker.example", current_password="hemmelig ord 1")
    (kept,) = browser.services.of("keep_form_draft")
    browser.services.replies["show_form_draft"] = {"sealed": kept["sealed"]}
    browser.set(COOKIE, TOKEN)
    page = browser.get("/me/email?draft=yes").text
    assert ('value="ny@fjosaker.example"' in page, "hemmelig" in page) == (True, False)


def test_an_owner_of_an_inactive_account_comes_back_or_is_told_the_way(stranger) -> None:
    proof = {"email": "kare@fjosaker.example", "password": "Snøen smelter i april 7"}
    assert stranger.post("/come-back", **proof).headers["Location"] == "/log-in?done=active-again"
    assert stranger.services.of("reactivate_with_password")[0]["agreement"] is None
    needed = Conflict(details={"reason": "acceptance_needed", "version": "v2"})
    stranger.services.replies["reactivate_with_password"] = needed
    answer = stranger.post("/come-back", **proof)
    assert (answer.status_code, "må inngås på nytt" in answer.text, 'href="/password"' in answer.text) == (
        409, True, True,
    )  # fmt: skip


def test_whoever_is_refused_a_right_is_told_where_to_complain(browser) -> None:
    browser.services.replies["withdraw_own_request"] = Conflict(details={"reason": "answered_before"})
    refused = browser.post(address_of("/rights/<case_id>/withdraw"))
    assert (refused.status_code, "Du kan klage til Datatilsynet" in refused.text) == (409, True)
    browser.services.replies["update_user"] = Conflict(details={"reason": "restricted"})
    answer = browser.post("/me/correct", name="Kåre", phone="41234567", language="nb", version="4")
    assert "artikkel 18" in answer.text
    assert "Du kan klage til Datatilsynet" in answer.text


def test_an_owner_reads_and_keeps_the_data_pack_of_a_breach_and_nobody_else_does(browser) -> None:
    notice = example(NoticeInPack, natures=["unauthorised_access"], late_reason=None)
    browser.services.replies["data_pack"] = example(
        DataPackShown, reference="V-7K3M-94", notices=[notice], filed=[]
    )
    page, file = (address_of(f"/incidents/<case_id>/data-pack{end}") for end in ("", "/file"))
    read = browser.get(page).text
    assert [
        each for each in ("V-7K3M-94", OF_NOTICE["natures"]["unauthorised_access"][0]) if each not in read
    ] == []
    answer = browser.get(file)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="V-7K3M-94.json"'
    assert answer.json["reference"] == "V-7K3M-94"
    browser.services.replies["authenticate"] = REPLIES["authenticate"] | {"role": "user"}
    assert {browser.get(page).status_code, browser.get(file).status_code} == {403}


@pytest.mark.clause("ERASE-1", "ERASE-2")
@pytest.mark.parametrize("language", ["nb", "en"])
def test_before_something_is_ended_its_dates_stand_there_and_what_stays(tmp_path, language) -> None:
    browser = Browser(tmp_path, language=language)
    today, months = oslo_date(Clock(tmp_path, environment="test").now()), 2
    browser.services.replies["get_account"] = COMPANY | {"notice_months": months}
    last = notice_ends_on(today, months)
    people = "2 brukere" if language == "nb" else "2 users"
    of_company = ("§ 13" if language == "nb" else "section 13",)
    expected = {
        "/company/terminate": (last, erasure_due_after_notice(last), of_company),
        "/company/deactivate": (None, add_months(today, 3), (*of_company, people)),
        f"/people/{COLLEAGUE}/deactivate": (None, add_months(today, 3), ("Ola &lt;b&gt;Nordmann",)),
    }  # fmt: skip
    for address, (last_day, due, said) in expected.items():
        page = browser.get(address).text
        days = [day for day in (last_day, due, due + timedelta(days=7)) if day is not None]
        wanted = [*(long_date(day, language) for day in days), *said, "30"]
        assert [each for each in wanted if each not in page] == [], address


def test_whoever_ends_their_own_user_account_is_told_so_and_logged_in_no_more(browser) -> None:
    other = browser.get(f"/people/{COLLEAGUE}/deactivate").text
    own = browser.get(f"/people/{OWNER}/deactivate").text
    assert ("en annen eier" in own, "en annen eier" in other) == (True, False)
    answer = browser.post(f"/people/{OWNER}/deactivate", version="4", current_password="hemmelig ord 1")
    assert answer.headers["Location"] == "/ended?what=user"
    assert f"{COOKIE}=;" in answer.headers["Set-Cookie"]
    assert "Brukerkontoen din er inaktiv" in browser.get("/ended?what=user").text


@pytest.mark.clause("HOLD-1", "RIGHTS-4")
@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({}, "Fra torsdag 1. april 2027."),
        ({"suspended": True}, "Utsatt"),
        ({"state": "halted"}, "medarbeider"),
        ({"state": "fenced"}, "begynt"),
        ({"held": [example(HeldShown, category="all")]}, "Noe må beholdes lenger"),
    ],
)
def test_no_date_is_told_for_an_erasure_that_will_not_come_then(browser, how, said) -> None:
    planned = example(ErasureShown, user_id=None, state="scheduled", due_on="2027-04-01", suspended=False, held=[])
    browser.services.replies["timeline"] = {"erasures": [planned | how]}
    page = browser.get("/").text
    assert said in page
    assert ("1. april 2027" in page) == (not how or "held" in how)


def test_what_came_of_a_form_is_said_with_its_number_where_our_own_page_leads_to_it(browser) -> None:
    taken = REPLIES["own_requests"]["requests"][0]
    for is_new, outcome in ((True, Outcome.REQUESTED), (False, Outcome.REQUESTED_BEFORE)):
        browser.services.replies["make_own_request"] = taken | {"is_new": is_new}
        answer = browser.post("/rights/ask", right="access", concerns="account")
        assert answer.headers["Location"] == f"/rights?done={outcome}&number=V-7K3M-92"
        told = WORDS[outcome][0].format(number="V-7K3M-92")
        assert told in browser.get(answer.headers["Location"], **OUR_OWN).text
        for site in ({}, {"Sec-Fetch-Site": "none"}):
            assert told not in browser.get(answer.headers["Location"], **site).text
    forged = browser.get("/rights?done=requested&number=Ring+90012345", **OUR_OWN).text
    assert ("Kravet er mottatt" in forged, "Ring 9001" in forged) == (False, False)
    person = {"name": "Ola Nordmann", "email": "ola@fjosaker.example", "phone": "41234567", "language": "en"}
    assert browser.post("/people/invite", **person).headers["Location"] == "/people?done=invited"
    report = browser.post("/incidents/report", about="outage", text="Alt er borte.").headers["Location"]
    assert report.startswith("/incidents?done=reported&number=")


def test_a_change_says_whether_anything_was_changed_and_what_still_waits(browser) -> None:
    as_it_is = {
        "name": "Ola",
        "email": "ola@fjosaker.example",
        "phone": "+4741234568",
        "language": "en",
        "role": "user",
    }
    was = {f"was_{name}": each for name, each in as_it_is.items()}
    base = f"/people/{COLLEAGUE}/change"
    for changes, outcome in (
        ({}, "unchanged"),
        ({"name": "Ole"}, "saved"),
        ({"email": "ole@x.example"}, "address-waits"),
    ):
        answer = browser.post(base, **as_it_is | changes, **was, version="2")
        assert answer.headers["Location"] == f"/people?done={outcome}"


def test_a_session_that_ends_takes_along_no_word_of_what_was_done_and_no_place_that_cannot_be_read(browser) -> None:
    browser.set(COOKIE, TOKEN[:-1] + "y")
    assert browser.get("/rights?done=requested&number=V-7K3M-92").headers["Location"] == "/log-in?next=%2Frights"
    asked = {"email": "kare@fjosaker.example", "password": "x", "next": "/company?done=noticed&x=1"}
    assert browser.post("/log-in", **asked).headers["Location"] == "/company?x=1"


@pytest.mark.clause("RIGHTS-1", "RIGHTS-5")
def test_a_copy_is_asked_for_its_progress_is_seen_and_it_is_fetched_with_the_password(browser) -> None:
    page = browser.get("/copies").text
    assert ("1 av 2 deler er klare, 7 rader" in page, page.count("/fetch")) == (True, 2)
    for state, outcome in (("collecting", "copy-ordered"), ("ready", "copy-ready")):
        browser.services.replies["request_export"] = REPLIES["request_export"] | {"state": state}
        answer = browser.post("/copies/ask", kind="portability", whose="company")
        assert answer.headers["Location"] == f"/copies?done={outcome}"
    first, second = browser.services.of("request_export")
    assert first == second
    assert (first["kind"], first["whose"], first["account_id"]) == ("portability", "company", ACCOUNT)
    file = browser.post(f"/copies/{EXPORT}/fetch", current_password="hemmelig ord 1")
    assert (file.data, file.mimetype, file.headers["Content-Length"]) == (b"abcdef", "application/zip", "6")
    assert file.headers["Content-Disposition"] == f'attachment; filename="export-{EXPORT}.zip"'
    (opened,) = browser.services.of("open_export")
    assert (opened["email"], opened["password"], opened["export_id"]) == (
        "kare@fjosaker.example", "hemmelig ord 1", EXPORT,
    )  # fmt: skip


@pytest.mark.clause("RIGHTS-2")
def test_a_copy_to_take_along_is_handed_over_with_a_code_that_is_shown_once_and_can_be_taken_back(browser) -> None:
    page = browser.get("/copies").text
    assert (page.count("/hand-over"), page.count("Ny Leverandør AS</td>"), page.count("/end")) == (1, 2, 1)
    sent = {"receiver": "Ny Leverandør AS", "current_password": "hemmelig ord 1"}
    assert "k" * 43 in browser.post(f"/copies/{EXPORT}/hand-over", **sent).text
    (asked,) = browser.services.of("make_transfer")
    assert (asked["receiver"], asked["password"], asked["export_id"]) == (
        "Ny Leverandør AS", "hemmelig ord 1", EXPORT,
    )  # fmt: skip
    browser.services.replies["make_transfer"] = Conflict(details={"reason": "not_to_take_along"})
    assert "Bare din egen kopi" in browser.post(f"/copies/{EXPORT}/hand-over", **sent).text
    assert browser.post(f"/copies/transfers/{TRANSFER}/end").headers["Location"].startswith("/copies")
    assert browser.services.of("end_transfer")[0]["transfer_id"] == TRANSFER


@pytest.mark.parametrize(
    ("refusal", "status", "said"),
    [
        (Unauthenticated(), 403, "Passordet er feil."),
        (NotFound(), 404, "Kopien finnes ikke lenger"),
        (Conflict(details={"reason": "export_not_ready"}), 409, "ikke klar ennå"),
        (Conflict(details={"reason": "export_withdrawn"}), 409, "lages på nytt"),
        (Forbidden(), 403, "Bare en eier får kopien"),
        (TooMany(), 429, "For mange forsøk"),
    ],
)
def test_a_copy_that_cannot_be_fetched_says_why(browser, refusal, status, said) -> None:
    browser.services.replies["open_export"] = refusal
    answer = browser.post(f"/copies/{EXPORT}/fetch", current_password="x")
    assert (answer.status_code, said in answer.text) == (status, True)


@pytest.mark.clause("RIGHTS-1")
def test_whoever_cannot_log_in_any_more_gets_a_copy_and_reports_with_the_password(stranger) -> None:
    proof = {"email": "kare@fjosaker.example", "password": "Snøen smelter i april 7"}
    wish = {"kind": "access", "whose": "own"}
    assert f'href="/copy/{EXPORT}"' in stranger.post("/copy", **proof, **wish).text
    stranger.services.replies["request_export_with_password"] = REPLIES["request_export_with_password"] | {
        "state": "collecting"
    }
    waits = stranger.post("/copy", **proof, **wish).text
    assert ("Kopien lages" in waits, f"/copy/{EXPORT}" in waits) == (True, False)
    assert stranger.services.of("request_export_with_password")[0]["origin"]["ip"] == "127.0.0.1"
    assert stranger.post(f"/copy/{EXPORT}", **proof).data == b"abcdef"
    for _ in range(2):
        answer = stranger.post(
            "/report", **proof, about="outage", text="Alt er borte.", noticed_at="2027-01-04T10:30"
        )
        assert answer.headers["Location"].startswith("/log-in?done=reported-from-outside")
    first, second = stranger.services.of("report_with_password")
    assert (first, len(first["key"])) == (second, 64)
    assert first["noticed_at"] == "2027-01-04T10:30:00+01:00", "by the clock in Oslo"
    wrong = stranger.post("/report", **proof, about="outage", text="x", noticed_at="i går")
    assert (wrong.status_code, 'href="#noticed_at"' in wrong.text) == (422, True)
    assert "/copy" in stranger.get("/ended?what=account").text


def test_an_identity_number_in_a_text_is_named_as_what_is_refused(browser) -> None:
    browser.services.replies["report_nonconformity"] = Invalid(details={"fields": complaints([("text",)])})
    answer = browser.post("/incidents/report", about="other", text="Om 01010112345")
    assert (answer.status_code, "fødselsnummer eller D-nummer her" in answer.text) == (422, True)


@pytest.mark.clause("MAIL-1", "MAIL-2")
def test_whoever_is_logged_in_declines_what_can_be_declined_and_objects_to_marketing(browser) -> None:
    page = browser.get("/me/emails").text
    assert ('name="marketing"' in page, 'name="product_news"' in page) == (True, False)
    assert browser.post("/me/emails", marketing="yes").headers["Location"] == "/me/emails?done=declined"
    assert browser.services.of("decline_own") == [{"token": TOKEN, "classes": ["marketing"]}]
    assert browser.post("/me/emails").headers["Location"] == "/me/emails?done=unchanged"
    assert browser.post("/me/no-marketing").headers["Location"].startswith("/me/emails?done=objected&number=")
    assert set(OPTIONAL_LETTERS) == TABLES["email_class"].keys()


@pytest.mark.clause("MAIL-1", "MAIL-3")
def test_whoever_is_logged_in_agrees_to_the_sentence_that_was_shown_in_the_language_of_the_page(browser) -> None:
    page = browser.get("/me/email-consent").text
    assert ("Du har sagt ja til" in page, "Ja takk, send meg nyheter" in page) == (True, True)
    agreed = browser.post("/me/email-consent", product_news="yes")
    assert agreed.headers["Location"] == "/me/emails?done=agreed"
    nb = next(each for each in CONSENT_SENTENCES if (each.letter_class, each.language) == ("product_news", "nb"))
    assert browser.services.of("give_consent") == [{"token": TOKEN, "sentences": [nb.sha256]}]
    assert browser.post("/me/email-consent").headers["Location"] == "/me/emails?done=unchanged"
    browser.services.replies["give_consent"] = Conflict(details={"reason": "other_sentence"})
    assert "Les den på nytt" in browser.post("/me/email-consent", product_news="yes").text


@pytest.mark.clause("DUTY-2")
def test_an_owner_says_of_the_version_that_was_shown_that_all_is_right(browser) -> None:
    page = browser.get("/company/confirm").text
    assert [each for each in ("Fjøsåker Bakeri AS", "kare@fjosaker.example") if each not in page] == []
    answer = browser.post("/company/confirm", version="7")
    assert answer.headers["Location"] == "/company?done=all-is-right"
    assert browser.services.of("confirm_accuracy")[0]["version"] == 7
    browser.services.replies["confirm_accuracy"] = Conflict(details={"version": 8})
    assert "noe er endret siden" in browser.post("/company/confirm", version="7").text


@pytest.mark.clause("STAFF-1")
def test_an_owner_sees_whom_of_the_company_staff_looked_at(browser) -> None:
    seen = example(ReadsOfDay, purpose="dispute", reads=3, not_named=1, user_ids=[COLLEAGUE])
    browser.services.replies["personal_data_reads"] = {"since": "2026-01-01", "days": [seen]}
    page = browser.get("/people").text
    assert "en tvist" in page
    assert "<td>Ola &lt;b&gt;Nordmann&lt;/b&gt;; ved 1 av dem er det ikke notert hvem</td>" in page
    assert browser.services.of("personal_data_reads") == [{"account_id": ACCOUNT, "user_id": None}]
    browser.services.replies["authenticate"] = REPLIES["authenticate"] | {"role": "user"}
    assert "en tvist" not in browser.get("/people").text


def test_a_log_in_ends_the_session_that_the_browser_had(browser) -> None:
    proof = {"email": "kare@fjosaker.example", "password": "Snøen smelter i april 7"}
    for failing in (None, Unavailable("away")):
        browser.services.replies["log_out"] = failing or {"status": "done"}
        assert browser.post("/log-in", **proof).status_code == 303
    assert browser.services.of("log_out") == [{"token": TOKEN}] * 2


def test_who_has_just_logged_in_is_in_whatever_others_at_the_address_try(stranger) -> None:
    for number in range(UNSEEN_RATE.burst):
        stranger.set(COOKIE, f"{number:043d}")
        stranger.get("/me")
    assert stranger.get("/me").status_code == 429
    stranger.post("/log-in", email="kare@fjosaker.example", password="Snøen smelter i april 7")
    assert stranger.get("/me").status_code == 200


@pytest.mark.parametrize(
    ("seconds", "said"), [(840, "Prøv igjen om 14 minutter."), (30, "om ett minutt"), (86000, "om 24 timer")]
)
def test_who_tried_too_often_is_told_when_to_try_again_another_way_and_whom_to_ask(stranger, seconds, said) -> None:
    stranger.services.replies["log_in"] = TooMany(details={"retry_after_seconds": seconds})
    answer = stranger.post("/log-in", email="kare@fjosaker.example", password="x")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, str(seconds))
    wanted = (said, "Be om en e-post", f"mailto:{DEMO_IMPRINT.contact}", 'value="kare@fjosaker.example"')
    assert [each for each in wanted if each not in answer.text] == []


def test_a_form_that_is_sent_too_often_from_one_address_is_shown_again_and_asks_nobody(stranger) -> None:
    tries = (stranger.post("/come-back", email="kare@fjosaker.example") for _ in range(2 * RATES["login"].burst))
    assert any(each.status_code == 429 for each in tries)
    stranger.services.asked.clear()
    answer = stranger.post("/come-back", email="kare@fjosaker.example", password="x")
    assert (answer.status_code, 'value="kare@fjosaker.example"' in answer.text) == (429, True)
    assert int(answer.headers["Retry-After"]) > 0
    assert stranger.services.asked == []


@pytest.mark.parametrize("address", ["/sign-up", "/log-in"])
def test_the_choice_of_language_or_colours_leaves_what_was_filled_in(stranger, address) -> None:
    assert 'form="act" name="prefer" value="language=en"' in stranger.get(f"{address}?next=/me").text
    sent = SIGN_UP | {"next": "/me"}
    answer = stranger.post(address, **sent, prefer="language=en")
    assert (answer.status_code, '<html lang="en"' in answer.text) == (200, True)
    assert 'value="kare@fjosaker.example"' in answer.text
    assert ('value="/me"' in answer.text) == (address == "/log-in")
    assert "__Host-vilkar-language=en" in "".join(answer.headers.getlist("Set-Cookie"))
    dark = stranger.post(address, **sent, prefer="scheme=dark")
    assert 'data-color-scheme="dark"' in dark.text
    assert not {"sign_up", "log_in"} & {method for method, _ in stranger.services.asked}
    assert stranger.post(address, prefer="language=xx").status_code == 422, "a form that is really sent"
    linked = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert stranger.get("/preferences/language/nb", **linked).status_code == 403


def test_who_opens_what_only_an_owner_does_is_told_whom_to_ask(browser) -> None:
    browser.services.replies["authenticate"] = REPLIES["authenticate"] | {"role": "user", "user_id": COLLEAGUE}
    for act in ACTS:
        if not act.is_for_owners:
            continue
        address = address_of(act.rule)
        for answer in (browser.get(address), browser.post(address, version="7")):
            assert (answer.status_code, "mailto:post@fjosaker.example" in answer.text) == (403, True), address
    assert {method for method, _ in browser.services.asked} == {"get_account"}


def test_a_session_that_ended_is_told_at_the_start_page_too_and_two_slashes_are_no_page(stranger) -> None:
    stranger.set(COOKIE, TOKEN[:-1] + "y")
    assert "Økten din er over." in stranger.get("/").text
    answer = stranger.get("//v1/account")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_the_number_by_which_forms_know_a_browser_lasts_from_each_log_in_on(stranger) -> None:
    answer = stranger.post("/log-in", email="kare@fjosaker.example", password="x")
    _, again = answer.headers.getlist("Set-Cookie")
    assert again.startswith(f"{FORM_COOKIE}={BROWSER};")
    assert "Max-Age=15552000" in again


@pytest.mark.clause("ACCEPT-1")
def test_every_version_of_the_agreement_is_listed_with_what_changed_and_what_was_accepted(
    browser, stranger
) -> None:
    texts_of = {"v1": "§ 1\nHele teksten.\nSlutt.", "v2": "§ 1\nHele den nye teksten.\nSlutt."}
    versions = [example(TermsVersionShown, version=name, in_force=name == "v2") for name in texts_of]
    accepted = example(AgreementShown, version="v1", sentences=[{"id": "x", "language": "nb", "sha256": "9"}])
    sentence = {"id": "x", "language": "nb", "sha256": "9", "text": "Jeg har rett."}
    for each in (browser, stranger):
        each.services.replies |= {
            "terms_versions": {"versions": versions, "sentences": [sentence]},
            "terms_text": lambda asked: example(TermsTextShown, text=texts_of[asked["version"]]),
            "get_account": COMPANY | {"agreement": accepted},
        }
    page = stranger.get("/agreement?from=v1&to=v2").text
    wanted = (
        "<del>Hele teksten.</del>",
        "<ins>Hele den nye teksten.</ins>",
        'href="/terms/versions/v2?language=nb"',
    )
    assert [each for each in wanted if each not in page] == []
    assert ("Jeg har rett." in page, "Jeg har rett." in browser.get("/agreement").text) == (False, True)
    assert stranger.get("/agreement?from=v1&to=v9").status_code == 404


@pytest.mark.clause("STAFF-1")
def test_an_owner_sees_the_log_ins_of_a_user_for_a_purpose_and_by_a_form_alone(browser) -> None:
    address = f"/people/{COLLEAGUE}/log-ins"
    assert "own_access" not in browser.get(address).text
    assert browser.services.of("login_report") == []
    page = browser.post(address, purpose="account_takeover").text
    assert [each for each in ("203.0.113.7", "Ola &lt;b&gt;Nordmann", "mislyktes") if each not in page] == []
    (asked,) = browser.services.of("login_report")
    assert (asked["user_id"], asked["purpose"]) == (COLLEAGUE, "account_takeover")
    browser.services.replies["login_report"] = Forbidden()
    assert browser.post(address, purpose="account_takeover").status_code == 403


def test_a_report_that_seems_to_speak_of_something_sensitive_is_taken_and_its_reader_told(browser) -> None:
    browser.services.replies["report_nonconformity"] = example(Reported, reference="V-7K3M-92")
    browser.services.replies["drop_form_draft"] = {"status": "done"}
    answer = browser.post("/incidents/report?draft=yes", about="other", text="Hun fikk en diagnose.")
    wanted = ("V-7K3M-92", "ser ut til å nevne helse.")
    assert (answer.status_code, [each for each in wanted if each not in answer.text]) == (200, [])
    assert len(browser.services.of("drop_form_draft")) == 1, "it is sent, and set aside no longer"
    assert TABLES["hint"].keys() == set(Hint)
