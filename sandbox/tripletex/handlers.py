"""The paths behind the session: one handler each, thin."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sandbox.tripletex import fields, listing
from sandbox.tripletex.customers import Customers
from sandbox.tripletex.errors import TripletexError, not_found
from sandbox.tripletex.hooks import EVENTS, Hooks
from sandbox.tripletex.orders import Orders, need_date
from sandbox.tripletex.resources import MODELS
from sandbox.tripletex.searches import find
from sandbox.tripletex.session import COMPANY_ID
from sandbox.tripletex.store import EMPLOYEE_ID
from sandbox.web import Request, Response, json_answer, json_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.store import Document
    from sandbox.tripletex.store import TripletexStore
    from sandbox.web import Handler

Create = "Callable[[Any], Document]"


class Handlers:
    """Answers everything that needs a session."""

    def __init__(self, books: TripletexStore, orders: Orders, hooks: Hooks) -> None:
        """`books` holds the objects; the others know the rules of writing them."""
        self._books = books
        self._orders = orders
        self._customers = Customers(books)
        self._hooks = hooks

    def table(self) -> list[tuple[str, str, Handler]]:
        """Every path with its handler."""
        people, orders, hooks = self._customers, self._orders, self._hooks
        rows: list[tuple[str, str, Handler]] = [
            ("GET", "/token/session/>whoAmI", self._who_am_i),
            ("PUT", "/deliveryAddress/<int:number>", self._update_delivery_address),
            ("DELETE", "/contact/list", self._delete_contacts),
            ("PUT", "/order/<int:number>/:invoice", self._invoice_order),
            ("POST", "/order/orderline", self._creator("OrderLine", orders.add_line)),
            ("POST", "/invoice", self._create_invoice),
            ("PUT", "/invoice/<int:number>/:send", self._send_invoice),
            ("PUT", "/invoice/<int:number>/:payment", self._pay_invoice),
            ("PUT", "/invoice/<int:number>/:createCreditNote", self._credit_invoice),
            ("GET", "/event", self._events),
        ]
        for name in MODELS:
            if name in _READABLE:
                path = f"/{MODELS[name].path}"
                rows.append(("GET", f"{path}/<int:number>", self._reader(name)))
                if name not in ("Address", "OrderLine"):
                    rows.append(("GET", path, self._lister(name)))
        writers: list[tuple[str, Any, Any, Any]] = [
            ("Customer", people.create, people.update, people.delete),
            ("Contact", people.create_contact, people.update_contact, None),
            ("Product", people.create_product, people.update_product, self._delete_plain("Product")),
            ("Order", orders.create, orders.update, orders.delete),
            ("Subscription", hooks.create, hooks.update, self._delete_plain("Subscription")),
        ]
        for name, create, update, delete in writers:
            path = f"/{MODELS[name].path}"
            rows.append(("POST", path, self._creator(name, create)))
            rows.append(("PUT", f"{path}/<int:number>", self._updater(name, update)))
            if delete is not None:
                rows.append(("DELETE", f"{path}/<int:number>", self._deleter(name, delete)))
        return rows

    def _view(self, request: Request) -> fields.View:
        return fields.View(f"{request.host}/tripletex", self._books.get)

    def _show(self, request: Request, name: str, document: Document, status: int = 200) -> Response:
        tree = fields.parse(request.args.get("fields", ""))
        fields.check(tree, MODELS[name])
        return json_answer({"value": self._view(request).show(MODELS[name], document, tree)}, status)

    def _reader(self, name: str) -> Handler:
        def read(request: Request, number: int) -> Response:
            return self._show(request, name, self._books.need(name, number))

        return read

    def _lister(self, name: str) -> Handler:
        def search(request: Request) -> Response:
            model = MODELS[name]
            tree = fields.parse(request.args.get("fields", ""))
            fields.check(tree, model)
            documents = find(name, self._books, request.args)
            documents = listing.arrange(documents, request.args.get("sorting", ""), model)
            first, count = listing.page(request.args)
            asked = request.headers.get("If-None-Match")
            if asked is not None and asked == listing.digest(documents):
                return Response(status=304)
            view = self._view(request)
            shown = [view.show(model, document, tree) for document in documents[first : first + count]]
            return json_answer(listing.envelope(documents, shown, first, asked))

        return search

    def _creator(self, name: str, create: Callable[[Any], Document]) -> Handler:
        def post(request: Request) -> Response:
            document = create(json_body(request))
            if name == "Order":
                document = {**document, "orderLines": []}  # as recorded: lines show on the next reading
            return self._show(request, name, document, 201)

        return post

    def _updater(self, name: str, update: Callable[[Document, Any], Document]) -> Handler:
        def put(request: Request, number: int) -> Response:
            return self._show(request, name, update(self._books.need(name, number), json_body(request)))

        return put

    def _deleter(self, name: str, delete: Callable[[Document], None]) -> Handler:
        def remove(_request: Request, number: int) -> Response:
            delete(self._books.need(name, number))
            return Response(status=204)

        return remove

    def _delete_plain(self, name: str) -> Callable[[Document], None]:
        def delete(document: Document) -> None:
            self._books.remove(name, document)

        return delete

    def _who_am_i(self, request: Request) -> Response:
        me = {
            "employeeId": EMPLOYEE_ID,
            "actualEmployeeId": EMPLOYEE_ID,
            "employee": {"id": EMPLOYEE_ID},
            "companyId": COMPANY_ID,
            "company": {"id": COMPANY_ID},
            "language": self._books.runtime["language"],
        }
        model = MODELS["LoggedInUserInfo"]
        tree = fields.parse(request.args.get("fields", ""))
        fields.check(tree, model)
        shown = self._view(request).show(model, me, tree)
        for name in ("id", "version", "url"):
            shown.pop(name, None)
        return json_answer({"value": shown})

    def _update_delivery_address(self, request: Request, number: int) -> Response:
        address = self._books.need("DeliveryAddress", number)
        changed = self._customers.update_address("DeliveryAddress", address, json_body(request))
        return self._show(request, "DeliveryAddress", changed)

    def _delete_contacts(self, request: Request) -> Response:
        numbers = listing.ids(request.args.get("ids", ""), self._books.runtime["language"])
        contacts = [self._books.need("Contact", number) for number in sorted(numbers)]
        for contact in contacts:
            self._books.remove("Contact", contact)
        return Response(status=204)

    def _invoice_order(self, request: Request, number: int) -> Response:
        order = self._books.need("Order", number)
        on = need_date(request.args.get("invoiceDate"), "invoiceDate")
        invoice = self._orders.invoice_order(order, on)
        self._sending(request, invoice)
        return self._show(request, "Invoice", invoice)

    def _create_invoice(self, request: Request) -> Response:
        invoice = self._orders.create_invoice(json_body(request))
        self._sending(request, invoice)
        return self._show(request, "Invoice", invoice, 201)

    def _sending(self, request: Request, invoice: Document) -> None:
        """`sendToCustomer` is true when it is left out: whoever forgets it has written to a customer."""
        send_to_customer = request.args.get("sendToCustomer")
        if send_to_customer is None or listing.flag(send_to_customer):
            how = request.args.get("sendType") or "customer's own method"
            self._orders.note_sending(invoice, how=how, explicit=send_to_customer is not None)

    def _send_invoice(self, request: Request, number: int) -> Response:
        invoice = self._books.need("Invoice", number)
        how = request.args.get("sendType", "")
        if how not in (MODELS["Customer"].fields["invoiceSendMethod"].choices or []):
            raise listing.misfit()
        self._orders.note_sending(invoice, how=how, explicit=True)
        return Response(status=204)

    def _pay_invoice(self, request: Request, number: int) -> Response:
        invoice = self._books.need("Invoice", number)
        need_date(request.args.get("paymentDate"), "paymentDate")
        try:
            amount = float(request.args.get("paidAmount", ""))
        except ValueError:
            raise listing.misfit() from None
        if not math.isfinite(amount):
            raise listing.misfit()
        return self._show(request, "Invoice", self._orders.pay(invoice, amount))

    def _credit_invoice(self, request: Request, number: int) -> Response:
        invoice = self._books.need("Invoice", number)
        return self._show(
            request, "Invoice", self._orders.credit(invoice, need_date(request.args.get("date"), "date"))
        )

    def _events(self, _request: Request) -> Response:
        described = {
            event: {"description": f"Webhook {event}", "payloadModel": event.partition(".")[0]}
            for event in sorted(EVENTS)
        }
        return json_answer({"value": described})


_READABLE = frozenset(
    {"Customer", "Contact", "Product", "Order", "OrderLine", "Invoice", "Address", "DeliveryAddress", "Country",
     "Currency", "VatType", "Subscription"}
)  # fmt: skip

__all__ = ["Handlers", "TripletexError", "not_found"]
