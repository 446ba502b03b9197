"""The page "What do we hold on …?": it asks for a purpose, counts once a form, and says what it cannot know."""

from __future__ import annotations

from uuid import uuid4

import pytest

from services.account.authentication import rules as authentication
from services.account.email_change import rules as email_change
from services.account.tickets import rules as tickets
from services.desk.queries.stored_kinds import FIGURES, KINDS
from services.notification.history import store as history
from services.notification.suppressions import rules as suppressions
from shared import words
from shared.errors import NotFound
from shared.participation.events import COUNTED
from shared.terms.parameters import parameter
from tests.desk_stage import COUNTED as COUNT
from tests.desk_stage import ERASURE, ID, NEXT, USER, Browser

pytestmark = pytest.mark.unit
ADDRESS = f"/customers/{ID}/holdings"


@pytest.fixture
def browser(tmp_path) -> Browser:
    return Browser(tmp_path)


def orders(browser: Browser) -> list[dict[str, object]]:
    return [fields for _, method, fields in browser.services.asked if method == "order_dry_run"]


def test_every_kind_that_services_count_has_a_reason_an_end_and_a_name() -> None:
    assert KINDS.keys() == COUNTED == words.COUNTS.keys()
    for kind in KINDS.values():
        assert all(len(pair) == 2 and all(pair) for pair in (kind.until, kind.why))
        assert "{" not in "".join(kind.until)


def test_every_figure_is_that_of_the_rule_which_keeps_it() -> None:
    hour, day = 3600, 86400
    assert {
        "session_hours": authentication.SESSION_LONGEST.total_seconds() / hour,
        "ticket_days": tickets.TICKETS_KEPT.total_seconds() / day,
        "attempt_hours": authentication.ATTEMPTS_KEPT.total_seconds() / hour,
        "brake_hours": authentication.BRAKE_KEPT.total_seconds() / hour,
        "former_address_hours": email_change.FORMER_ADDRESS_KEPT.total_seconds() / hour,
        "login_months": parameter("log.login_retention").default,
        "report_months": parameter("file.nonconformity").default,
        "support_months": parameter("file.support").default,
        "letter_days": history.HISTORY_KEPT.total_seconds() / day,
        "webhook_days": history.TOKENS_KEPT.total_seconds() / day,
        "bounce_days": max(suppressions.BOUNCE_STEPS).total_seconds() / day,
    } == FIGURES


def test_the_form_has_every_service_count_and_leads_to_what_they_say(browser) -> None:
    answer = browser.post(ADDRESS, purpose="dispute", user="")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{ADDRESS}/{ID}?purpose=dispute")
    (order,) = orders(browser)
    assert (order["dry_run_id"], order["account_id"], order["user_id"], order["with_held"]) == (ID, ID, None, True)
    assert [each["purpose"] for each in browser.services.signings] == ["dispute"]


def test_one_user_can_be_chosen(browser) -> None:
    answer = browser.post(ADDRESS, purpose="dispute", user=f" {USER} ")
    assert answer.headers["Location"] == f"{ADDRESS}/{ID}?user={USER}&purpose=dispute"
    assert [order["user_id"] for order in orders(browser)] == [USER]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"purpose": "", "user": ""}, "purpose-error"),
        ({"purpose": "curiosity", "user": ""}, "purpose-error"),
        ({"purpose": "dispute", "user": "kari"}, "user-error"),
        ({"purpose": "dispute", "user": "<script>"}, "user-error"),
    ],
)
def test_what_is_lacking_is_said_at_its_field_and_nobody_is_asked(browser, fields, wrong) -> None:
    answer = browser.post(ADDRESS, **fields)
    assert answer.status_code == 422
    assert f'id="{wrong}"' in answer.text
    assert "<script>" not in answer.text
    assert browser.services.asked == []


