"""Whatever it is sent, the sandbox refuses as the vendor would: a 500 is only ever one that was asked for."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client

from sandbox.app import Sandbox
from sandbox.settings import DEFAULT_KEYS, SandboxSettings
from sandbox.tripletex.resources import MODELS
from shared.clock import FixedClock

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.unit

SOME = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

SCALARS = st.none() | st.booleans() | st.integers(-10, 10**12) | st.floats(allow_nan=False) | st.text(max_size=8)
DATES = st.sampled_from(["2026-01-01", "2026-02-30", "0000-00-00", "x"])
REFERENCES = st.fixed_dictionaries({"id": st.integers(80_000_001, 80_000_012) | SCALARS})
ADDRESSES = st.dictionaries(st.sampled_from(["id", "addressLine1", "city", "country", "x"]), SCALARS | REFERENCES)
VALUES = st.recursive(
    SCALARS | DATES | REFERENCES | ADDRESSES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
WRITABLE = ["Customer", "Contact", "Product", "Order", "OrderLine", "Invoice", "Subscription"]


def bodies(name: str) -> st.SearchStrategy[Any]:
    names = st.sampled_from([*MODELS[name].fields, "unknown"])
    return st.dictionaries(names, VALUES, max_size=6) | VALUES


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    sandbox = Sandbox(SandboxSettings(), FixedClock(datetime(2026, 3, 1, tzinfo=UTC)))
    sandbox.tripletex.configure({"rate_limit": 10**9})
    yield Client(sandbox)
    sandbox.stop()


@pytest.fixture(scope="module")
def session(client: Client) -> dict[str, str]:
    keys = {
        "consumerToken": DEFAULT_KEYS["tripletex_consumer_token"],
        "employeeToken": DEFAULT_KEYS["tripletex_employee_token"],
        "expirationDate": "2999-01-01",
    }
    made = client.post("/tripletex/token/session/:create", json=keys)
    basic = base64.b64encode(f"0:{made.json['value']['token']}".encode()).decode()  # type: ignore[index]
    headers = {"Authorization": f"Basic {basic}"}
    customer = client.post("/tripletex/customer", json={"name": "K"}, headers=headers).json["value"]["id"]  # type: ignore[index]
    order = {
        "customer": {"id": customer},
        "orderDate": "2026-01-01",
        "deliveryDate": "2026-01-01",
        "orderLines": [{"description": "x"}],
    }
    client.post("/tripletex/order", json=order, headers=headers)
    client.post("/tripletex/product", json={"name": "P"}, headers=headers)
    client.post("/tripletex/contact", json={"firstName": "C"}, headers=headers)
    return headers


def mailgun_headers() -> dict[str, str]:
    return {
        "Authorization": "Basic " + base64.b64encode(f"api:{DEFAULT_KEYS['mailgun_api_key']}".encode()).decode()
    }


@SOME
@given(data=st.data())
def test_tripletex_survives_any_body(client: Client, session: dict[str, str], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(WRITABLE))
    body = data.draw(bodies(name))
    number = data.draw(st.integers(80_000_001, 80_000_012))
    path = f"/tripletex/{MODELS[name].path}"
    for method, where in (("POST", path), ("PUT", f"{path}/{number}"), ("GET", f"{path}/{number}")):
        answer = client.open(where, method=method, data=json.dumps(body), headers=session)
        assert answer.status_code < 500, (method, where, body)


@SOME
@given(
    query=st.dictionaries(
        st.sampled_from(
            [
                "id",
                "fields",
                "sorting",
                "from",
                "count",
                "isInactive",
                "customerId",
                "orderDateFrom",
                "orderDateTo",
                "invoiceDateFrom",
                "invoiceDateTo",
                "customerAccountNumber",
                "changedSince",
                "typeOfVat",
                "number",
                "invoiceNumber",
                "ids",
                "invoiceDate",
                "sendToCustomer",
                "sendType",
                "paymentDate",
                "paidAmount",
                "date",
            ]
        ),
        st.text(max_size=8)
        | st.sampled_from(["1", "1,2", "2026-01-01", "2027-01-01", "true", "*,customer(*)", "-name", "NaN"]),
    )
)
def test_tripletex_survives_any_query(client: Client, session: dict[str, str], query: dict[str, str]) -> None:
    for path in (
        "customer",
        "contact",
        "order",
        "invoice",
        "product",
        "country",
        "ledger/vatType",
        "event/subscription",
    ):
        assert client.get(f"/tripletex/{path}", query_string=query, headers=session).status_code < 500, path
    for action in (
        "order/80000004/:invoice",
        "invoice/80000006/:payment",
        "invoice/80000006/:send",
        "invoice/80000006/:createCreditNote",
    ):
        assert client.put(f"/tripletex/{action}", query_string=query, headers=session).status_code < 500, action
    assert client.delete("/tripletex/contact/list", query_string=query, headers=session).status_code < 500


@SOME
@given(
    form=st.dictionaries(
        st.sampled_from(
            ["from", "to", "cc", "subject", "text", "html", "template", "recipient-variables", "o:tag", "v:x"]
        ),
        st.text(max_size=12) | st.just("a@example.no"),
    )
)
def test_mailgun_survives_any_letter(client: Client, form: dict[str, str]) -> None:
    assert client.post("/mailgun/v3/mg.example.no/messages", data=form, headers=mailgun_headers()).status_code in (
        200,
        400,
    )


@SOME
@given(
    body=st.dictionaries(
        st.sampled_from(["start", "end", "duration", "events", "filter", "pagination"]),
        VALUES
        | st.fixed_dictionaries(
            {
                "AND": st.lists(
                    st.dictionaries(
                        st.sampled_from(["attribute", "comparator", "values"]),
                        VALUES | st.sampled_from(["tag", "=", "contains"]),
                    )
                )
            }
        )
        | st.fixed_dictionaries({"limit": SCALARS, "token": SCALARS, "sort": SCALARS}),
    )
    | VALUES
)
def test_mailgun_survives_any_question_about_logs(client: Client, body: Any) -> None:
    answer = client.post("/mailgun/v1/analytics/logs", data=json.dumps(body), headers=mailgun_headers())
    assert answer.status_code in (200, 400)


@SOME
@given(
    query=st.dictionaries(
        st.sampled_from(["begin", "end", "ascending", "limit", "recipient", "page", "address", "term", "tags"]),
        st.text(max_size=8),
    ),
    body=VALUES,
    token=st.text(alphabet="abcXYZ019-_", min_size=1, max_size=12),
)
def test_mailgun_survives_any_question_about_events_and_suppressions(
    client: Client, query: dict[str, str], body: Any, token: str
) -> None:
    headers = mailgun_headers()
    for path in ("events", f"events/{token}", "bounces", "unsubscribes"):
        answer = client.get(f"/mailgun/v3/mg.example.no/{path}", query_string=query, headers=headers)
        assert answer.status_code in (200, 400), path
    answer = client.post("/mailgun/v3/mg.example.no/bounces", json=body, headers=headers)
    assert answer.status_code in (200, 400)


@SOME
@given(
    query=st.dictionaries(
        st.sampled_from(
            ["navn", "organisasjonsnummer", "konkurs", "page", "size", "sort", "dato", "oppdateringsid", "x"]
        ),
        st.text(max_size=8)
        | st.sampled_from(["1", "true", "navn,desc", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00"]),
    )
)
def test_the_register_survives_any_search(client: Client, query: dict[str, str]) -> None:
    for path in ("enheter", "underenheter", "oppdateringer/enheter"):
        assert client.get(f"/register/{path}", query_string=query).status_code in (200, 400), path


@SOME
@given(body=VALUES, needle=st.text(max_size=6))
def test_control_survives_any_order(client: Client, body: Any, needle: str) -> None:
    assert client.get("/control/holdings", query_string={"needle": needle}).status_code in (200, 400)
    assert client.get("/control/calls", query_string={"limit": needle}).status_code in (200, 400)
    assert client.post("/control/faults", json=body).status_code == 400
    for vendor in ("mailgun", "tripletex", "register"):
        assert client.put(f"/control/settings/{vendor}", json={"x": body}).status_code == 400
    assert client.post("/control/inbound", json=body).status_code == 400
