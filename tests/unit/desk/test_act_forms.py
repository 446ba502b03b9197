"""Forms for what staff do: made from calls, asked for where two persons decide, and what was filled in is kept."""

from __future__ import annotations

import re
from typing import Any

import pytest

from services.account.users.calls import User
from services.desk.web.act_forms import LABELS, ActField, ActForm, Widget
from services.desk.web.acts.erasures import ERASE_EARLY, RELEASE_HALTED
from services.desk.web.acts.grants import GIVE_GRANT
from services.desk.web.acts.holds import PLACE_HOLD, RELEASE_HOLD
from services.desk.web.acts.table import FORMS, OF_ACT
from services.desk.wording.words import KINDS
from services.retention.dry_runs.calls import DryRunShown, OrderDryRun, WouldErase
from shared.errors import Conflict, DeadlineExceeded, Forbidden, Invalid, NotFound
from shared.records import schema_of
from shared.staff import Role, acts
from tests.desk_stage import (
    ACCOUNT,
    APPROVAL,
    ASKED,
    CASE,
    GIVEN,
    ID,
    REQUEST_OPTIONS,
    REQUESTED,
    USER,
    Browser,
    address_of,
)
from tests.examples import example

pytestmark = pytest.mark.unit

HOLD = {
    "account_id": ID,
    "reason": "dispute",
    "case_ref": "tvist-2026-12",
    "owner": "Kari",
    "categories": "letters",
    "starts_on": "2026-11-30",
    "review_on": "2027-01-30",
    "purpose": "dispute",
}
DRY_RUN = example(
    DryRunShown,
    account_id=ID,
    complete=True,
    held=True,
    participants=[
        example(WouldErase, participant="account", state="answered", counts={"users": 2}),
        example(WouldErase, participant="audit", state="silent"),
    ],
)


@pytest.fixture
def browser(tmp_path) -> Browser:
    made = Browser(tmp_path)
    made.services.replies["request_approval"] = REQUESTED
    return made


def asked(browser: Browser, method: str) -> list[dict[str, Any]]:
    return [fields for _, name, fields in browser.services.asked if name == method]


def test_every_act_of_two_persons_has_a_form() -> None:
    two = {name for name, known in acts().items() if known.act.two_persons}
    assert two
    assert two <= OF_ACT.keys()


@pytest.mark.parametrize("form", [each for each in FORMS if each.takes_two], ids=lambda form: form.name)
def test_whoever_approves_is_told_what_a_field_means_in_which_nothing_stands(form) -> None:
    """Over the interface a request may leave out whatever its call does not need."""
    known = schema_of(form.call).fields
    may_be_empty = {each.name for each in form.fields if not known[each.name].required}
    assert form.left_out({}).keys() == may_be_empty
    assert form.left_out(dict.fromkeys(known, "filled in")) == {}
    unseen = {name for name, each in known.items() if not each.required} - may_be_empty
    assert unseen <= {form.key, *form.about}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_a_form_offers_the_codes_of_its_call_in_words(form) -> None:
    for each in form.fields:
        codes = form.codes(each.name)
        assert bool(each.words) == bool(codes), each.name
        assert not each.words or set(codes) <= KINDS[each.words].keys()
        pairs = (each.label, each.hint) if each.hint else (each.label,)
        assert all(len(pair) == 2 and all(pair) for pair in pairs)
    assert {*form.about} <= LABELS.keys() | form.labels.keys()
    assert len({*form.about, *(each.name for each in form.fields)}) == len(form.about) + len(form.fields)


def test_what_a_field_takes_follows_from_the_call() -> None:
    assert {each.name: PLACE_HOLD.widget(each.name) for each in PLACE_HOLD.fields} == {
        "reason": Widget.ONE,
        "case_ref": Widget.TEXT,
        "owner": Widget.PERSON,
        "user_ids": Widget.SEVERAL,
        "categories": Widget.SEVERAL,
        "starts_on": Widget.DAY,
        "review_on": Widget.DAY,
    }
    assert GIVE_GRANT.widget("role") is Widget.ONE
    assert RELEASE_HALTED.widget("erasure_ids") is Widget.SEVERAL
    assert [form.takes_two for form in (PLACE_HOLD, RELEASE_HOLD, ERASE_EARLY)] == [True, False, True]


@pytest.mark.parametrize("ticked", [True, False])
def test_a_box_that_was_ticked_is_ticked_where_the_request_is_changed(ticked) -> None:
    said = ("s", "s")
    form = ActForm(
        name="count", call=OrderDryRun, title=said, says=said, question=said, button=said, about=("account_id",),
        fields=(ActField(name="with_held", label=said),), then="/",
    )  # fmt: skip
    assert form.widget("with_held") is Widget.FLAG
    assert form.values_of({"account_id": ID, "with_held": ticked})["with_held"] == ("yes" if ticked else "")


