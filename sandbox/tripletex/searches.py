"""Which objects a search finds: every model has its own parameters, and some of them surprise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox.tripletex import listing
from sandbox.tripletex.reference import VAT_KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.store import Document
    from sandbox.tripletex.store import TripletexStore

    Test = Callable[[Document], bool]

# model -> parameter -> (kind of comparison, field)
_PARAMETERS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "Customer": {
        "id": ("ids", "id"),
        "customerAccountNumber": ("ids", "customerNumber"),
        "organizationNumber": ("equals", "organizationNumber"),
        "email": ("equals", "email"),
        "invoiceEmail": ("equals", "invoiceEmail"),
        "customerName": ("contains", "name"),
        "phoneNumberMobile": ("contains", "phoneNumberMobile"),
        "isInactive": ("flag", "isInactive"),
        "accountManagerId": ("refs", "accountManager"),
        "changedSince": ("since", "changes"),
    },
    "Contact": {
        "id": ("ids", "id"),
        "firstName": ("contains", "firstName"),
        "lastName": ("contains", "lastName"),
        "email": ("contains", "email"),
        "customerId": ("refs", "customer"),
        "departmentId": ("refs", "department"),
    },
    "Product": {
        "ids": ("ids", "id"),
        "number": ("ids_as_text", "number"),
        "productNumber": ("texts", "number"),
        "name": ("contains", "name"),
        "isInactive": ("flag", "isInactive"),
        "vatTypeId": ("refs", "vatType"),
    },
    "Order": {
        "id": ("ids", "id"),
        "number": ("equals", "number"),
        "customerId": ("refs", "customer"),
        "deliveryComment": ("contains", "deliveryComment"),
        "isClosed": ("flag", "isClosed"),
        "isSubscription": ("flag", "isSubscription"),
    },
    "Invoice": {
        "id": ("ids", "id"),
        "invoiceNumber": ("number", "invoiceNumber"),
        "kid": ("equals", "kid"),
        "customerId": ("refs", "customer"),
    },
    "Country": {"id": ("ids", "id"), "code": ("texts", "isoAlpha2Code")},
    "Currency": {"id": ("ids", "id"), "code": ("texts", "code")},
    "VatType": {"id": ("ids", "id"), "number": ("texts", "number")},
    "Subscription": {"id": ("ids", "id")},
    "DeliveryAddress": {"id": ("ids", "id"), "name": ("contains", "name")},
}
_PERIODS: Final = {"Order": "orderDate", "Invoice": "invoiceDate"}


def find(name: str, books: TripletexStore, args: Mapping[str, str]) -> list[Document]:
    """The objects of `name` that meet `args`. Raises 422 or 404 for parameters that cannot be."""
    tests = [
        _test(kind, field, args[parameter], books.runtime["language"])
        for parameter, (kind, field) in _PARAMETERS[name].items()
        if args.get(parameter)
    ]
    if name == "Customer" and not args.get("isInactive"):
        tests.append(_equal("isInactive", wanted=False))  # the default: an inactive one is not found
    if name == "VatType" and args.get("typeOfVat"):
        if args["typeOfVat"] not in VAT_KINDS:
            raise listing.misfit()
        tests.append(_equal("_kind", wanted=args["typeOfVat"]))
    if name in _PERIODS:
        field = _PERIODS[name]
        first, last = listing.period(args, field)
        tests.append(lambda document: first <= document[field] < last)
    return [document for document in books.all(name) if all(test(document) for test in tests)]


def _test(kind: str, field: str, text: str, language: str) -> Test:
    if kind in ("ids", "ids_as_text", "refs", "texts"):
        return _membership(kind, field, text, language)
    match kind:
        case "flag":
            return _equal(field, wanted=listing.flag(text))
        case "number":
            return _equal(field, wanted=int(text) if text.isdecimal() else -1)
        case "contains":
            return lambda document: text.casefold() in str(document[field]).casefold()
        case "since":
            return lambda document: bool(document["changes"][-1]["timestamp"] >= text[:19])
        case _:
            return _equal(field, wanted=text)


def _membership(kind: str, field: str, text: str, language: str) -> Test:
    """The field, or the id of the object it refers to, is one of a comma separated list."""
    if kind == "texts":
        return _among(field, {part.strip() for part in text.split(",")})
    numbers = listing.ids(text, language)
    if kind == "ids":
        return _among(field, numbers)
    if kind == "ids_as_text":
        return _among(field, {str(number) for number in numbers})
    return lambda document: bool(document[field]) and document[field]["id"] in numbers


def _equal(field: str, *, wanted: Any) -> Test:
    return lambda document: bool(document[field] == wanted)


def _among(field: str, wanted: set[Any]) -> Test:
    return lambda document: document[field] in wanted
