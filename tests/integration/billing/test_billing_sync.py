"""billing-sync on a real database against the Tripletex stand-in over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests

from sandbox.settings import DEFAULT_KEYS
from services.account.companies.calls import CompanyFactsShown
from services.account.companies.events import AccountUpdated
from services.account.confirmation.events import UserEmailConfirmed
from services.account.deactivation.events import AccountDeactivated
from services.account.reactivation.events import AccountReactivated
from services.account.users.events import UserUpdated
from services.billing_sync.customer_links.rules import RECONCILE_AFTER
from services.billing_sync.jobs import store as jobs
from services.billing_sync.jobs.rules import LEASE
from services.billing_sync.service import BillingSync
from services.billing_sync.tripletex.client import Tripletex
from services.billing_sync.worker.feature import Worker
from services.notification.preferences.events import PreferencesChanged
from shared.calls import Caller
from shared.clock import FixedClock
from shared.database import Database
from shared.errors import Locked, NotFound
from shared.events import Code, Event, Received
from shared.participation import steps
from shared.participation.events import ErasureOrdered
from shared.participation.values import Step
from shared.wait_bounds import LONGEST_WAIT
from tests.examples import example
from tests.in_process import feature, invoke, run, seen
from tests.in_process import hear as heard
from tests.paging import page_by_page

pytestmark = pytest.mark.integration
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Accounts(Caller):
    """Stands in for the account service's `company_facts`, and for who wants no marketing."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}
        self.declined: list[str] = []

    def add(self, **changes: Any) -> UUID:
        account_id, user_id = uuid4(), uuid4()
        contact = {"user_id": str(user_id), "name": "Kåre Østby", "email": f"kare@{user_id.hex[:8]}.example"}
        facts = {
            "account_id": str(account_id),
            "name": "Fjøsåker Bakeri AS",
            "email": "post@fjosaker.example",
            "phone": "+4722225555",
            "language": "nb",
            "contacts": [contact | {"phone": "+4741234567"}],
        }
        self.known[str(account_id)] = example(CompanyFactsShown, **facts | changes)
        return account_id

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        if (service, method) == ("notification", "declined_marketing"):
            return {"user_ids": self.declined}
        assert (service, method) == ("account", "company_facts")
        answer = self.known.get(fields["account_id"], NotFound())
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture(scope="module")
def database(databases):
    opened = Database(databases.dsn("billing_sync"), source="billing-sync", size=8)
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def clean(database, databases):
    import psycopg

    with psycopg.connect(databases.owner_dsn("billing_sync"), autocommit=True) as owner:
        owner.execute("TRUNCATE customer_link, contact_link, job, recipient_task, erasure_step, outbox")
    return database


@pytest.fixture
def accounts() -> Accounts:
    return Accounts()


@pytest.fixture
def service(clean, accounts, sandbox) -> BillingSync:
    return make(clean, accounts, sandbox)


def make(database, accounts, sandbox, **more) -> BillingSync:
    clock = FixedClock(NOW)
    tripletex = Tripletex(
        sandbox.tripletex_url,
        consumer_token=DEFAULT_KEYS["tripletex_consumer_token"],
        employee_token=DEFAULT_KEYS["tripletex_employee_token"],
        now=sandbox.sandbox.clock.now if hasattr(sandbox.sandbox, "clock") else clock.now,
    )
    service = BillingSync(
        database=database, clock=clock, caller=accounts, tripletex=tripletex, hash_key=b"k" * 32, **more
    )
    service.tripletex = tripletex
    return service


def hear(service: BillingSync, event: Event) -> None:
    message = Received(
        id=uuid4(), event=event, source=event.source, time=NOW, subject=event.subject, correlation_id=uuid4()
    )
    heard(service, message)


def confirmed(service: BillingSync, account_id: UUID) -> None:
    hear(service, UserEmailConfirmed(account_id=account_id, user_id=uuid4()))


def order(
    service: BillingSync, account_id: UUID, *, user_id: UUID | None = None, erasure_id: UUID | None = None
) -> UUID:
    erasure_id = erasure_id or uuid4()
    hear(service, ErasureOrdered(erasure_id=erasure_id, account_id=account_id, user_id=user_id, attempt=1))
    return erasure_id


def customers(sandbox) -> list[dict[str, Any]]:
    return sandbox_list(sandbox, "/customer")