@pytest.mark.parametrize(
    ("changes", "lacks"),
    [
        ({"fields": (ActField(name="colour", label=("f", "c")),)}, "has not"),
        ({"about": ()}, "lacks"),
        ({"key": "colour"}, "has not"),
        ({"tells_approver": True}, "nothing to tell"),
    ],
)
def test_a_form_that_does_not_fit_its_call_is_none(changes, lacks) -> None:
    fitting = {name: getattr(RELEASE_HOLD, name) for name in RELEASE_HOLD.__dataclass_fields__}
    with pytest.raises(TypeError, match=lacks):
        ActForm(**fitting | changes)


def test_the_choice_of_language_leaves_what_was_filled_in(browser) -> None:
    assert (
        'form="act" name="prefer" value="language=en"'
        in browser.get(f"/acts/place-hold?account_id={ID}&purpose=dispute").text
    )
    answer = browser.post("/acts/place-hold", **HOLD, prefer="language=en")
    assert (answer.status_code, '<html lang="en"' in answer.text, "checked" in answer.text) == (200, True, True)
    assert "__Host-vilkar-language=en" in "".join(answer.headers.getlist("Set-Cookie"))
    assert asked(browser, "request_approval") == []


def test_what_takes_two_persons_is_asked_for_just_as_it_was_filled_in(browser) -> None:
    answer = browser.post("/acts/place-hold", **HOLD)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/approvals/{ID}?done=asked")
    (request,) = asked(browser, "request_approval")
    assert (request["approval_id"], request["act"]) == (ID, "retention.place_hold")
    fields = {name: value for name, value in request["fields"].items() if value is not None}
    assert fields == {
        "hold_id": ID,
        "account_id": ID,
        "user_ids": [],
        "categories": ["letters"],
        "reason": "dispute",
        "case_ref": "tvist-2026-12",
        "owner": "staff:kari",
        "starts_on": "2026-11-30",
        "review_on": "2027-01-30",
    }
    assert asked(browser, "place_hold") == []


def test_a_form_that_is_sent_twice_asks_once(browser) -> None:
    for _ in range(2):
        browser.post("/acts/place-hold", **HOLD)
    first, second = asked(browser, "request_approval")
    assert first["approval_id"] == second["approval_id"]
    assert first["fields"] == second["fields"]


def test_a_form_that_is_sent_again_when_all_is_over_leads_to_what_became_of_it(browser) -> None:
    browser.post("/acts/place-hold", **HOLD)
    (request,) = asked(browser, "request_approval")
    browser.services.replies["request_approval"] = Conflict("known", details={"reason": "known_id"})
    browser.services.replies["show_approval"] = REQUESTED | {"fields": request["fields"]}
    answer = browser.post("/acts/place-hold", **HOLD)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/approvals/{ID}?done=asked")
    answer = browser.post("/acts/place-hold", **HOLD | {"reason": "legal_claim"})
    assert answer.status_code == 409
    assert "er allerede sendt, med noe annet i" in answer.text


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "curiosity"}, "reason"),
        ({"case_ref": "Kari Nordmann"}, "case_ref"),
        ({"owner": "Kari Nordmann"}, "owner"),
        ({"review_on": "soon"}, "review_on"),
        ({"categories": "everything"}, "categories"),
        ({"user_ids": "kari"}, "user_ids"),
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_said_at_its_field_and_the_rest_is_kept(browser, changes, at) -> None:
    answer = browser.post("/acts/place-hold", **HOLD | changes)
    assert answer.status_code == 422
    assert asked(browser, "request_approval") == []
    assert f'id="{at}-error"' in answer.text
    assert f'href="#{at}"' in answer.text
    kept = {"case_ref": "tvist-2026-12", "review_on": "2027-01-30"} | changes
    for name in ("case_ref", "review_on"):
        assert re.search(f'name="{name}" value="{kept[name]}"', answer.text), name
    assert f'name="idempotency_key" value="{ID}"' in answer.text, "the same form, once more"


def test_what_the_service_refuses_is_said_at_its_field(browser) -> None:
    refusal = Invalid("no", details={"review_on": ["must lie 1 to 90 days ahead"]})
    browser.services.objections["retention.place_hold"] = refusal
    answer = browser.post("/acts/place-hold", **HOLD)
    assert answer.status_code == 422
    assert asked(browser, "request_approval") == []
    assert 'id="review_on-error"' in answer.text
    assert "must lie" not in answer.text


