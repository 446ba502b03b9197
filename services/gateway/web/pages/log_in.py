"""Where a person comes in, and goes out again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response

from services.account.login.calls import LogIn, LogOut
from services.gateway.web.acts import Act, Field, Kind, Values
from services.gateway.web.cookies import INVENTORY
from services.gateway.web.sessions import COOKIE
from services.gateway.web.visit import Visit
from shared.web.preferences import local
from shared.web.responses import redirect

EMAIL: Final = Field(
    name="email", label=("E-postadresse", "E-mail address"), kind=Kind.EMAIL, autocomplete="username"
)


def _enter(visit: Visit, values: Values) -> Response:
    given = {"email": values["email"], "password": values["password"], "origin": visit.origin}
    opened = visit.ask(LogIn.from_json(given))
    answer = redirect(local(values["next"] or "/"))
    INVENTORY.remember(answer, COOKIE, opened.token)
    return answer


def _next(visit: Visit) -> Values:
    return {"next": local(visit.request.args.get("next", "/"))}


def _is_over(visit: Visit, _: Values) -> Mapping[str, Any]:
    return {"is_over": visit.is_over}


def leave(visit: Visit) -> Response:
    """End the session here and in the browser."""
    visit.ask(LogOut(token=visit.session.token))
    answer = redirect("/log-in")
    INVENTORY.forget(answer, COOKIE)
    return answer


LOG_IN: Final = Act(
    rule="/log-in",
    title=("Logg inn", "Log in"),
    button=("Logg inn", "Log in"),
    fields=(
        EMAIL,
        Field(name="password", label=("Passord", "Password"), kind=Kind.PASSWORD, autocomplete="current-password"),
    ),
    work=_enter,
    begin=_next,
    carries=("next",),
    shows=_is_over,
    template="log_in",
    refusals={
        "unauthenticated": ("Adressen eller passordet er feil.", "The address or the password is wrong."),
        "locked": (
            "Kontoen eller brukerkontoen din er inaktiv. Be om en e-post: Der står det hvordan du kommer tilbake.",
            "The account or your user account is inactive. Ask for an e-mail: it says how to come back.",
        ),
        "invalid": ("Adressen eller passordet er feil.", "The address or the password is wrong."),
    },
    is_public=True,
    limit="login",
    keeps_draft=False,
)
