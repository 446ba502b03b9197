"""Every page of the desk is made for its reader: in both languages, from what services answer, and nothing else."""

from __future__ import annotations

import re
from base64 import b64decode
from html.parser import HTMLParser
from typing import Any, get_args
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from services.account.accounts.values import ROLES
from services.account.accounts.values import TRIGGERS as INACTIVATED_BY
from services.account.authentication.values import LOGIN_FAILURES
from services.account.companies.calls import CorrectOrgNumber
from services.account.corrections.calls import CorrectUser
from services.account.register.values import REGISTER_OUTCOMES
from services.account.support.values import CASES, MAIL, PAGE, QUESTION
from services.account.support.values import STATES as SUPPORT_STATES
from services.audit.anomalies.values import DETECTORS
from services.audit.logins.calls import PURPOSES as LOGIN_PURPOSES
from services.audit.unusual_use.values import USE_DETECTORS
from services.billing_sync.jobs.values import JobKind
from services.cases.affected.calls import SCOPES
from services.cases.authority_drafts.values import FIELDS, FORM, Source
from services.cases.board.calls import CaseBoard
from services.cases.correspondence.calls import TakeCorrespondence
from services.cases.costs.values import CUSTOMER, CUSTOMER_REASONS, VENDOR, VENDOR_REASONS
from services.cases.decisions.calls import DecideCase, TakeStep
from services.cases.duty_alerts.values import Cause
from services.cases.engine.values import EffectState, Link, Signal
from services.cases.kinds.table import DECISIONS, EFFECTS, REASONS, STEPS
from services.cases.kinds.table import KINDS as CASE_KINDS
from services.cases.kinds.values import Moment, Party
from services.cases.notices.calls import AUDIENCES
from services.cases.rights_requests.calls import TakeRightsRequest
from services.cases.severity import values as severity
from services.desk import sessions as session_cookies
from services.desk.call_codes import codes_of
from services.desk.queries import backups, clock
from services.desk.scram import verifier_of
from services.desk.sessions import Session
from services.desk.web.acts.table import FORMS
from services.desk.web.pages import erasures, holds, parked, start
from services.desk.web.pages.table import PAGES
from services.desk.web.visit import TEMPLATES
from services.desk.wording import refusals, words
from services.notification.campaigns.calls import DraftCampaign
from services.notification.campaigns.values import CampaignState
from services.notification.letter_lifecycle.values import State as LetterState
from services.notification.letters.kinds import KINDS as LETTER_KINDS
from services.notification.staff_tasks.calls import TASK_KINDS
from services.notification.suppressions.values import SuppressionKind
from services.registers.engine.values import State as RecordState
from services.registers.kinds.table import KINDS as RECORD_KINDS
from services.retention.early_erasure.calls import RequestEarlyErasure
from services.retention.early_erasure.values import Course
from services.retention.erasure.values import Trigger
from services.retention.holds.calls import Holds, PlaceHold, ReleaseHold
from services.retention.monitoring.calls import Erasures
from services.retention.restrictions.calls import Restrictions, SetRestriction
from services.staff.approvals.calls import ListApprovals, RefuseApproval
from services.staff.approvals.values import ApprovalEnding
from services.staff.authentication.values import SessionKind
from services.staff.database_access.calls import AccessShown, OpenDatabaseAccess
from services.staff.database_access.values import AccessEnding
from services.staff.grants.calls import GrantShown
from services.staff.grants.values import GrantEnding
from services.staff.machine_doors.values import Door
from services.staff.people.calls import EXIT_REASONS, PersonShown, link_digest
from services.staff.people.values import PersonState
from services.staff.prerequisites.calls import PrerequisiteShown
from services.staff.prerequisites.values import Ending as PrerequisiteEnding
from services.staff.prerequisites.values import PrerequisiteKind
from shared import backup_record
from shared.bus import alarms, discovery
from shared.bus.every_service_calls import ParkedList
from shared.errors import Conflict, DeadlineExceeded, Forbidden, NotFound, Unavailable
from shared.staff import Purpose, Role, acts
from shared.system import ALL_DATABASES, DATABASES, SERVICES
from shared.terms.status import Standing
from shared.terms.texts import LANGUAGES
from shared.web.session_door import Sessions
from tests.desk_stage import (
    ACCESS,
    ADDRESSES,
    ASKED_WITH,
    ERASURE,
    FILES,
    HOSTILE,
    ID,
    ISSUED,
    QUESTIONS,
    SENT,
    TOKEN,
    USER,
    Browser,
)
from tests.examples import example

pytestmark = pytest.mark.unit

COUNTED = ("retention.count_overdue_holds", "notification.count_tasks", "retention.count_halted")
"""What the start page counts for those who see to it."""


