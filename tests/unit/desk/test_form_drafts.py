"""A session that ends in the middle of a form: log in again, and what was written is still there, undone."""

from __future__ import annotations

from urllib.parse import quote
from uuid import uuid4

import pytest

from services.desk import sessions as session_cookies
from services.desk.web.pages.table import PAGES
from shared.errors import NotFound, Unauthenticated, Unavailable
from shared.form_drafts import SEALED_BYTES
from shared.web.csrf import COOKIE, FIELD, token_of
from tests.desk_stage import ALARM, BROWSER, HOST, ID, TOKEN, USER, Browser

pytestmark = pytest.mark.unit

ADDRESS = "/acts/record-contact"
WRITTEN = {"account_id": ID, "channel": "phone", "outcome": "no_answer", "attempted_on": "2026-11-29"}
LOG_IN_AND_COME_BACK = "/log-in?next=%2Facts%2Frecord-contact%3Fdraft%3Dyes"
ENDED = TOKEN[:-1] + "y"


@pytest.fixture
def browser(tmp_path) -> Browser:
    """Somebody whose session is over."""
    browser = Browser(tmp_path)
    browser.set(session_cookies.COOKIE, ENDED)
    browser.services.replies["keep_form_draft"] = {}
    return browser


def kept(browser: Browser) -> list[dict[str, str]]:
    return [fields for _, method, fields in browser.services.asked if method == "keep_form_draft"]


def come_back(browser: Browser, **changes: str) -> None:
    """Log in again: staff answer with what was kept."""
    (draft,) = kept(browser)
    browser.services.replies["show_form_draft"] = {"sealed": draft["sealed"]} | changes
    browser.set(session_cookies.COOKIE, TOKEN)


def test_what_was_written_is_there_after_the_log_in_and_nothing_was_done(browser) -> None:
    answer = browser.post(ADDRESS, **WRITTEN)
    assert (answer.status_code, answer.headers["Location"]) == (303, LOG_IN_AND_COME_BACK)
    come_back(browser)
    page = browser.get(f"{ADDRESS}?draft=yes")
    assert page.status_code == 200
    assert "Det du fylte ut, står her" in page.text
    assert 'value="2026-11-29"' in page.text
    assert '<option value="phone" selected>' in page.text
    assert f'name="account_id" value="{ID}"' in page.text
    assert f'name="idempotency_key" value="{ID}"' in page.text, (
        "so that it is done once, whatever became of the first"
    )
    assert {method for _, method, _ in browser.services.asked} == {"keep_form_draft", "show_form_draft"}


def test_neither_staff_nor_another_browser_can_read_what_was_written(browser) -> None:
    browser.post(ADDRESS, **WRITTEN)
    (draft,) = kept(browser)
    assert (draft["token"], draft["path"]) == (ENDED, ADDRESS)
    for text in (*WRITTEN.values(), "channel", token_of(BROWSER)):
        assert text not in draft["sealed"]
    come_back(browser)
    browser.set(COOKIE, "c" * 43)
    assert "2026-11-29" not in browser.get(f"{ADDRESS}?draft=yes").text


def test_of_another_form_s_address_it_is_not_opened(browser) -> None:
    browser.post(ADDRESS, **WRITTEN)
    come_back(browser)
    assert "2026-11-29" not in browser.get("/acts/block?draft=yes").text


def test_the_token_of_the_form_is_not_kept_with_it(browser) -> None:
    browser.post(ADDRESS, **WRITTEN)
    come_back(browser)
    page = browser.get(f"{ADDRESS}?draft=yes").text
    assert page.count(f'name="{FIELD}"') == page.count("<form")


@pytest.mark.parametrize("reply", [Unavailable("away"), Unauthenticated()])
def test_where_it_cannot_be_kept_one_logs_in_and_nothing_is_promised(browser, reply) -> None:
    browser.services.replies["keep_form_draft"] = reply
    answer = browser.post(ADDRESS, **WRITTEN)
    assert answer.headers["Location"] == "/log-in?next=%2Facts%2Frecord-contact"


