"""billing-sync when answers are lost, Tripletex is slow or asks to wait, and people change in between."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
import urllib3
from test_billing_sync import (
    NOW,
    accounts,
    clean,
    confirmed,
    customers,
    database,
    make,
    order,
    sandbox_list,
    service,
)

from services.billing_sync.customer_links import store as links
from services.billing_sync.erasure.participant import TripletexErasure
from services.billing_sync.jobs import rules
from services.billing_sync.jobs import store as jobs
from services.billing_sync.tripletex.client import Throttled
from shared.errors import NotFound
from shared.participation.replay import ParticipantReplayer
from shared.privacy.ledger_lines import GENESIS, Entry, Kind
from tests.in_process import invoke, run

__all__ = ["accounts", "clean", "database", "service"]

pytestmark = pytest.mark.integration


def person(name: str, email: str, user_id: UUID | None = None) -> dict[str, Any]:
    return {"user_id": str(user_id or uuid4()), "name": name, "email": email, "phone": "+4741234567"}


def addresses(sandbox) -> list[str]:
    return sorted(contact["email"] for contact in sandbox_list(sandbox, "/contact"))


def later(service) -> None:
    service.clock.move(timedelta(minutes=2))
    service.tripletex._free_at = 0.0
    run(service, "work")


@pytest.mark.clause("ERASE-1")
@pytest.mark.parametrize("erased", ["sync", "user_minimised"])
def test_a_contact_whose_answer_was_lost_goes_with_its_person(service, accounts, sandbox, erased) -> None:
    kari, ola = uuid4(), uuid4()
    people = [person("Kari Lie", "kari@lie.example", kari), person("Ola Dahl", "ola@dahl.example", ola)]
    account_id = accounts.add(contacts=people)
    confirmed(service, account_id)
    sandbox.fail("tripletex", "timeout_after_commit", method="POST", path="/contact", seconds=0.1)
    run(service, "work")
    assert addresses(sandbox) == ["kari@lie.example"]
    accounts.known[str(account_id)]["contacts"] = people[1:]
    if erased == "user_minimised":
        with service.database.transaction() as tx:
            jobs.drop_syncs(tx, account_id)
            tx.run("DELETE FROM job WHERE kind = 'sync'")
        order(service, account_id, user_id=kari)
        later(service)
        assert addresses(sandbox) == []
    else:
        later(service)
        assert addresses(sandbox) == ["ola@dahl.example"]


def test_a_contact_whose_answer_was_lost_is_taken_up_again_under_a_new_address(service, accounts, sandbox) -> None:
    kari = person("Kari Lie", "kari@lie.example")
    account_id = accounts.add(contacts=[kari])
    confirmed(service, account_id)
    sandbox.fail("tripletex", "timeout_after_commit", method="POST", path="/contact", seconds=0.1)
    run(service, "work")
    kari["email"] = "kari@ny.example"
    later(service)
    assert addresses(sandbox) == ["kari@ny.example"]


def test_a_sync_that_ends_half_way_remembers_the_contacts_it_made(service, accounts, sandbox, monkeypatch) -> None:
    people = [person("Kari Lie", "kari@lie.example"), person("Ola Dahl", "ola@dahl.example")]
    account_id = accounts.add(contacts=people)
    confirmed(service, account_id)
    real, made = service.tripletex.create_contact, []

    def second_is_throttled(customer_id: int, fields: dict[str, Any]) -> Any:
        if made:
            raise Throttled(timedelta(seconds=1))
        made.append(fields)
        return real(customer_id, fields)

    monkeypatch.setattr(service.tripletex, "create_contact", second_is_throttled)
    run(service, "work")
    monkeypatch.undo()
    people[0]["email"] = "kari@ny.example"
    later(service)
    assert addresses(sandbox) == ["kari@ny.example", "ola@dahl.example"]


def test_two_people_who_pass_an_address_on_stay_two_contacts(service, accounts, sandbox) -> None:
    kari = person("Kari Lie", "leder@lie.example")
    account_id = accounts.add(contacts=[kari])
    confirmed(service, account_id)
    run(service, "work")
    kari["email"] = "kari@lie.example"
    ola = person("Ola Dahl", "leder@lie.example")
    accounts.known[str(account_id)]["contacts"] = [ola, kari]
    confirmed(service, account_id)
    run(service, "work")
    assert addresses(sandbox) == ["kari@lie.example", "leder@lie.example"]
    with service.database.transaction() as tx:
        assert len({link.tripletex_id for link in links.contacts(tx, account_id).values()}) == 2


def test_being_asked_to_wait_however_often_gives_nothing_up(service, accounts, sandbox, monkeypatch) -> None:
    account_id = accounts.add()
    confirmed(service, account_id)

    def wait(*_: Any) -> Any:
        raise Throttled(timedelta(seconds=3))

    monkeypatch.setattr(service.tripletex, "find_customers", wait)
    for _ in range(rules.ATTEMPTS + 3):
        later(service)
    (job,) = invoke(service, "status", account_id=account_id)["jobs"]
    assert (job["state"], job["attempts"]) == ("waiting", 0)
    monkeypatch.undo()
    later(service)
    assert len(customers(sandbox)) == 1


def test_a_session_refused_while_the_clocks_differ_is_asked_for_again(service, accounts, sandbox) -> None:
    account_id = accounts.add()
    confirmed(service, account_id)
    right = service.tripletex._now
    service.tripletex._now = lambda: right() - timedelta(days=100)
    run(service, "work")
    (job,) = invoke(service, "status", account_id=account_id)["jobs"]
    assert (job["state"], job["reason"]) == ("waiting", "not_let_in")
    service.tripletex._now = right
    later(service)
    assert invoke(service, "status", account_id=account_id)["jobs"] == []
    assert len(customers(sandbox)) == 1


def test_the_last_job_of_a_slow_batch_is_begun_with_a_whole_lease(service, accounts, sandbox, monkeypatch) -> None:
    for _ in range(2):
        confirmed(service, accounts.add())
    real = service.tripletex.find_customers

    def slowly(*arguments: Any) -> Any:
        service.clock.move(rules.LEASE - timedelta(seconds=30))
        return real(*arguments)

    monkeypatch.setattr(service.tripletex, "find_customers", slowly)
    run(service, "work")
    with service.database.transaction() as tx:
        assert [row["reason"] for row in tx.all("SELECT reason FROM job")] == []
    assert len(customers(sandbox)) == 2


def test_what_another_replica_has_taken_over_is_left_to_it(service, accounts, sandbox, clean) -> None:
    account_id = accounts.add()
    confirmed(service, account_id)
    with clean.transaction() as tx:
        (late,) = jobs.claim(tx, NOW, 1)
        (taken,) = jobs.claim(tx, NOW + rules.LEASE * 2, 1)
        assert not jobs.extend(tx, late, NOW + rules.LEASE * 2)
        assert jobs.extend(tx, taken, NOW + rules.LEASE * 2)


def test_no_job_is_ever_claimed_twice_within_its_lease(service, accounts, clean) -> None:
    with clean.transaction() as tx:
        for _ in range(400):
            jobs.want(tx, "sync", uuid4(), NOW)

    def claim_all() -> list[UUID]:
        seen: list[UUID] = []
        for _ in range(150):
            with clean.transaction() as tx:
                seen += [job.id for job in jobs.claim(tx, NOW, 1)]
        return seen

    with ThreadPoolExecutor(6) as pool:
        seen = [each for one in [pool.submit(claim_all) for _ in range(6)] for each in one.result(timeout=120)]
    assert len(seen) == len(set(seen)) == 400


def test_an_erasure_that_died_after_the_calls_still_tells_how_many_contacts_went(
    service, accounts, sandbox, monkeypatch
) -> None:
    account_id = accounts.add()
    confirmed(service, account_id)
    run(service, "work")
    accounts.known[str(account_id)] = NotFound()
    erasure_id = order(service, account_id)
    real = jobs.finish
    monkeypatch.setattr(jobs, "finish", lambda *_: 1 / 0)
    run(service, "work")
    monkeypatch.setattr(jobs, "finish", real)
    later(service)
    with service.database.transaction() as tx:
        answer = tx.one("SELECT * FROM erasure_step WHERE erasure_id = %(id)s", id=erasure_id)
    assert answer["counts"] == {"tripletex_customers": 1, "tripletex_contacts": 1}


def test_a_second_replica_never_begins_what_the_first_is_at(clean, accounts, sandbox, monkeypatch) -> None:
    one, other = make(clean, accounts, sandbox), make(clean, accounts, sandbox)
    confirmed(one, accounts.add())
    real = one.tripletex.find_customers

    def found_nothing_yet(*arguments: Any) -> Any:
        found = real(*arguments)
        one.clock.move(rules.LEASE * 2)
        other.clock.move(rules.LEASE * 2)
        run(other, "work")
        return found

    monkeypatch.setattr(one.tripletex, "find_customers", found_nothing_yet)
    run(one, "work")
    assert len(customers(sandbox)) == 1


class Conflicting(requests.adapters.HTTPAdapter):
    """Answers the next `left` changes with 409 and a code of Tripletex, and hands everything else on."""

    def __init__(self, code: int | None, *, left: int = 10**6) -> None:
        super().__init__()
        self.code, self.left = code, left

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        if request.method not in {"POST", "PUT", "DELETE"} or ":create" in request.url or self.left == 0:
            return super().send(request, **options)
        self.left -= 1
        body = b"" if self.code is None else json.dumps({"status": 409, "code": self.code}).encode()
        raw = urllib3.HTTPResponse(body=io.BytesIO(body), status=409, preload_content=False)
        return self.build_response(request, raw)


CONFLICTS = (7000, 8000, 10000, 14000, 24000, 25000, None)


@pytest.mark.parametrize("code", CONFLICTS)
def test_a_conflict_of_whatever_code_is_read_afresh_and_tried_again(service, accounts, sandbox, code) -> None:
    service.tripletex._http._session.mount("http://", Conflicting(code, left=2))
    account_id = accounts.add()
    confirmed(service, account_id)
    run(service, "work")
    (job,) = invoke(service, "status", account_id=account_id)["jobs"]
    assert job["state"] == "waiting"
    assert job["reason"] == ("changed_elsewhere" if code == 8000 else f"conflict_{code or 0}")
    for _ in range(3):
        later(service)
    assert invoke(service, "status", account_id=account_id)["jobs"] == []
    assert len(customers(sandbox)) == 1


def test_a_conflict_that_never_ends_is_given_up_and_told(service, accounts, sandbox) -> None:
    service.tripletex._http._session.mount("http://", Conflicting(10000))
    account_id = accounts.add()
    confirmed(service, account_id)
    for _ in range(rules.ATTEMPTS + 2):
        service.clock.move(timedelta(hours=2))
        run(service, "work")
    (job,) = invoke(service, "status", account_id=account_id)["jobs"]
    assert (job["state"], job["reason"], job["attempts"]) == ("failed", "conflict_10000", rules.ATTEMPTS)


@pytest.mark.clause("ERASE-1")
def test_an_erasure_is_not_given_up_for_a_conflict_however_long_it_lasts(service, accounts, sandbox) -> None:
    account_id = accounts.add()
    confirmed(service, account_id)
    run(service, "work")
    conflicting = Conflicting(10000)
    service.tripletex._http._session.mount("http://", conflicting)
    erasure_id = order(service, account_id)
    for _ in range(rules.ATTEMPTS + 2):
        service.clock.move(timedelta(hours=2))
        run(service, "work")
    assert len(addresses(sandbox)) == 1
    conflicting.left = 0
    service.clock.move(timedelta(hours=2))
    run(service, "work")
    assert addresses(sandbox) == []
    with service.database.transaction() as tx:
        answer = tx.one("SELECT counts FROM erasure_step WHERE erasure_id = %(id)s", id=erasure_id)
    assert answer["counts"]["tripletex_customers"] == 1


@pytest.mark.clause("FORGET-1")
def test_an_erased_account_whose_copying_was_still_to_come_when_the_backup_was_made_is_not_copied(
    service, accounts, sandbox
) -> None:
    account_id = accounts.add()
    confirmed(service, account_id)  # the job waits, nothing is at Tripletex yet: so it stands in the backup
    erased = Entry(
        position=1, previous=GENESIS, kind=Kind.ACCOUNT_ERASED, account_id=account_id, user_id=None,
        data={"erasure_id": str(uuid4())}, at=NOW, key_id="", line=b"",
    )  # fmt: skip
    replayer = ParticipantReplayer(TripletexErasure())
    with service.database.transaction() as tx:
        replayer.replay(tx, erased)
    with service.database.transaction() as tx:
        assert replayer.verify(tx, erased)
    run(service, "work")
    assert customers(sandbox) == []