def sandbox_list(sandbox, path: str) -> list[dict[str, Any]]:
    client = Tripletex(
        sandbox.tripletex_url,
        consumer_token=DEFAULT_KEYS["tripletex_consumer_token"],
        employee_token=DEFAULT_KEYS["tripletex_employee_token"],
        now=lambda: datetime.now(UTC),  # noqa: TID251  # the stand-in runs on the wall clock
    )
    seen = []
    for inactive in ("false", "true"):
        search = {"isInactive": inactive} if path == "/customer" else {}
        seen += [found.fields for found in client._values(path, **search)]
        if not search:
            break
    return seen


def events(service: BillingSync) -> list[str]:
    with service.database.transaction() as tx:
        return [row["routing_key"] for row in tx.all("SELECT routing_key FROM outbox ORDER BY id")]


def test_a_confirmed_company_becomes_one_customer_with_its_contacts(service, accounts, sandbox) -> None:
    account_id = accounts.add(org_number="923609016")
    confirmed(service, account_id)
    run(service, "work")
    (customer,) = customers(sandbox)
    assert customer["name"] == "Fjøsåker Bakeri AS"
    assert customer["organizationNumber"] == "923609016"
    (contact,) = sandbox_list(sandbox, "/contact")
    assert (contact["firstName"], contact["lastName"]) == ("Kåre", "Østby")
    status = invoke(service, "status", account_id=account_id)
    assert (status["state"], status["contacts"], status["jobs"]) == ("linked", 1, [])
    assert events(service) == ["billing.customer_synced"]


STREET = {"line_1": "Storgata 1", "line_2": None, "postal_code": "5003", "city": "Bergen", "country": "NO"}
BOX = STREET | {"line_1": "Box 7", "postal_code": "111 29", "city": "Stockholm", "country": "SE"}


def addresses(service, sandbox) -> dict[str, tuple[Any, ...]]:
    (customer,) = customers(sandbox)
    whole = service.tripletex.get_customer(customer["id"])
    parts = ("addressLine1", "postalCode", "city")
    return {
        kind: (*(whole.fields[kind][part] for part in parts), whole.fields[kind]["country"]["id"])
        for kind in ("postalAddress", "physicalAddress")
    }


def test_addresses_follow_to_tripletex_in_their_own_place_and_go_again(service, accounts, sandbox) -> None:
    account_id = accounts.add(contact_address=STREET, billing_address=None)
    confirmed(service, account_id)
    run(service, "work")
    here = ("Storgata 1", "5003", "Bergen", 161)
    assert addresses(service, sandbox) == {"postalAddress": here, "physicalAddress": here}
    (customer,) = customers(sandbox)
    places = (customer["postalAddress"]["id"], customer["physicalAddress"]["id"])

    accounts.known[str(account_id)] |= {"billing_address": BOX}
    hear(service, AccountUpdated(account_id=account_id, fields=["billing_address"]))
    run(service, "work")
    there = ("Box 7", "111 29", "Stockholm", 191)
    assert addresses(service, sandbox) == {"postalAddress": there, "physicalAddress": here}

    accounts.known[str(account_id)] |= {"contact_address": None, "billing_address": BOX | {"country": "FJ"}}
    hear(service, AccountUpdated(account_id=account_id, fields=["billing_address", "contact_address"]))
    run(service, "work")
    told = addresses(service, sandbox)
    assert told["postalAddress"][2] == "Stockholm, FJ"  # a country that Tripletex does not have
    assert told["physicalAddress"] == ("", "", "", 161)
    (customer,) = customers(sandbox)
    assert (customer["postalAddress"]["id"], customer["physicalAddress"]["id"]) == places

    order(service, account_id)
    run(service, "work")
    erased = addresses(service, sandbox)
    assert all(told[:3] == ("", "", "") for told in erased.values())


def test_a_second_round_without_changes_writes_nothing(service, accounts, sandbox) -> None:
    account_id = accounts.add()
    for _ in range(2):
        confirmed(service, account_id)
        run(service, "work")
    writes = [
        call
        for call in sandbox.calls("tripletex")
        if call["method"] in {"POST", "PUT"} and "token" not in str(call)
    ]
    assert len(customers(sandbox)) == 1
    assert events(service) == ["billing.customer_synced"]
    assert len(writes) <= 2