def test_what_is_too_large_is_not_kept(browser) -> None:
    answer = browser.post(ADDRESS, **WRITTEN, more="x" * SEALED_BYTES)
    assert answer.headers["Location"] == "/log-in?next=%2Facts%2Frecord-contact"
    assert kept(browser) == []


def test_a_form_of_another_site_or_without_a_session_is_kept_by_nobody(browser) -> None:
    refused = browser.client.post(
        ADDRESS,
        base_url=HOST,
        headers={"Origin": "https://other.example"},
        data=WRITTEN | {FIELD: token_of(BROWSER)},
    )
    assert refused.status_code == 403
    browser.client.delete_cookie(session_cookies.COOKIE, domain="desk.example")
    assert browser.post(ADDRESS, **WRITTEN).headers["Location"] == "/log-in?next=%2Facts%2Frecord-contact"
    assert kept(browser) == []


def test_what_is_no_form_of_texts_is_not_kept(browser) -> None:
    sent = browser.post("/me/sessions/end", session_id=ID)
    assert sent.headers["Location"] == "/log-in?next=%2F", "at its own address there is nothing to read"
    assert kept(browser) == []


def test_every_form_that_is_kept_has_a_page_that_shows_it() -> None:
    keeping = {page.rule for page in PAGES if page.keeps_draft}
    assert keeping
    assert keeping <= {page.rule for page in PAGES if page.method == "GET"}


MESSAGES = [f"account/{ID}", f"audit/{ID}"]
OTHER_KEY = "0192f6c0-0000-7000-8000-0000000000cc"


