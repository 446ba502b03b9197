"""Tripletex's refusals: one envelope, numbers that mean something, texts in the user's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

LINK: Final = "https://tripletex.no/v2-docs/"

TEXTS: Final[dict[str, dict[str, str]]] = {
    "required": {"no": "Feltet må fylles ut.", "en": "The field must be filled out."},
    "null": {"no": "Kan ikke være null.", "en": "Cannot be null."},
    "unknown": {"no": "Feltet eksisterer ikke i objektet.", "en": "The field does not exist in the object."},
    "type": {
        "no": "Verdien er ikke av korrekt type for dette feltet.",
        "en": "The value is not of the correct type for this field.",
    },
    "id": {
        "no": "ID kan ikke settes når man oppretter et objekt.",
        "en": "ID can not be set when creating an object.",
    },
    "vat": {"no": "Ugyldig mva-kode.", "en": "Invalid VAT code."},
    "line": {
        "no": "Det må registreres en beskrivelse eller et produkt.",
        "en": "A description or a product must be registered.",
    },
    "product_number": {"no": "Produktnummeret {0} er i bruk.", "en": "The product number {0} is in use."},
    "bank": {
        "no": "Faktura kan ikke opprettes før selskapet har registrert et bankkontonummer.",
        "en": "The invoice cannot be created until the company has registered a bank account number.",
    },
    "orders": {"no": "Ordrer er registrert.", "en": "Orders are registered."},
    "invoices": {"no": "Fakturaer er registrert.", "en": "Invoices are registered."},
    "postings": {
        "no": "Posteringer er registrert på kunden.",
        "en": "Postings are registered on the customer.",
    },
    "number_taken": {"no": "Nummeret er i bruk.", "en": "The number is in use."},
    "missing": {"no": "Objektet finnes ikke.", "en": "The object does not exist."},
    "one_order": {
        "no": "En faktura må ha nøyaktig én ordre.",
        "en": "An invoice must have exactly one order.",
    },
    "closed": {"no": "Ordren er lukket.", "en": "The order is closed."},
    "price": {
        "no": "Enhetspris må være {0} mva.",
        "en": "Unit price must be {0} VAT.",
    },
    "expired": {
        "no": "Utløpsdato må være etter dagens dato.",
        "en": "The expiration date must be after today.",
    },
    "ids": {
        "no": "'{0}': Listen med ID-er må være en kommaseparert liste med positive heltall.",
        "en": "'{0}': The list of IDs must be a comma separated list of positive integers.",
    },
    "range": {
        "no": "'From and including' value ({0}) is greater than or equal 'To and excluding' value ({1}) in filter.",
        "en": "'From and including' value ({0}) is greater than or equal 'To and excluding' value ({1}) in filter.",
    },
    "summary": {"no": "Validering feilet.", "en": "Validation failed."},
}


@dataclass(frozen=True)
class Problem:
    """One validation message: which field, and which of `TEXTS`, filled with `values`."""

    field: str | None
    text: str
    values: tuple[str, ...] = ()

    def as_json(self, language: str) -> dict[str, Any]:
        """In the form of the envelope."""
        message = say(self.text, language, *self.values)
        return {"field": self.field, "message": message, "path": None, "rootId": None}


def say(text: str, language: str, *values: str) -> str:
    """One of `TEXTS` in `language` (no, en)."""
    return TEXTS[text][language].format(*values)


class TripletexError(Exception):
    """The call is refused with `status` and Tripletex's own `code`."""

    def __init__(
        self,
        status: int,
        code: int,
        message: str | None,
        *,
        developer: str | None = None,
        problems: list[Problem] | None = None,
    ) -> None:
        """`message` None stands for the summary in the user's language where there are problems."""
        super().__init__(f"{status}/{code}")
        self.status = status
        self.code = code
        self.message = message
        self.developer = developer
        self.problems = problems

    def as_json(self, request_id: str, language: str) -> dict[str, Any]:
        """The error envelope."""
        problems = None if self.problems is None else [p.as_json(language) for p in self.problems]
        message = say("summary", language) if self.message is None and problems else self.message
        return {
            "status": self.status,
            "code": self.code,
            "message": message,
            "link": LINK,
            "developerMessage": self.developer,
            "validationMessages": problems,
            "requestId": request_id,
        }


def invalid(*problems: Problem) -> TripletexError:
    """422/18000: the object breaks a rule."""
    return TripletexError(422, 18000, None, developer="VALIDATION_ERROR", problems=list(problems))


def unmapped(*problems: Problem) -> TripletexError:
    """422/16000: the JSON does not fit the object."""
    text = "Request mapping failed"
    return TripletexError(422, 16000, text, developer=text, problems=list(problems))


def bad_search(*problems: Problem) -> TripletexError:
    """422/15000: a search parameter is missing or impossible."""
    text = "Validation failed"
    return TripletexError(422, 15000, text, developer="VALIDATION_ERROR", problems=list(problems))


def not_found() -> TripletexError:
    """404/6000."""
    return TripletexError(404, 6000, "Object not found")


def unauthorised() -> TripletexError:
    """401/3000."""
    return TripletexError(
        401,
        3000,
        "Unauthorized",
        developer="Could not log in. Check login info in Authorization header.",
    )


def forbidden() -> TripletexError:
    """403/9000."""
    return TripletexError(403, 9000, "You do not have permission to access this feature.")


def revision() -> TripletexError:
    """409/8000: somebody else changed it in between."""
    return TripletexError(409, 8000, "RevisionException")
