"""Customers with their addresses, contacts, and products: what may be written and what the server adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox.tripletex.errors import Problem, invalid, unmapped
from sandbox.tripletex.mapping import Mapped, read
from sandbox.tripletex.reference import OUTGOING_VAT
from sandbox.tripletex.resources import MODELS

if TYPE_CHECKING:
    from sandbox.store import Document
    from sandbox.tripletex.store import TripletexStore

FIRST_CUSTOMER_NUMBER: Final = 10_001
ADDRESSES: Final = {
    "postalAddress": "Address",
    "physicalAddress": "Address",
    "deliveryAddress": "DeliveryAddress",
}


class Customers:
    """Writes customers, contacts, addresses and products."""

    def __init__(self, books: TripletexStore) -> None:
        """`books` holds them."""
        self._books = books

    def create(self, body: Any) -> Document:
        """A new customer. The same organisation number may be given any number of times."""
        mapped = read(MODELS["Customer"], body, creating=True)
        if not str(mapped.values.get("name") or "").strip():
            raise invalid(Problem("name", "required"))
        values = mapped.values
        if not values.get("customerNumber"):
            values["customerNumber"] = self._next_number()
        self._check_number(values["customerNumber"])
        for name in ("postalAddress", "physicalAddress"):
            values[name] = self._new_address(name, mapped.owned.get(name, {}))
        if "deliveryAddress" in mapped.owned:
            values["deliveryAddress"] = self._new_address("deliveryAddress", mapped.owned["deliveryAddress"])
        values["displayName"] = _customer_title(values)
        return self._books.insert("Customer", values)

    def update(self, customer: Document, body: Any) -> Document:
        """Only what is in `body` changes."""
        mapped = read(MODELS["Customer"], body, creating=False)
        values = mapped.values
        if "name" in values and not values["name"].strip():
            raise invalid(Problem("name", "required"))
        if values.get("customerNumber") not in (None, customer["customerNumber"]):
            self._check_number(values["customerNumber"])
        if mapped.version is None or mapped.version == customer["version"]:
            for name, sent in mapped.owned.items():
                values[name] = self._changed_address(customer, name, sent)
        values["displayName"] = _customer_title({**customer, **values})
        return self._books.change("Customer", customer, values, version=mapped.version)

    def delete(self, customer: Document) -> None:
        """Only a customer without any history may go. Raises 422/18000 with the reasons."""
        number, language = customer["id"], self._books.runtime["language"]
        reasons = []
        if any(order["customer"] == {"id": number} for order in self._books.all("Order")):
            reasons.append("orders")
        if any(invoice["customer"] == {"id": number} for invoice in self._books.all("Invoice")):
            reasons += ["invoices", "postings"]
        if reasons:
            raise invalid(_Listed("Internt felt (id)", reasons, language))
        for contact in self._books.all("Contact"):
            if contact["customer"] == {"id": number}:
                self._books.remove("Contact", contact)
        for name, model in ADDRESSES.items():
            address = customer[name] and self._books.get(model, customer[name]["id"])
            if address:
                self._books.remove(model, address)
        self._books.remove("Customer", customer)

    def update_address(self, model: str, address: Document, body: Any) -> Document:
        """Change an address in its own place."""
        mapped = read(MODELS[model], body, creating=False)
        return self._books.change(
            model, address, _address_title({**address, **mapped.values}), version=mapped.version
        )

    def create_contact(self, body: Any) -> Document:
        """A new contact; any number of them may have the same address."""
        values = read(MODELS["Contact"], body, creating=True).values
        self._check_customer(values)
        return self._books.insert("Contact", {**values, "displayName": _person(values)})

    def update_contact(self, contact: Document, body: Any) -> Document:
        """Only what is in `body` changes."""
        mapped = read(MODELS["Contact"], body, creating=False)
        self._check_customer(mapped.values)
        values = {**mapped.values, "displayName": _person({**contact, **mapped.values})}
        return self._books.change("Contact", contact, values, version=mapped.version)

    def create_product(self, body: Any) -> Document:
        """A new product; its number is unique."""
        mapped = read(MODELS["Product"], body, creating=True)
        if not str(mapped.values.get("name") or "").strip():
            raise invalid(Problem("name", "required"))
        self._check_product(mapped, None)
        values = {**mapped.values, "displayName": _product_title(mapped.values)}
        values["displayNumber"] = values.get("number", "")
        return self._books.insert("Product", values)

    def update_product(self, product: Document, body: Any) -> Document:
        """Only what is in `body` changes."""
        mapped = read(MODELS["Product"], body, creating=False)
        self._check_product(mapped, product["id"])
        values = {**mapped.values, "displayName": _product_title({**product, **mapped.values})}
        return self._books.change("Product", product, values, version=mapped.version)

    def _check_product(self, mapped: Mapped, own: int | None) -> None:
        number = mapped.values.get("number")
        taken = {p["number"] for p in self._books.all("Product") if p["id"] != own}
        if number and number in taken:
            raise invalid(Problem("number", "product_number", (number,)))
        vat = mapped.values.get("vatType")
        if vat is not None and vat["id"] not in OUTGOING_VAT:
            raise invalid(Problem("vatTypeId", "vat"))

    def _check_customer(self, values: Document) -> None:
        customer = values.get("customer")
        if customer is not None and self._books.get("Customer", customer["id"]) is None:
            raise invalid(Problem("customer.id", "missing"))

    def _next_number(self) -> int:
        taken = {customer["customerNumber"] for customer in self._books.all("Customer")}
        while True:  # ends: at most as many rounds as there are customers
            number = self._books.store.next("tripletex.customerNumber", first=FIRST_CUSTOMER_NUMBER)
            if number not in taken:
                return number

    def _check_number(self, number: int) -> None:
        if any(customer["customerNumber"] == number for customer in self._books.all("Customer")):
            raise invalid(Problem("customerNumber", "number_taken"))

    def _new_address(self, name: str, sent: Any) -> Document:
        if not isinstance(sent, dict):
            raise unmapped(Problem(name, "type"))
        model = ADDRESSES[name]
        values = read(MODELS[model], {k: v for k, v in sent.items() if k != "id"}, creating=True).values
        return {"id": self._books.insert(model, _address_title(values))["id"]}

    def _changed_address(self, customer: Document, name: str, sent: Any) -> Document:
        """An address sent with its own id is changed, one without becomes a new one."""
        if not isinstance(sent, dict):
            raise unmapped(Problem(name, "type"))
        known = customer[name]
        if known is None or sent.get("id") != known["id"]:
            return self._new_address(name, sent)
        model = ADDRESSES[name]
        self.update_address(model, self._books.need(model, known["id"]), sent)
        return {"id": known["id"]}


class _Listed(Problem):
    """Several reasons as the HTML list that Tripletex writes."""

    def __init__(self, field: str, reasons: list[str], _language: str) -> None:
        super().__init__(field, ",".join(reasons))

    def as_json(self, language: str) -> dict[str, Any]:
        items = "\n".join(
            f"<li>{Problem(None, reason).as_json(language)['message']}</li>" for reason in self.text.split(",")
        )
        return {"field": self.field, "message": f"<ul>{items}</ul>", "path": None, "rootId": None}


def _customer_title(values: Document) -> str:
    return f"{values['name']} ({values['customerNumber']})"


def _person(values: Document) -> str:
    return f"{values.get('firstName') or ''} {values.get('lastName') or ''}".strip()


def _product_title(values: Document) -> str:
    return f"{values.get('number') or ''} {values['name']}".strip()


def _address_title(values: Document) -> Document:
    place = f"{values.get('postalCode') or ''} {values.get('city') or ''}".strip()
    lines = [values.get("addressLine1") or "", values.get("addressLine2") or "", place]
    text = ", ".join(line for line in lines if line)
    return {**values, "displayName": text, "addressAsString": text, "displayNameInklMatrikkel": text}