@pytest.mark.parametrize(
    ("address", "written", "shown"),
    [
        ("/acts/place-hold", {"account_id": ID, "categories": ["letters"], "user_ids": [USER],
                               "purpose": "dispute"},
         [f'value="{USER}" checked', 'value="letters" checked']),
        (f"/approvals/{ID}/edit", {"edited_version": "2", "account_id": ID, "case_ref": "tvist-2026-77",
                                   "categories": ["company"], "purpose": "dispute"},
         ['value="tvist-2026-77"', 'value="company" checked', 'name="edited_version" value="2"']),
        ("/find", {"email": "kari@firma.example", "purpose": "dispute", "review": "yes"},
         ['value="kari@firma.example"', 'name="review" value="yes" checked', '<option value="dispute" selected>']),
        ("/clock", {"last_ran": "2026-11-29", "today": ""}, ['value="2026-11-29"']),
        ("/parked/choose", {"message": MESSAGES, "decision": "replay"},
         [f'name="message" value="{each}"' for each in MESSAGES]),
        ("/parked/decide", {"message": MESSAGES, "decision": "discard", "reason": "outdated"},
         [*(f'name="message" value="{each}"' for each in MESSAGES), '<option value="outdated" selected>']),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)  # fmt: skip
def test_what_was_filled_in_and_ticked_anywhere_is_there_again(browser, address, written, shown) -> None:
    answer = browser.post(address, **written, idempotency_key=OTHER_KEY)
    assert answer.headers["Location"] == f"/log-in?next={quote(address, safe='')}%3Fdraft%3Dyes"
    come_back(browser)
    browser.services.replies["open_alarms"] = {"alarms": [ALARM | {"code": "clock_jumped"}]}
    page = browser.get(f"{address}?draft=yes")
    assert page.status_code == 200
    assert [each for each in shown if each not in page.text] == []
    done = {method for _, method, _ in browser.services.asked}
    assert not done & {"place_hold", "request_approval", "edit_approval", "search_accounts", "parked_replay",
                       "parked_discard", "confirm_clock"}  # fmt: skip
    if address == "/parked/decide":
        assert OTHER_KEY in page.text, "what was decided before the session ended is not decided again"


@pytest.mark.parametrize("purpose", ["rights_request", ""])
def test_who_comes_back_to_a_form_for_what_they_may_not_any_more_chooses_anew_and_loses_nothing(
    browser, purpose
) -> None:
    address = "/acts/place-hold"
    browser.post(address, account_id=ID, categories=["letters"], purpose=purpose, idempotency_key=OTHER_KEY)
    come_back(browser)
    browser.services.unsigned["account.list_users"] = "other_purpose"
    asks = browser.get(f"{address}?draft=yes")
    assert asks.status_code == (403 if purpose else 200)
    for name, value in (("draft", "yes"), ("account_id", ID)):
        assert f'<input type="hidden" name="{name}" value="{value}">' in asks.text
    browser.services.unsigned.clear()
    page = browser.get(f"{address}?draft=yes&account_id={ID}&purpose=dispute")
    assert page.status_code == 200
    for there in ('value="letters" checked', 'name="purpose" value="dispute"', OTHER_KEY):
        assert there in page.text
    assert browser.services.signings[-1]["purpose"] == "dispute"


@pytest.mark.parametrize("address", ["/acts/place-hold", f"/approvals/{ID}/edit"])
def test_what_is_refused_for_its_purpose_comes_back_with_all_that_was_filled_in(browser, address) -> None:
    browser.set(session_cookies.COOKIE, TOKEN)
    written = {
        "account_id": ID, "categories": ["letters"], "case_ref": "tvist-2026-77", "reason": "dispute",
        "owner": "kari", "starts_on": "2026-11-30", "review_on": "2026-12-20", "edited_version": "2",
    }  # fmt: skip
    browser.services.unsigned["retention.place_hold"] = "other_purpose"
    asks = browser.post(address, **written, purpose="rights_request", idempotency_key=OTHER_KEY)
    assert asks.status_code == 403
    assert f'action="{address}"' in asks.text
    for name, value in (("draft", "yes"), ("account_id", ID)):
        assert f'<input type="hidden" name="{name}" value="{value}">' in asks.text
    assert "tvist-2026-77" not in asks.text, "it is kept, sealed, and not carried along in addresses"
    browser.services.unsigned.clear()
    come_back(browser)
    page = browser.get(f"{address}?draft=yes&account_id={ID}&purpose=dispute")
    assert page.status_code == 200
    for there in ('value="letters" checked', 'value="tvist-2026-77"', 'name="purpose" value="dispute"', OTHER_KEY):
        assert there in page.text
    assert not {"place_hold", "request_approval", "edit_approval"} & {
        method for _, method, _ in browser.services.asked
    }


def test_whoever_wants_to_choose_other_messages_finds_those_ticked(browser) -> None:
    browser.set(session_cookies.COOKIE, TOKEN)
    text = browser.post("/parked/choose", message=MESSAGES[:1], decision="replay", others="yes").text
    assert f'value="{MESSAGES[0]}" checked' in text
    assert f'value="{MESSAGES[1]}" aria-label' in text


@pytest.mark.parametrize("address", ["/parked/choose", "/parked/decide"])
def test_a_question_that_nobody_asked_leads_to_the_list(browser, address) -> None:
    browser.set(session_cookies.COOKIE, TOKEN)
    assert browser.get(address).headers["Location"] == "/parked"


def test_after_the_hour_one_is_told_that_the_text_is_gone(browser) -> None:
    browser.services.replies["show_form_draft"] = NotFound()
    browser.set(session_cookies.COOKIE, TOKEN)
    page = browser.get(f"{ADDRESS}?draft=yes")
    assert page.status_code == 404
    assert "Teksten er borte" in page.text


def test_what_comes_back_is_sent_like_any_other_form(browser) -> None:
    key = str(uuid4())
    browser.post(ADDRESS, **WRITTEN, idempotency_key=key)
    come_back(browser)
    browser.services.replies["record_contact"] = {"attempts": 1}
    assert browser.get(f"{ADDRESS}?draft=yes").text.count(key) == 1
    browser.post(ADDRESS, **WRITTEN, idempotency_key=key)
    (sent,) = [fields for _, method, fields in browser.services.asked if method == "record_contact"]
    assert (sent["channel"], sent["idempotency_key"]) == ("phone", key)