def test_what_its_service_would_refuse_is_not_asked_for_and_says_why(browser) -> None:
    browser.services.objections["retention.place_hold"] = Conflict("no", details={"reason": "hold_limit"})
    answer = browser.post("/acts/place-hold", **HOLD)
    assert (answer.status_code, "Kontoen har allerede ti tilbakehold." in answer.text) == (409, True)
    ((act, tried),) = browser.services.tried
    assert (act, tried["review_on"]) == ("retention.place_hold", HOLD["review_on"])
    assert asked(browser, "request_approval") == asked(browser, "place_hold") == []


def test_what_is_held_already_is_named(browser) -> None:
    exists = Conflict("no", details={"reason": "hold_exists", "hold_id": USER})
    browser.services.objections["retention.place_hold"] = exists
    answer = browser.post("/acts/place-hold", **HOLD)
    assert answer.status_code == 409
    assert f"Det samme er allerede holdt tilbake for denne saken, av tilbakehold {USER}." in answer.text
    assert asked(browser, "request_approval") == []


def test_an_owner_who_is_nobody_is_said_at_the_field(browser) -> None:
    details = {"reason": "nobody_of_staff", "fields": {"owner": ["nobody of the staff"]}}
    browser.services.replies["request_approval"] = Invalid("no", details=details)
    answer = browser.post("/acts/place-hold", **HOLD)
    assert answer.status_code == 422
    assert re.search('id="owner-error">[^<]*Ingen som arbeider her nå', answer.text)


@pytest.mark.parametrize("reason", ["role_not_granted", "undertaking_over", "training_missing", "too_many"])
def test_why_somebody_may_not_is_said_and_what_they_filled_in_is_kept(browser, reason) -> None:
    browser.services.replies["request_approval"] = Forbidden("no", details={"reason": reason})
    answer = browser.post("/acts/place-hold", **HOLD)
    assert answer.status_code == 403
    assert 'role="alert"' in answer.text
    assert 'value="tvist-2026-12"' in answer.text


def test_when_a_service_does_not_answer_nothing_is_said_to_be_done(browser) -> None:
    browser.services.replies["request_approval"] = DeadlineExceeded("staff did not answer")
    assert browser.post("/acts/place-hold", **HOLD).status_code == 503


def test_what_one_person_does_is_done_at_once_and_told_by_its_result(browser) -> None:
    browser.services.replies["release_hold"] = browser.services.replies["hold"]
    answer = browser.post("/acts/release-hold", hold_id=ID, account_id=ID, reason="settled", purpose="dispute")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/holds/{ID}?purpose=dispute&done=done")
    assert asked(browser, "release_hold") == [{"hold_id": ID, "reason": "settled", "actor": "staff:kari"}]


@pytest.mark.parametrize(("by", "status"), [("staff:kari", 303), ("staff:ola", 409)])
def test_what_a_second_press_finds_done_is_done_and_what_somebody_else_did_is_not(browser, by, status) -> None:
    browser.services.replies["release_hold"] = Conflict("the hold is released already")
    released = {"released_by": by, "release_reason": "settled", "state": "released"}
    browser.services.replies["hold"] = browser.services.replies["hold"] | released
    answer = browser.post("/acts/release-hold", hold_id=ID, account_id=ID, reason="settled", purpose="dispute")
    assert answer.status_code == status
    assert status == 303 or "Tilbakeholdet er allerede opphevet." in answer.text


def purposes_offered(text: str) -> list[str]:
    (choices,) = re.findall(r'<select[^>]*name="purpose".*?</select>', text, re.DOTALL)
    return re.findall(r'<option value="(\w+)"', choices)


@pytest.mark.parametrize("form", [each for each in FORMS if each.shows_customer], ids=lambda form: form.name)
def test_a_form_that_shows_a_customer_asks_first_what_for_and_offers_what_one_is_granted(browser, form) -> None:
    unsaid = re.sub(r"[&?]purpose=dispute", "", address_of(form))
    asks = browser.get(unsaid)
    assert (asks.status_code, browser.services.signings) == (200, [])
    granted = {"customer_support": Role.SUPPORT, "dispute": None, "operations": Role.OPERATOR}
    assert purposes_offered(asks.text) == [
        purpose for purpose, role in granted.items() if role is None or role in form.roles
    ]
    for name in form.given:
        assert f'<input type="hidden" name="{name}" value="{GIVEN[name]}">' in asks.text
    assert browser.get(address_of(form)).status_code == 200
    (signing,) = [each for each in browser.services.signings if len(each["acts"]) > 0][:1]
    assert signing["purpose"] == "dispute"
    looked = [acts()[each["act"]].act for each in signing["acts"]]
    assert any(each.shows or each.finds for each in looked), "the customer is told of it"


BY_ITS_ID = [each for each in FORMS if each.asks_purpose and not each.shows_customer]


