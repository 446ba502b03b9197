"""The gateway on a caller that answers from a script: bodies, sessions, refusals, limits, pages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from io import BytesIO
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import Client

from services.account.accounts.rules import (
    blocked,
    check_reactivation,
    check_version,
    held_by_staff,
    only_the_trustee,
)
from services.account.accounts.values import AccountState
from services.account.agreements.calls import AUTHORITIES, Agreement
from services.account.agreements.rules import check_agreement
from services.account.login.calls import Authenticated, LoggedIn
from services.account.passwords.rules import check_password
from services.account.sign_up.rules import check_users_differ
from services.gateway.app import Gateway
from services.gateway.endpoints import ENDPOINTS, MAIL_LIMIT_BYTES, WEBHOOK_LIMIT_BYTES
from services.gateway.openapi import document
from services.gateway.pages import PAGES
from services.gateway.problem_words import PROBLEMS
from services.gateway.rate_limits import RATES
from services.gateway.rendering import name_vendor
from services.notification.preferences.calls import Unsubscribed
from services.notification.webhooks.calls import WebhookVerdict
from shared.actor import Actor
from shared.calls import Caller
from shared.errors import (
    Conflict,
    DeadlineExceeded,
    Internal,
    Invalid,
    Locked,
    NotFound,
    Refused,
    Restoring,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from shared.http.bodies import PARTS_MOST
from shared.http.rate_limits import MOST_BUCKETS, Limiter, Rate
from shared.records import schema_of
from shared.terms import texts
from shared.vendor_imprint import DEMO_IMPRINT
from shared.words import AUTHORITIES as PAGE_AUTHORITIES
from tests.examples import example
from tests.forms import agreement, seen_agreement
from tests.visitors import visitor

pytestmark = pytest.mark.unit

ACCOUNT, USER = str(uuid4()), str(uuid4())
TOKEN = "token-in-a-letters-link"
PERSON = {"name": "Kåre Østby", "email": "kare@fjosaker.example", "phone": "+4741234567"}
SIGN_UP = {
    "company": {"name": "Fjøsåker", "email": "post@fjosaker.example", "phone": "22225555"},
    "creator": PERSON,
    "password": "korrekt hest batteri",
    "language": "nb",
    "agreement": agreement(),
}


def link_to(kind: str | None, standing: str = "works", **changes: Any) -> dict[str, Any]:
    """What the account service says of a letter's link."""
    sign_up = {
        "account_id": ACCOUNT,
        "company_name": "Fjøsåker <b>AS</b>",
        "signed_up_at": "2026-11-29T09:07:00+00:00",
        "document": "data_processing_agreement",
        "terms_version": "v1",
        "of_letter": True,
    }
    return {
        "kind": kind,
        "standing": standing,
        "company_name": "Fjøsåker <b>AS</b>",
        "sign_ups": [sign_up] if kind == "confirmation" else [],
        "needs_acceptance": False,
        "terms_version": "v1",
    } | changes


