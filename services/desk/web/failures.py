"""What a person of staff is told when a page could not be made: what it was, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from flask import Response
from werkzeug.exceptions import HTTPException

from services.desk.web.visit import Visit
from services.desk.wording import refusals
from shared import log
from shared.errors import Refused
from shared.web import failures
from shared.web.failures import Failure, Told, failure_of

logger = log.get("desk")

WORDS: Final[Mapping[str, Told]] = MappingProxyType(
    {
        **failures.WORDS,
        "forbidden": (
            ("Du kan ikke gjøre dette", "You cannot do this"),
            (
                "Tildelinger, taushetserklæring eller opplæring dekker det ikke. Spør den som forvalter dem.",
                "Your grants, undertaking or training do not cover it. Ask whoever manages them.",
            ),
        ),
        "locked": (
            ("Kontoen er låst", "The account is locked"),
            (
                "Det som gjelder den, holdes tilbake nå. Kundesiden sier hvorfor.",
                "What is about it is kept back now. The customer's page says why.",
            ),
        ),
    }
)
"""By code: what happened, and what to do next."""


def failure(visit: Visit, error: Exception) -> Response:
    """The page for whatever was raised while a request was answered."""
    if isinstance(error, HTTPException) and (error.response is not None or (error.code or 500) < 400):  # noqa: PLR2004
        return Response(error.get_response().data, status=error.code, headers=error.get_headers())  # of the router
    refused = error if isinstance(error, Refused) else None
    return _page(visit, failure_of(error, logger), refused)


def _page(visit: Visit, failed: Failure, refused: Refused | None) -> Response:
    title, usual = WORDS.get(failed.code, WORDS["refused"])
    remedy = (refusals.lacks(refused) if refused else None) or usual
    answer = visit.page(
        "failure",
        status=failed.status,
        title=visit.say(*title),
        remedy=visit.say(*remedy),
        number=failed.number,
        code_shown=failed.code,
        choose_at=_where_to_choose(visit, refused) if refused else None,
        is_on_own_page=refused is not None and refused.details.get("reason") in refusals.ON_OWN_PAGE,
    )
    answer.headers.update(failed.headers)
    return answer


def _where_to_choose(visit: Visit, refused: Refused) -> str | None:
    """The page that asks for a purpose, where the one that was chosen is for another role."""
    chose = "purpose" in visit.request.values
    return visit.request.path if chose and refused.details.get("reason") == refusals.OTHER_PURPOSE else None