@pytest.mark.clause("RIGHTS-3")
def test_a_correction_reaches_tripletex(service, accounts, sandbox) -> None:
    account_id = accounts.add()
    confirmed(service, account_id)
    run(service, "work")
    accounts.known[str(account_id)] |= {"name": "Nytt Navn AS", "phone": "+4723000000"}
    hear(service, AccountUpdated(account_id=account_id, fields=["name", "phone"]))
    run(service, "work")
    (customer,) = customers(sandbox)
    assert (customer["name"], customer["phoneNumber"]) == ("Nytt Navn AS", "+4723000000")


def told(service: BillingSync, account_id: UUID) -> list[tuple[str, list[str], str | None]]:
    """The corrections of a customer: to whom, what of, and what became of each."""
    tasks = invoke(service, "status", account_id=account_id)["recipient_tasks"]
    return [(each["recipient"], each["fields"], each["outcome"]) for each in tasks]


@pytest.mark.clause("RIGHTS-3")
def test_a_recipient_is_told_of_what_it_was_given_and_of_nothing_else(service, accounts, sandbox) -> None:
    account_id = accounts.add()
    hear(service, AccountUpdated(account_id=account_id, fields=["name"]))
    assert told(service, account_id) == [], "nothing was copied yet"
    run(service, "work")
    hear(service, AccountUpdated(account_id=account_id, fields=["language"]))
    hear(service, UserUpdated(account_id=account_id, user_id=uuid4(), fields=[Code("phone")]))
    assert told(service, account_id) == [], "neither was given to it"
    hear(service, AccountUpdated(account_id=account_id, fields=["language", "phone"]))
    accounts.known[str(account_id)] = Locked()
    run(service, "work")
    assert told(service, account_id) == [("tripletex", ["phone"], None)], "of who is inactive nothing is copied"
    order(service, account_id)
    assert told(service, account_id) == []


@pytest.mark.clause("RIGHTS-3")
def test_s25_a_changed_address_waits_for_tripletex_is_an_alarm_meanwhile_and_is_done_once_it_is_there(
    service, accounts, sandbox
) -> None:
    account_id = accounts.add()
    confirmed(service, account_id)
    run(service, "work")
    (contact,) = accounts.known[str(account_id)]["contacts"]
    contact["email"] = "kare.oestby@nytt.example"
    sandbox.fail("tripletex", "bad_gateway", calls=1000)
    hear(service, UserUpdated(account_id=account_id, user_id=UUID(contact["user_id"]), fields=[Code("email")]))
    for _ in range(4):
        run(service, "work")
        service.clock.move(timedelta(hours=1))
    (job,) = invoke(service, "status", account_id=account_id)["jobs"]
    assert (job["kind"], job["state"], job["attempts"] > 1) == ("sync", "waiting", True)
    assert told(service, account_id) == [("tripletex", ["email"], None)]
    with service.database.transaction() as tx:
        assert feature(service, Worker).late_work(tx, service.clock.now()) is not None
    sandbox.sandbox.faults.clear()
    service.clock.move(timedelta(hours=6))
    run(service, "work")
    assert invoke(service, "status", account_id=account_id)["jobs"] == []
    assert told(service, account_id) == [("tripletex", ["email"], "done")]
    assert {each["email"] for each in sandbox_list(sandbox, "/contact")} == {"kare.oestby@nytt.example"}


@pytest.mark.parametrize(
    "mode", ["timeout_after_commit", "drop_accepted", "error_accepted", "bad_gateway_accepted"]
)
def test_a_lost_answer_never_makes_a_second_customer(service, accounts, sandbox, mode: str) -> None:
    account_id = accounts.add()
    confirmed(service, account_id)
    sandbox.fail("tripletex", mode, method="POST", path="/customer", seconds=0.1)
    run(service, "work")
    assert invoke(service, "status", account_id=account_id)["jobs"][0]["reason"] == "no_answer"
    service.clock.move(timedelta(minutes=1))
    run(service, "work")
    assert len(customers(sandbox)) == 1
    assert invoke(service, "status", account_id=account_id)["state"] == "linked"
    assert invoke(service, "status", account_id=account_id)["jobs"] == []