def test_what_names_a_thing_of_a_customer_by_its_own_id_asks_what_for() -> None:
    assert {each.name for each in BY_ITS_ID} == {"announce-lift", "lift-suppression", "settle-task"}
    by_id = [each for each in FORMS if each.call.staff.resolves]
    assert len(by_id) == 5
    assert all(each.asks_purpose for each in by_id)


@pytest.mark.parametrize("form", BY_ITS_ID, ids=lambda form: form.name)
def test_it_is_done_for_what_one_says_and_for_nothing_else(browser, form) -> None:
    """Whose it is nobody knows before its service has looked: one may have customers for several purposes."""
    asks = browser.get(re.sub(r"[&?]purpose=dispute", "", address_of(form)))
    assert asks.status_code == 200
    assert "Hvorfor gjør du dette?" in asks.text
    assert "dispute" in purposes_offered(asks.text)
    fields = {name: GIVEN[name] for name in form.given} | {"outcome": "needless"}
    assert browser.post(form.address, **fields).status_code == 422
    assert (browser.services.signings, asked(browser, form.call.method)) == ([], [])
    opened = browser.get(address_of(form)).text
    assert '<input type="hidden" name="purpose" value="dispute">' in opened
    browser.services.replies[form.call.method] = example(form.call.reply, account_id=ID)
    assert browser.post(form.address, **fields, purpose="dispute").status_code == 303
    (signing,) = browser.services.signings
    assert ([each["act"] for each in signing["acts"]], signing["purpose"]) == ([form.act_of("")], "dispute")


@pytest.mark.parametrize("purpose", ["rights_request", "billing", "curiosity"])
def test_a_form_shows_no_customer_for_what_one_is_not_granted_to_do_it_for(browser, purpose) -> None:
    answer = browser.get(f"/acts/place-hold?account_id={ID}&purpose={purpose}")
    assert answer.status_code == (200 if purpose == "curiosity" else 403)
    assert purposes_offered(answer.text) == ["dispute"]
    assert ("Tildelingen din gjelder et annet formål" in answer.text) is (purpose != "curiosity")
    assert browser.services.signings == []


def test_who_has_no_role_for_it_is_told_how_to_get_one(browser) -> None:
    browser.services.replies["own_grants"] = {"grants": []}
    for address in (f"/acts/place-hold?account_id={ID}", f"/customers/{ID}", f"/customers/{ID}/holdings", "/find"):
        text = browser.get(address).text
        assert "Be den som forvalter rollene om en" in text, address
        assert '<option value="dispute"' not in text, address


def test_a_form_that_says_not_what_for_does_nothing(browser) -> None:
    answer = browser.post("/acts/place-hold", **HOLD | {"purpose": ""})
    assert (answer.status_code, browser.services.signings) == (422, [])
    assert asked(browser, "request_approval") == []


def test_what_is_shown_again_where_the_act_was_refused_is_the_same_look_for_the_same_purpose(browser) -> None:
    opened = browser.get(f"/acts/place-hold?account_id={ID}&purpose=dispute").text
    (key,) = re.findall(r'action="/acts/place-hold">\s*<input[^>]*><input[^>]*value="([^"]+)"', opened)
    browser.services.objections["retention.place_hold"] = Conflict("no", details={"reason": "hold_limit"})
    browser.post("/acts/place-hold", **HOLD | {"idempotency_key": key})
    assert {(each["purpose"], each["visit_id"]) for each in browser.services.signings} == {("dispute", key)}
    looks = [[act["act"] for act in each["acts"]] for each in browser.services.signings]
    assert looks == [
        ["account.list_users", "retention.timeline", "account.get_account"],
        ["retention.place_hold"],
        ["account.list_users", "retention.timeline", "account.get_account"],
    ]


def test_who_looks_for_what_they_may_not_any_more_is_asked_again(browser) -> None:
    browser.services.unsigned["account.list_users"] = "other_purpose"
    answer = browser.post("/acts/place-hold", **HOLD | {"reason": ""})
    assert answer.status_code == 403
    assert purposes_offered(answer.text) == ["dispute"]
    assert f'name="account_id" value="{ID}"' in answer.text


def test_a_form_says_in_numbers_what_will_happen(browser) -> None:
    browser.services.replies["order_dry_run"] = DRY_RUN
    assert "Kontoer: brukerkontoer (2)" in browser.get(f"/acts/erase-early?account_id={ID}&purpose=dispute").text
    assert "Alt er holdt tilbake" in browser.get(f"/acts/erase-early?account_id={ID}&purpose=dispute").text
    assert "Én sletting er stanset." in browser.get("/acts/release-halted?purpose=dispute").text
    assert "En planlagt sletting" not in browser.get(f"/acts/place-hold?account_id={ID}&purpose=dispute").text
    assert "Én planlagt sletting" in browser.get(f"/acts/place-hold?account_id={ID}&purpose=dispute").text


