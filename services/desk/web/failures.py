"""What a person is told when a page could not be made: what it was, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from flask import Response
from werkzeug.exceptions import HTTPException

from services.desk.web.visit import Visit
from services.desk.wording import refusals
from shared import log
from shared.errors import Internal, Refused, TooMany, Transient
from shared.http.refusal_headers import RETRY_SECONDS
from shared.identifiers import new_id

logger = log.get("desk")

Told = tuple[tuple[str, str], tuple[str, str]]

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
        "forbidden": (
            ("Du kan ikke gjøre dette", "You cannot do this"),
            (
                "Tildelinger, taushetserklæring eller opplæring dekker det ikke. Spør den som forvalter dem.",
                "Your grants, undertaking or training do not cover it. Ask whoever manages them.",
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
        "locked": (
            ("Kontoen er låst", "The account is locked"),
            (
                "Det som gjelder den, holdes tilbake nå. Kundesiden sier hvorfor.",
                "What is about it is kept back now. The customer's page says why.",
            ),
        ),
        "too_many": (
            ("For mange forsøk", "Too many attempts"),
            ("Vent litt, og prøv igjen.", "Wait a little, and try again."),
        ),
        "unavailable": (
            ("En tjeneste svarer ikke akkurat nå", "A service does not answer at the moment"),
            ("Ingenting er gjort. Prøv igjen om litt.", "Nothing was done. Try again in a little while."),
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
"""By code: what happened, and what to do next."""
OF_STATUS: Final = {400: "malformed", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}


def failure(visit: Visit, error: Exception) -> Response:
    """The page for whatever was raised while a request was answered."""
    if isinstance(error, HTTPException):
        status = error.code or 500
        if error.response is not None or status < 400:  # noqa: PLR2004  # a redirect of the router's own
            return Response(error.get_response().data, status=status, headers=error.get_headers())
        answer = _page(visit, OF_STATUS.get(status, "refused"), status)
        if methods := getattr(error, "valid_methods", None):
            answer.headers["Allow"] = ", ".join(sorted(methods))
        return answer
    if isinstance(error, Refused):
        answer = _page(
            visit,
            error.code,
            error.status,
            remedy=refusals.lacks(error),
            choose_at=_where_to_choose(visit, error),
            is_on_own_page=error.details.get("reason") in refusals.ON_OWN_PAGE,
        )
        if isinstance(error, TooMany):
            answer.headers["Retry-After"] = str(error.details.get("retry_after_seconds", RETRY_SECONDS))
        return answer
    if isinstance(error, Transient):
        logger.warning("a call was not answered", exc_info=error)
        answer = _page(visit, "unavailable", 503)
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
        return answer
    number = error.error_id if isinstance(error, Internal) else str(new_id())
    logger.error("a request failed", exc_info=error, error_id=number)
    return _page(visit, "internal", 500, number=number)


def _page(
    visit: Visit,
    code: str,
    status: int,
    *,
    number: str | None = None,
    remedy: tuple[str, str] | None = None,
    choose_at: str | None = None,
    is_on_own_page: bool = False,
) -> Response:
    title, usual = WORDS.get(code, WORDS["refused"])
    remedy = remedy or usual
    return visit.page(
        "failure",
        status=status,
        title=visit.say(*title),
        remedy=visit.say(*remedy),
        number=number,
        code_shown=code,
        choose_at=choose_at,
        is_on_own_page=is_on_own_page,
    )


def _where_to_choose(visit: Visit, refused: Refused) -> str | None:
    """The page that asks for a purpose, where the one that was chosen is for another role."""
    chose = "purpose" in visit.request.values
    return visit.request.path if chose and refused.details.get("reason") == refusals.OTHER_PURPOSE else None
