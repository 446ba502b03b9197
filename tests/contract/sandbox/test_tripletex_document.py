"""Tripletex's stand-in against Tripletex's own document and recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from sandbox.tripletex.resources import MODELS
from tests.plugins.sandbox_clients import TripletexClient
from tests.plugins.vendor_documents import VendorDocument

if TYPE_CHECKING:
    from sandbox.server import RunningSandbox

pytestmark = pytest.mark.contract

# The live system sends and takes these although the document does not name them.
RECORDED_BEYOND_THE_DOCUMENT = {
    "Order": {"internalComment", "contractReference", "attachmentRelation", "backorderParentId"},
    "OrderLine": {"deliveredQuantity", "originalOrderedQuantity", "sourceOrderLineId"},
    "Product": {"disableDiscount"},
}


@pytest.fixture(scope="module")
def document() -> VendorDocument:
    return VendorDocument("tripletex")


@pytest.fixture
def tripletex(sandbox: RunningSandbox) -> TripletexClient:
    return TripletexClient(sandbox)


def agrees(document: VendorDocument, answer: requests.Response, path: str) -> requests.Response:
    method = str(answer.request.method)
    assert document.answer_complaints(method, path, answer.status_code, answer.text) == [], answer.text
    return answer


@pytest.mark.parametrize(
    "name", ["Customer", "Contact", "Order", "OrderLine", "Invoice", "Product", "Address", "DeliveryAddress",
             "Country", "Currency", "VatType", "Subscription", "LoggedInUserInfo"]
)  # fmt: skip
def test_a_model_has_exactly_the_documented_fields(document: VendorDocument, name: str) -> None:
    documented = set(document.raw["components"]["schemas"][name]["properties"])
    generated = {"id", "version", "changes", "url"}
    assert (
        set(MODELS[name].fields) - RECORDED_BEYOND_THE_DOCUMENT.get(name, set()) - generated
        == documented - generated
    )


@pytest.mark.parametrize(
    "name", ["Customer", "Contact", "Order", "OrderLine", "Invoice", "Product", "Subscription"]
)
def test_texts_to_choose_from_are_the_documented_ones(document: VendorDocument, name: str) -> None:
    documented = document.raw["components"]["schemas"][name]["properties"]
    for field in MODELS[name].fields.values():
        if field.choices is not None:
            assert field.choices == documented[field.name]["enum"]
        elif field.name in documented and not field.read_only:
            assert "enum" not in documented[field.name], field.name


@pytest.mark.parametrize(
    ("path", "payload", "body"),
    [
        ("/customer", "customer-create.json", {"name": "Nango Dryrun Customer"}),
        ("/product", "product-create.json", {"name": "Dryrun Test Product Save"}),
        ("/contact", "contact-create.json", {"firstName": "Test", "lastName": "Contact", "email": "t@example.com"}),
    ],
)
def test_a_new_object_looks_as_the_recorded_one(
    document: VendorDocument, tripletex: TripletexClient, path: str, payload: str, body: dict[str, Any]
) -> None:
    if path == "/contact":
        body = {**body, "customer": {"id": tripletex.make("/customer", name="Nøgd kunde AS")["id"]}}
    answer = agrees(document, tripletex.call("POST", path, json=body), path)
    recorded = document.payload(payload)["calls"][0]["response"]["value"]
    assert list(answer.json()["value"]) == list(recorded)
    _same_defaults(answer.json()["value"], recorded)


def test_a_new_order_and_its_invoice_look_as_the_recorded_ones(
    document: VendorDocument, tripletex: TripletexClient
) -> None:
    customer = tripletex.make("/customer", name="Registry Seed Customer AS")
    line = {"description": "Lisens", "count": 2}
    body = {"customer": {"id": customer["id"]}, "orderDate": "2026-07-28", "deliveryDate": "2026-07-28"}
    order = agrees(document, tripletex.call("POST", "/order", json={**body, "orderLines": [line]}), "/order")
    recorded = document.payload("order-create.json")["calls"][0]["response"]["value"]
    assert list(order.json()["value"]) == list(recorded)
    _same_defaults(order.json()["value"], recorded)
    number = order.json()["value"]["id"]
    bill = {"orders": [{"id": number}], "invoiceDate": "2026-07-28", "invoiceDueDate": "2026-08-28"}
    invoice = tripletex.call("POST", "/invoice", json=bill, params={"sendToCustomer": "false"})
    recorded = document.payload("invoice-create.json")["calls"][0]["response"]["value"]
    assert list(agrees(document, invoice, "/invoice").json()["value"]) == list(recorded)


def _same_defaults(ours: dict[str, Any], recorded: dict[str, Any]) -> None:
    """Unset fields look alike: "" and not null, stubs of id and url, lists."""
    own = {"id", "version", "url", "displayName", "customerNumber", "name", "email", "number", "customer",
           "preliminaryInvoice", "sendMethodDescription", "ledgerAccount", "firstName", "lastName"}  # fmt: skip
    for name, theirs in recorded.items():
        if name in own:
            continue
        mine = ours[name]
        if isinstance(theirs, dict):
            assert set(mine) == {"id", "url"}, name
            assert not mine["url"].startswith("http")
        else:
            assert mine == theirs, name


def test_every_refusal_has_the_recorded_codes_fields_and_texts(
    document: VendorDocument, sandbox: RunningSandbox, tripletex: TripletexClient
) -> None:
    recorded = {entry["when"]: entry for entry in document.payload("errors-validation.json")["errors"]}
    customer = tripletex.make("/customer", name="Kunde AS")["id"]
    tripletex.make("/product", name="Vare", number="3296")
    dated = {"customer": {"id": customer}, "orderDate": "2026-01-01", "deliveryDate": "2026-01-01"}
    order = tripletex.order(customer)
    bill = {"orders": [{"id": order["id"]}]}
    days = {"invoiceDate": "2026-01-01", "invoiceDueDate": "2026-01-15"}
    sandbox.configure("tripletex", bank_account=False)
    cases: dict[str, tuple[str, str, dict[str, Any]]] = {
        "POST /customer without name": ("POST", "/customer", {}),
        "POST /product with a number in use": ("POST", "/product", {"name": "Vare", "number": "3296"}),
        "POST /order, unknown/illegal vatType on a line": (
            "POST", "/order", {**dated, "orderLines": [{"description": "x", "vatType": {"id": 1}}]}),
        "POST /order, order line without product and description": (
            "POST", "/order", {**dated, "orderLines": [{"count": 1}]}),
        "POST /order without dates": ("POST", "/order", {"customer": {"id": customer}}),
        "POST /invoice without dates": ("POST", "/invoice", bill),
        "POST /invoice or PUT /order/{id}/:invoice before the company has a bank account number": (
            "POST", "/invoice", {**bill, **days}),
        "unknown property in a JSON body": (
            "POST", "/order", {**dated, "orderLines": [{"description": "x", "quantity": 2}]}),
    }  # fmt: skip
    for when, (method, path, body) in cases.items():
        answer = agrees(document, tripletex.call(method, path, json=body), path)
        _same_refusal(answer, recorded[when])
    _same_refusal(tripletex.call("GET", "/invoice"), recorded["GET /invoice (or /order) without dates"])


def _same_refusal(answer: requests.Response, recorded: dict[str, Any]) -> None:
    ours, theirs = answer.json(), recorded["body"]
    assert answer.status_code == recorded["status"]
    assert list(ours) == list(theirs)
    assert ours["requestId"] == answer.headers["x-tlx-request-id"]
    for body in (ours, theirs):
        body.pop("requestId")
        body["validationMessages"] = sorted(body["validationMessages"], key=lambda one: str(one["field"]))
    assert ours == theirs


def test_complete_error_bodies_are_the_recorded_ones(document: VendorDocument, tripletex: TripletexClient) -> None:
    recorded = {e["body"]["code"]: e["body"] for e in document.payload("errors-complete-bodies.json")["errors"]}
    for answer, code in [
        (tripletex.call("GET", "/customer/1"), 6000),
        (tripletex.call("GET", "/ledger/vatType", params={"typeOfVat": "outgoing"}), 21000),
        (tripletex.call("GET", "/customer", auth=("0", "wrong")), 3000),
    ]:
        ours = answer.json()
        assert ours.pop("requestId")
        theirs = {name: value for name, value in recorded[code].items() if name != "requestId"}
        assert ours == theirs
    sorting = tripletex.call("GET", "/customer", params={"sorting": "end:desc"}).json()
    assert sorting["message"] == recorded[17000]["message"]
    assert sorting["code"] == 17000


def test_lists_and_single_answers_agree_with_the_document(
    document: VendorDocument, tripletex: TripletexClient
) -> None:
    customer = tripletex.make("/customer", name="Kunde AS", postalAddress={"addressLine1": "Vegen 1"})["id"]
    contact = tripletex.make("/contact", firstName="Åse", customer={"id": customer})["id"]
    order = tripletex.order(customer)["id"]
    invoiced = f"/order/{order}/:invoice"
    query = {"invoiceDate": "2026-03-01", "sendToCustomer": "false"}
    invoice = agrees(document, tripletex.call("PUT", invoiced, params=query), invoiced).json()["value"]["id"]
    dates = {f"{name}Date{end}": day for name in ("order", "invoice")
             for end, day in (("From", "2026-01-01"), ("To", "2027-01-01"))}  # fmt: skip
    for path in ("/customer", "/contact", "/order", "/invoice", "/product", "/country", "/currency",
                 "/ledger/vatType",
                 "/event", "/event/subscription", "/token/session/>whoAmI", f"/customer/{customer}",
                 f"/contact/{contact}", f"/order/{order}", f"/invoice/{invoice}", "/country/161"):  # fmt: skip
        noun = path.lstrip("/")
        dated = noun in ("order", "invoice")
        wanted = {name: day for name, day in dates.items() if dated and name.startswith(noun)}
        assert agrees(document, tripletex.call("GET", path, params=wanted), path).status_code == 200
    expanded = tripletex.call("GET", f"/order/{order}", params={"fields": "*,orderLines(*),customer(*)"})
    agrees(document, expanded, f"/order/{order}")
    put = tripletex.call("PUT", f"/customer/{customer}", json={"isInactive": True})
    assert agrees(document, put, f"/customer/{customer}").json()["value"]["isInactive"] is True


def test_a_session_and_a_subscription_agree_with_the_document(
    document: VendorDocument, tripletex: TripletexClient
) -> None:
    keys = document.payload("session-create.json")["body"]["value"]
    path = "/token/session/:create"
    wrong = requests.post(tripletex.url + path, json={"consumerToken": "x"}, timeout=10)
    agrees(document, wrong, path)
    assert set(keys) == {"id", "version", "url", "consumerToken", "employeeToken", "expirationDate", "token",
                         "encryptionKey"}  # fmt: skip
    recorded = document.payload("event-subscription-create.json")
    made = tripletex.call("POST", "/event/subscription", json=recorded["request"])
    agrees(document, made, "/event/subscription")
    assert set(made.json()["value"]) == set(recorded["body"]["value"])


def test_what_was_sent_agrees_with_the_document(
    document: VendorDocument, sandbox: RunningSandbox, tripletex: TripletexClient
) -> None:
    customer = tripletex.make("/customer", name="Kunde AS", organizationNumber="806800937")["id"]
    tripletex.values("/customer", organizationNumber="806800937", isInactive="true")
    tripletex.call("PUT", f"/customer/{customer}", json={"isInactive": True, "version": 1})
    mine = [call for call in sandbox.calls("tripletex") if "session" not in call["path"]]
    assert [document.request_complaints(call) for call in mine] == [[], [], []]
    tripletex.call("GET", "/invoice", params={"nonsense": "1"})
    complaints = document.request_complaints(sandbox.calls("tripletex")[-1])
    assert complaints == [
        "unknown query parameter nonsense",
        "invoiceDateFrom is required",
        "invoiceDateTo is required",
    ]