@pytest.mark.parametrize(
    "mode", ["error", "error_html", "unavailable", "rate_limited", "rate_limited_bare", "drop"]
)
def test_trouble_at_tripletex_only_delays(service, accounts, sandbox, mode: str) -> None:
    account_id = accounts.add()
    confirmed(service, account_id)
    sandbox.fail("tripletex", mode, seconds=0.1)
    run(service, "work")
    (job,) = invoke(service, "status", account_id=account_id)["jobs"]
    assert job["state"] == "waiting"
    assert datetime.fromisoformat(job["due_at"]) > NOW
    service.clock.move(timedelta(minutes=2))
    service.tripletex._free_at = 0.0
    run(service, "work")
    assert len(customers(sandbox)) == 1


def test_an_expired_session_is_renewed_once(service, accounts, sandbox) -> None:
    confirmed(service, accounts.add())
    run(service, "work")
    confirmed(service, accounts.add())
    sandbox.fail("tripletex", "unauthorised")
    run(service, "work")
    assert len(customers(sandbox)) == 2


def test_a_customer_made_inactive_there_is_found_again(service, accounts, sandbox) -> None:
    account_id = accounts.add(org_number="923609016")
    confirmed(service, account_id)
    run(service, "work")
    with service.database.transaction() as tx:
        tx.run("UPDATE customer_link SET tripletex_id = NULL")
    found = service.tripletex.find_customers(invoke(service, "status", account_id=account_id)["customer_number"])[0]
    service.tripletex.update_customer(found, {"isInactive": True})
    confirmed(service, account_id)
    run(service, "work")
    (customer,) = customers(sandbox)
    assert customer["isInactive"] is False


@pytest.mark.clause("LINK-1")
def test_nothing_is_copied_once_the_account_is_inactive(service, accounts, sandbox) -> None:
    account_id = accounts.add()
    confirmed(service, account_id)
    accounts.known[str(account_id)] = Locked()
    hear(
        service,
        AccountDeactivated(account_id=account_id, trigger="customer", deactivated_at=NOW, user_count=1),
    )
    run(service, "work")
    confirmed(service, account_id)
    run(service, "work")
    assert customers(sandbox) == []


def test_a_leaving_heard_after_the_return_does_not_lose_the_copy(service, accounts, sandbox) -> None:
    account_id = accounts.add()
    hear(service, AccountReactivated(account_id=account_id))
    left = AccountDeactivated(account_id=account_id, trigger="customer", deactivated_at=NOW, user_count=1)
    hear(service, left)
    run(service, "work")
    assert len(customers(sandbox)) == 1


@pytest.mark.clause("PARTY-3")
@pytest.mark.parametrize("with_order", [False, True])
def test_erasure_minimises_and_tells_what_stays(service, accounts, sandbox, with_order: bool) -> None:
    account_id = accounts.add(org_number="923609016")
    confirmed(service, account_id)
    run(service, "work")
    if with_order:
        number = invoke(service, "status", account_id=account_id)["customer_number"]
        made = service.tripletex.find_customers(number)[0]
        body = {"customer": {"id": made.id}, "orderDate": "2026-11-20", "deliveryDate": "2026-11-20"}
        service.tripletex._call("POST", "/order", body=body)
    del accounts.known[str(account_id)]
    erasure_id = order(service, account_id)
    run(service, "work")
    (customer,) = customers(sandbox)
    assert customer["isInactive"] is True
    assert customer["email"] == customer["phoneNumber"] == customer["invoiceEmail"] == ""
    assert sandbox_list(sandbox, "/contact") == []
    assert (customer["name"] == "Fjøsåker Bakeri AS") is with_order
    with service.database.transaction() as tx:
        answer = tx.one("SELECT * FROM erasure_step WHERE erasure_id = %(id)s", id=erasure_id)
    assert answer["counts"] == {"tripletex_customers": 1, "tripletex_contacts": 1}
    assert answer["retained"] == (["tripletex_bookkeeping"] if with_order else [])
    assert invoke(service, "status", account_id=account_id)["state"] == ("minimised" if with_order else "unknown")
    assert events(service)[-2:] == ["billing.minimised", "erasure.step_completed"]


def test_being_ordered_again_answers_the_same_and_calls_nobody(service, accounts, sandbox) -> None:
    account_id = accounts.add()
    confirmed(service, account_id)
    run(service, "work")
    erasure_id = order(service, account_id)
    run(service, "work")
    before = len(sandbox.calls("tripletex"))
    order(service, account_id, erasure_id=erasure_id)
    run(service, "work")
    assert len(sandbox.calls("tripletex")) == before
    assert events(service).count("erasure.step_completed") == 2


