"""Where a person comes in, and goes out again."""

from __future__ import annotations

from typing import Final

from flask import Response

from services.desk import sessions as session_cookies
from services.desk.web import passkey_forms
from services.desk.web.cookies import INVENTORY
from services.desk.web.failures import logger
from services.desk.web.visit import Visit
from services.desk.wording import refusals
from services.staff.sessions.calls import BeginLogIn, LoggedIn, LogIn, LogOut
from shared.demo_staff import PEOPLE
from shared.errors import Refused, Transient
from shared.staff import PASSKEYS_NEEDED
from shared.web.csrf import is_foreign
from shared.web.preferences import local
from shared.web.responses import redirect
from shared.web.session_door import TOKEN
from shared.web.visit import ident, not_found

MADE: Final = "made"
"""What says in the address that a key was made just now."""

AFTER_KEY: Final = f"/log-in?{MADE}=1"
"""Where one goes on to once that is so."""


def show(visit: Visit) -> Response:
    """The page to log in at; it says where one goes on afterwards."""
    return _page(visit)


def enter(visit: Visit) -> Response:
    """What its button sends: the challenge of the page, signed by a passkey."""
    form = visit.request.form
    try:
        assertion = passkey_forms.answer_of(form.get(passkey_forms.ANSWER, ""), "get")
        ceremony_id = str(ident(form.get(passkey_forms.CEREMONY, "")))
        opened = visit.ask(LogIn.from_json({"ceremony_id": ceremony_id, "assertion": assertion}))
    except Refused as refused:
        return _page(visit, refused=refused)
    return _entered(visit, opened)


def enter_as_invented(visit: Visit) -> Response:
    """What the button of an invented person sends. Raises `NotFound` where there are none."""
    if visit.invented_people is None:
        not_found()
    return _entered(visit, visit.invented_people.log_in(visit.request.form.get("code", "")))


def _entered(visit: Visit, opened: LoggedIn) -> Response:
    _end_session_before(visit)
    wanted = local(visit.request.form.get("next", "/"))
    answer = redirect(wanted if opened.passkeys >= PASSKEYS_NEEDED else "/me")
    INVENTORY.remember(answer, session_cookies.COOKIE, opened.token)
    return answer


def _end_session_before(visit: Visit) -> None:
    """End what this browser had open: its cookie is overwritten, and nobody would see it there any more."""
    before = visit.request.cookies.get(session_cookies.COOKIE, "")
    if not TOKEN.fullmatch(before):
        return
    try:
        visit.ask(LogOut(token=before))
    except (Refused, Transient) as error:
        logger.warning("the session before could not be ended", exc_info=error)


def leave(visit: Visit) -> Response:
    """End the session here and in the browser; one that has ended is forgotten there all the same."""
    if visit.session is not None:
        visit.ask(LogOut(token=visit.token))
    answer = redirect("/log-in")
    INVENTORY.forget(answer, session_cookies.COOKIE)
    return answer


def _page(visit: Visit, refused: Refused | None = None) -> Response:
    begun = visit.ask(BeginLogIn())
    wanted = visit.request.values.get("next", "/")
    return visit.page(
        "log_in",
        status=refused.status if refused else 200,
        next=local(wanted),
        ceremony_id=begun.ceremony_id,
        options=begun.options.to_json(),
        refused=visit.say(*refusals.why(refused)) if refused else None,
        invented=[each for each in PEOPLE if each.code in visit.invented_codes],
        is_over=visit.is_over,
        is_made=MADE in visit.request.args and not is_foreign(visit.request),
    )