class ScriptedCaller(Caller):
    """Answers from a table of (service, method) and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self.answers: dict[tuple[str, str], Any] = {
            ("account", "authenticate"): example(Authenticated, account_id=ACCOUNT, user_id=USER, role="owner"),
            ("account", "describe_link"): link_to("password_reset"),
        }

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        self.asked.append((service, method, fields))
        answer = self.answers[service, method]
        if isinstance(answer, Exception):
            raise answer
        return answer


@cache
def described_interface() -> dict[str, Any]:
    """The description of the interface, which takes a while to make."""
    return document(ENDPOINTS, version="1", public_url="https://nøgd.no/")


@pytest.fixture
def caller() -> ScriptedCaller:
    return ScriptedCaller()


@pytest.fixture
def client(caller: ScriptedCaller) -> Client:
    return visitor(Gateway(ENDPOINTS + PAGES, caller=caller, limiter=Limiter(RATES), public_url="https://nøgd.no"))


SESSION = {"Authorization": "Bearer token-of-one-open-session"}


def test_sign_up_hands_on_what_was_entered_and_where_it_came_from(client, caller) -> None:
    caller.answers["account", "sign_up"] = {"status": "accepted", "extra": "not shown"}
    answer = client.post("/v1/accounts", json=SIGN_UP, headers={"User-Agent": "Firefox"})
    assert (answer.status_code, answer.json) == (202, {"status": "accepted"})
    ((service, method, fields),) = caller.asked
    assert (service, method) == ("account", "sign_up")
    assert fields["origin"] == {"ip": "127.0.0.1", "user_agent": "Firefox"}
    assert fields["agreement"]["domain"] == "xn--ngd-0na.no"
    assert fields["company"]["name"] == "Fjøsåker"


def test_the_link_back_shows_a_page_and_only_its_button_does_something(client, caller) -> None:
    caller.answers["account", "describe_link"] = link_to("reactivation")
    page = client.get(f"/reactivate/{TOKEN}")
    assert (page.status_code, changing(caller)) == (200, [])
    assert "checkbox" not in page.text, "the contract is still in force"
    caller.answers["account", "reactivate_by_letter"] = {"account_id": ACCOUNT, "version": 3, "state": "active"}
    done = client.post(f"/reactivate/{TOKEN}")
    assert changing(caller) == [("account", "reactivate_by_letter", {"token": TOKEN, "agreement": None})]
    assert "aktiv igjen" in done.text
    caller.answers["account", "reactivate_by_letter"] = held_by_staff()
    assert client.post(f"/reactivate/{TOKEN}").status_code == 409
    caller.answers["account", "reactivate_by_letter"] = NotFound()
    assert client.post("/v1/account/reactivation/letter", json={"token": "t" * 20}).status_code == 404


TICKED = dict.fromkeys(("accepted", *texts.SENTENCES), "yes") | {"right": "chair"}
"""Every box of a page that offers the agreement."""


@pytest.mark.clause("ACCEPT-1", "DUTY-1")
@pytest.mark.parametrize("kind", ["confirmation", "reactivation"])
def test_a_page_on_which_the_agreement_is_concluded_shows_every_sentence_with_its_box(client, caller, kind) -> None:
    caller.answers["account", "describe_link"] = link_to(kind, needs_acceptance=True)
    text = client.get(f"/reactivate/{TOKEN}" if kind == "reactivation" else f"/confirm/{TOKEN}").text
    assert ("faktureres igjen" in text) == (kind == "reactivation")
    assert text.count('type="checkbox"') == 5
    assert '<input type="hidden" name="version" value="v1">' in text
    assert all(f'<option value="{code}">' in text for code in AUTHORITIES)
    for words in texts.SENTENCES.values():
        for sentence in words.values():
            assert sentence in text, "the words whose digests are kept with the acceptance"
    for language in texts.LANGUAGES:
        assert f'href="/terms/versions/v1?language={language}"' in text, "what is accepted can be read before"


def test_a_contract_that_has_ended_is_concluded_anew_by_ticking_every_box(client, caller) -> None:
    caller.answers["account", "describe_link"] = link_to("reactivation", needs_acceptance=True)
    caller.answers["account", "reactivate_by_letter"] = {"account_id": ACCOUNT, "version": 3, "state": "active"}
    boxes = dict.fromkeys(("accepted", "authority", "necessary_data", "accurate_data"), "yes")
    client.post(f"/reactivate/{TOKEN}", data=boxes | {"version": "v1", "right": "chair"})
    ((_, _, fields),) = changing(caller)
    assert fields["agreement"] == {
        "version": "v1",
        "accepted": True,
        "authority": "chair",
        "text_sha256": None,
        "attestations": {
            "authority": True,
            "necessary_data": True,
            "accurate_data": True,
            "users_informed": False,
        },
        "domain": "xn--ngd-0na.no",
        "element": "reactivation.accept",
    }


def test_the_rights_that_the_page_offers_are_those_that_the_service_knows() -> None:
    assert tuple(code for code, _, _ in PAGE_AUTHORITIES) == AUTHORITIES


@pytest.mark.clause("STAFF-1", "RIGHTS-1")
@pytest.mark.parametrize("role", ["owner", "user"])
def test_owners_are_told_whom_staff_saw_and_others_what_showed_them(client, caller, role) -> None:
    caller.answers["account", "authenticate"] = example(Authenticated, account_id=ACCOUNT, user_id=USER, role=role)
    day = {"day": "2026-11-30", "purpose": "dispute", "reads": 2, "not_named": 1, "user_ids": [USER]}
    caller.answers["audit", "personal_data_reads"] = {"since": "2025-11-01", "days": [day]}
    answer = client.get("/v1/account/reads", headers=SESSION)
    assert (answer.status_code, answer.json["days"]) == (200, [day])
    asked = {"account_id": ACCOUNT, "user_id": None if role == "owner" else USER}
    assert caller.asked[-1] == ("audit", "personal_data_reads", asked)


@pytest.mark.clause("WATCH-2")
def test_logins_are_asked_for_with_the_session_and_for_a_purpose(client, caller) -> None:
    caller.answers["audit", "login_report"] = {"logins": [], "complete": True}
    period = {"from": "2026-11-01T00:00:00Z", "to": "2026-11-08T00:00:00Z"}
    answer = client.get("/v1/account/logins", query_string=period | {"purpose": "own_access"}, headers=SESSION)
    assert (answer.status_code, answer.json) == (200, {"logins": [], "complete": True})
    service, method, fields = caller.asked[-1]
    assert (service, method) == ("audit", "login_report")
    assert (fields["token"], fields["purpose"]) == ("token-of-one-open-session", "own_access")
    asked = len(caller.asked)
    for wrong in (
        "purpose=own_access",
        "purpose=own_access&from=yesterday&to=2026-11-08T00:00:00Z",
        "purpose=own_access&purpose=other&from=2026-11-01T00:00:00Z&to=2026-11-08T00:00:00Z",
        "purpose=own_access&from=2026-11-01T00:00:00Z&to=2026-11-08T00:00:00Z&token=another-session-of-somebody",
        "purpose=own_access&from=2026-11-01T00:00:00Z&to=2026-11-08T00:00:00Z&account_id=" + ACCOUNT,
    ):
        assert client.get(f"/v1/account/logins?{wrong}", headers=SESSION).status_code == 422, wrong
    assert {each[:2] for each in caller.asked[asked:]} == {("account", "authenticate")}


def test_a_change_of_ones_own_address_carries_session_password_and_origin(client, caller) -> None:
    caller.answers["account", "change_email"] = {"user_id": USER, "version": 3, "state": "active"}
    body = {"email": "ny@fjosaker.example", "current_password": "korrekt hest batteri"}
    assert client.put("/v1/email", json={"email": body["email"]}, headers=SESSION).status_code == 422
    answer = client.put("/v1/email", json=body, headers=SESSION)
    assert (answer.status_code, answer.json["version"]) == (202, 3)
    service, method, fields = caller.asked[-1]
    assert (service, method, set(fields.pop("origin"))) == ("account", "change_email", {"ip", "user_agent"})
    assert fields == {"token": "token-of-one-open-session", **body}


def test_whoever_is_logged_in_proves_it_once_more_in_a_field_of_one_name(client, caller) -> None:
    caller.answers["account", "terminate_with_password"] = {
        "account_id": ACCOUNT, "version": 4, "state": "active", "noticed_on": "2026-12-10",
        "notice_ends_on": "2027-01-31",
    }  # fmt: skip
    made = described_interface()["components"]["schemas"]
    again = [name for name in made if "current_password" in made[name].get("properties", {})]
    assert sorted(again) == [
        "ChangeEmail", "ChangePassword", "Deactivate", "DeactivateUser", "Terminate", "UpdateUser",
    ]  # fmt: skip
    for name in ("current_password", "password"):
        body = {"version": 3, name: "korrekt hest batteri"}
        assert client.post("/v1/account/termination", json=body, headers=SESSION).status_code == 200
        _, method, fields = caller.asked[-1]
        assert (method, fields["version"], fields["current_password"]) == ("terminate_with_password", 3, body[name])
    both = {"version": 3, "password": "korrekt hest batteri", "current_password": "korrekt hest batteri"}
    for body in (both, {"version": 3}):
        answer = client.post("/v1/account/termination", json=body, headers=SESSION)
        assert (answer.status_code, set(answer.json["errors"])) == (
            422, {"password"} if body is both else {"current_password"},
        )  # fmt: skip


@pytest.mark.clause("FIELDS-1")
@pytest.mark.parametrize("where", [(), ("company",), ("creator",), ("agreement",), ("agreement", "attestations")])
def test_an_unknown_field_is_refused_and_nothing_is_called(client, caller, where: tuple[str, ...]) -> None:
    body = json.loads(json.dumps(SIGN_UP))
    inner = body
    for key in where:
        inner = inner[key]
    inner["birth_date"] = "1970-01-01"
    answer = client.post("/v1/accounts", json=body)
    assert answer.status_code == 422
    assert "birth_date" in answer.text
    assert "1970" not in answer.text
    assert caller.asked == []


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "malformed"),
        (b"[]", "application/json", 400, "malformed"),
        (b'{"email": "a", "email": "b"}', "application/json", 400, "malformed"),
        (b'{"email": NaN}', "application/json", 400, "malformed"),
        (b'{"email": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "application/json", 400, "malformed"),
        (b"\xff\xfe", "application/json", 400, "malformed"),
        (b"email=a", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b'{"email": "' + b"a" * 1_000_000 + b'"}', "application/json", 413, "too_large"),
        (b"{}", "application/json", 422, "invalid"),
        (b'{"email": 7, "password": true}', "application/json", 422, "invalid"),
        (b'{"email": null, "password": null}', "application/json", 422, "invalid"),
    ],
)
def test_bad_bodies_get_a_problem_document(client, caller, body: bytes, kind: str, status: int, code: str) -> None:
    answer = client.post("/v1/sessions", data=body, content_type=kind)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.json["type"] == f"/problems/{code}"
    assert caller.asked == []


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Unauthenticated(), 401, "unauthenticated"),
        (Locked(), 423, "locked"),
        (NotFound(), 404, "not_found"),
        (Conflict(details={"version": 4}), 409, "conflict"),
        (Invalid(details={"errors": {"email": ["not an e-mail address"]}}), 422, "invalid"),
        (TooMany(details={"retry_after_seconds": 30}), 429, "too_many"),
        (Unavailable("no answer from account at 10.0.0.7"), 503, "unavailable"),
        (DeadlineExceeded("account took too long"), 503, "unavailable"),
        (Internal("0192-id"), 500, "internal"),
        (ValueError("kari@firma.no is in the way"), 500, "internal"),
    ],
)
def test_whatever_goes_wrong_behind_becomes_a_problem_without_internals(
    client, caller, error, status, code
) -> None:
    caller.answers["account", "get_account"] = error
    answer = client.get("/v1/account", headers=SESSION)
    assert answer.status_code == status
    assert answer.json["type"] == f"/problems/{code}"
    for inside in ("kari@", "10.0.0.7", "ValueError", "Traceback", "took too long"):
        assert inside not in answer.text
    if code == "conflict":
        assert answer.json["current_version"] == 4
    if code == "too_many":
        assert answer.headers["Retry-After"] == "30"
    if code == "internal":
        assert answer.json["error_id"]


OLD_AGREEMENT = Agreement.from_json(seen_agreement("sign_up.accept") | {"version": "v0"})


def refusal_of(rule: Callable[..., Any], *arguments: Any, **named: Any) -> Exception:
    """What a rule of the account service raises, as it comes over the bus."""
    with pytest.raises(Refused) as caught:
        rule(*arguments, **named)
    return caught.value


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (refusal_of(check_version, 5, 4), {"current_version": 5}),
        (
            refusal_of(
                check_reactivation,
                AccountState(id=uuid4(), state="active", version=7),
                Actor("user", uuid4()),
            ),
            {"current_version": 7},
        ),
        (refusal_of(check_agreement, OLD_AGREEMENT, "v1"), {"current_version": "v1"}),
        (
            refusal_of(check_password, "short", emails=["kari@firma.no"], company_name="Firma"),
            {"errors": {"password": ["between 12 and 256 characters"]}},
        ),
        (refusal_of(check_users_differ, [b"a", b"a"]), {"errors": {"users": ["addresses must differ"]}}),
        (Invalid(details={"fields": {"phone": ["not in use"]}}), {"errors": {"phone": ["not in use"]}}),
    ],
)
def test_a_refusal_says_what_is_wrong_with_which_field_and_which_version_is_the_present_one(
    client, caller, error, told
) -> None:
    caller.answers["account", "get_account"] = error
    answer = client.get("/v1/account", headers=SESSION)
    assert {name: answer.json.get(name) for name in told} == told


OTHER_VENDOR = replace(DEMO_IMPRINT, name="Fjordskyen AS", contact="hjelp@fjordskyen.no", phone="22 33 44 55")
ASKING_VENDOR = (blocked(), held_by_staff(), only_the_trustee())
"""Refusals after which only the vendor can help, as the account service raises them."""


@pytest.fixture
def other_vendor() -> Iterator[None]:
    name_vendor(OTHER_VENDOR)
    yield
    name_vendor(DEMO_IMPRINT)


@pytest.mark.clause("SUSPECT-1")
@pytest.mark.usefixtures("other_vendor")
@pytest.mark.parametrize("error", ASKING_VENDOR, ids=lambda error: error.details["reason"])
def test_a_refusal_after_which_only_the_vendor_can_help_names_whom_this_installation_names(
    client, caller, error
) -> None:
    caller.answers["account", "log_in"] = error
    answer = client.post("/v1/sessions", json={"email": "kari@firma.no", "password": "korrekt hest batteri"})
    assert answer.status_code == error.status
    assert answer.json["detail"] == f"{error.message}. Ask Fjordskyen AS, hjelp@fjordskyen.no."
    assert (answer.json["reason"], answer.json["contact"]) == (error.details["reason"], "hjelp@fjordskyen.no")
    assert "inactive or closed" in PROBLEMS["locked"].title[1], "a blocked account is not inactive"


@pytest.mark.clause("SUSPECT-1")
@pytest.mark.usefixtures("other_vendor")
@pytest.mark.parametrize(
    "path",
    [
        f"/password/{TOKEN}",
        f"/confirm/{TOKEN}",
        f"/reactivate/{TOKEN}",
    ],
)
@pytest.mark.parametrize("kind", ["password_reset", "invitation", "confirmation", "reactivation"])
def test_the_link_of_a_blocked_account_leads_to_whom_to_ask_in_either_language(client, caller, path, kind) -> None:
    caller.answers["account", "describe_link"] = link_to(kind, "blocked", sign_ups=[])
    for method in ("reset_password", "confirm_email", "reactivate_by_letter"):
        caller.answers["account", method] = blocked()
    fields = {"password": "korrekt hest batteri", "again": "korrekt hest batteri"}
    told = {
        "nb": "Fjordskyen AS har sperret kontoen til Fjøsåker",
        "en": "Fjordskyen AS has blocked the account of Fjøsåker",
    }
    for (language, why), ask in product(told.items(), (client.get, partial(client.post, data=fields))):
        answer = ask(f"{path}?language={language}")
        assert answer.status_code == 423
        for said in (why, f'<html lang="{language}"', "mailto:hjelp@fjordskyen.no", "tel:22334455"):
            assert said in answer.text
        assert "<form" not in answer.text, "no button that does nothing"
        assert 'href="/password"' not in answer.text, "no further link, which would end here again"


@pytest.mark.clause("SUSPECT-1")
@pytest.mark.usefixtures("other_vendor")
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (held_by_staff(), "Fjordskyen AS har gjort kontoen"),
        (only_the_trustee(), "bostyreren"),
    ],
)
def test_the_page_that_brings_an_account_back_says_whom_to_ask_where_its_button_may_not(
    client, caller, error, said
) -> None:
    caller.answers["account", "describe_link"] = link_to("reactivation")
    caller.answers["account", "reactivate_by_letter"] = error
    answer = client.post(f"/reactivate/{TOKEN}")
    assert answer.status_code == 409
    assert [each for each in (said, "mailto:hjelp@fjordskyen.no", "tel:22334455") if each not in answer.text] == []


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.needs_session], ids=lambda e: e.operation)
@pytest.mark.parametrize(
    "header",
    [None, "Bearer", "Bearer ", "Basic abc", "Bearer " + "x" * 201, "Bearer å", "Bearer a b", "Bearer a,b"],
)
def test_no_session_no_answer(client, caller, endpoint, header) -> None:
    path = re.sub(r"<uuid:\w+>", USER, endpoint.path)
    headers = {"Authorization": header} if header else {}
    body = {"json": {"version": 1}} if endpoint.request and endpoint.operation.endswith("activateUser") else {}
    answer = client.open(path, method=endpoint.method, headers=headers, **body)
    assert answer.status_code in {401, 415}
    assert caller.asked == []


def test_a_session_acts_for_its_own_account_whatever_the_body_says(client, caller) -> None:
    caller.answers["account", "update_account"] = {"account_id": ACCOUNT, "version": 2, "state": "active"}
    wrong = client.patch("/v1/account", json={"version": 1, "account_id": str(uuid4())}, headers=SESSION)
    assert wrong.status_code == 422
    right = client.patch("/v1/account", json={"version": 1, "org_number": None}, headers=SESSION)
    assert right.status_code == 200
    _, method, fields = caller.asked[-1]
    assert method == "update_account"
    assert fields == {"account_id": ACCOUNT, "actor": f"user:{USER}", "version": 1, "org_number": None}


def test_an_idempotency_key_travels_to_the_command(client, caller) -> None:
    caller.answers["account", "add_user"] = {"user_id": USER, "version": 1, "state": "active"}
    assert client.post("/v1/users", json=PERSON, headers=SESSION | {"Idempotency-Key": "k-1"}).status_code == 201
    assert len(caller.asked[-1][2]["idempotency_key"]) == 64
    assert (
        client.post("/v1/users", json=PERSON, headers=SESSION | {"Idempotency-Key": "x" * 101}).status_code == 422
    )


@pytest.mark.parametrize(
    ("answer_of_notification", "status"),
    [(True, 200), (False, 406), (Invalid(), 406), (NotFound(), 406)],
)
def test_a_webhook_is_answered_200_or_406_and_nothing_else(client, caller, answer_of_notification, status) -> None:
    caller.answers["notification", "receive_webhook"] = (
        example(WebhookVerdict, accepted=answer_of_notification)
        if isinstance(answer_of_notification, bool)
        else answer_of_notification
    )
    answer = client.post("/webhooks/mailgun/path-secret", data='{"signature": {}}')
    assert answer.status_code == status
    assert caller.asked[-1][2] == {"path_secret": "path-secret", "body": '{"signature": {}}'}


def test_a_webhook_that_is_too_large_is_never_to_be_repeated(client, caller) -> None:
    assert client.post("/webhooks/mailgun/secret", data=b"x" * (WEBHOOK_LIMIT_BYTES + 1)).status_code == 406
    assert caller.asked == []


def test_a_webhook_that_is_no_text_is_refused(client, caller) -> None:
    assert client.post("/webhooks/mailgun/path-secret", data=b"\xff\xfe").status_code == 406
    assert caller.asked == []


@pytest.mark.parametrize("away", [Unavailable("away"), DeadlineExceeded("late"), Restoring()])
def test_a_webhook_is_to_be_repeated_while_notification_is_away(client, caller, away) -> None:
    caller.answers["notification", "receive_webhook"] = away
    assert client.post("/webhooks/mailgun/path-secret", data="{}").status_code == 503


MAIL = {"recipient": "alarm@mg.example.no", "Message-Id": "<1@x>", "subject": "Se her", "body-plain": "hemmelig"}
MAIL_ADDRESS = "/webhooks/mailgun/path-secret/mail"


@pytest.mark.parametrize("attachment", [False, True])
@pytest.mark.parametrize(("accepted", "status"), [(True, 200), (False, 406)])
def test_of_a_mail_only_what_proves_who_sent_it_goes_on(client, caller, accepted, status, attachment) -> None:
    caller.answers["notification", "receive_mail"] = example(WebhookVerdict, accepted=accepted)
    sent = MAIL | ({"attachment-1": (BytesIO(b"x" * 9000), "a.txt")} if attachment else {})
    assert client.post(MAIL_ADDRESS, data=sent).status_code == status
    assert caller.asked[-1][2] == {
        "path_secret": "path-secret",
        "fields": [
            {"name": "recipient", "value": "alarm@mg.example.no"},
            {"name": "Message-Id", "value": "<1@x>"},
        ],
    }


@pytest.mark.parametrize(("stripped", "text"), [("Takk!", "Takk!"), (" ", "Takk! > Hei"), (None, "Takk! > Hei")])
def test_of_a_reply_the_text_goes_on_without_what_was_quoted_and_no_file(client, caller, stripped, text) -> None:
    caller.answers["notification", "receive_reply"] = example(WebhookVerdict, accepted=True)
    sent = {"recipient": "reply+a@mg.example.no", "subject": "Re", "body-plain": "Takk! > Hei"}
    sent |= {} if stripped is None else {"stripped-text": stripped}
    file = {"attachment-1": (BytesIO(b"x" * 9000), "a.txt"), "attachment-count": "1"}
    assert client.post("/webhooks/mailgun/path-secret/reply", data=sent | file).status_code == 200
    told = {each["name"]: each["value"] for each in caller.asked[-1][2]["fields"]}
    assert told.keys() <= {"recipient", "body-plain", "stripped-text", "attachment-count"}
    assert next(told[name] for name in ("stripped-text", "body-plain") if told.get(name, " ").strip()) == text
    caller.answers["notification", "receive_reply"] = Unavailable("away")
    assert client.post("/webhooks/mailgun/path-secret/reply", data=sent).status_code == 503


@pytest.mark.parametrize(
    "options",
    [
        {"data": {"recipient": "x" * MAIL_LIMIT_BYTES}},
        {"data": b"x" * (MAIL_LIMIT_BYTES + 1), "content_type": "multipart/form-data; boundary=b"},
        {"data": "&".join(["from=a"] * 2000), "content_type": "application/x-www-form-urlencoded"},
        {"data": "&".join(["a="] * (PARTS_MOST + 1)), "content_type": "application/x-www-form-urlencoded"},
        {
            "data": b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * (PARTS_MOST + 1) + b"--b--",
            "content_type": "multipart/form-data; boundary=b",
        },
    ],
)
def test_a_mail_that_is_too_large_is_never_to_be_repeated(client, caller, options) -> None:
    assert client.post(MAIL_ADDRESS, **options).status_code == 406
    assert caller.asked == []


@pytest.mark.parametrize(
    "options",
    [
        {"data": "{}", "content_type": "application/json"},
        {"data": b"\xff\xfe", "content_type": "text/plain"},
        {"data": b"--b\r\nno end", "content_type": "multipart/form-data; boundary=b"},
        {"data": b"no boundary", "content_type": "multipart/form-data"},
        {
            "data": b"--b\r\nContent-Disposition: form-data\r\n\r\nno name\r\n--b--\r\n",
            "content_type": "multipart/form-data; boundary=b",
        },
        {"data": b""},
    ],
)
def test_a_mail_that_is_no_form_has_no_fields_and_is_refused_by_who_checks_it(client, caller, options) -> None:
    caller.answers["notification", "receive_mail"] = example(WebhookVerdict, accepted=False)
    assert client.post(MAIL_ADDRESS, **options).status_code == 406
    assert caller.asked[-1][2]["fields"] == []


@pytest.mark.parametrize("away", [Unavailable("away"), DeadlineExceeded("late"), Restoring()])
def test_a_mail_is_to_be_repeated_while_notification_is_away(client, caller, away) -> None:
    caller.answers["notification", "receive_mail"] = away
    assert client.post(MAIL_ADDRESS, data=MAIL).status_code == 503


def test_unsubscribing_needs_a_post(client, caller) -> None:
    caller.answers["notification", "unsubscribe"] = example(Unsubscribed)
    assert client.get("/unsubscribe/some-token").status_code == 200
    assert caller.asked == []
    answer = client.post("/unsubscribe/some-token", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert caller.asked == [("notification", "unsubscribe", {"token": "some-token"})]


def changing(caller: ScriptedCaller) -> list[tuple[str, str, dict[str, Any]]]:
    """What was asked but for looking."""
    return [asked for asked in caller.asked if asked[1] != "describe_link"]


def test_a_link_in_a_letter_does_nothing_until_its_button_is_pressed(client, caller) -> None:
    caller.answers["account", "describe_link"] = link_to("confirmation", needs_acceptance=True)
    caller.answers["account", "confirm_email"] = {"account_id": ACCOUNT, "user_id": USER}
    shown = client.get(f"/confirm/{TOKEN}").text
    assert "<form" in shown
    assert changing(caller) == []
    for told in (
        "Fjøsåker &lt;b&gt;AS&lt;/b&gt;",
        "29. november 2026 kl. 10.07 norsk tid",
        "databehandleravtalen, versjon v1",
    ):
        assert told in shown
    form = {"password": "a" * 12, "again": "a" * 12, "account_id": ACCOUNT, **TICKED, "version": "v1"}
    assert client.post(f"/confirm/{TOKEN}", data=form | {"again": "b"}).status_code == 422
    assert changing(caller) == []
    assert client.post(f"/confirm/{TOKEN}", data=form).status_code == 200
    given = {"token": TOKEN, "password": "a" * 12, "account_id": ACCOUNT}
    given["agreement"] = agreement(
        authority="chair", domain="xn--ngd-0na.no", element="confirmation.accept", text_sha256=None
    )
    assert changing(caller) == [("account", "confirm_email", given)]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Invalid(details={"password": ["between 12 and 256 characters"]}), "Passordet er for svakt"),
        (Invalid(details={"agreement": {"attestations": {"authority": ["must be true"]}}}), "Kryss av for alt"),
        (Invalid(details={"fields": {"agreement": {"authority": ["must be one of"]}}}), "Kryss av for alt"),
        (Conflict(details={"reason": "acceptance_needed", "version": "v1"}), "Kryss av for alt"),
        (Conflict(details={"version": "v2"}), "Avtalen har fått en ny versjon"),
        (Conflict(), "adressen er i bruk i en annen konto"),
    ],
)
def test_a_confirmation_that_is_refused_says_why(client, caller, error, told) -> None:
    caller.answers["account", "describe_link"] = link_to("confirmation", needs_acceptance=True)
    caller.answers["account", "confirm_email"] = error
    form = {"password": "a" * 12, "again": "a" * 12, **TICKED, "version": "v1"}
    answer = client.post(f"/confirm/{TOKEN}", data=form)
    assert (answer.status_code, answer.text.count('class="refused"')) == (error.status, 1)
    assert told in answer.text


@pytest.mark.parametrize("path", [f"/confirm/{TOKEN}", f"/password/{TOKEN}"])
def test_a_link_that_does_nothing_says_why_and_where_to_ask_for_another(client, caller, path: str) -> None:
    caller.answers["account", "describe_link"] = link_to("confirmation", "inactive")
    inactive = client.get(path)
    caller.answers["account", "describe_link"] = Invalid()
    over = client.get(path)
    assert (inactive.status_code, over.status_code) == (423, 404)
    assert "inaktiv" in inactive.text
    assert "brukt" in over.text
    for page in (inactive, over):
        assert "<form" not in page.text
        assert 'href="/password"' in page.text


def test_whoever_lost_the_link_asks_for_another_and_is_told_the_same_as_everybody(client, caller) -> None:
    assert "<form" in client.get("/password").text
    assert caller.asked == []
    caller.answers["account", "request_password_reset"] = {"status": "accepted"}
    assert client.post("/password", data={"email": "kari@firma.example"}).status_code == 200
    assert caller.asked == [("account", "request_password_reset", {"email": "kari@firma.example"})]
    caller.answers["account", "request_password_reset"] = Invalid()
    assert client.post("/password", data={"email": "kari"}).status_code == 422


def test_a_browser_that_unsubscribes_is_told_on_a_page_and_only_afterwards(client, caller) -> None:
    caller.answers["notification", "unsubscribe"] = example(Unsubscribed)
    assert "meldt av" not in client.get("/unsubscribe/some-token").text.replace("meld deg av", "")
    answer = client.post("/unsubscribe/some-token", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert answer.mimetype == "text/html"
    assert "Du er meldt av" in answer.text
    assert client.post("/unsubscribe/some-token").json == {"status": "unsubscribed"}


def test_two_different_passwords_are_not_sent_on(client, caller) -> None:
    caller.answers["account", "reset_password"] = {"status": "done"}
    assert client.post(f"/password/{TOKEN}", data={"password": "a" * 12, "again": "b" * 12}).status_code == 422
    assert changing(caller) == []
    assert client.post(f"/password/{TOKEN}", data={"password": "a" * 12, "again": "a" * 12}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing/here", 404), ("DELETE", "/v1/accounts", 405), ("GET", "/v1/certificates/not-an-id", 404)],
)
def test_addresses_and_methods_that_are_not_offered(client, method: str, path: str, status: int) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


def test_answers_are_not_stored_or_framed(client) -> None:
    headers = client.get("/v1/account").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


@pytest.mark.clause("COOKIE-1")
@pytest.mark.parametrize("endpoint", ENDPOINTS + PAGES, ids=lambda each: each.operation)
def test_nothing_sets_a_cookie(client, endpoint) -> None:
    path = re.sub(r"<uuid:\w+>", ACCOUNT, re.sub(r"<string:\w+>", TOKEN, endpoint.path))
    answer = client.open(path, method=endpoint.method, headers=SESSION, json={} if endpoint.request else None)
    assert answer.status_code
    assert "Set-Cookie" not in answer.headers


@pytest.mark.clause("COOKIE-1")
def test_a_log_in_sets_no_cookie(client, caller) -> None:
    caller.answers["account", "log_in"] = example(LoggedIn)
    answer = client.post("/v1/sessions", json={"email": "kari@firma.example", "password": "long enough to be one"})
    assert answer.status_code == 201
    assert "Set-Cookie" not in answer.headers


def test_the_terms_are_public_with_all_85_promises(client) -> None:
    shown = client.get("/v1/terms").json
    assert client.get("/terms.json").json.keys() == shown.keys()
    linked = client.get("/terms.jsonld")
    assert linked.mimetype == "application/ld+json"
    assert len(linked.json["dpv:hasContractualClause"]) == 85
    assert len(shown["clauses"]) == 85
    assert sum(shown["totals"].values()) == 85
    page = client.get("/terms").text
    assert page.count("<tr>") == 86
    assert "Vilkårsteksten går foran" in page
    assert shown["clauses"][0]["source"][0]["line"] == 7
    assert "L7" in page


@pytest.mark.parametrize("path", ["/api", "/terms"])
def test_a_page_says_who_stands_behind_it(client, path) -> None:
    page = client.get(path).text
    for said in (
        "Semje Software AS",
        "org.nr. 803 772 096 (Foretaksregisteret)",
        "Kirkenær",
        "mailto:post@semje.com",
    ):
        assert said in page


def test_the_openapi_document_lists_every_endpoint_once() -> None:
    made = described_interface()
    listed = [(method.upper(), path) for path, item in made["paths"].items() for method in item]
    assert len(listed) == len(set(listed)) == len(ENDPOINTS)
    assert made["paths"]["/v1/users/{user_id}"]["patch"]["security"] == [{"session": []}]
    assert made["components"]["schemas"]["SignUp"]["additionalProperties"] is False


def test_a_flood_from_one_address_is_stopped_and_others_are_served() -> None:
    limiter = Limiter({"login": Rate(burst=2, per_minute=60)})
    limiter.take("login", "a", 0.0)
    limiter.take("login", "a", 0.0)
    with pytest.raises(TooMany) as refused:
        limiter.take("login", "a", 0.0)
    assert refused.value.details["retry_after_seconds"] == 1
    limiter.take("login", "b", 0.0)
    limiter.take("login", "a", 1.01)


def test_the_limiter_forgets_the_longest_unused() -> None:
    limiter = Limiter({"login": Rate(burst=1, per_minute=1)})
    for number in range(MOST_BUCKETS + 1):
        limiter.take("login", str(number), 0.0)
    limiter.take("login", "0", 0.0)
    with pytest.raises(TooMany):
        limiter.take("login", str(MOST_BUCKETS), 0.0)


def as_services_answer(schema: dict[str, Any], components: dict[str, Any], *, null: bool) -> Any:
    """A reply as it comes over the bus: JSON, a date as text; `null` chooses null where that is allowed."""
    if "$ref" in schema:
        return as_services_answer(components[schema["$ref"].rpartition("/")[2]], components, null=null)
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            chosen = [each for each in schema[several] if (each.get("type") == "null") == null] or schema[several]
            return as_services_answer(chosen[0], components, null=null)
    kinds = schema.get("type", "object")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if null and "null" in kinds:
        return None
    if "object" in kinds:
        names = schema.get("properties", {})
        return {name: as_services_answer(each, components, null=null) for name, each in names.items()}
    if "array" in kinds:
        return [as_services_answer(schema["items"], components, null=null)]
    of_format = {"date": "2026-11-30", "date-time": "2026-11-30T09:00:00+00:00", "uuid": USER}
    text = schema.get("example", schema.get("enum", ["words"])[0])
    return {"integer": 3, "boolean": True}.get(kinds[0], of_format.get(schema.get("format", ""), text))


@pytest.mark.parametrize("null", [False, True])
@pytest.mark.parametrize("endpoint", [each for each in ENDPOINTS if each.reply], ids=lambda each: each.operation)
def test_what_a_service_answers_is_handed_on_as_it_is(endpoint, null) -> None:
    described = described_interface()["components"]["schemas"]
    answered = as_services_answer(described[endpoint.reply.__name__], described, null=null)
    reply = endpoint.reply.from_json(answered)
    assert json.loads(json.dumps(schema_of(endpoint.reply).dump(reply))) == answered


@pytest.mark.clause("MAIL-1", "MAIL-3")
def test_the_page_of_what_one_gets_declines_what_is_ticked_and_nothing_by_being_looked_at(client, caller) -> None:
    shown = {"optional": ["marketing", "product_news"], "declined": []}
    caller.answers["notification", "show_preferences"] = shown
    caller.answers["notification", "decline_classes"] = shown | {"declined": ["marketing"]}
    assert "du har ikke sagt nei" in client.get("/email-choices/some-token").text
    assert client.post("/email-choices/some-token", data={}).status_code == 200
    assert {method for _, method, _ in caller.asked} == {"show_preferences"}
    saved = client.post("/email-choices/some-token", data={"marketing": "no", "service": "no"})
    assert "Det er lagret" in saved.text
    assert caller.asked[-1] == (
        "notification",
        "decline_classes",
        {"token": "some-token", "classes": ["marketing"]},
    )
    caller.answers["notification", "show_preferences"] = NotFound()
    assert client.get("/email-choices/some-token").status_code == 404


@pytest.mark.parametrize("path", ["/terms", "/password", "/privacy", "/problems", f"/confirm/{TOKEN}"])
def test_the_language_chosen_for_all_pages_holds_on_those_that_letters_and_links_lead_to(
    client, caller, path
) -> None:
    caller.answers["account", "describe_link"] = link_to("confirmation", needs_acceptance=True)
    asks = {"Accept": "text/html", "Accept-Language": "nb"}
    assert '<html lang="nb"' in client.get(path, headers=asks).text
    client.set_cookie("__Host-vilkar-language", "en")
    page = client.get(path, headers=asks).text
    assert '<html lang="en"' in page
    assert not {"Løftene", "Personvernerklæring", "Velg passord"} & set(re.findall(r"[^<>]+(?=</a>|</h1>)", page))
    assert '<html lang="nb"' in client.get(f"{path}?language=nb", headers=asks).text