def test_an_erasure_of_somebody_never_copied_is_answered_at_once(service, accounts, sandbox) -> None:
    order(service, uuid4())
    run(service, "work")
    assert events(service) == ["billing.minimised", "erasure.step_completed"]


def test_one_person_is_removed_and_the_customer_stays(service, accounts, sandbox) -> None:
    account_id = accounts.add()
    user_id = UUID(accounts.known[str(account_id)]["contacts"][0]["user_id"])
    confirmed(service, account_id)
    run(service, "work")
    order(service, account_id, user_id=user_id)
    run(service, "work")
    assert sandbox_list(sandbox, "/contact") == []
    (customer,) = customers(sandbox)
    assert customer["isInactive"] is False


def test_two_replicas_never_make_two_customers(clean, accounts, sandbox) -> None:
    from concurrent.futures import ThreadPoolExecutor

    replicas = [make(clean, accounts, sandbox) for _ in range(3)]
    for _ in range(6):
        confirmed(replicas[0], accounts.add())
    with ThreadPoolExecutor(3) as pool:
        for one in [pool.submit(run, replica, "work") for replica in replicas for _ in range(3)]:
            one.result(timeout=60)
    assert len(customers(sandbox)) == 6


def test_what_is_asked_for_while_under_way_is_done_once_more(service, accounts, sandbox) -> None:
    account_id = accounts.add()
    confirmed(service, account_id)
    with service.database.transaction() as tx:
        (job,) = jobs.claim(tx, NOW, 1)
    confirmed(service, account_id)
    with service.database.transaction() as tx:
        assert jobs.finish(tx, job, NOW)
        assert jobs.jobs_of(tx, account_id)[0]["state"] == "waiting"


def test_refused_content_waits_for_a_person_and_can_be_tried_again(service, accounts, sandbox) -> None:
    account_id = accounts.add(name="")
    confirmed(service, account_id)
    run(service, "work")
    (job,) = invoke(service, "failed")["jobs"]
    assert job["reason"].startswith("refused_422")
    assert events(service) == ["billing.sync_failed"]
    accounts.known[str(account_id)]["name"] = "Har Navn AS"
    invoke(service, "retry", job_id=job["job_id"])
    assert events(service)[-1] == "billing.job_retried"
    run(service, "work")
    assert len(customers(sandbox)) == 1
    with pytest.raises(NotFound):
        invoke(service, "retry", job_id=job["job_id"])


def test_the_nightly_comparison_repairs_what_was_changed_there(service, accounts, sandbox) -> None:
    account_id = accounts.add()
    confirmed(service, account_id)
    run(service, "work")
    found = service.tripletex.find_customers(invoke(service, "status", account_id=account_id)["customer_number"])[0]
    service.tripletex.update_customer(found, {"phoneNumber": "+4799999999"})
    service.clock.move(RECONCILE_AFTER + timedelta(seconds=1))
    run(service, "reconcile")
    run(service, "work")
    assert customers(sandbox)[0]["phoneNumber"] == "+4722225555"


def test_nothing_personal_is_stored_here(service, accounts, sandbox, databases) -> None:
    import psycopg

    confirmed(service, accounts.add())
    run(service, "work")
    with psycopg.connect(databases.owner_dsn("billing_sync")) as owner:
        for table in ("customer_link", "contact_link", "job", "outbox", "inbox"):
            text = str(owner.execute(f"SELECT * FROM {table}").fetchall())  # noqa: S608  # names from this list
            for planted in ("Fjøsåker", "Kåre", "Østby", "fjosaker", "22225555", "41234567"):
                assert planted not in text


def test_the_tokens_open_a_company(service) -> None:
    assert service.tripletex.who_am_i() > 0


def test_the_stand_in_is_what_we_talk_to(sandbox) -> None:
    assert requests.get(f"{sandbox.tripletex_url}/customer", timeout=5).status_code == 401


@pytest.mark.clause("ISOLATE-1")
def test_whoever_enters_anothers_organisation_number_does_not_get_at_the_others_customer(
    service, accounts, sandbox
) -> None:
    victim = accounts.add(org_number="923609016")
    confirmed(service, victim)
    run(service, "work")
    intruder = accounts.add(org_number="923609016", name="Ikke Oss AS", email="regning@inntrenger.example")
    confirmed(service, intruder)
    run(service, "work")
    assert sorted((each["name"], each["invoiceEmail"]) for each in customers(sandbox)) == [
        ("Fjøsåker Bakeri AS", "post@fjosaker.example"),
        ("Ikke Oss AS", "regning@inntrenger.example"),
    ]
    del accounts.known[str(intruder)]
    order(service, intruder)
    run(service, "work")
    (left,) = [each for each in customers(sandbox) if not each["isInactive"]]
    assert left["name"] == "Fjøsåker Bakeri AS"


