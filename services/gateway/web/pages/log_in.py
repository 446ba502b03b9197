"""Where a person comes in, and goes out again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response

from services.account.login.calls import LogIn, LogOut
from services.account.reactivation.calls import ReactivateWithPassword
from services.gateway.web.acts import Act, Values
from services.gateway.web.cookies import INVENTORY
from services.gateway.web.failures import logger
from services.gateway.web.outcomes import Outcome
from services.gateway.web.pages import fields
from services.gateway.web.sessions import COOKIE
from services.gateway.web.visit import Visit
from shared.errors import Refused, Transient
from shared.web.preferences import local
from shared.web.responses import redirect
from shared.web.session_door import TOKEN


def _enter(visit: Visit, values: Values) -> Response:
    given = {"email": values["email"], "password": values["password"], "origin": visit.origin}
    opened = visit.ask(LogIn.from_json(given))
    _end_session_before(visit)
    answer = redirect(local(values["next"] or "/"))
    INVENTORY.remember(answer, COOKIE, opened.token)
    return answer


def _end_session_before(visit: Visit) -> None:
    """End what this browser had open: its cookie is overwritten, and nobody could end it any more."""
    before = visit.request.cookies.get(COOKIE, "")
    if not TOKEN.fullmatch(before):
        return
    try:
        visit.ask(LogOut(token=before))
    except (Refused, Transient) as error:
        logger.warning("the session before could not be ended", exc_info=error)


def _next(visit: Visit) -> Values:
    return {"next": local(visit.request.args.get("next", "/"))}


def _is_over(visit: Visit, _: Values) -> Mapping[str, Any]:
    return {"is_over": visit.is_over}


def leave(visit: Visit) -> Response:
    """End the session here and in the browser; one that has ended is forgotten there all the same."""
    if visit.session_or_none is not None:
        visit.ask(LogOut(token=visit.session.token))
    answer = redirect("/log-in")
    INVENTORY.forget(answer, COOKIE)
    return answer


def _come_back(visit: Visit, values: Values) -> None:
    given = {"email": values["email"], "password": values["password"], "origin": visit.origin}
    visit.ask(ReactivateWithPassword.from_json(given))


LOG_IN: Final = Act(
    rule="/log-in",
    title=("Logg inn", "Log in"),
    button=("Logg inn", "Log in"),
    fields=(fields.EMAIL, fields.PASSWORD),
    work=_enter,
    begin=_next,
    carries=("next",),
    shows=_is_over,
    template="log_in",
    refusals={
        "unauthenticated": fields.WRONG_LOG_IN,
        "locked": (
            "Kontoen eller brukerkontoen din er inaktiv. Be om en e-post: Der står det hvordan du kommer tilbake.",
            "The account or your user account is inactive. Ask for an e-mail: it says how to come back.",
        ),
        "invalid": fields.WRONG_LOG_IN,
        "too_many": (
            "For mange forsøk. Be om en e-post: Med lenken i den velger du passord, og kommer inn med en gang.",
            "Too many attempts. Ask for an e-mail: with its link you choose a password, and get in at once.",
        ),
    },
    is_public=True,
    limit="login",
    keeps_draft=False,
)
COME_BACK: Final = Act(
    rule="/come-back",
    title=("Aktiver kontoen igjen", "Reactivate the account"),
    says=(
        "For eiere av en inaktiv konto. Brukere som er gjort inaktive enkeltvis, slettes fortsatt på sine datoer.",
        "For owners of an inactive account. Users made inactive one by one are still erased on their dates.",
    ),
    button=("Aktiver igjen", "Reactivate"),
    fields=(fields.EMAIL, fields.PASSWORD),
    work=_come_back,
    then="/log-in",
    done=Outcome.ACTIVE_AGAIN,
    template="come_back",
    refusals={
        "unauthenticated": fields.WRONG_LOG_IN,
        "invalid": fields.WRONG_LOG_IN,
        "forbidden": ("Bare en eier av kontoen kan det.", "Only an owner of the account can."),
        "conflict": (
            "Kontoen er allerede aktiv, eller slettingen har begynt.",
            "The account is active already, or its erasure has begun.",
        ),
        "locked": (
            "Brukerkontoen din er inaktiv. Spør en annen eier av kontoen.",
            "Your user account is inactive. Ask another owner of the account.",
        ),
    },
    is_public=True,
    limit="login",
    keeps_draft=False,
)
