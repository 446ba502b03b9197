"""Log-ins of a customer's people at the desk: each look says first what it is for, of what one is granted."""

from __future__ import annotations

import re

import pytest

from shared.errors import Invalid
from tests.desk_stage import ID, USER, Browser

pytestmark = [pytest.mark.unit, pytest.mark.clause("WATCH-2")]

ADDRESS = f"/customers/{ID}/logins"
DAYS = {"since": "2027-01-01", "until": "2027-01-02"}


@pytest.fixture
def browser(tmp_path) -> Browser:
    return Browser(tmp_path)


def asked(browser):
    return [fields for _, method, fields in browser.services.asked if method == "logins"]


def test_the_form_offers_what_one_is_granted_and_shows_nobody(browser) -> None:
    page = browser.get(ADDRESS)
    assert page.status_code == 200
    assert 'value="system_administration"' in page.text
    assert 'value="security_breach"' not in page.text
    assert asked(browser) == []


def test_the_report_is_asked_for_the_whole_days_that_were_chosen_and_for_what_it_is_granted(browser) -> None:
    page = browser.post(ADDRESS, **DAYS, why="system_administration", user=USER)
    assert page.status_code == 200
    (fields,) = asked(browser)
    assert (fields["from"], fields["to"]) == ("2026-12-31T23:00:00+00:00", "2027-01-02T23:00:00+00:00")
    assert (fields["purpose"], fields["user_id"], fields["account_id"]) == ("system_administration", USER, ID)
    assert browser.services.signings[-1]["purpose"] == "operations"
    assert "feil passord" in page.text


def test_the_log_ins_of_one_person_are_asked_for_from_the_page_of_the_customer(browser) -> None:
    (link,) = re.findall(r'href="([^"]*/logins\?user=[^"]*)"', browser.get(f"/customers/{ID}?purpose=dispute").text)
    assert link == f"{ADDRESS}?user={USER}"
    assert f'name="user" value="{USER}"' in browser.get(link).text
    assert 'name="user" value=""' in browser.get(f"{ADDRESS}?user=kari").text


@pytest.mark.parametrize(
    "wrong",
    [{"why": ""}, {"why": "security_breach"}, {"since": "yesterday"}, {"until": ""}, {"user": "kari"}],
    ids=str,
)
def test_nothing_is_disclosed_for_what_is_not_granted_or_cannot_be_read(browser, wrong) -> None:
    page = browser.post(ADDRESS, **DAYS | {"why": "system_administration"} | wrong)
    assert page.status_code == 422
    assert asked(browser) == []


def test_too_long_a_time_is_said_at_the_field(browser) -> None:
    browser.services.replies["logins"] = Invalid("the period is longer than 31 days")
    page = browser.post(ADDRESS, **DAYS, why="system_administration")
    assert (page.status_code, 'id="since-error"' in page.text) == (422, True)
