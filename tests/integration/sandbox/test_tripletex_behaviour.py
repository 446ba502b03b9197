"""Tripletex's habits over real HTTP: sessions, versions, searches, deletion, invoices, limits, webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sandbox.server import start
from sandbox.settings import DEFAULT_KEYS
from shared.clock import FixedClock
from tests.plugins.sandbox_clients import Receiver, TripletexClient
from tests.waiting import until

if TYPE_CHECKING:
    from sandbox.server import RunningSandbox

pytestmark = pytest.mark.integration


@pytest.fixture
def tripletex(sandbox: RunningSandbox) -> TripletexClient:
    return TripletexClient(sandbox)


def test_a_session_dies_when_oslos_midnight_begins_its_last_date() -> None:
    clock = FixedClock(datetime(2026, 3, 1, 22, 59, 59, tzinfo=UTC))  # 23:59:59 in Oslo
    running = start(clock=clock)
    try:
        tripletex = TripletexClient(running, expires="2026-03-02")
        assert tripletex.call("GET", "/customer").status_code == 200
        clock.move(timedelta(seconds=1))
        assert tripletex.refused("GET", "/customer")[:2] == (401, 3000)
        assert TripletexClient(running, expires="2026-03-03").call("GET", "/customer").status_code == 200
        keys = {"consumerToken": DEFAULT_KEYS["tripletex_consumer_token"], "expirationDate": "2026-03-02"}
        keys["employeeToken"] = DEFAULT_KEYS["tripletex_employee_token"]
        today = requests.post(f"{running.tripletex_url}/token/session/:create", json=keys, timeout=10)
        assert today.status_code == 422
    finally:
        running.stop()


def test_the_old_way_to_make_a_session_works_and_ending_one_works_once(sandbox: RunningSandbox) -> None:
    url = f"{sandbox.tripletex_url}/token/session"
    query = {
        "consumerToken": DEFAULT_KEYS["tripletex_consumer_token"],
        "employeeToken": DEFAULT_KEYS["tripletex_employee_token"],
        "expirationDate": "2999-01-01",
    }
    made = requests.put(f"{url}/:create", params=query, timeout=10)
    token = made.json()["value"]["token"]
    assert made.status_code == 200
    assert requests.delete(f"{url}/{token}", auth=("0", token), timeout=10).status_code == 204
    assert requests.delete(f"{url}/{token}", auth=("0", token), timeout=10).status_code == 401


def test_tokens_do_not_show_in_the_list_of_calls(sandbox: RunningSandbox, tripletex: TripletexClient) -> None:
    tripletex.call("DELETE", f"/token/session/{tripletex.token}")
    kept = str(sandbox.calls("tripletex"))
    assert tripletex.token not in kept
    assert DEFAULT_KEYS["tripletex_employee_token"] not in kept


@pytest.mark.parametrize(("user", "status"), [("0", 200), ("", 200), ("7654321", 200), ("1", 401), ("me", 401)])
def test_the_user_part_names_the_company(tripletex: TripletexClient, user: str, status: int) -> None:
    assert tripletex.call("GET", "/token/session/>whoAmI", auth=(user, tripletex.token)).status_code == status


@pytest.mark.parametrize(
    "path", ["/token/session/>whoAmI", "/token/session/%3EwhoAmI", "/v2/token/session/>whoAmI"]
)
def test_who_am_i_names_the_company(tripletex: TripletexClient, path: str) -> None:
    assert tripletex.call("GET", path).json()["value"]["companyId"] == 7654321


def test_customer_numbers_begin_at_10001_and_skip_those_we_chose(tripletex: TripletexClient) -> None:
    assert tripletex.make("/customer", name="A")["customerNumber"] == 10001
    assert tripletex.make("/customer", name="B", customerNumber=10002)["customerNumber"] == 10002
    assert tripletex.make("/customer", name="C")["customerNumber"] == 10003
    assert tripletex.refused("POST", "/customer", json={"name": "D", "customerNumber": 10002})[:2] == (422, 18000)


def test_the_same_organisation_number_is_taken_any_number_of_times(tripletex: TripletexClient) -> None:
    for _ in range(3):
        tripletex.make("/customer", name="Kunde AS", organizationNumber="555666777")
    assert len(tripletex.values("/customer", organizationNumber="555666777")) == 3


def test_an_inactive_customer_is_not_found_unless_asked_for(tripletex: TripletexClient) -> None:
    number = tripletex.make("/customer", name="Kunde AS", organizationNumber="806800937")["id"]
    tripletex.call("PUT", f"/customer/{number}", json={"isInactive": True})
    assert tripletex.values("/customer", organizationNumber="806800937") == []
    assert len(tripletex.values("/customer", organizationNumber="806800937", isInactive="true")) == 1
    assert tripletex.call("GET", f"/customer/{number}").status_code == 200


def test_a_stale_version_is_refused_and_a_missing_one_wins(tripletex: TripletexClient) -> None:
    customer = tripletex.make("/customer", name="Kunde AS", email="a@example.com")
    path = f"/customer/{customer['id']}"
    first = tripletex.call("PUT", path, json={"version": 1, "email": "b@example.com"}).json()["value"]
    assert first["version"] == 2
    answer = tripletex.call("PUT", path, json={"version": 1, "email": "c@example.com"})
    assert (answer.status_code, answer.json()["code"], answer.json()["message"]) == (409, 8000, "RevisionException")
    last = tripletex.call("PUT", path, json={"description": "x"}).json()["value"]
    assert (last["version"], last["email"], last["name"]) == (3, "b@example.com", "Kunde AS")
    same = tripletex.call("PUT", path, json={"description": "x"}).json()["value"]
    assert same["version"] == 3


def test_an_address_keeps_its_own_id(tripletex: TripletexClient) -> None:
    made = tripletex.make("/customer", name="K", postalAddress={"addressLine1": "Vegen 1", "city": "Flisa"})
    path, address = f"/customer/{made['id']}", made["postalAddress"]["id"]
    changed = {"postalAddress": {"id": address, "addressLine1": "Vegen 2"}}
    assert tripletex.call("PUT", path, json=changed).json()["value"]["postalAddress"]["id"] == address
    shown = tripletex.call("GET", path, params={"fields": "postalAddress(addressLine1,city)"}).json()["value"]
    assert shown == {"postalAddress": {"addressLine1": "Vegen 2", "city": "Flisa"}}
    delivered = tripletex.make("/customer", name="L", deliveryAddress={"addressLine1": "Port 3"})["deliveryAddress"]
    moved = tripletex.call("PUT", f"/deliveryAddress/{delivered['id']}", json={"city": "Grue"}).json()["value"]
    assert (moved["addressLine1"], moved["city"]) == ("Port 3", "Grue")


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"name": "K", "nickname": "x"}, "nickname", 16000),
        ({"name": 7}, "name", 16000),
        ({"name": "K", "invoicesDueIn": "14"}, "invoicesDueIn", 16000),
        ({"name": "K", "invoiceSendMethod": "email"}, "invoiceSendMethod", 16000),
        ({"name": "K", "id": 5}, "id", 18000),
        ({"name": "  "}, "name", 18000),
        ({"name": "K", "currency": {"id": 1, "code": "NOK"}}, "currency.code", 18000),
    ],
)
def test_a_body_that_does_not_fit_is_refused_by_field(
    tripletex: TripletexClient, body: dict[str, Any], field: str, code: int
) -> None:
    status, given, messages = tripletex.refused("POST", "/customer", json=body)
    assert (status, given, [name for name, _ in messages]) == (422, code, [field])


def test_what_is_no_json_is_refused(tripletex: TripletexClient) -> None:
    assert tripletex.refused("POST", "/customer", data="{not json")[:2] == (422, 22000)
    assert tripletex.refused("POST", "/customer", json=["x"])[:2] == (422, 22000)


def test_texts_follow_the_users_language(sandbox: RunningSandbox, tripletex: TripletexClient) -> None:
    norwegian = tripletex.refused("POST", "/customer", json={})
    sandbox.configure("tripletex", language="en")
    english = tripletex.refused("POST", "/customer", json={})
    assert norwegian[:2] == english[:2] == (422, 18000)
    assert norwegian[2] == [("name", "Feltet må fylles ut.")]
    assert english[2] == [("name", "The field must be filled out.")]


def test_fields_choose_and_expand_and_an_unknown_one_is_illegal(tripletex: TripletexClient) -> None:
    customer = tripletex.make("/customer", name="Kunde AS")
    order = tripletex.order(customer["id"])
    assert order["orderLines"] == []
    path = f"/order/{order['id']}"
    shown = tripletex.call("GET", path, params={"fields": "customer(name),orderLines(description,count)"}).json()
    assert shown["value"] == {
        "customer": {"name": "Kunde AS"},
        "orderLines": [{"description": "Lisens", "count": 2}],
    }
    stub = tripletex.call("GET", path).json()["value"]["customer"]
    assert stub["url"] == f"{tripletex.url.removeprefix('http://')}/customer/{customer['id']}"
    answer = tripletex.call("GET", "/invoice", params={"fields": "dueDate"}).json()
    assert (answer["status"], answer["code"]) == (400, 11000)
    assert answer["message"] == (
        "Illegal field in fields filter: dueDate. dueDate does not match a field in the model: InvoiceDTO"
    )


def test_contacts_are_searched_by_containing_and_deleted_by_list(tripletex: TripletexClient) -> None:
    customer = tripletex.make("/customer", name="Kunde AS")["id"]
    ids = [
        tripletex.make("/contact", firstName="Kari", email=email, customer={"id": customer})["id"]
        for email in ("kari@example.com", "okari@example.com")
    ]
    assert len(tripletex.values("/contact", email="kari@example.com")) == 2
    assert tripletex.call("DELETE", f"/contact/{ids[0]}").status_code in (404, 405)
    assert tripletex.call("DELETE", "/contact/list", params={"ids": f"{ids[0]},{ids[1]}"}).status_code == 204
    assert tripletex.values("/contact", customerId=customer) == []
    assert tripletex.refused("DELETE", "/contact/list", params={"ids": "x"})[:2] == (422, 12000)
    assert tripletex.call("GET", f"/customer/{customer}/contact").status_code == 404


def test_a_customer_with_history_cannot_be_deleted(tripletex: TripletexClient) -> None:
    free = tripletex.make("/customer", name="Fri AS")["id"]
    assert tripletex.call("DELETE", f"/customer/{free}").status_code == 204
    assert tripletex.refused("GET", f"/customer/{free}")[:2] == (404, 6000)
    bound = tripletex.make("/customer", name="Bundet AS")["id"]
    tripletex.order(bound)
    status, code, messages = tripletex.refused("DELETE", f"/customer/{bound}")
    assert (status, code) == (422, 18000)
    assert messages == [("Internt felt (id)", "<ul><li>Ordrer er registrert.</li></ul>")]


@pytest.mark.parametrize("noun", ["order", "invoice"])
def test_orders_and_invoices_are_searched_within_dates_only(tripletex: TripletexClient, noun: str) -> None:
    path, first, last = f"/{noun}", f"{noun}DateFrom", f"{noun}DateTo"
    customer = tripletex.make("/customer", name="Kunde AS")["id"]
    order = tripletex.order(customer, orderDate="2026-03-01")["id"]
    tripletex.call(
        "PUT", f"/order/{order}/:invoice", params={"invoiceDate": "2026-03-01", "sendToCustomer": "false"}
    )
    assert tripletex.refused("GET", path)[:2] == (422, 15000)
    assert len(tripletex.values(path, **{first: "2026-03-01", last: "2026-03-02"})) == 1
    assert tripletex.values(path, **{first: "2026-02-01", last: "2026-03-01"}) == []
    status, _, messages = tripletex.refused("GET", path, params={first: "2026-03-01", last: "2026-03-01"})
    assert status == 422
    assert "is greater than or equal" in messages[0][1]


def test_an_invoice_adds_up_closes_its_order_and_is_paid_and_credited(tripletex: TripletexClient) -> None:
    customer = tripletex.make("/customer", name="Kunde AS")["id"]
    order = tripletex.order(customer)["id"]
    query = {"invoiceDate": "2026-03-01", "sendToCustomer": "false"}
    invoice = tripletex.call("PUT", f"/order/{order}/:invoice", params=query).json()["value"]
    assert (invoice["amountExcludingVat"], invoice["amount"]) == (200, 250)
    assert (invoice["invoiceDueDate"], invoice["orders"][0]["id"]) == ("2026-03-15", order)
    assert tripletex.call("GET", f"/order/{order}").json()["value"]["isClosed"] is True
    assert tripletex.refused("PUT", f"/order/{order}/:invoice", params=query)[0] == 422
    assert tripletex.refused("DELETE", f"/order/{order}")[0] == 422
    pay = {"paymentDate": "2026-03-10", "paymentTypeId": "1", "paidAmount": "250"}
    paid = tripletex.call("PUT", f"/invoice/{invoice['id']}/:payment", params=pay).json()["value"]
    assert paid["amountOutstanding"] == 0
    note = tripletex.call(
        "PUT", f"/invoice/{invoice['id']}/:createCreditNote", params={"date": "2026-03-11"}
    ).json()
    assert (note["value"]["amount"], note["value"]["isCreditNote"]) == (-250, True)
    assert tripletex.call("GET", f"/invoice/{invoice['id']}").json()["value"]["isCredited"] is True


def test_whoever_forgets_send_to_customer_has_written_to_a_customer(
    sandbox: RunningSandbox, tripletex: TripletexClient
) -> None:
    customer = tripletex.make("/customer", name="Kunde AS", invoiceEmail="faktura@example.com")["id"]
    for said in ("false", None, "true"):
        query = {"invoiceDate": "2026-03-01", **({"sendToCustomer": said} if said else {})}
        order = tripletex.order(customer)["id"]
        assert tripletex.call("PUT", f"/order/{order}/:invoice", params=query).status_code == 200
    sent = requests.get(f"{sandbox.url}/control/sent-invoices", timeout=10).json()["sent"]
    assert [(one["address"], one["explicit"]) for one in sent] == [
        ("faktura@example.com", False),
        ("faktura@example.com", True),
    ]
    assert ">NO<" in requests.get(f"{sandbox.url}/books", timeout=10).text


def test_a_unit_price_must_suit_the_order(tripletex: TripletexClient) -> None:
    customer = tripletex.make("/customer", name="Kunde AS")["id"]
    line = {"description": "x", "unitPriceIncludingVatCurrency": 125}
    body = {
        "customer": {"id": customer},
        "orderDate": "2026-03-01",
        "deliveryDate": "2026-03-01",
        "orderLines": [line],
    }
    assert tripletex.refused("POST", "/order", json=body)[0] == 422
    taken = tripletex.make("/order", **{**body, "isPrioritizeAmountsIncludingVat": True})
    lines = tripletex.call("GET", f"/order/{taken['id']}", params={"fields": "orderLines(*)"}).json()["value"]
    assert lines["orderLines"][0]["unitPriceExcludingVatCurrency"] == 100
    added = tripletex.make("/order/orderline", order={"id": taken["id"]}, description="y", count=3)
    assert added["count"] == 3


def test_reference_tables_are_looked_up(tripletex: TripletexClient) -> None:
    assert tripletex.values("/country", code="NO")[0]["id"] == 161
    outgoing = tripletex.values("/ledger/vatType", typeOfVat="OUTGOING")
    assert {vat["id"]: vat["percentage"] for vat in outgoing} == {3: 25, 5: 0, 6: 0, 31: 15, 32: 12, 52: 0}


def test_lists_are_paged_sorted_and_have_a_checksum(tripletex: TripletexClient) -> None:
    for name in ("B", "C", "A"):
        tripletex.make("/customer", name=name)
    assert [c["name"] for c in tripletex.values("/customer", sorting="-name", count=2)] == ["C", "B"]
    assert [c["name"] for c in tripletex.values("/customer", sorting="name", **{"from": 2})] == ["C"]
    plain = tripletex.call("GET", "/customer").json()
    assert plain["versionDigest"] == "'If-None-Match' header not specified"
    digest = tripletex.call("GET", "/customer", headers={"If-None-Match": "x"}).json()["versionDigest"]
    assert tripletex.call("GET", "/customer", headers={"If-None-Match": digest}).status_code == 304
    tripletex.make("/customer", name="D")
    assert tripletex.call("GET", "/customer", headers={"If-None-Match": digest}).status_code == 200


def test_the_limit_of_calls_is_told_and_enforced(sandbox: RunningSandbox, tripletex: TripletexClient) -> None:
    sandbox.configure("tripletex", rate_limit=3, rate_period_seconds=0.6)
    time.sleep(1.05)  # the period that the first call began
    answers = [tripletex.call("GET", "/customer") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["X-Rate-Limit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert {answer.headers["X-Rate-Limit-Reset"] for answer in answers} == {"1"}
    assert all(answer.headers["x-tlx-request-id"] for answer in answers)
    time.sleep(0.7)
    assert tripletex.call("GET", "/customer").status_code == 200


def test_a_part_of_the_product_can_be_closed(sandbox: RunningSandbox, tripletex: TripletexClient) -> None:
    sandbox.configure("tripletex", forbidden_paths=["/order"])
    assert tripletex.refused("GET", "/order")[:2] == (403, 9000)


def test_webhooks_are_signed_over_key_and_body_and_deletion_has_no_value(tripletex: TripletexClient) -> None:
    receiver = Receiver()
    try:
        for event in ("customer.create", "customer.update", "customer.delete"):
            tripletex.make(
                "/event/subscription", event=event, targetUrl=f"{receiver.url}/t", fields="id,version,name",
                hmacSharedSecret="hemmelig", authHeaderName="X-Callback-Auth", authHeaderValue="ja",
            )  # fmt: skip
        number = tripletex.make("/customer", name="Ås")["id"]
        tripletex.call("PUT", f"/customer/{number}", json={"name": "Ås AS"})
        tripletex.call("DELETE", f"/customer/{number}")
        received = {one.json()["event"]: one for one in receiver.wait(3)}
        assert received["customer.create"].json()["value"] == {"id": number, "version": 1, "name": "Ås"}
        assert received["customer.update"].json()["value"]["name"] == "Ås AS"
        assert received["customer.delete"].json()["value"] is None
        for one in received.values():
            key = one.headers["idempotency-key"].encode()
            mac = hmac.new(b"hemmelig", key + b"&" + one.body, hashlib.sha512).digest()
            assert one.headers["x-request-signature"] == base64.b64encode(mac).decode()
            assert one.headers["X-Callback-Auth"] == "ja"
    finally:
        receiver.stop()


def test_webhooks_can_come_twice_or_not_at_all(sandbox: RunningSandbox, tripletex: TripletexClient) -> None:
    receiver = Receiver()
    try:
        tripletex.make("/event/subscription", event="contact.create", targetUrl=receiver.url)
        sandbox.configure("tripletex", webhook_twice=True)
        tripletex.make("/contact", firstName="A")
        first, second = receiver.wait(2)
        assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
        sandbox.configure("tripletex", webhook_twice=False, webhook_gap_every=2)
        for name in ("B", "C", "D", "E"):
            tripletex.make("/contact", firstName=name)
        until(lambda: len(receiver.received) == 4)
        time.sleep(0.1)
        assert len(receiver.received) == 4
    finally:
        receiver.stop()


def test_a_subscription_that_always_fails_is_switched_off_and_can_be_switched_on(
    sandbox: RunningSandbox, tripletex: TripletexClient
) -> None:
    receiver = Receiver(*[500] * 3)
    try:
        sandbox.configure("tripletex", webhook_retry_seconds=[0.02, 0.02])
        number = tripletex.make("/event/subscription", event="contact.create", targetUrl=receiver.url)["id"]
        path = f"/event/subscription/{number}"
        tripletex.make("/contact", firstName="A")
        until(lambda: tripletex.call("GET", path).json()["value"]["status"] == "DISABLED_TOO_MANY_ERRORS")
        assert len(receiver.received) == 3
        tripletex.call("PUT", path, json={"status": "ACTIVE"})
        tripletex.make("/contact", firstName="B")
        assert receiver.wait(4)
    finally:
        receiver.stop()


@pytest.mark.parametrize(
    "body",
    [
        {"event": "customer.created", "targetUrl": "https://example.com/x"},
        {"event": "customer.create", "targetUrl": "http://example.com/x"},
        {"event": "customer.create"},
    ],
)
def test_a_subscription_needs_a_known_event_and_https(tripletex: TripletexClient, body: dict[str, str]) -> None:
    assert tripletex.refused("POST", "/event/subscription", json=body)[:2] == (422, 18000)
