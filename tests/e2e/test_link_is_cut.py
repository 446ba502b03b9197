"""What deactivation does at once (L17): nobody gets in, nothing is taken in, not even what was under way."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.people import LINK, PASSWORD, Company, a_letter, letters_to, somebody

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

REFUSED_WITHIN_SECONDS = 5.0
READERS = 4


def keep_asking(company, token, stop):
    """Ask again and again in a session; the instants of requests and answers with their statuses."""
    seen = []
    while not stop.is_set():
        begun = time.monotonic()
        status = company.ask("GET", "/v1/users", token=token).status_code
        seen.append((begun, time.monotonic(), status))
    return seen


def test_every_session_is_refused_within_five_seconds_also_for_requests_under_way(system):
    company = Company(system, users=1).move_in()
    tokens = [company.log_in(person)["token"] for person in (company.creator, company.others[0]) for _ in range(2)]
    stop = threading.Event()
    with ThreadPoolExecutor(READERS) as pool:
        asking = [pool.submit(keep_asking, company, token, stop) for token in tokens]
        time.sleep(1)
        company.leave()
        cut = time.monotonic()
        time.sleep(1)
        stop.set()
        seen = [entry for future in asking for entry in future.result()]
    assert {status for _, ended, status in seen if ended < cut - 1} <= {200}
    after = [status for begun, _, status in seen if begun > cut]
    assert (len(after) > 0, set(after)) == (True, {401})
    under_way = [(ended - cut, status) for begun, ended, status in seen if begun <= cut < ended]
    assert all(status in {401, 423} or late < REFUSED_WITHIN_SECONDS for late, status in under_way)
    for token in tokens:
        company.must("GET", "/v1/account", 401, token=token)
    assert time.monotonic() - cut < REFUSED_WITHIN_SECONDS + 1


def test_changes_sent_in_the_moment_of_deactivation_are_done_before_it_or_refused(system):
    company = Company(system).move_in()
    version = company.must("GET", "/v1/account", 200)["version"]
    stop = threading.Event()

    def add_people():
        done = []
        while not stop.is_set() and len(done) < 20:
            done.append(company.ask("POST", "/v1/users", json=somebody(company.domain).form).status_code)
        return done

    with ThreadPoolExecutor(READERS) as pool:
        adding = [pool.submit(add_people) for _ in range(READERS - 1)]
        time.sleep(0.5)
        body = {"version": version, "current_password": PASSWORD}
        company.must("POST", "/v1/account/deactivation", 200, json=body)
        time.sleep(0.5)
        stop.set()
        statuses = [status for future in adding for status in future.result()]
    assert set(statuses) <= {201, 401, 423}
    assert 401 in statuses
    query = "SELECT count(*) FROM account_user WHERE account_id = %s"
    assert system.rows("account", query, company.account_id) == [(1 + statuses.count(201),)]


def test_no_door_takes_anything_in_for_an_inactive_account(system):
    company = Company(system, users=1).move_in()
    user = company.others[0]
    version = company.must("GET", "/v1/account", 200)["version"]
    company.leave()
    a_letter(system, user.email, "company_closed")
    letters = len(letters_to(system, user.email))
    for method, path, body in (
        ("PATCH", "/v1/account", {"version": version, "name": "Nytt navn"}),
        ("POST", "/v1/users", somebody(company.domain).form),
        ("PATCH", f"/v1/users/{user.user_id}", {"version": 1, "name": "Nytt navn"}),
        ("POST", f"/v1/users/{user.user_id}/deactivation", {"version": 1}),
        ("POST", f"/v1/users/{user.user_id}/invitation", {"version": 1}),
        ("PUT", "/v1/password", {"current_password": PASSWORD, "new_password": PASSWORD + " til"}),
        ("POST", "/v1/account/deactivation", {"version": version, "current_password": PASSWORD}),
    ):
        company.must(method, path, 401, json=body)
    company.must("POST", "/v1/sessions", 423, json={"email": user.email, "password": PASSWORD}, token="")
    # Asked on the bus, past the gateway, it is locked as well.
    with system.bus() as bus:
        with pytest.raises(Exception, match="Locked"):
            bus.account.update_account(
                account_id=company.account_id, actor="system", version=version + 1, name="Nytt navn"
            )
        with pytest.raises(Exception, match="Locked"):
            bus.account.company_facts(account_id=company.account_id)
    # A letter with a code is not written to anybody of it either, only one that says so; the answer does not tell.
    company.must("POST", "/v1/password-reset-requests", 202, json={"email": user.email}, token="")
    assert LINK.search(a_letter(system, user.email, "return_by_company")["text"]) is None
    assert len(letters_to(system, user.email)) == letters + 1
