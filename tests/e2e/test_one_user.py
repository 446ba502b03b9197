"""A single user goes: alone, for ever, or not at all."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from deploy.residue_search import plain_search
from deploy.residue_search.plain_search import MultiPattern, Searched
from tests.e2e.people import PASSWORD, Company, a_letter, letters_to, move_to
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


def change(company, person, what):
    shown = {user["user_id"]: user for user in company.must("GET", "/v1/users", 200)["users"]}
    body = {"version": shown[person.user_id]["version"]}
    return company.must("POST", f"/v1/users/{person.user_id}/{what}", 200, json=body)


def of_user(system, company, person, state):
    """Wait until the newest erasure of one user is in a state."""
    with system.bus() as bus:

        def there():
            mine = [each for each in company.erasures(bus) if each["user_id"] == person.user_id]
            return mine and mine[-1]["state"] == state and mine[-1]

        return until(there, what=f"an erasure of the user that is {state}", seconds=90)


def found(system, values):
    into = Searched()
    patterns = MultiPattern(values)
    plain_search.search_databases(system.settings, patterns, into)
    plain_search.search_files([system.home / "logs"], patterns, into)
    return into.hits


def test_one_user_is_erased_alone_while_another_who_came_back_stays_and_the_company_goes_on(system):
    company = Company(system, users=3).move_in()
    goes, returns, stays = company.others
    for person in (goes, returns):
        change(company, person, "deactivation")
        company.must("POST", "/v1/sessions", 423, json={"email": person.email, "password": PASSWORD}, token="")
    due = date.fromisoformat(of_user(system, company, goes, "scheduled")["due_on"])
    assert due == date.fromisoformat(of_user(system, company, returns, "scheduled")["due_on"])
    for person in (goes, returns):
        a_letter(system, person.email, "user_deactivated")
    move_to(system, due - timedelta(days=2))
    company.token = company.log_in()["token"]
    change(company, returns, "reactivation")
    of_user(system, company, returns, "cancelled")
    move_to(system, due)
    erasure = of_user(system, company, goes, "certified")

    a_letter(system, goes.email, "user_erased")
    assert letters_to(system, returns.email, "user_erased") == []
    document = system.vilkar("certificate", "show", erasure["certificate_id"])
    assert document["certificate"]["kind"] == "user"
    company.must("POST", "/v1/sessions", 401, json={"email": goes.email, "password": PASSWORD}, token="")
    for person in (company.creator, returns, stays):
        company.log_in(person)
    company.token = company.log_in()["token"]
    shown = company.must("GET", "/v1/users", 200)["users"]
    assert {user["email"] for user in shown} == {company.creator.email, returns.email, stays.email}
    assert company.must("GET", "/v1/account", 200)["name"] == company.name
    assert found(system, goes.traces) == []


def test_an_account_whose_owner_comes_back_by_password_is_not_erased(system):
    company = Company(system).move_in()
    company.leave()
    due = company.scheduled()
    a_letter(system, company.creator.email, "account_deactivated")
    move_to(system, due - timedelta(days=1))
    body = {"email": company.creator.email, "password": PASSWORD}
    assert company.must("POST", "/v1/account/reactivation", 200, json=body, token="")["state"] == "active"
    assert company.until_state("cancelled")["certificate_id"] is None
    move_to(system, due)
    a_letter(system, company.creator.email, "account_reactivated")
    company.token = company.log_in()["token"]
    assert company.must("GET", "/v1/account", 200)["email"] == company.email
    with system.bus() as bus:
        assert [each["state"] for each in company.erasures(bus)] == ["cancelled"]
    assert letters_to(system, company.creator.email, "account_erased") == []
