"""Forms for what one person does: each makes just its call, once, and says what happens in numbers."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from services.account.accounts.calls import AccountChanged
from services.account.support.calls import Answered
from services.account.suspicion.calls import ContactRecorded
from services.account.termination.calls import NoticeGiven
from services.account.users.calls import UserChanged
from services.billing_sync.worker.calls import Retried
from services.cases.decisions.calls import CaseChanged
from services.cases.effects.calls import EffectRetried
from services.cases.intake.calls import AlarmReported
from services.cases.rights_requests.calls import RequestTaken
from services.desk.web.acts.table import FORMS
from services.desk.wording.case_words import CASE_STEPS
from services.notification.campaigns.calls import CampaignShown
from services.notification.preferences.calls import ObjectionTaken
from services.notification.staff_tasks.calls import TaskShown
from services.notification.suppressions.calls import SuppressionShown
from services.registers.board.calls import RecordShown
from services.registers.duty.calls import DutyWeek
from services.retention.restrictions.calls import RestrictionShown
from services.staff.database_access.calls import AccessShown
from services.staff.grants.calls import GrantShown
from services.staff.people.calls import PersonShown
from services.staff.prerequisites.calls import PrerequisiteShown
from services.staff.sessions.calls import SessionsEnded
from shared.breach_words import OR_UNKNOWN, UNKNOWN
from shared.calendar import ERASURE_MONTHS, add_months, monday_of, oslo_date
from shared.clock import Clock
from shared.dates_in_words import long_date
from shared.errors import Conflict, Forbidden, Invalid
from tests.desk_stage import ACCOUNT, CASE_WHOLE, ID, RESTRICTION, USER, Browser, given_to
from tests.examples import example

pytestmark = pytest.mark.unit

FOR = {"purpose": "dispute"}
OF_ACCOUNT = {"account_id": ID, **FOR}
AT_VERSION = OF_ACCOUNT | {"version": "7"}
CHANGED = example(AccountChanged, account_id=ID)
OF_CASE = {"case_id": ID, "version": "3"}
OF_RECORD = {"record_id": ID, "version": "3", **FOR}
RECORD_CHANGED = example(RecordShown, record_id=ID)
CASE_CHANGED = example(CaseChanged, case_id=ID)
OF_PARKED = {"service": "account", "parked_id": ID}

ACTS: dict[str, tuple[str, dict[str, str], Any, dict[str, Any], str]] = {
    # form: the call, what is filled in, what is answered, what is sent beside, where one goes on to
    "record-contact": (
        "record_contact", OF_ACCOUNT | {"channel": "phone", "outcome": "answered", "attempted_on": ""},
        example(ContactRecorded), {"channel": "phone", "outcome": "answered"}, f"/customers/{ID}",
    ),
    "deactivate": (
        "deactivate_account", AT_VERSION | {"reason": "customer_request"}, CHANGED,
        {"version": 7, "reason": "customer_request"}, f"/customers/{ID}",
    ),
    "reactivate": ("reactivate_account", AT_VERSION, CHANGED, {"version": 7}, f"/customers/{ID}"),
    "block": (
        "block_account", AT_VERSION | {"reason": "security"}, CHANGED, {"version": 7, "reason": "security"},
        f"/customers/{ID}",
    ),
    "unblock": ("unblock_account", AT_VERSION, CHANGED, {"version": 7}, f"/customers/{ID}"),
    "let-instruct": (
        "let_instruct", AT_VERSION | {"reason": "bankruptcy_ended"}, CHANGED, {"reason": "bankruptcy_ended"},
        f"/customers/{ID}",
    ),
    "terminate": (
        "terminate_contract", AT_VERSION | {"channel": "letter", "received_on": "2026-11-20"},
        example(NoticeGiven, account_id=ID), {"channel": "letter", "received_on": "2026-11-20"}, f"/customers/{ID}",
    ),
    "withdraw-notice": ("withdraw_notice", AT_VERSION, CHANGED, {"version": 7}, f"/customers/{ID}"),
    "notice-period": (
        "agree_notice_period", AT_VERSION | {"months": "3"}, CHANGED, {"months": 3}, f"/customers/{ID}",
    ),
    "correct-number": (
        "correct_org_number", AT_VERSION | {"org_number": "923 609 016", "reason": "typing_error"}, CHANGED,
        {"version": 7, "reason": "typing_error"}, f"/customers/{ID}",
    ),
    "correct-company": (
        "correct_company", AT_VERSION | {"name": "Fjell AS", "reason": "asked_by_company"}, CHANGED,
        {"version": 7, "name": "Fjell AS", "reason": "asked_by_company"}, f"/customers/{ID}",
    ),
    "correct-user": (
        "correct_user", AT_VERSION | {"user_id": USER, "phone": "90054321", "reason": "asked_by_person"},
        example(UserChanged, user_id=USER),
        {"version": 7, "user_id": USER, "phone": "+4790054321", "reason": "asked_by_person"}, f"/customers/{ID}",
    ),
    "set-restriction": (
        "set_restriction", OF_ACCOUNT | {"user_id": USER, "ground": "c", "requested_on": "2026-11-20"},
        RESTRICTION, {"user_id": USER, "ground": "c", "restriction_id": ID}, f"/customers/{ID}",
    ),
    "announce-lift": (
        "announce_lift", {"restriction_id": ID, "channel": "phone", **FOR}, RESTRICTION, {"channel": "phone"},
        f"/customers/{ID}",
    ),
    "lift-restriction": (
        "lift_restriction", {"restriction_id": ID, **OF_ACCOUNT}, RESTRICTION, {}, f"/customers/{ID}",
    ),
    "lift-suppression": (
        "lift_suppression", {"suppression_id": ID, **FOR}, example(SuppressionShown, account_id=ID), {},
        f"/customers/{ID}",
    ),
    "settle-task": (
        "settle_task", {"task_id": ID, "outcome": "told_by_phone", **FOR}, example(TaskShown, account_id=ID),
        {"outcome": "told_by_phone"}, f"/customers/{ID}",
    ),
    "stop-campaign": (
        "stop_campaign", {"campaign_id": ID}, example(CampaignShown, campaign_id=ID), {"campaign_id": ID},
        f"/campaigns/{ID}",
    ),
    "answer-support": (
        "answer_support", AT_VERSION | {"thread_id": ID, "text": "A\r\nB"}, example(Answered),
        {"thread_id": ID, "version": 7, "text": "A\nB"}, f"/customers/{ID}/support/{ID}",
    ),
    "settle-support": (
        "settle_support", AT_VERSION | {"thread_id": ID, "reason": "no_answer_needed"}, example(Answered),
        {"thread_id": ID, "version": 7, "reason": "no_answer_needed"}, f"/customers/{ID}/support/{ID}",
    ),
    "release-letters": ("release_parked", {}, {"released": 3}, {}, "/letters"),
    "replay": ("parked_replay", OF_PARKED, {"queue": "account.events"}, {"parked_id": ID}, f"/parked/account/{ID}"),
    "discard": (
        "parked_discard", OF_PARKED | {"reason": "outdated"}, {}, {"reason": "outdated"}, f"/parked/account/{ID}",
    ),
    "end-database-access": (
        "end_database_access", {"access_id": ID},
        example(AccessShown, access_id=ID, ended_by="staff:kari", ended_because="given_back"), {"access_id": ID},
        "/databases",
    ),
    "record-training": (
        "record_training", {"code": "ola", "course": "privacy-2026", "completed_on": "2026-11-20"},
        example(PrerequisiteShown), {"code": "ola", "course": "privacy-2026", "completed_on": "2026-11-20"},
        "/people/ola",
    ),
    "withdraw-prerequisite": (
        "withdraw_prerequisite", {"prerequisite_id": ID, "code": "ola", "reason": "mistaken"},
        example(PrerequisiteShown), {"prerequisite_id": ID, "reason": "mistaken"}, "/people/ola",
    ),
    "revoke-grant": (
        "revoke_grant", {"grant_id": ID, "code": "ola"},
        example(GrantShown, code="ola", role="support", purpose="billing"), {"grant_id": ID}, "/people/ola",
    ),
    "revoke-passkey": (
        "revoke_passkey_of", {"code": "ola", "passkey_id": ID, "reason": "lost"}, {"passkeys": []},
        {"code": "ola", "passkey_id": ID, "reason": "lost"}, "/people/ola",
    ),
    "vouch-for-person": ("vouch_for_person", {"code": "ola"}, {}, {"code": "ola"}, "/people/ola"),
    "end-sessions": (
        "end_sessions_of", {"code": "ola"}, example(SessionsEnded), {"code": "ola"}, "/people/ola",
    ),
    "record-exit": (
        "record_exit", {"code": "ola", "reason": "left"}, example(PersonShown, code="ola", state="left"),
        {"code": "ola", "reason": "left"}, "/people/ola",
    ),
    "report-alarm": (
        "report_alarm",
        {
            "kind": "nonconformity", "source": "customer", "signal": "wrong_recipient",
            "detected_at": "2026-11-20T10:00",
        },
        example(AlarmReported, case_id=ID),
        {
            "kind": "nonconformity", "source": "customer", "signal": "wrong_recipient",
            "detected_at": "2026-11-20T09:00:00+00:00",
        },
        f"/cases/{ID}",
    ),
    "take-rights-request": (
        "take_rights_request",
        {"right": "access", "received_at": "2026-11-20T10:00", "account_id": ID, "user_id": ID},
        example(RequestTaken, case_id=ID),
        {
            "right": "access", "received_at": "2026-11-20T09:00:00+00:00", "account_id": ID, "user_id": ID,
        },
        f"/cases/{ID}",
    ),
    "take-correspondence": (
        "take_correspondence",
        {
            "kind": "complaint", "about": "data_use", "received_at": "2026-11-20T10:00", "account_id": ID,
            "user_id": ID,
        },
        example(RequestTaken, case_id=ID),
        {
            "kind": "complaint", "about": "data_use", "received_at": "2026-11-20T09:00:00+00:00", "account_id": ID,
            "user_id": ID,
        },
        f"/cases/{ID}",
    ),
    "take-objection": (
        "take_objection",
        {"channel": "by_phone", "received_at": "2026-11-20T10:00", "account_id": ID, "user_id": ID},
        example(ObjectionTaken, case_id=ID),
        {
            "channel": "by_phone", "received_at": "2026-11-20T09:00:00+00:00", "account_id": ID, "user_id": ID,
        },
        "/cases",
    ),
    "note-posted": (
        "note_posted", OF_CASE | {"posted_at": "2026-11-20T10:00"}, CASE_CHANGED,
        {"posted_at": "2026-11-20T09:00:00+00:00", "version": 3}, f"/cases/{ID}",
    ),
    "take-step": (
        "take_step",
        OF_CASE | {"step": "promote", "reason": "needs_investigation", "late_reason": "system_away"},
        CASE_CHANGED, {"step": "promote", "reason": "needs_investigation", "version": 3}, f"/cases/{ID}",
    ),
    "decide-case": (
        "decide_case", OF_CASE | {"step": "reopen", "reason": "new_facts"}, CASE_CHANGED,
        {"step": "reopen", "reason": "new_facts", "version": 3}, f"/cases/{ID}",
    ),
    "enter-instant": (
        "enter_instant", OF_CASE | {"name": "aware_at", "at": "2026-11-20T10:00"}, CASE_CHANGED,
        {"name": "aware_at", "at": "2026-11-20T09:00:00+00:00"}, f"/cases/{ID}",
    ),
    "add-affected": (
        "add_affected", OF_CASE | {"account_ids": f"https://desk.example/customers/{ID}?purpose=dispute {USER}"},
        CASE_CHANGED, {"account_ids": [ID, USER], "user_ids": [], "version": 3}, f"/cases/{ID}",
    ),
    "assign-case": (
        "assign_case", OF_CASE | {"owner": "ola"}, CASE_CHANGED, {"owner": "staff:ola", "version": 3},
        f"/cases/{ID}",
    ),
    "check-restored": ("check_restored", OF_CASE, CASE_CHANGED, {"version": 3}, f"/cases/{ID}"),
    "retry-effect": (
        "retry_effect", {"case_id": ID, "decision_id": ID, "effect": "announce_breach"},
        example(EffectRetried, case_id=ID), {"decision_id": ID, "effect": "announce_breach"}, f"/cases/{ID}",
    ),
    "compute-affected": (
        "compute_affected", OF_CASE | {"scope": "all", "as_of": "2026-11-20T10:00"}, CASE_CHANGED,
        {"scope": "all", "as_of": "2026-11-20T09:00:00+00:00", "version": 3}, f"/cases/{ID}",
    ),
    "draft-notice": (
        "draft_notice", OF_CASE | {"audience": "customers", "measures": "data_restored", "records": "40"},
        CASE_CHANGED, {"audience": "customers", "measures": ["data_restored"], "records": 40, "unknown": []},
        f"/cases/{ID}",
    ),
    "open-security-notice": ("open_security_notice", {}, CASE_CHANGED, {}, f"/cases/{ID}"),
    "draft-security-notice": (
        "draft_security_notice",
        OF_CASE | {"changes": "threat_grown", "found_by": "own_review", "plans": "put_right", "attempts": "12",
                   "breaches": "0"},
        CASE_CHANGED,
        {"changes": ["threat_grown"], "plans": ["put_right"], "attempts": 12, "breaches": 0, "consequences": []},
        f"/cases/{ID}",
    ),
    "set-contact": (
        "set_contact", {"code": "ola", "email": "ola@staff.example", "language": "nb"}, {},
        {"code": "ola", "email": "ola@staff.example", "language": "nb"}, "/duty",
    ),
    "assess-severity": (
        "assess_severity",
        OF_CASE | {"context": "simple", "identification": "maximum", "confidentiality": "not_lost",
                   "integrity": "not_lost", "availability": "not_lost", "intent": "malicious",
                   "flags": "unintelligible"},
        CASE_CHANGED, {"context": "simple", "intent": "malicious", "flags": ["unintelligible"], "version": 3},
        f"/cases/{ID}",
    ),
    "look-up-mandates": (
        "look_up_mandates", OF_CASE, CASE_CHANGED, {"case_id": ID, "version": 3}, f"/cases/{ID}",
    ),
    "bear-cost": (
        "bear_cost", OF_CASE | {"reason": "own_fault"}, CASE_CHANGED, {"reason": "own_fault", "version": 3},
        f"/cases/{ID}",
    ),
    "set-duty": (
        "set_duty", {"week_on": "2026-11-30", "person": "ola", "deputy": "kari"}, example(DutyWeek),
        {"week_on": "2026-11-30", "person": "staff:ola", "deputy": "staff:kari"}, "/duty",
    ),
    "submit-record": (
        "submit_record", OF_RECORD, RECORD_CHANGED, {"record_id": ID, "version": 3}, f"/registers/{ID}",
    ),
    "end-record": (
        "end_record", OF_RECORD | {"reason": "withdrawn", "on": "2026-12-01"}, RECORD_CHANGED,
        {"record_id": ID, "version": 3, "reason": "withdrawn", "on": "2026-12-01"}, f"/registers/{ID}",
    ),
    "review-record": (
        "review_record", OF_RECORD, RECORD_CHANGED, {"record_id": ID, "version": 3}, f"/registers/{ID}",
    ),
    "retry-job": ("retry", {"job_id": ID}, example(Retried), {"job_id": ID}, "/vendor-work"),
}  # fmt: skip


@pytest.fixture
def browser(tmp_path) -> Browser:
    return Browser(tmp_path)


def asked(browser: Browser, method: str) -> list[dict[str, Any]]:
    return [fields for _, name, fields in browser.services.asked if name == method]


def test_where_a_step_opens_a_case_one_goes_on_to_that(browser) -> None:
    opened = "0192f6c0-0000-7000-8000-0000000000dd"
    name, filled_in = "take-step", ACTS["take-step"][1]
    browser.services.replies["take_step"] = CASE_CHANGED | {"opened": [opened]}
    assert browser.post(f"/acts/{name}", **filled_in).headers["Location"] == f"/cases/{opened}?done=done"
    browser.services.replies["take_step"] = CASE_CHANGED | {"opened": [opened, ID]}
    assert browser.post(f"/acts/{name}", **filled_in).headers["Location"] == f"/cases/{ID}?done=done"


def test_a_form_says_of_each_field_when_it_may_be_left_empty(browser) -> None:
    """What article 33(3) asks for may be unknown, what is done about it is said; why it is late once it is."""
    page = browser.get(f"/acts/draft-notice?case_id={ID}&version=7").text
    heads = dict(re.findall(r'<fieldset[^>]*id="(\w+)"[^>]*>\s*<legend[^>]*>([^<]*)</legend>', page))
    for field, unknown in OR_UNKNOWN.items():
        assert f"(tomt bare når «{UNKNOWN[unknown][0]}» ikke er kjent ennå)" in heads[field]
    assert "(" not in heads["measures"]
    assert heads["advice"].endswith("(kan stå tomt)")
    for is_late, has_place in ((True, True), (False, False)):
        known = [each | {"is_late": is_late} for each in CASE_WHOLE["steps"]]
        browser.services.replies["show_case"] = CASE_WHOLE | {"steps": known}
        page = browser.get(f"/acts/decide-case?case_id={ID}&version=7&step=decide_breach_both").text
        heads_of_late = re.findall(r'<label[^>]*for="late_reason">([^<]*)</label>', page)
        assert (heads_of_late == ["Hvorfor det kommer for sent"]) is has_place
        assert bool(heads_of_late) is has_place


TAKES = {"takes": ("/acts/take-step", "promote"), "decides": ("/acts/decide-case", "decide_breach_both")}


@pytest.mark.parametrize(("address", "step"), TAKES.values(), ids=TAKES)
def test_the_form_of_a_step_asks_what_it_takes_and_a_single_reason_stands_in_it(browser, address, step) -> None:
    for joins, is_late in (("incident", False), (None, True), (None, False)):
        known = [each | {"joins": joins, "is_late": is_late, "reasons": ["other"]} for each in CASE_WHOLE["steps"]]
        browser.services.replies["show_case"] = CASE_WHOLE | {"steps": known}
        page = browser.get(f"{address}?case_id={ID}&version=7&step={step}").text
        asks_joined = joins is not None and address == "/acts/take-step"
        assert ('id="other_id"' in page, 'id="late_reason"' in page) == (asks_joined, is_late)
        assert '<option value="other" selected>' in page
    several = [each | {"reasons": ["other", "no_risk"]} for each in CASE_WHOLE["steps"]]
    browser.services.replies["show_case"] = CASE_WHOLE | {"steps": several}
    assert " selected>" not in browser.get(f"{address}?case_id={ID}&version=7&step={step}").text


def test_the_form_of_a_case_calls_it_by_its_reference(browser) -> None:
    page = browser.get(f"/acts/take-step?case_id={ID}&version=7&step=promote").text
    assert f'<a class="ds-link" href="/cases/{ID}">{CASE_WHOLE["reference"]}</a>' in page
    assert f"<code>{ID}</code>" not in page


def test_the_form_about_a_customer_names_whom_it_is_about_to_who_may_see_it(browser) -> None:
    address = f"/acts/place-hold?account_id={ID}&purpose=dispute"
    (about,) = re.findall(r"<dt>Kunde</dt><dd>(.*?)</dd>", browser.get(address).text)
    assert about.startswith(f'{ACCOUNT["name"]} <a class="ds-link" href="/customers/{ID}">')
    browser.services.unsigned["account.get_account"] = "role_not_granted"
    (about,) = re.findall(r"<dt>Kunde</dt><dd>(.*?)</dd>", browser.get(address).text)
    assert about.startswith("<a ")


def test_after_an_act_the_next_page_says_once_that_it_is_done(browser) -> None:
    told = '<div class="ds-alert" data-color="success" role="status"><p class="ds-paragraph">'
    method, filled_in, reply, *_ = ACTS["record-training"]
    browser.services.replies[method] = reply
    then = browser.post("/acts/record-training", **filled_in).headers["Location"]
    assert f"{told}Det er gjort.</p>" in browser.get(then, **OUR_OWN).text
    assert told not in browser.get(then, **ANOTHER_SITE).text, "nobody here has done anything"
    assert f"{told}Det er bedt om." in browser.get(f"/approvals/{ID}?done=asked", **OUR_OWN).text
    for address in (then.partition("?")[0], f"{then.partition('?')[0]}?done=<b>"):
        assert told not in browser.get(address, **OUR_OWN).text


def test_what_a_form_is_about_is_said_in_words(browser) -> None:
    page = browser.get(f"/acts/take-step?case_id={ID}&version=7&step=promote").text
    assert "<code>promote</code>" not in page
    assert CASE_STEPS["promote"][0] in page


def test_where_nothing_is_planned_no_erasure_is_said_to_wait(browser) -> None:
    browser.services.replies["timeline"] = {"erasures": []}
    page = browser.get(f"/acts/place-hold?account_id={ID}&purpose=dispute").text
    assert "Ingen sletting er planlagt nå." in page
    assert "0 planlagte" not in page


def test_every_form_for_one_person_is_tried_here_or_with_the_holds() -> None:
    one = {form.name for form in FORMS if not form.takes_two}
    assert one - {"release-hold"} == ACTS.keys()


@pytest.mark.parametrize("name", ACTS)
def test_a_form_makes_its_call_and_nothing_else(browser, name) -> None:
    method, filled_in, reply, sent, leads_to = ACTS[name]
    browser.services.replies[method] = reply
    answer = browser.post(f"/acts/{name}", **filled_in)
    said = f"purpose={filled_in['purpose']}&" if "purpose" in filled_in else ""
    wanted = f"{leads_to}{'&' if '?' in leads_to else '?'}{said}done=done"
    assert (answer.status_code, answer.headers["Location"]) == (303, wanted)
    (call,) = browser.services.asked
    assert call[1] == method
    assert call[2].items() >= sent.items()
    assert call[2].get("actor", "staff:kari") == "staff:kari"
    form = next(each for each in FORMS if each.name == name)
    assert ("idempotency_key" in call[2]) == form.call.is_command


OF_A_CUSTOMER = [name for name, act in ACTS.items() if act[4].startswith("/customers/")]
FOLLOWED = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
OUR_OWN, ANOTHER_SITE = ({"Sec-Fetch-Site": site} | FOLLOWED for site in ("same-origin", "cross-site"))
ASKS, SAYS = '<select class="ds-input" id="purpose"', '<input type="hidden" name="purpose" value="dispute">'


@pytest.mark.parametrize("name", OF_A_CUSTOMER)
def test_what_was_said_to_look_for_goes_along_to_the_page_after_the_act(browser, name) -> None:
    method, filled_in, reply, _, leads_to = ACTS[name]
    browser.services.replies[method] = reply
    form = next(each for each in FORMS if each.name == name)
    address = f"{form.address}?{urlencode(given_to(form) | {'purpose': 'dispute'})}"
    assert SAYS in browser.get(address, **OUR_OWN).text
    assert SAYS not in browser.get(address, **ANOTHER_SITE).text
    answer = browser.post(f"/acts/{name}", **filled_in | {"purpose": "dispute"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{leads_to}?purpose=dispute&done=done")
    browser.services.signings.clear()
    assert ASKS not in browser.get(answer.headers["Location"], **OUR_OWN).text
    assert {each["purpose"] for each in browser.services.signings} == {"dispute"}
    browser.services.signings.clear()
    assert ASKS in browser.get(answer.headers["Location"], **ANOTHER_SITE).text
    assert browser.services.signings == []


@pytest.mark.parametrize("said", ["", "curiosity", "<script>", "dispute&x=1"])
def test_what_is_no_purpose_is_carried_nowhere(browser, said) -> None:
    _, filled_in, reply, _, leads_to = ACTS["record-contact"]
    browser.services.replies["record_contact"] = reply
    answer = browser.post("/acts/record-contact", **filled_in | {"purpose": said})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{leads_to}?done=done")


REASONED = [(name, value) for name, act in ACTS.items() if act[1].keys() & {"reason", "outcome"}
            for value in ("", "because")]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), REASONED)
def test_a_reason_is_one_of_the_list_and_what_was_filled_in_stays(browser, name, value) -> None:
    _, filled_in, _, _, _ = ACTS[name]
    field = "reason" if "reason" in filled_in else "outcome"
    # Customers give no reason to leave: of staff the service itself asks for one.
    browser.services.replies["deactivate_account"] = Invalid(details={"reason": ["staff say why"]})
    answer = browser.post(f"/acts/{name}", **filled_in | {field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    others = {each: text for each, text in filled_in.items() if each not in (field, "purpose") and text}
    assert all(f'value="{text}"' in answer.text for text in others.values())
    assert (asked(browser, ACTS[name][0]) == []) == (not (name == "deactivate" and value == ""))


@pytest.mark.parametrize("error", [Conflict(), Forbidden()])
@pytest.mark.parametrize("name", ACTS)
def test_what_is_refused_says_why_and_keeps_the_form_with_its_key(browser, name, error) -> None:
    method, filled_in, _, _, _ = ACTS[name]
    browser.services.replies |= {method: error, "restrictions": {"restrictions": []}}
    answer = browser.post(f"/acts/{name}", **filled_in)
    assert answer.status_code == error.status
    assert 'role="alert"' in answer.text
    assert f'name="idempotency_key" value="{ID}"' in answer.text


def test_what_happens_is_said_in_numbers_before_it_does(browser, tmp_path) -> None:
    today = oslo_date(Clock(tmp_path, environment="test").now())
    said = browser.get(f"/acts/deactivate?account_id={ID}&version=7&purpose=dispute").text
    assert "Én person kommer ikke lenger inn." in said
    assert long_date(add_months(today, ERASURE_MONTHS), "nb") in said
    assert "3 e-poster er holdt tilbake." in browser.get("/acts/release-letters").text
    assert (
        "Én planlagt sletting av kontoen avlyses."
        in browser.get(f"/acts/reactivate?account_id={ID}&version=7&purpose=dispute").text
    )
    assert (
        "Én planlagt sletting kan bli stående."
        in browser.get(f"/acts/set-restriction?account_id={ID}&purpose=dispute").text
    )
    assert not [name for _, name, _ in browser.services.asked if name in {act[0] for act in ACTS.values()}]


def test_a_restriction_that_the_same_person_has_lifted_is_lifted_once(browser) -> None:
    lifted = example(RestrictionShown, **RESTRICTION | {"restriction_id": ID, "lifted_by": "staff:kari"})
    browser.services.replies |= {"lift_restriction": Conflict(), "restrictions": {"restrictions": [lifted]}}
    filled_in = {"restriction_id": ID, "account_id": ID, "purpose": "dispute"}
    assert (
        browser.post("/acts/lift-restriction", **filled_in).headers["Location"]
        == f"/customers/{ID}?purpose=dispute&done=done"
    )
    lifted["lifted_by"] = "staff:ola"
    assert browser.post("/acts/lift-restriction", **filled_in).status_code == 409


def test_a_customer_s_page_leads_to_what_ends_its_restrictions_and_suppressions(browser) -> None:
    told = example(RestrictionShown, **RESTRICTION | {"restriction_id": USER, "account_id": ID, "state": "told"})
    bounced = example(SuppressionShown, suppression_id=USER, account_id=ID, kind="bounce")
    browser.services.replies |= {
        "restrictions": {"restrictions": [told, told | {"restriction_id": ID, "state": "set"}]},
        "suppressions": {"suppressions": [bounced, bounced | {"suppression_id": ID, "kind": "complaint"}]},
    }
    page = browser.get(f"/customers/{ID}?purpose=dispute").text.replace("&amp;", "&")
    assert f"/acts/announce-lift?restriction_id={ID}&purpose=dispute" in page
    assert f"/acts/lift-restriction?restriction_id={USER}&account_id={ID}&purpose=dispute" in page
    assert f"/acts/lift-suppression?suppression_id={USER}&purpose=dispute" in page
    assert f"/acts/lift-suppression?suppression_id={ID}" not in page


def test_who_may_look_at_no_case_is_named_before_and_where_they_are_on_duty(browser) -> None:
    said = "Disse varsles forgjeves, for de kan ikke se saker: ola."
    assert said in browser.get("/acts/set-duty?week_on=2027-01-04").text
    week = monday_of(oslo_date(Clock(environment="test").now()))
    pair = {"week_on": week.isoformat(), "person": "staff:ola", "deputy": "staff:kari"}
    browser.services.replies["duty"] = {"weeks": [pair]}
    assert browser.get("/duty").text.count("kan ikke se saker") == 1
    browser.services.replies["reachable"] = {"codes": ["kari", "ola"]}
    assert (
        "kan ikke se saker" not in browser.get("/duty").text + browser.get("/acts/set-duty?week_on=2027-01-04").text
    )


def test_where_neither_of_two_may_look_at_cases_it_is_said_at_both_and_what_was_written_stays(browser) -> None:
    wrong = {"person": ["x"], "deputy": ["x"]}
    refused = Invalid(details={"reason": "no_case_viewers", "fields": wrong})
    browser.services.replies["set_duty"] = refused
    answer = browser.post("/acts/set-duty", week_on="2027-01-04", person="per", deputy="liv")
    assert answer.status_code == 422
    for name, code in (("person", "per"), ("deputy", "liv")):
        assert f'id="{name}-error">Ingen av de to kan se saker.' in answer.text
        assert f'value="{code}"' in answer.text


def test_what_a_person_does_for_one_customer_is_a_page_of_its_own(browser) -> None:
    assert f'href="/customers/{ID}/tasks?purpose=dispute"' in browser.get(f"/customers/{ID}?purpose=dispute").text
    browser.services.asked.clear()
    page = browser.get(f"/customers/{ID}/tasks?purpose=dispute").text
    assert "/acts/settle-task?task_id=" in page
    assert [(method, fields["account_id"]) for _, method, fields in browser.services.asked] == [
        ("tasks", ID),
        ("suppressions", ID),
    ]
    assert "/acts/release-letters" not in page
    assert "Hvorfor ser du på kunden?" in browser.get(f"/customers/{ID}/tasks").text


def test_a_customer_s_page_leads_to_what_can_be_done_in_its_state(browser) -> None:
    def offered(**changes: Any) -> set[str]:
        browser.services.replies["get_account"] = browser.services.replies["get_account"] | changes
        text = browser.get(f"/customers/{ID}?purpose=dispute").text
        return {name for name in ACTS if f"/acts/{name}?account_id={ID}" in text}

    always = {"record-contact", "set-restriction", "correct-user"}
    plain = always | {"block", "correct-company", "correct-number", "deactivate", "terminate", "notice-period"}
    day = date(2026, 11, 20)
    notice = {"noticed_on": day.isoformat(), "notice_ends_on": (day + timedelta(days=70)).isoformat()}
    assert offered() == plain
    assert offered(**notice) == always | {
        "block",
        "correct-company",
        "correct-number",
        "deactivate",
        "withdraw-notice",
    }
    assert offered(noticed_on=None, notice_ends_on=None, register_outcome="bankrupt") == plain | {"let-instruct"}
    blocked = {"blocked_at": "2026-11-30T10:00:00+00:00", "register_outcome": "matched"}
    assert offered(**blocked) == (plain | {"unblock"}) - {"block"}
    assert offered(state="inactive", blocked_at=None) == always | {"reactivate"}


@pytest.mark.parametrize(
    ("form", "replies", "said"),
    [
        (
            f"revoke-grant?grant_id={ID}&code=ola",
            {
                "grants": {
                    "grants": [example(GrantShown, grant_id=ID, code="ola", role="support", purpose="billing")]
                }
            },
            "ola har ikke lenger rollen kundehjelp for fakturering.",
        ),
        (
            f"withdraw-prerequisite?prerequisite_id={ID}&code=ola",
            {"prerequisites": {"prerequisites": [example(PrerequisiteShown, prerequisite_id=ID, kind="training")]}},
            "ola: opplæring fra ",
        ),
        (
            f"end-database-access?access_id={ID}",
            {
                "list_database_access": {
                    "accesses": [example(AccessShown, access_id=ID, code="ola", database="audit")]
                }
            },
            "ola ser ikke lenger i databasen revisjonsspor.",
        ),
    ],
    ids=["grant", "prerequisite", "database"],
)
def test_what_ends_is_said_in_words_before_it_ends(browser, form, replies, said) -> None:
    browser.services.replies |= replies
    assert said in browser.get(f"/acts/{form}").text
