"""How many requests wait for whoever is at the desk: on every page, asked for seldom, and in nobody's way."""

from __future__ import annotations

from typing import Any

import pytest

from services.desk.web.approvals_waiting import ANEW_SECONDS, MOST, ApprovalsWaiting
from services.staff.approvals.calls import ApprovalShown
from shared.errors import DeadlineExceeded, Internal, Unauthenticated, Unavailable
from tests.desk_stage import APPROVAL, ID, TOKEN, Browser, Services
from tests.examples import example

pytestmark = pytest.mark.unit


def waiting(*approvable: bool) -> dict[str, Any]:
    return {"approvals": [example(ApprovalShown, **APPROVAL | {"approvable": each}) for each in approvable]}


def asked(services: Services) -> int:
    return len(services.counted)


@pytest.fixture
def browser(tmp_path) -> Browser:
    browser = Browser(tmp_path)
    browser.services.replies["list_approvals"] = waiting(True, True, False)
    return browser


def test_each_page_tells_what_waits_for_this_person_and_all_of_them_ask_once(browser) -> None:
    for address in ("/find", "/letters", "/holds"):
        text = browser.get(address).text
        assert 'Godkjenninger (2<span class="ds-sr-only"> venter på deg</span>)</a>' in text
    assert asked(browser.services) == 1


def test_where_nothing_waits_the_page_says_nothing(browser) -> None:
    browser.services.replies["list_approvals"] = waiting(False)
    assert '/approvals">Godkjenninger</a>' in browser.get("/find").text


def test_what_somebody_does_at_the_desk_has_it_counted_anew(browser) -> None:
    browser.get("/find")
    browser.services.replies["list_approvals"] = waiting(True)
    browser.post(f"/approvals/{ID}/withdraw", version="2")
    assert "Godkjenninger (1<" in browser.get("/find").text


@pytest.mark.parametrize(
    "failure", [Unavailable("away"), DeadlineExceeded("away"), Internal("1"), Unauthenticated()], ids=type
)
def test_where_staff_do_not_say_the_page_comes_without_and_the_next_does_not_ask(browser, failure) -> None:
    browser.services.replies["list_approvals"] = failure
    for _ in range(2):
        page = browser.get("/find")
        assert page.status_code == 200
        assert '/approvals">Godkjenninger</a>' in page.text
    assert asked(browser.services) == 1


def test_whoever_has_not_logged_in_is_told_nothing(tmp_path) -> None:
    browser = Browser(tmp_path, logged_in=False)
    browser.get("/log-in")
    assert asked(browser.services) == 0


def test_a_number_grows_old_and_only_so_many_are_remembered() -> None:
    services, now = Services(), [0.0]
    services.replies["list_approvals"] = waiting(True)
    known = ApprovalsWaiting(services, monotonic=lambda: now[0])
    for at, times in ((0.0, 1), (ANEW_SECONDS - 0.1, 1), (ANEW_SECONDS, 2)):
        now[0] = at
        assert known.of(TOKEN) == 1
        assert asked(services) == times
    for number in range(MOST):
        known.of(f"{TOKEN[:-4]}{number:04}")
    before = asked(services)
    known.of(TOKEN)
    assert asked(services) == before + 1