@pytest.mark.clause("ISOLATE-1")
def test_a_customer_that_staff_made_by_hand_is_not_taken_over_by_its_organisation_number(
    service, accounts, sandbox
) -> None:
    by_hand = {"name": "Fjøsåker", "organizationNumber": "923609016", "invoiceEmail": "faktura@fjosaker.example"}
    service.tripletex.create_customer(by_hand)
    confirmed(service, accounts.add(org_number="923609016", email="regning@inntrenger.example"))
    run(service, "work")
    (kept,) = [each for each in customers(sandbox) if each["name"] == "Fjøsåker"]
    assert kept["invoiceEmail"] == "faktura@fjosaker.example"


def test_a_copy_whose_lease_ran_out_before_its_turn_is_left_to_whoever_has_it_now(
    service, accounts, sandbox
) -> None:
    slow, late = accounts.add(), accounts.add()
    accounts.known[str(slow)]["name"], accounts.known[str(late)]["name"] = "Langsom AS", "Sen AS"
    confirmed(service, slow)
    confirmed(service, late)
    answer = accounts.call

    def takes_long(*names: str, **fields: Any) -> Any:
        service.clock.move(LEASE + timedelta(seconds=1))
        return answer(*names, **fields)

    accounts.call = takes_long  # type: ignore[method-assign]
    run(service, "work")
    assert customers(sandbox) == [], "both leases had run out before anything was written"
    accounts.call = answer  # type: ignore[method-assign]
    service.clock.move(timedelta(minutes=1))
    run(service, "work")
    assert sorted(each["name"] for each in customers(sandbox)) == ["Langsom AS", "Sen AS"]


def test_an_absurd_reset_puts_a_job_off_for_an_hour_at_most(service, accounts, sandbox, monkeypatch) -> None:
    """`X-Rate-Limit-Reset: 1796000000` once: nothing stored, and no process, waits until 2083."""
    account_id = accounts.add()
    confirmed(service, account_id)
    real = service.tripletex._http.call

    def throttled(*arguments: Any, **named: Any) -> Any:
        return replace(real(*arguments, **named), status=429, headers={"X-Rate-Limit-Reset": "1796000000"})

    with monkeypatch.context() as once:
        once.setattr(service.tripletex._http, "call", throttled)
        run(service, "work")
    (job,) = invoke(service, "status", account_id=account_id)["jobs"]
    assert job["state"] == "waiting"
    assert NOW < datetime.fromisoformat(job["due_at"]) <= NOW + LONGEST_WAIT + timedelta(minutes=1)
    service.clock.move(LONGEST_WAIT + timedelta(minutes=1))
    run(service, "work")
    assert len(customers(sandbox)) == 1


@pytest.mark.clause("ISOLATE-1", "PARTY-3")
def test_a_customer_of_another_organisation_number_is_never_written_over(service, accounts, sandbox) -> None:
    """Another organisation number is another legal person: a person decides what becomes of the customer."""
    account_id = accounts.add(org_number="923609016")
    confirmed(service, account_id)
    run(service, "work")
    before = customers(sandbox)
    accounts.known[str(account_id)] |= {"org_number": "803772096", "name": "Noen Andre AS"}
    hear(service, AccountUpdated(account_id=account_id, fields=["org_number", "name"]))
    run(service, "work")
    assert customers(sandbox) == before
    (job,) = invoke(service, "failed")["jobs"]
    assert job["reason"] == "other_company"
    with service.database.transaction() as tx:
        assert feature(service, Worker).failed_work(tx, NOW) is not None, "a person is told"