def test_what_would_be_erased_of_one_person_is_asked_of_that_person_alone(browser) -> None:
    browser.services.replies["list_users"] = {"users": [example(User, user_id=USER, name="Ola Sletten")]}
    browser.services.replies["order_dry_run"] = {**DRY_RUN, "user_id": USER}
    page = browser.get(f"/acts/erase-early?account_id={ID}&user_id={USER}&purpose=dispute").text
    assert [each["user_id"] for each in asked(browser, "order_dry_run")] == [USER]
    assert "Ola Sletten:" in page
    browser.services.replies["order_dry_run"] = {**DRY_RUN, "user_id": None}
    assert "Hele kontoen:" in browser.get(f"/acts/erase-early?account_id={ID}&purpose=dispute").text


@pytest.mark.parametrize(
    "address", ["/acts/nothing", "/acts/place-hold", "/acts/place-hold?account_id=7", "/acts/release-hold?hold_id="]
)
def test_a_form_about_nothing_is_not_found(browser, address) -> None:
    assert browser.get(address).status_code == 404
    assert [method for _, method, _ in browser.services.asked] == []


def test_a_form_without_its_key_is_refused(browser) -> None:
    answer = browser.post("/acts/place-hold", **HOLD | {"idempotency_key": "1"})
    assert answer.status_code == 422
    assert asked(browser, "request_approval") == []


def test_a_hold_id_of_somebody_else_s_form_is_not_taken(browser) -> None:
    browser.post("/acts/place-hold", **HOLD | {"hold_id": USER})
    (request,) = asked(browser, "request_approval")
    assert request["fields"]["hold_id"] == ID


