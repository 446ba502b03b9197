"""Orders, their lines, and the invoices made of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import structlog

from sandbox.tripletex.errors import Problem, invalid, unmapped
from sandbox.tripletex.mapping import is_date, read
from sandbox.tripletex.reference import FIXED, OUTGOING_VAT
from sandbox.tripletex.resources import MODELS

if TYPE_CHECKING:
    from sandbox.store import Document
    from sandbox.tripletex.store import TripletexStore

_LINE_VAT = "orderGroups.orderLines.vatType.id,orderLines.vatType.id"
_LINE_TEXT = "orderGroups.orderLines.description,orderLines.description"
_LINE_PRODUCT = "orderGroups.orderLines.product.id,orderLines.product.id"


class Orders:
    """Writes orders, lines and invoices."""

    def __init__(self, books: TripletexStore) -> None:
        """`books` holds them; what was sent to customers is noted in a collection of its own."""
        self._books = books
        self.sent = books.store.collection("tripletex.sent")
        self._log = structlog.get_logger("sandbox.tripletex")

    def create(self, body: Any) -> Document:
        """A new order with its lines."""
        mapped = read(MODELS["Order"], body, creating=True)
        values = mapped.values
        missing = [Problem(name, "null") for name in ("deliveryDate", "orderDate") if not values.get(name)]
        if not values.get("customer"):
            missing.append(Problem("customer.id", "required"))
        if missing:
            raise invalid(*missing)
        customer = self._books.get("Customer", values["customer"]["id"])
        if customer is None:
            raise invalid(Problem("customer.id", "missing"))
        lines = [
            self._line(line, including=bool(values.get("isPrioritizeAmountsIncludingVat")))
            for line in _line_list(mapped.owned.get("orderLines", []))
        ]
        if not values.get("number"):
            values["number"] = str(self._books.store.next("tripletex.orderNumber"))
        values["displayName"] = f"{values['number']} Ordre"
        values["customerName"] = customer["name"]
        values.setdefault("invoicesDueIn", customer["invoicesDueIn"])
        values.setdefault("invoicesDueInType", customer["invoicesDueInType"])
        order = self._books.insert("Order", {**values, "orderLines": []})
        for line in lines:
            self._attach(order, line)
        return self._books.need("Order", order["id"])

    def update(self, order: Document, body: Any) -> Document:
        """Only what is in `body` changes; lines have their own place."""
        mapped = read(MODELS["Order"], body, creating=False)
        emptied = [
            name for name in ("customer", "orderDate", "deliveryDate") if mapped.values.get(name, True) is None
        ]
        if emptied:
            raise invalid(*(Problem(name, "null") for name in emptied))
        return self._books.change("Order", order, mapped.values, version=mapped.version)

    def delete(self, order: Document) -> None:
        """An order that became an invoice stays. Raises 422/18000."""
        if order["isClosed"]:
            raise invalid(Problem("Internt felt (id)", "invoices"))
        for line in order["orderLines"]:
            self._books.remove("OrderLine", self._books.need("OrderLine", line["id"]))
        self._books.remove("Order", order)

    def add_line(self, body: Any) -> Document:
        """A line of an order that exists already."""
        reference = body.get("order") if isinstance(body, dict) else None
        number = reference.get("id") if isinstance(reference, dict) else None
        order = self._books.get("Order", number) if isinstance(number, int) else None
        if order is None:
            raise invalid(Problem("order.id", "required"))
        return self._attach(order, self._line(body, including=order["isPrioritizeAmountsIncludingVat"]))

    def invoice_order(self, order: Document, invoice_date: str) -> Document:
        """`PUT /order/{id}/:invoice`: due date from the order, number from the company's series."""
        try:
            due = date.fromisoformat(invoice_date) + _credit(order)
        except OverflowError:  # beyond the year 9999
            raise invalid(Problem("invoiceDueDate", "type")) from None
        return self._invoice(order, {"invoiceDate": invoice_date, "invoiceDueDate": due.isoformat()})

    def create_invoice(self, body: Any) -> Document:
        """`POST /invoice` with exactly one order."""
        mapped = read(MODELS["Invoice"], body, creating=True)
        values = mapped.values
        missing = [Problem(name, "null") for name in ("invoiceDueDate", "invoiceDate") if not values.get(name)]
        if missing:
            raise invalid(*missing)
        orders = values.get("orders") or []
        if len(orders) != 1:
            raise invalid(Problem("orders", "one_order"))
        order = self._books.get("Order", orders[0]["id"])
        if order is None:
            raise invalid(Problem("orders.id", "missing"))
        return self._invoice(order, values)

    def pay(self, invoice: Document, amount: float) -> Document:
        """Register a payment; paid when nothing is outstanding."""
        left = round(invoice["amountOutstanding"] - amount, 2)
        return self._books.change("Invoice", invoice, _outstanding(left))

    def credit(self, invoice: Document, on: str) -> Document:
        """A credit note over the whole invoice."""
        if invoice["isCredited"]:
            raise invalid(Problem("id", "closed"))
        self._books.change("Invoice", invoice, {"isCredited": True, **_outstanding(0)})
        amounts = {name: -invoice[name] for name in _AMOUNTS}
        copy = {name: invoice[name] for name in ("customer", "orders", "orderLines", "currency")}
        return self._books.insert(
            "Invoice",
            {
                **copy,
                **amounts,
                "invoiceNumber": self._books.store.next("tripletex.invoiceNumber"),
                "invoiceDate": on,
                "invoiceDueDate": on,
                "creditedInvoice": invoice["id"],
                "isCreditNote": True,
                "isCharged": True,
            },
        )

    def note_sending(self, invoice: Document, *, how: str, explicit: bool) -> None:
        """Write down, loudly, that Tripletex would now have sent this to the customer."""
        customer = self._books.get("Customer", invoice["customer"]["id"]) or {}
        number = self._books.store.next("tripletex.sent")
        self.sent.put(
            number,
            {
                "number": number,
                "at": self._books.clock.now().isoformat(),
                "invoice": invoice["id"],
                "customer": invoice["customer"]["id"],
                "address": customer.get("invoiceEmail") or customer.get("email") or "",
                "how": how,
                "explicit": explicit,
            },
        )
        self._log.warning("INVOICE_SENT_TO_CUSTOMER", invoice=invoice["id"], how=how, asked_for=explicit)

    def _invoice(self, order: Document, values: Document) -> Document:
        if not self._books.runtime["bank_account"]:
            raise invalid(Problem("", "bank"))
        if order["isClosed"]:
            raise invalid(Problem("orders.id", "closed"))
        lines = [self._books.need("OrderLine", line["id"]) for line in order["orderLines"]]
        net = round(sum(line["amountExcludingVatCurrency"] for line in lines), 2)
        gross = round(sum(line["amountIncludingVatCurrency"] for line in lines), 2)
        self._books.change("Order", order, {"isClosed": True})
        return self._books.insert(
            "Invoice",
            {
                **values,
                "invoiceNumber": values.get("invoiceNumber") or self._books.store.next("tripletex.invoiceNumber"),
                "customer": order["customer"],
                "orders": [{"id": order["id"]}],
                "orderLines": order["orderLines"],
                "deliveryDate": order["deliveryDate"],
                "amount": gross,
                "amountCurrency": gross,
                "amountExcludingVat": net,
                "amountExcludingVatCurrency": net,
                "isCharged": True,
                **_outstanding(gross),
            },
        )

    def _attach(self, order: Document, line: Document) -> Document:
        order = self._books.need("Order", order["id"])
        added = self._books.insert("OrderLine", {**line, "order": {"id": order["id"]}})
        self._books.change("Order", order, {"orderLines": [*order["orderLines"], {"id": added["id"]}]})
        return added

    def _line(self, body: Any, *, including: bool) -> Document:
        values = read(MODELS["OrderLine"], body, creating=True).values
        product = values.get("product") and self._books.get("Product", values["product"]["id"])
        if not product and not values.get("description"):
            raise invalid(Problem(_LINE_TEXT, "line"), Problem(_LINE_PRODUCT, "line"))
        vat = values.get("vatType") or (product or {}).get("vatType") or {"id": 3}
        if vat["id"] not in OUTGOING_VAT:
            raise invalid(Problem(_LINE_VAT, "vat"))
        net, gross = values.get("unitPriceExcludingVatCurrency"), values.get("unitPriceIncludingVatCurrency")
        if net and gross is None and including:
            raise invalid(Problem("unitPriceExcludingVatCurrency", "price", ("med",)))
        if gross and net is None and not including:
            raise invalid(Problem("unitPriceIncludingVatCurrency", "price", ("uten",)))
        rate = 1 + FIXED["VatType"][vat["id"]]["percentage"] / 100
        if net is None and gross is None:
            net = (product or {}).get("priceExcludingVatCurrency", 0)
        net = round(gross / rate, 2) if net is None else net
        gross = round(net * rate, 2) if gross is None else gross
        count = values.get("count", 1)
        return {
            **values,
            "vatType": {"id": vat["id"]},
            "displayName": values.get("description") or (product or {}).get("name", ""),
            "unitPriceExcludingVatCurrency": net,
            "unitPriceIncludingVatCurrency": gross,
            "amountExcludingVatCurrency": round(net * count, 2),
            "amountIncludingVatCurrency": round(gross * count, 2),
            "originalOrderedQuantity": count,
        }


_AMOUNTS = ("amount", "amountCurrency", "amountExcludingVat", "amountExcludingVatCurrency")


def _outstanding(amount: float) -> Document:
    names = ("amountOutstanding", "amountCurrencyOutstanding", "amountOutstandingTotal",
             "amountCurrencyOutstandingTotal")  # fmt: skip
    return dict.fromkeys(names, amount)


def _credit(order: Document) -> timedelta:
    days = order["invoicesDueIn"]
    return timedelta(days=days * 30 if order["invoicesDueInType"] == "MONTHS" else days)


def _line_list(sent: Any) -> list[Any]:
    if not isinstance(sent, list):
        raise unmapped(Problem("orderLines", "type"))
    return sent


def need_date(text: str | None, name: str) -> str:
    """A date from a query. Raises 422/18000."""
    if not text:
        raise invalid(Problem(name, "null"))
    if not is_date(text):
        raise invalid(Problem(name, "type"))
    return text