@pytest.mark.clause("PARTY-2", "PARTY-3", "RIGHTS-3", "ERASE-5")
def test_the_probes_see_what_does_not_reach_tripletex_and_what_is_past_its_end(service, accounts) -> None:
    looked = ("failed_work", "late_work", "links_past_their_end")
    assert seen(service) == dict.fromkeys(looked, 0)
    jobs_of = "UPDATE job SET state = %s, wanted_at = %s"
    links = "UPDATE customer_link SET state = 'minimised', bookkeeping_until = %s"
    confirmed(service, accounts.add())
    for change, values, wrong in (
        (jobs_of, ["waiting", NOW - timedelta(minutes=14)], set()),
        (jobs_of, ["waiting", NOW - timedelta(minutes=16)], {"late_work"}),
        (jobs_of, ["failed", NOW], {"failed_work"}),
    ):
        with service.database.transaction() as tx:
            tx.connection.execute(change, values)
        assert {name for name, count in seen(service).items() if count} == wrong
    with service.database.transaction() as tx:
        tx.connection.execute("UPDATE job SET state = 'waiting'")
    run(service, "work")
    with service.database.transaction() as tx:
        tx.connection.execute(links, [NOW.date() - timedelta(days=2)])
    assert seen(service)["links_past_their_end"] == 1
    run(service, "reconcile")
    assert seen(service) == dict.fromkeys(looked, 0)


def test_processes_from_before_an_upgrade_keep_and_find_their_answers_by_the_old_name(clean) -> None:
    ours, theirs = uuid4(), uuid4()
    with clean.transaction() as tx:
        steps.keep(tx, ours, Step({"tripletex_customers": 1}), NOW)
        for _ in range(2):
            tx.run(
                "INSERT INTO erasure_answer (erasure_id, customers, contacts, retained, at)"
                " VALUES (%(id)s, 1, 2, '{}', %(now)s) ON CONFLICT DO NOTHING",
                id=theirs,
                now=NOW,
            )
        query = "SELECT customers, contacts, retained FROM erasure_answer WHERE erasure_id = %(id)s"
        assert tx.one(query, id=theirs) == {"customers": 1, "contacts": 2, "retained": []}
        assert tx.one(query, id=ours) is not None
        assert steps.find(tx, theirs) is not None, "it is answered, and not done again"
        assert tx.run("DELETE FROM erasure_answer WHERE at < %(before)s", before=NOW + timedelta(days=1)) == 2


NO_MARKETING = 41


@pytest.fixture
def flagging(clean, accounts, sandbox) -> BillingSync:
    """With the category of customers that want no marketing, which the vendor has made at Tripletex."""
    return make(clean, accounts, sandbox, no_marketing_category=NO_MARKETING)


def category(sandbox) -> int | None:
    (customer,) = customers(sandbox)
    return (customer["category3"] or {}).get("id")


@pytest.mark.clause("MAIL-1", "PARTY-3")
def test_whoever_sells_by_tripletex_is_told_that_somebody_there_wants_no_marketing(
    flagging, accounts, sandbox
) -> None:
    account_id = accounts.add()
    (contact,) = accounts.known[str(account_id)]["contacts"]
    confirmed(flagging, account_id)
    run(flagging, "work")
    assert category(sandbox) is None

    user_id = UUID(contact["user_id"])
    accounts.declined = [str(user_id), str(uuid4())]
    hear(flagging, PreferencesChanged(account_id=account_id, user_id=user_id, declined=Code("marketing")))
    run(flagging, "work")
    assert category(sandbox) == NO_MARKETING

    accounts.declined = []
    hear(flagging, PreferencesChanged(account_id=account_id, user_id=user_id, declined=Code("product_news")))
    run(flagging, "work")
    assert category(sandbox) is None


@pytest.mark.clause("PARTY-3")
def test_a_category_that_the_vendors_people_chose_stays_while_nobody_has_declined(
    flagging, accounts, sandbox
) -> None:
    account_id = accounts.add()
    confirmed(flagging, account_id)
    run(flagging, "work")
    (customer,) = customers(sandbox)
    found = flagging.tripletex.get_customer(customer["id"])
    flagging.tripletex.update_customer(found, {"category3": {"id": 7}})
    hear(flagging, AccountUpdated(account_id=account_id, fields=["name"]))
    run(flagging, "work")
    assert category(sandbox) == 7


def test_what_failed_is_read_page_by_page(service, accounts) -> None:
    for _ in range(3):
        confirmed(service, accounts.add(name=""))
    run(service, "work")
    whole = invoke(service, "failed")["jobs"]
    assert len(whole) == 3
    assert page_by_page(lambda page: invoke(service, "failed", **page), "jobs") == whole