class TestApprovals:
    @pytest.fixture
    def approving(self, browser) -> Browser:
        browser.services.replies["approve"] = example_of(state="approved", approved_by="kari")
        browser.services.replies["place_hold"] = browser.services.replies["hold"]
        return browser

    def test_what_is_asked_for_is_shown_in_words(self, browser) -> None:
        page = browser.get(f"/approvals/{ID}").text
        for said in ("Saksnummer", "tvist-2026-12", "loggen over e-poster", "lørdag 30. januar 2027", "Versjon"):
            assert said.lower() in page.lower(), said
        assert "data-passkey" in page

    def test_what_is_asked_for_is_told_in_the_order_of_the_form_and_no_id_twice(self, browser) -> None:
        hold = {
            "review_on": "2027-01-30",
            "owner": "staff:kari",
            "hold_id": ID,
            "account_id": ID,
            "reason": "dispute",
        }
        browser.services.replies["show_approval"] = REQUESTED | {"fields": hold}
        page = browser.get(f"/approvals/{ID}").text
        heads = re.findall(r"<dt>([^<]*)</dt>", page.partition("Hvem og når")[0])
        assert heads == ["Kunde", "Grunn", "Ansvarlig", "Personer", "Opplysninger", "Vurderes på nytt"]
        assert [each.strip() for each in re.findall(r"<dt>([^<]*innen[^<]*)</dt>", page)] == ["Må godkjennes innen"]

    @pytest.mark.clause("STAFF-1")
    def test_whoever_signs_sees_whom_it_is_about_once_they_say_what_for(self, browser) -> None:
        asks = browser.get(f"/approvals/{ID}").text
        assert ACCOUNT["name"] not in asks
        assert browser.services.signings == [] or "account.get_account" not in str(browser.services.signings)
        assert f'href="/approvals/{ID}?purpose=dispute"' in asks
        named = browser.get(f"/approvals/{ID}?purpose=dispute").text
        assert f'{ACCOUNT["name"]} <a class="ds-link" href="/customers/{ID}">' in named
        assert "?purpose=" not in named
        looks = [each for each in browser.services.signings if "account.get_account" in str(each["acts"])]
        assert [each["purpose"] for each in looks] == ["dispute"]
        browser.services.unsigned["account.get_account"] = "other_account"
        assert ACCOUNT["name"] not in browser.get(f"/approvals/{ID}?purpose=dispute").text

    def test_whoever_signs_is_told_in_numbers_what_will_happen(self, browser) -> None:
        stopped = "Én planlagt sletting kan bli stående."
        assert stopped not in browser.get(f"/approvals/{ID}").text, "nobody has said what they look for"
        assert stopped in browser.get(f"/approvals/{ID}?purpose=dispute").text
        browser.services.unsigned["retention.timeline"] = "role_not_granted"
        lacking = browser.get(f"/approvals/{ID}?purpose=dispute")
        assert (lacking.status_code, stopped in lacking.text) == (200, False)
        assert ACCOUNT["name"] in lacking.text, "what it lacks hides nothing else"
        browser.services.unsigned.clear()
        browser.services.replies["show_approval"] = REQUESTED | {"state": "ended", "ended_because": "carried_out"}
        assert stopped not in browser.get(f"/approvals/{ID}?purpose=dispute").text

    def test_whoever_signs_for_a_campaign_or_a_door_sees_which(self, browser) -> None:
        door = {"act": "staff.countersign_door", "fields": {"use_id": ID}}
        campaign = {
            "act": "notification.start_campaign",
            "fields": {"campaign_id": ID, "text_sha256": "ab" * 32},
        }
        for act, said in (
            (door, "Dere står inne for: gjenoppretting, "),
            (campaign, f'href="/campaigns/{ID}"'),
            (campaign, "sagt ja til dette."),
        ):
            browser.services.replies["show_approval"] = REQUESTED | act
            assert said in browser.get(f"/approvals/{ID}").text, said
        assert "Dere står inne for: gjenoppretting, " in browser.get(f"/acts/countersign-door?use_id={ID}").text
        unknown = browser.get(f"/acts/countersign-door?use_id={CASE['case_id'][:-2]}dd").text
        assert "Det står ikke blant det som ble gjort." in unknown

    def test_what_was_approved_is_offered_to_nobody_to_be_changed(self, browser) -> None:
        for state, is_offered in (("waiting", True), ("approved", False), ("ended", False)):
            browser.services.replies["show_approval"] = REQUESTED | {"state": state}
            assert (f'href="/approvals/{ID}/edit"' in browser.get(f"/approvals/{ID}").text) is is_offered

    def test_a_case_is_called_as_its_page_calls_it(self, browser) -> None:
        fields = {"case_id": ID, "version": 3, "step": "send_security_notice", "reason": "risk_changed"}
        of_case = {"act": "cases.decide_by_two", "approvable": False, "mine": True, "fields": fields}
        browser.services.replies["show_approval"] = REQUESTED | of_case
        page = browser.get(f"/approvals/{ID}").text
        assert f'<a class="ds-link" href="/cases/{ID}">{CASE["reference"]}</a>' in page
        browser.services.replies["show_case"] = Forbidden("not yours")
        assert CASE["reference"] not in browser.get(f"/approvals/{ID}").text, "what it lacks hides nothing else"

    def test_who_cannot_approve_it_is_offered_no_button_and_nothing_is_told_of_looking(self, browser) -> None:
        browser.services.replies["show_approval"] = REQUESTED | {"approvable": False, "mine": True}
        page = browser.get(f"/approvals/{ID}").text
        assert "data-passkey" not in page
        assert asked(browser, "approval_options") == []

    def test_what_is_approved_is_carried_out_at_once_just_as_it_was_frozen(self, approving) -> None:
        approving.services.replies["show_approval"] = REQUESTED | {"state": "ended", "ended_because": "carried_out"}
        answer = approving.post(f"/approvals/{ID}/approve", answer=SIGNED, version="2")
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/approvals/{ID}")
        assert asked(approving, "approve")[0]["version"] == 2
        assert asked(approving, "place_hold") == [ASKED]

    @pytest.mark.parametrize(
        "reason", ["own_request", "own_edit", "edited", "expired", "ended", "approved_already"]
    )
    def test_what_is_not_approved_is_not_carried_out_and_says_why(self, approving, reason) -> None:
        approving.services.replies["approve"] = Conflict("no", details={"reason": reason})
        answer = approving.post(f"/approvals/{ID}/approve", answer=SIGNED, version="2")
        assert answer.status_code == 409
        assert 'role="alert"' in answer.text
        assert asked(approving, "place_hold") == []

    def test_what_its_service_would_refuse_is_signed_by_nobody_and_says_why(self, approving) -> None:
        objection = Invalid("no", details={"review_on": ["must lie 1 to 90 days ahead"]})
        approving.services.objections["retention.place_hold"] = objection
        approving.services.replies["show_approval"] = REQUESTED
        page = approving.get(f"/approvals/{ID}").text
        assert "data-passkey" not in page
        assert "Tjenesten ville avvist dette slik det står nå" in page
        assert "Vurderes på nytt: Fra i morgen til 90 dager fram" in page
        assert approving.post(f"/approvals/{ID}/approve", answer=SIGNED, version="2").status_code == 422
        assert asked(approving, "approve") == asked(approving, "place_hold") == []

    def test_what_was_approved_and_is_refused_says_so_whenever_it_is_looked_at(self, approving) -> None:
        approved = REQUESTED | {"state": "approved", "approvable": False, "approved_by": "kari"}
        approving.services.replies["show_approval"] = approved
        assert "har ikke meldt at det er gjort" in approving.get(f"/approvals/{ID}").text
        objection = Conflict("no", details={"reason": "hold_limit"})
        approving.services.objections["retention.place_hold"] = objection
        for page in (approving.get(f"/approvals/{ID}"), approving.get(f"/approvals/{ID}")):
            assert "men tjenesten avviser det slik det står nå" in page.text
            assert "Kontoen har allerede ti tilbakehold." in page.text
            assert "har ikke meldt at det er gjort" not in page.text
        approving.services.replies["place_hold"] = NotFound()
        carried_out = approving.post(f"/approvals/{ID}/carry-out")
        assert carried_out.status_code == 404
        assert "finnes ikke" in carried_out.text
        assert "ti tilbakehold" not in carried_out.text

    def test_where_its_service_is_away_it_can_be_approved_all_the_same(self, approving) -> None:
        approving.services.objections["retention.place_hold"] = DeadlineExceeded("retention did not answer")
        approving.services.replies["show_approval"] = REQUESTED
        assert "data-passkey" in approving.get(f"/approvals/{ID}").text

    def test_where_carrying_out_fails_it_says_so_and_can_be_done_again(self, approving) -> None:
        approving.services.replies["place_hold"] = DeadlineExceeded("retention did not answer")
        approving.services.replies["show_approval"] = REQUESTED | {"state": "approved", "approved_by": "kari"}
        answer = approving.post(f"/approvals/{ID}/approve", answer=SIGNED, version="2")
        assert answer.status_code == 503
        assert "vet ikke om det er utført" in answer.text
        assert f'action="/approvals/{ID}/carry-out"' in answer.text

    def test_what_was_carried_out_already_is_done(self, approving) -> None:
        approving.services.replies["place_hold"] = Forbidden("no", details={"reason": "statement_spent"})
        approving.services.replies["show_approval"] = REQUESTED | {"state": "ended", "ended_because": "carried_out"}
        assert approving.post(f"/approvals/{ID}/carry-out").status_code == 303

    def test_an_invented_person_approves_without_a_passkey_of_the_browser(self, approving, tmp_path) -> None:
        (tmp_path / "demo").mkdir()
        demo = Browser(tmp_path / "demo", services=approving.services, invented=True)
        options = REQUEST_OPTIONS | {"rpId": "desk.example"}
        approving.services.replies["approval_options"] = {"options": options}
        approving.services.replies["show_approval"] = REQUESTED
        assert "Godkjenn som oppdiktet person: kari" in demo.get(f"/approvals/{ID}").text
        approving.services.replies["show_approval"] = REQUESTED | {"state": "ended", "ended_because": "carried_out"}
        answer = demo.post(f"/approvals/{ID}/approve-as-invented", version="2")
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/approvals/{ID}")
        (approved,) = asked(approving, "approve")
        assert (approved["version"], bool(approved["assertion"]["response"]["signature"])) == (2, True)

    def test_whoever_asked_in_a_demo_goes_on_as_somebody_who_has_a_role_for_it(self, approving, tmp_path) -> None:
        (tmp_path / "demo").mkdir()
        demo = Browser(tmp_path / "demo", services=approving.services, invented=True)
        waiting = REQUESTED | {"approvable": False, "mine": True, "requested_by": "ola", "edited_by": "ola"}
        for act, codes in (("staff.give_grant", ["ingrid"]), ("retention.place_hold", ["ingrid"]),
                           ("retention.release", [])):  # fmt: skip
            approving.services.replies["show_approval"] = waiting | {"act": act, "asked": {}}
            offered = re.findall(r'name="code" value="(\w+)"', demo.get(f"/approvals/{ID}").text)
            assert offered == codes, act

    def test_where_nobody_is_invented_nobody_approves_like_that(self, approving) -> None:
        approving.services.replies["show_approval"] = REQUESTED
        assert "oppdiktet" not in approving.get(f"/approvals/{ID}").text
        assert approving.post(f"/approvals/{ID}/approve-as-invented", version="2").status_code == 404
        assert asked(approving, "approve") == asked(approving, "place_hold") == []

    def test_without_an_answer_of_a_passkey_nothing_is_approved(self, approving) -> None:
        assert approving.post(f"/approvals/{ID}/approve", answer="", version="2").status_code == 422
        assert asked(approving, "approve") == []

    @pytest.mark.parametrize("version", ["", "x", "-1", "9" * 20])
    def test_a_version_that_nobody_saw_is_refused(self, approving, version) -> None:
        assert approving.post(f"/approvals/{ID}/approve", answer=SIGNED, version=version).status_code == 422
        assert asked(approving, "approve") == asked(approving, "place_hold") == []

    def test_who_refuses_says_why(self, browser) -> None:
        browser.services.replies["refuse_approval"] = example_of(state="ended", ended_because="refused")
        assert browser.post(f"/approvals/{ID}/refuse", version="2").status_code == 422
        assert asked(browser, "refuse_approval") == []
        answer = browser.post(f"/approvals/{ID}/refuse", version="2", reason="wrong_scope")
        assert answer.status_code == 303
        assert [each["reason"] for each in asked(browser, "refuse_approval")] == ["wrong_scope"]

    def test_a_change_is_another_request_in_the_place_of_this_one(self, browser) -> None:
        browser.services.replies["edit_approval"] = REQUESTED
        page = browser.get(f"/approvals/{ID}/edit?purpose=dispute").text
        assert 'value="tvist-2026-12"' in page
        answer = browser.post(f"/approvals/{ID}/edit", edited_version="2", **HOLD | {"case_ref": "tvist-2026-13"})
        assert answer.status_code == 303
        (edit,) = asked(browser, "edit_approval")
        assert (edit["version"], edit["fields"]["case_ref"], edit["fields"]["hold_id"]) == (2, "tvist-2026-13", ID)

    def test_the_file_that_proves_it_is_a_file(self, browser) -> None:
        browser.services.replies["export_approval"] = {"document": "{}"}
        answer = browser.get(f"/approvals/{ID}/file")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="approval-{ID}.json"'
        assert answer.content_type == "application/json"