class Reader(HTMLParser):
    """What a page has: its elements, and the text outside of `code`."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[str] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "link", "input", "br"}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if "code" not in self._open and "pre" not in self._open:
            self.text.append(data)
        if self._open and self._open[-1] in {"h1", "h2"}:
            self.headings.append(self._open[-1])

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(params=LANGUAGES)
def browser(tmp_path, request) -> Browser:
    return Browser(tmp_path, language=request.param)


def test_what_is_looked_at_here_covers_every_page_and_every_form(browser) -> None:
    rules = {page.rule for page in PAGES if page.method == "GET" and page.rule not in FILES | QUESTIONS}
    paths = [path.partition("?")[0] for path in ADDRESSES]
    found = {browser.app.url_map.bind("desk.example").match(path)[0] for path in paths}
    assert {f"GET {rule}" for rule in rules} == found
    assert {form.address for form in FORMS} <= set(paths)
    assert ASKED_WITH.keys() <= rules


def test_what_answers_a_form_is_a_whole_page_too_and_no_page_has_a_shape_that_is_not_looked_at(browser) -> None:
    TEMPLATES.cache.clear()
    for sent in SENT:
        is_whole(browser, browser.post(sent.address, **sent.fields), sent.status)
    for address in ADDRESSES:
        browser.get(address)
    loaded = {name for _, name in TEMPLATES.cache}
    assert set(TEMPLATES.list_templates()) - loaded == set()


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_is_whole_and_has_nothing_inline(browser, address) -> None:
    is_whole(browser, browser.get(address), 200)


def is_whole(browser: Browser, answer: TestResponse, status: int) -> None:
    assert answer.status_code == status
    page = Reader(answer.text)
    assert page._open == []
    assert page.headings.count("h1") == 1
    assert {"h1": 1}.items() <= {tag: len(page.of(tag)) for tag in ("h1",)}.items()
    assert page.of("html")[0]["lang"] == browser.client.get_cookie("__Host-vilkar-language", "desk.example").value
    assert page.of("style") == []
    assert all(str(each["src"]).startswith("/assets/") for each in page.of("script"))
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name == "style" or name.startswith("on")], tag
    assert all(each["href"].startswith("/assets/") for each in page.of("link"))
    assert all((each["href"] or "").startswith(("/", "#")) for each in page.of("a"))
    assert "staff:" not in "".join(page.text), "people are called by their codes"
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_speaks_the_language_of_its_reader(tmp_path, address) -> None:
    told = {language: " ".join(Reader(Browser(tmp_path, language=language).get(address).text).text)
            for language in LANGUAGES}  # fmt: skip
    assert told["nb"] != told["en"]
    assert not re.search(r"\b(the|and|of|which|nothing|none)\b", told["nb"], re.IGNORECASE), told["nb"]
    assert not re.search(r"\b(og|ikke|eller|ingen|ingenting|som)\b|[æøå]", cleaned(told["en"]), re.IGNORECASE)


def cleaned(text: str) -> str:
    """Without what is the same in both languages: names, and the link to the other language."""
    for each in ("Fjøsåker Bakeri AS", "Kåre Østby", "På norsk", "Vilkår"):
        text = text.replace(each, "")
    return text


def codes_about_staff() -> dict[str, Any]:
    return {
        "person": [each.value for each in PersonState],
        "exit": EXIT_REASONS,
        "prerequisite": list(PrerequisiteKind),
        "prerequisite_ending": list(PrerequisiteEnding),
        "grant_ending": list(GrantEnding),
        "staff_role": list(Role),
    }


def codes_of_forms() -> dict[str, set[str]]:
    """What the fields of forms offer, by the kind of code."""
    found: dict[str, set[str]] = {}
    for form in FORMS:
        for each in form.fields:
            if each.words:
                found.setdefault(each.words, set()).update(form.codes(each.name))
    return found


NOT_CODES = {
    "certificate": "what a certificate says, in the words of its own page, which is tested with it",
    "count": "what services counted: tests/unit/desk/test_holdings.py has each",
    "event": "tests/unit/desk/test_timeline.py has each",
    "participant": "services by name, as `where`, and the vendors besides",
    "erasing": "states of an erasure in sentences, as `erasure`",
    "follows": "sentences of the page of backups, made where they are shown",
    "notice_late": "as `late_reason`, in the words of the authority",
    "form_answer": "what the form of the authority takes: the tables of `shared/breach_words.py` together",
    "seen": "what a look saw, of three",
    "subject": "what events are about: tests/unit/desk/test_timeline.py has each",
}
"""Kinds whose tables are no list of codes of one class, each with why."""


def codes_of_values() -> dict[str, Any]:
    """What services know by codes that no form offers."""
    return {
        "account": ["active", "inactive", "fenced", "erased", "pending"],
        "alert_cause": list(Cause),
        "backup": [*backups.REASONS, "fresh"],
        "backup_set": backup_record.SETS,
        "campaign_class": codes_of(DraftCampaign, "letter_class"),
        "campaign_state": list(CampaignState),
        "changed_field": ["email", "language", "name", "org_number", "phone", "role"],
        "clock": [clock.GOES_ON, clock.NEVER_STOPPED, clock.AWAY, clock.REFUSED],
        "follower": ALL_DATABASES,
        "group_outcome": ["done", "unknown", Conflict.code, NotFound.code],
        "job": get_args(JobKind),
        "part": ["waiting", "done", "failed", "overdue"],
        "record_state": list(RecordState),
        "register_field": {field.name for kind in RECORD_KINDS for field in kind.fields},
        "register_value": {code for kind in RECORD_KINDS for field in kind.fields for code in field.codes},
        "register_kind": [kind.code for kind in RECORD_KINDS],
        "role": ROLES,
        "session": list(SessionKind),
        "support_state": SUPPORT_STATES,
        "support_kind": (QUESTION, *CASES),
        "support_way": [PAGE, MAIL],
        "standing": [each.value for each in Standing],
        "trigger": list(Trigger),
        "tripletex": ["unknown", "linked", "minimised", "erased"],
        "verdict": ["valid", "not_valid", "not_in_chain"],
        "where": {*SERVICES, "backup", "ledger"},
    }


def codes_of_work() -> dict[str, Any]:
    """What people do about customers and their letters."""
    return {
        "hold": codes_of(Holds, "state"),
        "hold_reason": codes_of(PlaceHold, "reason"),
        "category": codes_of(PlaceHold, "categories"),
        "release_reason": codes_of(ReleaseHold, "reason"),
        "early_course": list(Course),
        "login_outcome": ["succeeded", "failed"],
        "login_reason": LOGIN_FAILURES,
        "login_purpose": LOGIN_PURPOSES,
        "trail_halted": ["trail_cut", "checkpoint_changed", "file_behind", "file_damaged"],
        "ground": codes_of(SetRestriction, "ground"),
        "number_reason": codes_of(CorrectOrgNumber, "reason"),
        "correction_reason": codes_of(CorrectUser, "reason"),
        "restriction": codes_of(Restrictions, "state"),
        "erasure": codes_of(Erasures, "state"),
        "purpose": list(Purpose),
        "parked": codes_of(ParkedList, "state"),
        "register": REGISTER_OUTCOMES,
        "inactivated_by": INACTIVATED_BY,
        "letter": [each.code for each in LETTER_KINDS],
        "letter_state": [each.value for each in LetterState],
        "suppression": [each.value for each in SuppressionKind],
        "task": TASK_KINDS,
        "authority": codes_of(RequestEarlyErasure, "requester_role"),
        "identity_check": codes_of(RequestEarlyErasure, "identity_check"),
        "authority_check": codes_of(RequestEarlyErasure, "authority_check"),
        "database": DATABASES,
        "access_reason": codes_of(OpenDatabaseAccess, "reason"),
        "access_ending": [each.value for each in AccessEnding],
        "machine_door": [each.value for each in Door],
        **codes_about_staff(),
        "approval": codes_of(ListApprovals, "state"),
        "approval_ending": [each.value for each in ApprovalEnding],
        "approval_refusal": codes_of(RefuseApproval, "reason"),
        "language": LANGUAGES,
    }


def codes_of_cases() -> dict[str, Any]:
    """What is said of cases, and of what waits."""
    return {
        "detector": (*DETECTORS, *USE_DETECTORS),
        "case_kind": [kind.code for kind in CASE_KINDS],
        "case_state": [code for kind in CASE_KINDS for code in (*(each.code for each in kind.states), *kind.ends)],
        "case_step": (*STEPS, *DECISIONS),
        "case_reason": REASONS,
        "case_signal": (*Signal, *codes_of(TakeCorrespondence, "about")),
        "case_source": [each for kind in CASE_KINDS for each in kind.opened_by],
        "case_instant": list(Moment),
        "case_clock": [each.rule for kind in CASE_KINDS for each in kind.clocks]
        + [f"state.{each.code}" for kind in CASE_KINDS for each in kind.states],
        "case_party": list(Party),
        "request_concerns": codes_of(TakeRightsRequest, "concerns"),
        "case_link": list(Link),
        "case_effect": EFFECTS,
        "effect_state": list(EffectState),
        "case_board": codes_of(CaseBoard, "state"),
        "affected_scope": SCOPES,
        "cost_bearer": (VENDOR, CUSTOMER),
        "cost_reason": (*VENDOR_REASONS, *CUSTOMER_REASONS),
        "severity_context": severity.CONTEXTS,
        "severity_identification": severity.IDENTIFICATIONS,
        "severity_confidentiality": severity.CONFIDENTIALITY,
        "severity_integrity": severity.INTEGRITY,
        "severity_availability": severity.AVAILABILITY,
        "severity_intent": severity.INTENTS,
        "severity_flag": severity.FLAGS,
        "severity_band": list(severity.Band),
        "edpb_example": [each.code for each in severity.EXAMPLES],
        "form_field": FIELDS,
        "form_question": [each.code for each in FORM.questions],
        "form_source": [each.value for each in Source],
        "notice_audience": AUDIENCES,
        "notice_late": codes_of(DecideCase, "late_reason"),
        "late_reason": codes_of(TakeStep, "late_reason"),
        "alarm": {each.code for service in discovery.services() for each in alarms.declared_by(service)},
    }


def test_every_code_that_pages_show_has_words_in_both_languages() -> None:
    expected = codes_of_forms() | codes_of_values() | codes_of_work() | codes_of_cases()
    assert expected.keys() | NOT_CODES.keys() == words.KINDS.keys()
    lacking = {kind: set(map(str, codes)) - words.KINDS[kind].keys() for kind, codes in expected.items()}
    assert {kind: codes for kind, codes in lacking.items() if codes} == {}
    for table in words.KINDS.values():
        assert all(len(pair) == 2 and all(pair) for pair in table.values())


def test_what_customers_mandate_and_what_staff_are_granted_are_two_words() -> None:
    about_staff = "".join(repr(form) for form in FORMS if form.call.service == "staff")
    assert "tildeling" in about_staff
    for said in (about_staff, repr(refusals.WORDS), "".join(words.said("staff_role", each, "nb") for each in Role)):
        assert "fullmakt" not in said.lower()
    assert "fullmakt" in words.said("register_kind", "mandate", "nb")


def test_an_alarm_of_a_case_or_a_register_leads_to_its_page() -> None:
    codes = {each.code for service in discovery.services() for each in alarms.declared_by(service)}
    shown = {code for code in codes if code.startswith(("cases_", "register_"))}
    assert {start.page_of(code) for code in shown} == {"/cases", "/registers"}


@pytest.mark.parametrize(
    ("code", "page"),
    [
        ("grants_end_soon", "/people"), ("prerequisites_end_soon", "/people"), ("passkeys_copied", "/people"),
        ("administrators_too_few", "/people"), ("nobody_vouched", "/people"), ("leads_without_address", "/duty"),
    ],
)  # fmt: skip
def test_an_alarm_about_people_of_the_staff_leads_to_them(code, page) -> None:
    assert code in {each.code for service in discovery.services() for each in alarms.declared_by(service)}
    assert start.page_of(code) == page


def test_an_alarm_about_a_backup_says_of_which_set(browser) -> None:
    expected = {
        "nb": [f"det finnes ingen sikkerhetskopi: {each}" for each in ("databasene", "nøklene")],
        "en": [f"there is no backup: {each}" for each in ("the databases", "the keys")],
    }
    for address in ("/", "/alarms"):
        text = browser.get(address).text
        assert [each for each in expected[page_language(text)] if text.count(each) != 1] == []


@pytest.mark.parametrize(
    ("address", "anew"),
    [
        ("/?done=done", "/"),
        ("/alarms", "/alarms"),
        ("/approvals?state=approved&done=asked", "/approvals?state=approved"),
        ("/cases?state=ended", "/cases?state=ended"),
    ],
)
def test_what_shows_how_things_stand_says_when_and_is_shown_anew_without_what_was_just_done(
    browser, address, anew
) -> None:
    text = browser.get(address).text
    words = {"nb": "Vist", "en": "Shown"}[page_language(text)]
    assert re.search(rf'{words} <time datetime="[^"]+">', text)
    assert text.count(f'href="{anew}">') >= 2
    assert 'data-old-after="300"' in text


def test_lists_offer_every_state_that_their_call_knows() -> None:
    assert codes_of(Holds, "state") == holds.STATES
    assert codes_of(Restrictions, "state") == holds.RESTRICTION_STATES
    assert codes_of(Erasures, "state") == erasures.STATES
    assert codes_of(ParkedList, "state") == parked.STATES


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_a_page_reads_is_signed_at_once(browser, address) -> None:
    browser.get(address)
    signings = [{each["act"] for each in signing["acts"]} for signing in browser.services.signings]
    # A dry run is looked at again, and what waits for approval is tried: neither shows anybody. Whom a filing names
    # is known by it, and then each of them is looked at.
    by_themselves = ({"retention.dry_run"}, {"retention.place_hold"}, {"cases.show_mandates"})
    assert len([acts for acts in signings if acts not in by_themselves]) <= 1


def test_a_customer_is_read_for_the_purpose_that_was_chosen(browser) -> None:
    browser.get(f"/customers/{ID}?purpose=rights_request")
    (signing,) = browser.services.signings
    assert signing["purpose"] == "rights_request"
    assert {each["account_id"] for each in signing["acts"]} == {ID}
    assert len(signing["acts"]) == 10


@pytest.mark.parametrize("address", ADDRESSES)
def test_nobody_of_a_customer_is_looked_at_before_it_is_said_what_for(browser, address) -> None:
    browser.get(address)
    for signing in browser.services.signings:
        looks = [each["act"] for each in signing["acts"] if each["account_id"] and acts()[each["act"]].act.shows]
        assert not looks or signing["purpose"], looks


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    "address",
    [f"/customers/{ID}?", f"/customers/{ID}/reports?", f"/customers/{ID}/timeline?",
     f"/acts/block?version=3&account_id={ID}&"],
)  # fmt: skip
def test_a_link_of_another_site_does_not_say_what_a_customer_is_looked_at_for(browser, address, site) -> None:
    followed = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    asks = browser.get(f"{address}purpose=dispute", **followed)
    assert (asks.status_code, browser.services.signings) == (200, [])
    assert '<option value="dispute">' in asks.text
    browser.get(f"{address}purpose=dispute", **{"Sec-Fetch-Site": "same-origin"})
    assert {each["purpose"] for each in browser.services.signings} == {"dispute"}


def test_what_happened_is_read_for_an_audit_by_whoever_audits(browser) -> None:
    auditing = example(GrantShown, code="kari", role="auditor", purpose="audit", live=True)
    browser.services.replies["own_grants"] = {"grants": [auditing]}
    address = f"/customers/{ID}/timeline"
    assert '<option value="audit">' in browser.get(address).text
    assert browser.services.signings == []
    assert browser.get(f"{address}?purpose=audit").status_code == 200
    (signing,) = browser.services.signings
    assert signing["purpose"] == "audit"


LACKS = [
    *((f"{kind}_{how}", {"undertaking": ("aushetserkl", "ndertaking"), "training": ("pplæring", "train")}[kind])
      for kind in ("undertaking", "training") for how in ("missing", "over")),
    ("passkeys_missing", ("bare én nøkkel", "only one key")),
    ("role_not_granted", ("Ingen av rollene", "None of your roles")),
    ("grant_not_live", ("er over", "has ended")),
    ("other_purpose", ("annet formål", "another purpose")),
    ("other_account", ("andre kunder", "other customers")),
    ("some_customers", ("bare noen kunder", "some customers only")),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "told"), LACKS)
def test_who_may_not_is_told_what_is_lacking_and_nothing_is_asked(browser, reason, told) -> None:
    browser.services.unsigned["retention.hold"] = reason
    answer = browser.get(f"/holds/{ID}?purpose=dispute")
    assert answer.status_code == 403
    assert told[page_language(answer.text) == "en"] in answer.text
    assert browser.services.asked == []


def test_a_role_for_another_purpose_says_for_which_it_is(browser) -> None:
    browser.services.unsigned["account.get_account"] = "other_purpose"
    browser.services.purposes = ("billing", "audit")
    answer = browser.get(f"/customers/{ID}?purpose=dispute")
    assert answer.status_code == 403
    wanted = {"nb": "Den gjelder: fakturering, revisjon.", "en": "It is for: billing, audit."}
    assert wanted[page_language(answer.text)] in answer.text
    assert f'href="/customers/{ID}"' in answer.text, "where another one is chosen"
    browser.services.unsigned["cases.show_case"] = "other_purpose"
    assert f'href="/cases/{ID}"' not in browser.get(f"/cases/{ID}").text, "nobody chose a purpose there"


def test_whose_session_is_over_is_told_so_where_one_logs_in(browser) -> None:
    said = {"nb": "Økten din er over.", "en": "Your session is over."}
    language = page_language(browser.get("/log-in").text)
    assert said[language] not in browser.get("/log-in").text, "this one has a session"
    browser.set(session_cookies.COOKIE, "an-old-token-of-a-session-that-is-over")
    assert browser.get("/holds").headers["Location"] == "/log-in?next=%2Fholds"
    assert said[language] in browser.get("/log-in?next=%2Fholds").text
    browser.client.delete_cookie(session_cookies.COOKIE, domain="desk.example")
    assert said[language] not in browser.get("/log-in").text


@pytest.mark.parametrize("reference", ["V-7K3M-92", " v-7k3m-92 "])
def test_a_case_is_found_by_what_people_call_it(browser, reference) -> None:
    answer = browser.post("/find", reference=reference, purpose="dispute")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/cases/{ID}")
    asked = [fields for _, method, fields in browser.services.asked if method == "case_board"]
    assert [(each["reference"], each["state"]) for each in asked] == [("V-7K3M-92", "open"), ("V-7K3M-92", "ended")]


def test_what_was_found_stands_above_the_form_and_is_where_one_is(browser) -> None:
    browser.services.replies["search_accounts"] = {"accounts": []}
    page = browser.post("/find", email="nobody@firma.example", purpose="dispute").text
    assert page.index('id="found" tabindex="-1" autofocus') < page.index('<form class="page-form"')
    assert page.count("autofocus") == 1


def test_who_may_search_for_nothing_is_told_that_alone(browser) -> None:
    browser.services.replies["own_grants"] = {"grants": []}
    page = browser.get("/find").text
    assert 'href="/me"' in page
    assert "<select" not in page
    assert 'action="/find"' not in page


def test_a_reference_of_no_case_says_so(browser) -> None:
    browser.services.replies["case_board"] = {"cases": []}
    for reference, status in (("V-7K3M-92", 404), ("V-7K3M-9", 422), ("V-7K3M-9O", 422)):
        answer = browser.post("/find", reference=reference, purpose="dispute")
        assert (answer.status_code, 'id="reference-error"' in answer.text) == (status, True), reference


def test_the_register_of_breaches_is_not_called_what_customers_report(browser) -> None:
    assert not re.search(r"avvik|deviation", browser.get("/breaches").text, re.IGNORECASE)
    said = {"nb": "Avvik kunden har meldt", "en": "Deviations that the customer reported"}
    answer = browser.get(f"/customers/{ID}?purpose=dispute").text
    assert said[page_language(answer)] in answer


def test_of_who_is_erased_the_customer_and_the_timeline_name_the_certificate(browser) -> None:
    browser.services.replies["timeline"] = {"erasures": [ERASURE | {"state": "certified"}]}
    browser.services.replies["trail"] = {"rows": [], "next_after_seq": None, "next_before_seq": None}
    browser.services.replies["letters"] = {"letters": []}
    assert f'href="/certificates/{ID}"' in browser.get(f"/customers/{ID}/timeline?purpose=dispute").text
    browser.services.replies["get_account"] = NotFound()
    answer = browser.get(f"/customers/{ID}?purpose=dispute")
    assert (answer.status_code, f'href="/certificates/{ID}"' in answer.text) == (200, True)
    browser.services.replies["timeline"] = {"erasures": []}
    assert browser.get(f"/customers/{ID}?purpose=dispute").status_code == 404


def test_a_certificate_says_in_words_what_is_gone_what_stays_and_until_when(browser) -> None:
    browser.services.replies["certificate"] = ISSUED
    shown = Reader(browser.get(f"/certificates/{ID}").text)
    text, said = " ".join(" ".join(shown.text).split()), words.KINDS["certificate"]
    language = LANGUAGES.index(browser.client.get_cookie("__Host-vilkar-language", "desk.example").value)
    for code in ("under_5", "rows_deleted", "agreement_acceptance", "bokforingsloven_13", "everything", "gdpr_18"):
        assert said[code][language] in text, code
    assert words.KINDS["count"]["sessions"][language] in text
    assert "2030" in text


def test_the_start_page_shows_what_the_role_sees_to_and_no_more(browser) -> None:
    browser.services.replies["own_prerequisites"] = COUNT
    heads = re.findall(r"<h2[^>]*>([^<]+)", browser.get("/").text)
    assert len(heads) == 6
    browser.services.unsigned = dict.fromkeys((*COUNTED, "cases.case_board"), "role_not_granted")
    answer = browser.get("/")
    assert answer.status_code == 200
    assert re.findall(r"<h2[^>]*>([^<]+)", answer.text) == heads[-2:]
    assert "ds-alert" not in answer.text


def test_the_start_page_says_of_tasks_that_their_day_has_passed(browser) -> None:
    for overdue, is_over in ((0, False), (2, True)):
        browser.services.replies["count_tasks"] = {"count": 2, "overdue": overdue, "first_due_on": "2026-11-20"}
        page = browser.get("/").text
        assert any(f">{said}</span>" in page for said in ("2 over fristen", "2 overdue")) is is_over


@pytest.mark.clause("STAFF-1")
def test_the_start_page_counts_and_is_a_look_at_nobody(browser) -> None:
    page = browser.get("/").text
    asked = {each["act"] for signing in browser.services.signings for each in signing["acts"]}
    assert asked >= set(COUNTED)
    assert not [each for each in asked if acts()[each].act.finds or acts()[each].act.shows]
    assert "/customers/" not in page
    for address in ("/letters", "/holds?state=overdue", "/erasures?state=halted"):
        assert f'href="{address}"' in page
    browser.services.replies |= {
        "count_tasks": {"count": 0, "overdue": 0, "first_due_on": None},
        "count_overdue_holds": {"count": 0, "first_review_on": None},
        "count_halted": {"count": 0},
        "open_alarms": {"alarms": []},
    }
    empty = browser.get("/").text
    assert not any(f'href="{each}"' in empty for each in ("/holds?state=overdue", "/erasures?state=halted"))


LISTS_OF_CUSTOMERS = [
    "/holds?state=overdue",
    "/restrictions",
    "/letters",
    "/erasures?state=halted",
    "/registers",
    "/registers?kind=security_notice_agreement",
]


@pytest.mark.parametrize("address", [f"/registers/{ID}?", f"/acts/review-record?record_id={ID}&version=3&"])
def test_a_record_is_shown_for_what_somebody_said_and_a_link_of_another_site_says_nothing(browser, address) -> None:
    """Whose it is nobody knows before it was looked at; what is looked for may be an audit too."""
    lead = example(GrantShown, code="kari", role="privacy_lead", purpose="audit", live=True)
    browser.services.replies["own_grants"] = {"grants": [lead]}
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    for asks in (browser.get(address), browser.get(f"{address}purpose=audit", **followed)):
        assert '<option value="audit">' in asks.text
        assert browser.services.signings == []
    assert browser.get(f"{address}purpose=audit").status_code == 200
    (signing,) = browser.services.signings
    assert ([each["act"] for each in signing["acts"]], signing["purpose"]) == (["registers.show_record"], "audit")


def test_a_list_of_records_about_nobody_asks_nothing(browser) -> None:
    assert "<table" in browser.get("/registers?kind=duty_rota").text
    (signing,) = browser.services.signings
    assert signing["purpose"] is None


@pytest.mark.clause("STAFF-1")
@pytest.mark.parametrize("address", LISTS_OF_CUSTOMERS)
def test_a_list_of_customers_asks_first_what_for_and_stays_for_it(browser, address) -> None:
    asking = browser.get(address)
    assert asking.status_code == 200
    assert browser.services.signings == [], "nothing is looked at for nothing"
    assert 'name="purpose"' in asking.text
    joined = "&" if "?" in address else "?"
    shown = browser.get(f"{address}{joined}purpose=dispute")
    assert shown.status_code == 200
    assert {each["purpose"] for each in browser.services.signings} == {"dispute"}
    asked = [acts()[each["act"]].act for signing in browser.services.signings for each in signing["acts"]]
    assert asked
    assert all(each.finds for each in asked)
    path = address.partition("?")[0]
    others = re.findall(rf'href="{path}\?(?:state|kind)=[a-z_]+([^"]*)"', shown.text)
    assert set(others) <= {"&purpose=dispute"}


def test_the_start_page_shows_the_cases_of_whoever_is_here_and_those_that_nobody_of_their_role_answers_for(
    tmp_path,
) -> None:
    browser = Browser(tmp_path)
    (case, *_) = browser.services.replies["case_board"]["cases"]
    cases = [
        case | {"reference": reference, "owner": owner, "owner_role": role}
        for reference, owner, role in (
            ("V-2222-22", "staff:kari", "incident_lead"),
            ("V-3333-33", "staff:ola", "support"),
            ("V-4444-44", None, "support"),
            ("V-5555-55", None, "incident_lead"),
        )
    ]
    browser.services.replies["case_board"] = {"cases": cases}
    granted = [example(GrantShown, code="kari", role="support", purpose="customer_support", live=True)]
    browser.services.replies["own_grants"] = {"grants": granted}
    shown = re.findall(r"V-\d{4}-\d\d", browser.get("/").text)
    assert shown == ["V-2222-22", "V-4444-44"]
    browser.services.replies["case_board"] = Unavailable()
    assert browser.get("/").status_code == 200


def test_whoever_has_no_role_for_what_is_looked_at_is_told_so_and_shown_a_way_back(tmp_path) -> None:
    browser = Browser(tmp_path)
    browser.services.replies["own_grants"] = {"grants": []}
    text = browser.get(f"/customers/{ID}").text
    assert ">Du kan ikke gjøre dette</h1>" in text
    assert "Hvorfor ser du" not in text
    assert 'href="/"' in text.partition("<main")[2].partition("</main>")[0]


def test_after_the_first_key_the_page_to_log_in_at_says_what_comes_next(tmp_path) -> None:
    stranger = Browser(tmp_path, logged_in=False)
    said = "Nøkkelen er laget."
    assert said in stranger.get("/log-in?made=1").text
    assert said not in stranger.get("/log-in").text
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert said not in stranger.get("/log-in?made=1", **elsewhere).text


COUNT = {
    "prerequisites": [
        example(PrerequisiteShown, kind=kind, live=True, ends_soon=False) for kind in ("undertaking", "training")
    ]
}


@pytest.mark.clause("STAFF-2")
@pytest.mark.parametrize("address", ["/", "/me"])
def test_what_somebody_lacks_before_they_can_work_is_listed_with_where_it_is_got(browser, address) -> None:
    def steps() -> list[str]:
        shown = re.search(
            r'<div class="ds-alert" data-color="warning"><h2.*?</div>', browser.get(address).text, re.DOTALL
        )
        return re.findall(r"<li>(.*?)</li>", shown[0]) if shown else []

    browser.services.replies["own_prerequisites"] = COUNT
    assert steps() == []
    browser.services.replies["own_prerequisites"] = {
        "prerequisites": [
            example(
                PrerequisiteShown, kind="undertaking", live=True, ends_soon=True, expires_at="2027-02-01T00:00:00Z"
            )
        ]
    }
    signs, training = steps()
    assert 'href="/me/undertaking"' in signs
    assert 'datetime="2027-02-01T00:00:00+00:00"' in signs
    assert "registrer" in training or "record" in training
    assert "href" not in training
    browser.services.replies["own_prerequisites"] = {"prerequisites": []}
    browser.services.replies["own_grants"] = {"grants": []}
    assert ['href="/me/undertaking"' in each for each in steps()] == [True, False, False]


def test_somebody_with_one_key_is_led_to_the_next_one(tmp_path) -> None:
    class OneKey(Sessions[Session]):
        def known(self, token: str) -> Session | None:
            return Session(code="kari", passkeys=1, token=token)

    shown = Browser(tmp_path, sessions=OneKey()).get("/me").text
    assert re.search(r'<li><a class="ds-link" href="/me/passkeys/new">Du har én nøkkel', shown)


def test_the_start_page_says_once_what_somebody_lacks(browser) -> None:
    browser.services.unsigned = dict.fromkeys(COUNTED, "undertaking_over")
    assert browser.get("/").text.count("ds-alert") == 1
    browser.services.replies["own_prerequisites"] = COUNT
    browser.services.unsigned = dict.fromkeys(COUNTED, "some_customers")
    assert browser.get("/").text.count("ds-alert") == 1


@pytest.mark.parametrize("reason", sorted(refusals.ON_OWN_PAGE))
def test_a_refusal_leads_to_ones_own_page_where_that_says_more(browser, reason) -> None:
    link = re.compile(r'<main.*href="/me"', re.DOTALL)
    browser.services.unsigned["retention.hold"] = reason
    assert link.search(browser.get(f"/holds/{ID}?purpose=dispute").text)
    browser.services.unsigned["retention.hold"] = "other_account"
    assert not link.search(browser.get(f"/holds/{ID}?purpose=dispute").text)


def test_each_page_says_at_its_top_who_is_there_and_how_to_log_out(browser) -> None:
    header, _, rest = browser.get("/holds").text.partition("</header>")
    assert re.search(r'action="/log-out">.*href="/me">kari</a>', header)
    assert "/log-out" not in rest
    browser.client.delete_cookie(session_cookies.COOKIE, domain="desk.example")
    assert "/log-out" not in browser.get("/log-in").text


@pytest.mark.clause("STAFF-2")
def test_ones_own_page_says_until_when_undertaking_and_training_count(browser) -> None:
    shown = browser.get("/me").text
    kinds = "taushetserklæring|opplæring|undertaking|training"
    rows = dict(re.findall(rf"<tr><td>({kinds})</td><td>(.*?)</td></tr>", shown, re.DOTALL))
    undertaking, training = rows.values()
    assert "lacking" in undertaking or "mangler" in undertaking
    assert "<time" in training
    assert "ends soon" in training or "slutter snart" in training
    later, sooner = "2028-01-01T00:00:00+00:00", "2027-06-01T00:00:00+00:00"
    signed = [
        example(PrerequisiteShown, kind="undertaking", live=live, ends_soon=False, expires_at=expires_at)
        for live, expires_at in ((True, sooner), (True, later), (False, "2029-01-01T00:00:00+00:00"))
    ]
    browser.services.replies["own_prerequisites"] = {"prerequisites": signed}
    shown = browser.get("/me").text
    assert [each in shown for each in (later, sooner, "2029")] == [True, False, False]
    assert "ends soon" not in shown
    assert "slutter snart" not in shown


def test_the_undertaking_is_signed_as_it_was_shown(browser) -> None:
    shown = browser.get("/me/undertaking")
    assert 'name="text_sha256" value="' + "0" * 64 in shown.text
    parts = re.findall(r'<p class="ds-paragraph">([^<]*)</p>', shown.text)[:3]
    assert [" ".join(each.split()) for each in parts] == ["En", "1. To tre", "2. Fire"]
    browser.services.replies["sign_undertaking"] = example(PrerequisiteShown)
    browser.services.asked.clear()
    assert browser.post("/me/undertaking", text_sha256="0" * 64).status_code == 200
    assert browser.services.asked == [
        ("staff", "sign_undertaking", {"token": TOKEN, "text_sha256": "0" * 64}),
    ]
    browser.services.replies["sign_undertaking"] = Conflict("another text")
    assert browser.post("/me/undertaking", text_sha256="0" * 64).status_code == 409


def test_a_key_of_ones_own_is_revoked_after_a_question_and_for_a_reason_that_was_chosen(tmp_path) -> None:
    browser = Browser(tmp_path)
    link = f'href="/me/passkeys/revoke?passkey_id={USER}"'
    assert link in browser.get("/me").text
    asked = browser.get(f"/me/passkeys/revoke?passkey_id={USER}").text
    assert "Da har du én nøkkel igjen" in asked
    assert '<option value="">Velg</option>' in asked
    assert "selected" not in asked
    unsaid = browser.post("/me/passkeys/revoke", passkey_id=USER, reason="")
    assert (unsaid.status_code, 'id="reason-error"' in unsaid.text) == (422, True)
    revoked = ("staff", "revoke_passkey", {"token": TOKEN, "passkey_id": USER, "reason": "stolen"})
    assert revoked not in browser.services.asked
    browser.services.replies["revoke_passkey"] = {"passkeys": []}
    done = browser.post("/me/passkeys/revoke", passkey_id=USER, reason="stolen")
    assert (done.status_code, done.headers["Location"]) == (303, "/me?done=done")
    assert revoked in browser.services.asked
    assert browser.get(f"/me/passkeys/revoke?passkey_id={uuid4()}").status_code == 404
    only = browser.services.replies["list_passkeys"]["passkeys"][:1]
    browser.services.replies["list_passkeys"] = {"passkeys": only}
    assert "/me/passkeys/revoke" not in browser.get("/me").text, "the last one stays"


def test_an_undertaking_that_cannot_be_one_is_signed_by_nobody(browser) -> None:
    assert browser.post("/me/undertaking", text_sha256="x").status_code == 422
    assert [method for _, method, _ in browser.services.asked] == ["undertaking_text"]


def test_a_password_for_a_database_is_shown_once_to_whoever_has_the_access(browser) -> None:
    browser.services.replies["set_database_password"] = example(AccessShown, **ACCESS)
    assert f"/databases/{ID}/password" in browser.get("/databases").text
    made = [browser.post(f"/databases/{ID}/password") for _ in range(2)]
    assert {(each.status_code, each.headers["Cache-Control"]) for each in made} == {(200, "no-store")}
    passwords = [re.findall(r"<code>([\w-]{24})</code>", each.text) for each in made]
    sent = [fields["verifier"] for _, method, fields in browser.services.asked if method == "set_database_password"]
    assert len(sent) == 2
    for (password,), verifier in zip(passwords, sent, strict=True):
        salt = b64decode(verifier.split(":")[1].split("$")[0])
        assert verifier == verifier_of(password, salt)
        assert password not in str(browser.services.asked) + browser.get("/databases").text
    assert passwords[0] != passwords[1]
    browser.services.replies["set_database_password"] = Forbidden(details={"reason": "access_of_another"})
    refused = browser.post(f"/databases/{ID}/password")
    assert refused.status_code == 403
    assert any(said in refused.text for said in refusals.WORDS["access_of_another"])


@pytest.mark.parametrize(("state", "method"), [("invited", "renew_invitation"), ("active", "issue_recovery_link")])
def test_a_link_to_come_is_shown_once_to_whoever_makes_it_and_its_digest_alone_is_sent(
    browser, state, method
) -> None:
    browser.services.replies |= {
        "show_person": example(PersonShown, code="ola", state=state, left_at=None),
        method: {} if state == "active" else example(PersonShown, code="ola", state=state),
    }
    shown = [browser.post("/people", code=" Per"), *(browser.post("/people/ola/link") for _ in range(2))]
    assert {(each.status_code, each.headers["Cache-Control"]) for each in shown} == {(200, "no-store")}
    tokens = [
        token for each in shown for token in re.findall(r"<code>http[^<]*/enrol/([\w-]{43})</code>", each.text)
    ]
    assert len(set(tokens)) == 3
    sent = [fields for _, name, fields in browser.services.asked if name in {"invite_person", method}]
    assert [(each["code"], each["token_digest"]) for each in sent] == [
        (code, link_digest(token)) for code, token in zip(("per", "ola", "ola"), tokens, strict=True)
    ]
    assert not any(token in str(browser.services.asked) for token in tokens)


def test_a_code_that_is_taken_or_cannot_be_one_invites_nobody_and_says_so_at_the_field(browser) -> None:
    browser.services.replies["invite_person"] = Conflict("This code is or was somebody's.")
    for code, status in (("per", 409), ("", 422), ("per olsen", 422)):
        refused = browser.post("/people", code=code)
        assert (refused.status_code, "ds-error-summary" in refused.text, "/enrol/" in refused.text) == (
            status, True, False,
        )  # fmt: skip
    browser.services.replies["invite_person"] = Forbidden(details={"reason": "log_in_again"})
    assert 'href="/log-in?next=/people"' in browser.post("/people", code="per").text
    browser.services.replies["issue_recovery_link"] = Forbidden(details={"reason": "log_in_again"})
    assert 'href="/log-in?next=/people/ola"' in browser.post("/people/ola/link").text
    browser.services.unsigned["staff.invite_person"] = "role_not_granted"
    refused = browser.post("/people", code="per")
    assert refused.status_code == 403
    assert any(said in refused.text for said in refusals.WORDS["role_not_granted"])


def test_who_has_left_gets_no_link_and_nothing_is_decided_about_them(browser) -> None:
    browser.services.replies["show_person"] = example(PersonShown, code="per", state="left")
    page = browser.get("/people/per").text
    assert "/acts/record-exit" not in page
    assert "<form" not in page.partition("<main")[2].partition("</main>")[0]
    assert browser.post("/people/per/link").status_code == 404


@pytest.mark.parametrize(("state", "shown"), [("active", True), ("invited", False)])
def test_it_is_said_of_whom_nobody_has_vouched_and_who_made_their_link(browser, state, shown) -> None:
    person = example(PersonShown, code="per", state=state, left_at=None)
    browser.services.replies["list_people"] = {"people": [person | {"let_in_by": ["kari"]}]}
    browser.services.replies["show_person"] = person | {"let_in_by": ["kari"]}
    listed, page = browser.get("/people").text, browser.get("/people/per").text
    assert ("ikke bekreftet" in listed or "not vouched for" in listed) is shown
    assert ("Lenken ble laget av kari." in page or "The link was made by kari." in page) is shown
    assert ('href="/acts/vouch-for-person?code=per"' in page) is shown
    browser.services.replies["show_person"] = person | {"let_in_by": []}
    assert "/acts/vouch-for-person" not in browser.get("/people/per").text


def test_who_sees_to_what_people_may_do_and_not_to_their_keys_sees_the_rest(browser) -> None:
    browser.services.unsigned["staff.passkeys_of"] = "role_not_granted"
    page = browser.get("/people/ola")
    assert page.status_code == 200
    assert "/acts/revoke-grant" in page.text
    assert "/acts/revoke-passkey" not in page.text


@pytest.mark.parametrize(("path", "method"), [("/me", "own_grants"), ("/people/ola", "grants")])
def test_a_role_is_shown_with_the_customers_that_it_is_for(browser, path, method) -> None:
    some = example(GrantShown, code="ola", role="support", purpose="dispute", account_ids=[ID, USER], live=True)
    browser.services.replies[method] = {"grants": [some]}
    page = browser.get(path).text
    assert all(f'<a class="ds-link" href="/customers/{each}"' in page for each in (ID, USER))
    browser.services.replies[method] = {"grants": [some | {"account_ids": None}]}
    page = browser.get(path).text
    assert f"/customers/{ID}" not in page
    everybody = "<td>all</td>" if page_language(page) == "en" else "<td>alle</td>"
    assert everybody in re.sub(r"\s*(</?td>)\s*", r"\1", page)


def test_what_people_wrote_is_shown_and_never_obeyed(browser) -> None:
    account = browser.services.replies["get_account"] | {"name": HOSTILE, "email": HOSTILE}
    browser.services.replies["get_account"] = account
    page = Reader(browser.get(f"/customers/{ID}?purpose=dispute").text)
    assert page.of("script") == []
    assert "".join(page.text).count(HOSTILE) == 3  # title, heading, address


def test_a_customer_is_shown_for_a_purpose_that_is_signed_and_no_call_says_another(browser) -> None:
    browser.get(f"/customers/{ID}?purpose=rights_request")
    (asked,) = [fields for _, method, fields in browser.services.asked if method == "get_account"]
    assert asked == {"account_id": ID, "actor": "staff:kari"}
    assert [each["purpose"] for each in browser.services.signings] == ["rights_request"]


@pytest.mark.parametrize("purpose", ["", "curiosity", "<script>"])
def test_without_a_purpose_nothing_is_asked_and_nobody_shown(browser, purpose) -> None:
    answer = browser.get(f"/customers/{ID}") if not purpose else browser.get(f"/customers/{ID}?purpose={purpose}")
    assert answer.status_code == 200
    assert browser.services.asked == []
    assert "Fjøsåker" not in answer.text


def test_the_start_page_says_what_it_does_not_know(browser) -> None:
    browser.services.replies["count_tasks"] = DeadlineExceeded(
        "notification.count_tasks did not answer within 15.0 s"
    )
    browser.services.replies["open_alarms"] = Unavailable("there is no service")
    browser.services.replies["own_prerequisites"] = COUNT
    answer = browser.get("/")
    assert answer.status_code == 200
    assert browser.get("/").text.count("ds-alert") == 1
    assert {"nb": "sier ikke hva som venter", "en": "does not say what waits"}[
        page_language(answer.text)
    ] in answer.text


def page_language(html: str) -> str:
    return str(Reader(html).of("html")[0]["lang"])


def test_parked_messages_name_the_services_that_did_not_answer(browser) -> None:
    browser.services.replies["parked_list"] = Unavailable("away")
    answer = browser.get("/parked")
    assert answer.status_code == 200
    assert answer.text.count("ds-alert") == len(discovery.services())


def test_a_search_by_one_field_is_asked_and_its_only_account_shown(browser) -> None:
    browser.services.replies["search_accounts"] = {
        "accounts": browser.services.replies["search_accounts"]["accounts"][:1]
    }
    answer = browser.post("/find", email="kari@firma.example", purpose="dispute")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/customers/{ID}?purpose=dispute")
    (asked,) = [fields for _, method, fields in browser.services.asked if method == "search_accounts"]
    assert asked == {
        "email": "kari@firma.example",
        "actor": "staff:kari",
        "purpose": "dispute",
        "after": None,
        "limit": 50,
    }


def test_what_was_found_says_how_much_of_it_is_held_back(tmp_path) -> None:
    browser = Browser(tmp_path)
    text = browser.post("/find", email="kari@firma.example", purpose="dispute").text
    assert "2 tilbakehold" in text
    assert "én begrensning" in text
    (asked,) = [fields for _, method, fields in browser.services.asked if method == "count_kept"]
    assert asked == {"account_ids": [ID, USER]}
    browser.services.unsigned["retention.count_kept"] = "role_not_granted"
    text = browser.post("/find", email="kari@firma.example", purpose="dispute").text
    assert "vises ikke for rollene dine" in text


def test_whoever_sees_to_money_alone_finds_a_customer_and_what_they_may_do_there(tmp_path) -> None:
    """People, erasures, holds, restrictions and letters are shown to others."""
    browser = Browser(tmp_path)
    finance = {"role": "finance", "purpose": "billing", "live": True}
    browser.services.replies["own_grants"] = {"grants": [example(GrantShown, code="kari", **finance)]}
    readable = {name for name, known in acts().items() if Role.FINANCE in known.act.roles}
    browser.services.unsigned |= dict.fromkeys(acts().keys() - readable, "role_not_granted")
    assert 'value="billing"' in browser.get(f"/customers/{ID}").text
    answer = browser.get(f"/customers/{ID}?purpose=billing")
    assert answer.status_code == 200
    assert "Fjøsåker Bakeri AS" in answer.text
    assert "er utelatt" in answer.text
    assert "Kåre Østby" not in answer.text
    assert f"/acts/terminate?account_id={ID}" in answer.text
    for heading in ("Personer", "Tilbakehold", "Begrensninger", "E-poster"):
        assert f">{heading}</h2>" not in answer.text
    browser.services.unsigned["account.get_account"] = "training_missing"
    assert browser.get(f"/customers/{ID}?purpose=billing").status_code == 403


def test_several_accounts_are_listed_and_what_was_looked_for_stays_out_of_addresses(browser) -> None:
    answer = browser.post("/find", email="kari@firma.example", purpose="dispute")
    assert answer.status_code == 200
    links = [each["href"] for each in Reader(answer.text).of("a")]
    assert {f"/customers/{ID}?purpose=dispute", f"/customers/{USER}?purpose=dispute"} <= set(links)
    assert not [href for href in links if "firma" in str(href)]


@pytest.mark.parametrize(
    ("missing", "leads_to"),
    [
        ((), f"/holds/{ID}?purpose=dispute"),
        (("hold",), f"/certificates/{ID}"),
        (("hold", "certificate"), None),
    ],
)
def test_an_id_that_is_of_no_account_leads_to_what_it_is_of(browser, missing, leads_to) -> None:
    browser.services.replies["search_accounts"] = {"accounts": []}
    browser.services.replies |= dict.fromkeys(missing, NotFound())
    answer = browser.post("/find", reference=ID, purpose="dispute")
    assert answer.headers.get("Location") == leads_to
    if leads_to is None:
        assert answer.status_code == 200
        assert ("Ingen konto passer." in answer.text) != ("No account fits." in answer.text)


def test_what_one_may_not_see_is_not_found_by_its_id(browser) -> None:
    browser.services.replies |= {
        "search_accounts": {"accounts": []},
        "hold": Forbidden(),
        "certificate": NotFound(),
    }
    answer = browser.post("/find", reference=ID, purpose="billing")
    assert (answer.status_code, ID in answer.headers.get("Location", "")) == (200, False)


def test_the_page_says_that_a_part_of_a_name_finds_nobody(browser) -> None:
    text = browser.get("/find").text
    assert ("hele navnet" in text) != ("only a whole address, name or number" in text)


@pytest.mark.parametrize(("name", "value"), [("name", "Østby, Kåre"), ("phone", "413 78 216")])
def test_a_name_or_a_number_is_asked_for_as_it_is_compared(browser, name, value) -> None:
    assert browser.post("/find", **{name: value, "purpose": "dispute"}).status_code == 200
    (asked,) = [fields for _, method, fields in browser.services.asked if method == "search_accounts"]
    assert asked[name] == {"name": "Østby, Kåre", "phone": "+4741378216"}[name]


@pytest.mark.parametrize(
    "fields",
    [
        {"purpose": "dispute"},
        {"purpose": "dispute", "email": "a@b.example", "org_number": "923609016"},
        {"purpose": "dispute", "email": "a@b.example", "review": "yes"},
        {"email": "a@b.example"},
        {"email": "a@b.example", "purpose": "curiosity"},
        {"reference": "7", "purpose": "dispute"},
    ],
)
def test_a_search_that_cannot_be_meant_is_asked_of_nobody_and_keeps_what_was_typed(browser, fields) -> None:
    answer = browser.post("/find", **fields)
    assert answer.status_code == 422
    assert browser.services.asked == []
    page = Reader(answer.text)
    assert [each for each in page.of("div") if "ds-error-summary" in str(each.get("class"))]
    kept = {str(each["name"]): each.get("value") for each in page.of("input") if each.get("type") != "checkbox"}
    assert {name: kept[name] for name in fields if name in kept} == {
        name: value for name, value in fields.items() if name in kept
    }


@pytest.mark.parametrize(
    ("error", "status"),
    [(NotFound("no"), 404), (Forbidden("no"), 403), (Unavailable("no"), 503), (ValueError("no"), 500)],
)
def test_what_a_service_refuses_is_told_in_words_and_not_in_the_service_s(browser, error, status) -> None:
    browser.services.replies["hold"] = error
    answer = browser.get(f"/holds/{ID}?purpose=dispute")
    assert answer.status_code == status
    assert Reader(answer.text).headings == ["h1"]
    assert ">no<" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "/holds/7?purpose=dispute",
        "/holds?state=none&purpose=dispute",
        f"/parked/nobody/{ID}",
        "/customers/..%2f",
        "/nowhere",
        "/assets/0/pages.css",
    ],
)
def test_what_does_not_exist_is_not_found_and_asked_of_nobody(browser, address) -> None:
    assert browser.get(address).status_code == 404
    assert browser.services.asked == []
