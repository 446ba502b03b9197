"""Ways into an account, and back into one, as people and intruders try them through the gateway."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import urlsplit

import pytest
import requests

from services.desk.cli.session_file import SessionFile
from services.gateway.web.sessions import COOKIE
from shared.dates_in_words import long_date
from tests.e2e.people import PASSWORD, Company, a_letter, letter_token, letters_to, somebody

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
CONTACT = "post@semje.com"
WAY_BACK = re.compile(r"/reactivate/([A-Za-z0-9_%.~-]+)")


def asks_for_a_password(company: Company, email: str) -> None:
    company.must("POST", "/v1/password-reset-requests", 202, json={"email": email}, token="")


def test_what_staff_closed_an_owner_cannot_open_and_a_stranger_learns_nothing(system):
    company = Company(system).move_in()
    version = company.must("GET", "/v1/account", 200)["version"]
    why = ["--reason", "customer_request", "--yes"]
    done = system.command("account", "deactivate", company.account_id, "--version", version, *why)
    assert done.returncode == 0, done.stderr
    due = company.scheduled()
    proof = {"email": company.creator.email, "password": PASSWORD}
    answer = company.ask("POST", "/v1/account/reactivation", json=proof, token="")
    assert (answer.status_code, CONTACT in answer.json()["detail"]) == (409, True)
    refused = [
        company.ask("POST", "/v1/account/reactivation", json=guess, token="")
        for guess in (proof | {"password": "feil passord her 1"}, proof | {"email": f"x{company.creator.email}"})
    ]
    assert [each.status_code for each in refused] == [401, 401]
    assert refused[0].json() == refused[1].json()

    asks_for_a_password(company, company.creator.email)
    text = a_letter(system, company.creator.email, "return_by_staff")["text"]
    assert CONTACT in text
    assert long_date(due, "nb") in text
    assert WAY_BACK.search(text) is None
    assert letters_to(system, company.creator.email, "password_reset") == []


def test_whoever_meets_a_blocked_account_is_told_whom_to_ask(system):
    company = Company(system).move_in()
    email = company.creator.email
    asks_for_a_password(company, email)
    token = letter_token(system, company.creator, "password_reset")
    version = str(company.must("GET", "/v1/account", 200)["version"])
    why = ("--version", version, "--reason", "security", "--yes")
    version = str(system.vilkar("account", "block", company.account_id, *why)["version"])
    reset = {"token": token, "new_password": "Et ganske annet passord 8"}
    for path, body in (("/v1/sessions", {"email": email, "password": PASSWORD}), ("/v1/password-resets", reset)):
        answer = company.ask("POST", path, json=body, token="")
        assert (answer.status_code, answer.json()["reason"]) == (423, "blocked"), path
        assert (answer.json()["contact"], CONTACT in answer.json()["detail"]) == (CONTACT, True), path
    page = f"{system.gateway}/password/{token}"
    fields = {"password": reset["new_password"], "again": reset["new_password"]}
    for answer in (requests.get(page, timeout=40), requests.post(page, data=fields, timeout=40)):
        assert answer.status_code == 423
        assert [words for words in ("har sperret", f"mailto:{CONTACT}") if words not in answer.text] == []
    assert "has blocked" in requests.get(f"{page}?language=en", timeout=40).text
    asks_for_a_password(company, email)
    assert CONTACT in a_letter(system, email, "return_by_staff")["text"]
    system.vilkar("account", "unblock", company.account_id, "--version", version)
    assert company.log_in()["user_id"] == company.creator.user_id


def test_an_owner_who_left_signs_up_again_and_comes_back_by_the_letter_instead(system):
    company = Company(system).move_in()
    company.leave()
    due = company.scheduled()
    count = "SELECT count(*) FROM account_user WHERE email_index ="
    count += " (SELECT email_index FROM account_user WHERE id = %s)"
    again = company.form | {"company": company.form["company"] | {"name": "Et nytt navn"}}
    assert company.must("POST", "/v1/accounts", 202, json=again, token="") == {"status": "accepted"}
    text = a_letter(system, company.creator.email, "return_by_link")["text"]
    assert long_date(due, "nb") in text
    assert system.rows("account", count, company.creator.user_id) == [(1,)], "not a second account"
    link = WAY_BACK.search(text)
    assert link is not None
    page = f"{system.gateway}/reactivate/{link.group(1)}"
    assert "Aktiver kontoen igjen" in requests.get(page, timeout=40).text
    proof = {"email": company.creator.email, "password": PASSWORD}
    company.must("POST", "/v1/sessions", 423, json=proof, token="")
    assert "aktiv igjen" in requests.post(page, timeout=40).text
    assert company.log_in()["user_id"] == company.creator.user_id
    a_letter(system, company.creator.email, "account_reactivated")
    company.until_state("cancelled")


def test_an_address_changes_with_the_password_and_the_one_before_is_told(system):
    company = Company(system).move_in()
    person, fresh = company.creator, somebody(company.domain)
    version = company.must("GET", "/v1/users", 200)["users"][0]["version"]
    path = f"/v1/users/{person.user_id}"
    company.must("PATCH", path, 403, json={"version": version, "email": fresh.email})
    wrong = {"email": fresh.email, "current_password": "feil passord her 1"}
    company.must("PUT", "/v1/email", 403, json=wrong)
    company.must("PUT", "/v1/email", 202, json=wrong | {"current_password": PASSWORD})
    token = letter_token(system, fresh, "email_confirmation")
    company.must("POST", "/v1/email-confirmations", 200, json={"token": token})
    text = a_letter(system, person.email, "address_changed")["text"]
    assert CONTACT in text
    assert re.search(r"\d\. \w+ \d{4} kl\. \d\d\.\d\d", text)
    assert fresh.email not in text
    assert letters_to(system, fresh.email, "address_changed") == []
    before = {"email": person.email, "password": PASSWORD}
    company.must("POST", "/v1/sessions", 401, json=before, token="")
    company.must("POST", "/v1/sessions", 201, json=before | {"email": fresh.email}, token="")


def test_an_employee_whose_company_left_is_told_to_ask_the_company(system):
    company = Company(system, users=1).move_in()
    company.leave()
    due: date = company.scheduled()
    (employee,) = company.others
    asks_for_a_password(company, employee.email)
    text = a_letter(system, employee.email, "return_by_company")["text"]
    assert long_date(due, "nb") in text
    assert company.name in text


def asked_of(url: str, path: str, *, host: str, token: str, by: str) -> requests.Response:
    """A request to one of the two hosts, with a session in its cookie or as programs bring it."""
    brought = {"Cookie": f"{COOKIE}={token}"} if by == "cookie" else {"Authorization": f"Bearer {token}"}
    method = "POST" if path.startswith("/api/") else "GET"
    headers = {"Host": host, **brought}
    return requests.request(method, url + path, headers=headers, allow_redirects=False, timeout=40)


@pytest.mark.clause("STAFF-1", "ISOLATE-1")
def test_neither_host_takes_a_session_of_the_other(system):
    """Both cookies have one name. Whoever brings one to the other host is nobody there."""
    company = Company(system).move_in()
    desk = SessionFile(system.session_file("kari")).read()
    at_desk = urlsplit(desk.desk)
    desk_url, desk_host = f"http://127.0.0.1:{at_desk.port}", at_desk.netloc
    gateway_host = urlsplit(system.gateway).netloc
    calls = "/api/v1/calls/staff/own_grants"

    own = asked_of(system.gateway, "/me", host=gateway_host, token=company.token, by="cookie")
    assert own.status_code == 200
    assert asked_of(desk_url, calls, host=desk_host, token=desk.token, by="bearer").status_code != 401

    for path in ("/", "/holds", "/me"):
        answer = asked_of(desk_url, path, host=desk_host, token=company.token, by="cookie")
        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/log-in"), path
    assert asked_of(desk_url, calls, host=desk_host, token=company.token, by="bearer").status_code == 401
    answer = asked_of(system.gateway, "/me", host=gateway_host, token=desk.token, by="cookie")
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/log-in")
    assert (
        asked_of(system.gateway, "/v1/account", host=gateway_host, token=desk.token, by="bearer").status_code == 401
    )