SIGNED = (
    '{"id": "a2V5", "response": {"clientDataJSON": "e30", "authenticatorData": "e30", "signature": "e30",'
    ' "userHandle": "e30"}}'
)


def example_of(**changes: Any) -> dict[str, Any]:
    from services.staff.approvals.calls import ApprovalShown

    return example(ApprovalShown, **APPROVAL | changes)


# ── whom a grant is for ───────────────────────────────────────────────────────────────────────────────────────────

GRANT = {"code": "ola", "role": "support", "purpose": "dispute", "last_day": "2027-01-30"}
OTHER = "0192f6c0-0000-7000-8000-0000000000dd"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", []),
        (f" {ID} ", [ID]),
        (f"{ID}, {OTHER}", [ID, OTHER]),
        (f"https://desk.example/customers/{ID} https://desk.example/customers/{OTHER}/", [ID, OTHER]),
        (ID.upper(), [ID]),
        (f"https://desk.example/customers/{ID}?purpose=dispute /customers/{OTHER}/timeline", [ID, OTHER]),
    ],
)
def test_a_grant_is_asked_for_with_the_customers_that_are_written_down(browser, written, meant) -> None:
    assert GIVE_GRANT.widget("account_ids") is Widget.IDS
    assert browser.post("/acts/give-grant", **GRANT, account_ids=written).status_code == 303
    (request,) = asked(browser, "request_approval")
    assert request["fields"]["account_ids"] == meant


