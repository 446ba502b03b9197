"""What it was when a page could not be made, and what every host says of it and of what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from werkzeug.exceptions import HTTPException

from shared.errors import Internal, Refused, TooMany, Transient
from shared.http.refusal_headers import RETRY_SECONDS
from shared.identifiers import new_id

Told = tuple[tuple[str, str], tuple[str, str]]
"""What happened, and what to do next, each in Norwegian and English."""

WORDS: Final[Mapping[str, Told]] = MappingProxyType(
    {
        "malformed": (
            ("Forespørselen kunne ikke leses", "The request could not be read"),
            ("Gå tilbake, og prøv på nytt.", "Go back, and try again."),
        ),
        "not_found": (
            ("Siden finnes ikke", "There is no such page"),
            (
                "Adressen kan være skrevet feil, eller det som sto her, er slettet.",
                "The address may be misspelt, or what stood here is erased.",
            ),
        ),
        "method_not_allowed": (
            ("Dette går ikke her", "This cannot be done here"),
            ("Siden kan leses, men ikke brukes på denne måten.", "The page can be read, but not used in this way."),
        ),
        "too_large": (
            ("Skjemaet er for stort", "The form is too large"),
            ("Kort ned teksten, og send på nytt.", "Shorten the text, and send again."),
        ),
        "foreign_origin": (
            ("Forespørselen kom ikke herfra", "The request did not come from here"),
            (
                "Et annet nettsted ba nettleseren din om dette. Ingenting er gjort. Åpne siden herfra i stedet.",
                "Another site made your browser ask for this. Nothing was done. Open the page from here instead.",
            ),
        ),
        "form_not_ours": (
            ("Skjemaet gjelder ikke lenger", "The form is no longer valid"),
            (
                "Ingenting er gjort. Nettleseren må ta imot informasjonskapsler. Åpne siden, og send igjen.",
                "Nothing was done. The browser must take cookies. Open the page again, and send again.",
            ),
        ),
        "conflict": (
            ("Noe har endret seg", "Something has changed"),
            (
                "Siden er ikke lenger slik den var. Les den på nytt.",
                "It is not as you saw it. Read it again.",
            ),
        ),
        "invalid": (
            ("Noe i forespørselen er feil", "Something in the request is wrong"),
            ("Gå tilbake, rett det, og send på nytt.", "Go back, correct it, and send again."),
        ),
        "too_many": (
            ("For mange forsøk", "Too many attempts"),
            ("Vent litt, og prøv igjen.", "Wait a little, and try again."),
        ),
        "unavailable": (
            ("En tjeneste svarer ikke akkurat nå", "A service does not answer at the moment"),
            (
                "Prøv igjen om litt. Sendte du noe, se først etter om det er gjort.",
                "Try again in a little while. If you sent something, look first whether it was done.",
            ),
        ),
        "restoring": (
            ("Tjenesten gjør seg klar", "The service is getting ready"),
            ("Prøv igjen om litt.", "Try again in a little while."),
        ),
        "internal": (
            ("Noe gikk galt hos oss", "Something went wrong on our side"),
            ("Feilen er registrert under nummeret her.", "The fault is recorded under the number here."),
        ),
        "refused": (
            ("Forespørselen kan ikke utføres", "The request cannot be carried out"),
            ("Gå tilbake, og prøv på nytt.", "Go back, and try again."),
        ),
    }
)
"""By code; each host has words of its own for what it alone refuses."""
OF_STATUS: Final = {400: "malformed", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why there is no page: a code of `WORDS` or of a refusal, its status, headers that belong to it.

    `number` is what a fault of ours is recorded under.
    """

    code: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    number: str | None = None


def failure_of(error: Exception, logger: Any) -> Failure:
    """What it was; what is nobody's refusal is written to the log."""
    if isinstance(error, HTTPException):
        status = error.code or 500
        methods = getattr(error, "valid_methods", None)
        headers = {"Allow": ", ".join(sorted(methods))} if methods else {}
        return Failure(code=OF_STATUS.get(status, "refused"), status=status, headers=headers)
    if isinstance(error, Refused):
        seconds = str(error.details.get("retry_after_seconds", RETRY_SECONDS))
        headers = {"Retry-After": seconds} if isinstance(error, TooMany) else {}
        return Failure(code=error.code, status=error.status, headers=headers)
    if isinstance(error, Transient):
        logger.warning("a call was not answered", exc_info=error)
        return Failure(code="unavailable", status=503, headers={"Retry-After": str(RETRY_SECONDS)})
    number = error.error_id if isinstance(error, Internal) else str(new_id())
    logger.error("a request failed", exc_info=error, error_id=number)
    return Failure(code="internal", status=500, number=number)