def test_of_an_erased_customer_nothing_is_said_to_be_held_and_the_certificate_is_named(browser) -> None:
    browser.services.replies["order_dry_run"] = NotFound()
    browser.services.replies["timeline"] = {"erasures": [ERASURE | {"state": "certified"}]}
    text = browser.post(ADDRESS, purpose="dispute", user="").text
    assert "Vi har ingenting lagret" in text
    assert f'href="/certificates/{ID}"' in text
    assert not [method for _, method, _ in browser.services.asked if method in {"get_account", "list_users"}]


def test_of_whom_something_is_held_after_the_erasure_the_page_leads_to_what_is_held(browser) -> None:
    part = {"participant": "notification", "state": "done", "counts": {}, "retained": ["legal_hold"]}
    held = {"category": "letters", "basis": "legal_claims", "review_on": "2027-06-01"}
    kept = ERASURE | {"state": "certified", "user_id": None, "participants": [part], "held": [held]}
    browser.services.replies |= {"get_account": NotFound(), "timeline": {"erasures": [kept]}}
    text = browser.get(f"/customers/{ID}?purpose=dispute").text
    assert "Slettet, men noe holdes tilbake" in text
    assert f'href="{ADDRESS}?purpose=dispute"' in text
    assert words.CERTIFICATE["letters"][0] in text
    browser.services.replies["list_users"] = NotFound()
    text = browser.get(f"{ADDRESS}/{ID}?purpose=dispute").text
    assert "Hva har vi lagret om den som er slettet?" in text
    assert words.COUNTS["users"][0] in text
    assert f'href="/certificates/{ID}"' in text
    completed = ERASURE | {"state": "certified", "user_id": None, "completes": ID, "participants": [], "held": []}
    browser.services.replies["timeline"] = {"erasures": [kept, completed | {"certificate_id": USER}]}
    assert "Vi har ingenting lagret" in browser.get(f"/customers/{ID}?purpose=dispute").text


def test_a_count_of_one_user_asks_for_the_letters_and_looks_of_that_user_and_says_where_letters_end(
    browser,
) -> None:
    browser.services.replies["dry_run"] = COUNT | {"user_id": USER}
    browser.services.replies["letters"] = browser.services.replies["letters"] | {"next_after": NEXT}
    text = browser.get(f"{ADDRESS}/{ID}?user={USER}&purpose=dispute").text
    assert f'href="/customers/{ID}/letters?purpose=dispute"' in text
    asked = {method: fields.get("user_id") for _, method, fields in browser.services.asked}
    assert (asked["letters"], asked["personal_data_reads"]) == (USER, USER)
    assert browser.get(f"{ADDRESS}/{ID}?purpose=dispute").status_code == 404


def test_of_nobody_it_is_said_that_nothing_is_known(browser) -> None:
    browser.services.replies |= {"order_dry_run": NotFound(), "timeline": {"erasures": []}}
    text = browser.post(ADDRESS, purpose="dispute", user="").text
    assert "Det finnes ingen slik konto eller bruker." in text
    assert "/certificates/" not in text


def test_who_has_not_answered_is_named_and_what_is_none_is_left_out(browser) -> None:
    text = browser.get(f"{ADDRESS}/{ID}?purpose=dispute").text
    assert "Disse har ikke svart ennå:" in text
    assert "Fakturering" in text.partition("Disse har ikke svart ennå:")[2].partition("</div>")[0]
    assert words.COUNTS["users"][0] in text
    assert words.COUNTS["tickets"][0] not in text, "there are none"


def test_without_a_purpose_one_is_asked_for_and_of_another_account_there_is_no_page(browser) -> None:
    answer = browser.get(f"{ADDRESS}/{ID}")
    assert (answer.status_code, answer.headers["Location"]) == (303, ADDRESS)
    assert browser.get(f"/customers/{uuid4()}/holdings/{ID}?purpose=dispute").status_code == 404
    browser.services.replies["dry_run"] = COUNT | {"with_held": False}
    assert browser.get(f"{ADDRESS}/{ID}?purpose=dispute").status_code == 404