def test_the_addresses_of_as_many_customers_as_a_grant_may_name_are_all_taken(browser) -> None:
    ids = [f"0192f6c0-0000-7000-8000-{number:012x}" for number in range(50)]
    written = "\n".join(f"https://desk.example/customers/{each}?purpose=customer_support" for each in ids)
    assert browser.post("/acts/give-grant", **GRANT, account_ids=written).status_code == 303
    assert asked(browser, "request_approval")[0]["fields"]["account_ids"] == ids


@pytest.mark.parametrize("written", ["ola", f"{ID} kari@firma.example", ID[:-1], " ".join([ID] * 51)])
def test_what_is_no_customer_or_too_many_is_said_at_the_field_and_nothing_is_asked_for(browser, written) -> None:
    answer = browser.post("/acts/give-grant", **GRANT, account_ids=written)
    assert (answer.status_code, 'id="account_ids-error"' in answer.text) == (422, True)
    assert f'name="account_ids" value="{written}"' in answer.text
    assert asked(browser, "request_approval") == []


def test_whoever_approves_a_grant_sees_whom_it_is_for_and_all_is_said_plainly(browser) -> None:
    fields = {**GRANT, "begins_on": None, "account_ids": [ID, OTHER]}
    approval = REQUESTED | {"act": "staff.give_grant", "fields": fields}
    browser.services.replies["show_approval"] = approval
    text = browser.get(f"/approvals/{ID}").text
    assert all(f'<a class="ds-link" href="/customers/{each}"' in text for each in (ID, OTHER))
    assert f'name="account_ids" value="{ID} {OTHER}"' in browser.get(f"/approvals/{ID}/edit").text
    browser.services.replies["show_approval"] = approval | {"fields": fields | {"account_ids": []}}
    assert "<dt>Kunder</dt><dd>alle kunder</dd>" in browser.get(f"/approvals/{ID}").text
    browser.services.replies["show_approval"] = approval | {"fields": GRANT}
    assert "<dt>Kunder</dt><dd>alle kunder</dd>" in browser.get(f"/approvals/{ID}").text
