"""Enrolling a passkey: by the link of an invitation, by a session, or by a recovery code."""

from __future__ import annotations

from typing import Any

from flask import Response

from services.desk.web import passkey_forms
from services.desk.web.pages import log_in
from services.desk.web.visit import Visit
from services.desk.wording import refusals
from services.staff.passkeys.calls import BeginEnrolment, FinishEnrolment
from shared.errors import Invalid, Refused
from shared.web.responses import redirect
from shared.web.visit import ident


def show_link(visit: Visit, token: str) -> Response:
    """The page behind the link of an invitation, or of a way back."""
    return _page(visit, {"link": token})


def use_link(visit: Visit, token: str) -> Response:
    """Its button."""
    return _enrol(visit, {"link": token}, then=log_in.AFTER_KEY)


def show_own(visit: Visit) -> Response:
    """One more key for somebody who has logged in."""
    return _page(visit, {"session": visit.token})


def use_own(visit: Visit) -> Response:
    """Its button."""
    return _enrol(visit, {"session": visit.token}, then="/me")


def ask_code(visit: Visit) -> Response:
    """Where somebody begins who has lost their keys, and has a recovery code."""
    return visit.page("recover", refused=None)


def show_code(visit: Visit) -> Response:
    """The code, and then the key that takes its place."""
    form = visit.request.form
    by = {"recovery": {"staff_code": form.get("staff_code", "").strip(), "code": form.get("code", "")}}
    if form.get(passkey_forms.ANSWER):
        return _enrol(visit, by, then=log_in.AFTER_KEY)
    try:
        return _page(visit, by)
    except Refused as refused:
        misspelt = visit.say("Koden er ikke skrevet riktig.", "The code is not written correctly.")
        unwritten = isinstance(refused, Invalid)
        return visit.page(
            "recover", status=refused.status, refused=misspelt if unwritten else visit.say(*refusals.why(refused))
        )


def _enrol(visit: Visit, by: dict[str, Any], *, then: str) -> Response:
    form = visit.request.form
    try:
        credential = passkey_forms.answer_of(form.get(passkey_forms.ANSWER, ""), "create")
        ceremony_id = str(ident(form.get(passkey_forms.CEREMONY, "")))
        visit.ask(FinishEnrolment.from_json({"by": by, "ceremony_id": ceremony_id, "credential": credential}))
    except Refused as refused:
        return _page(visit, by, refused=refused)
    return redirect(then)


def _page(visit: Visit, by: dict[str, Any], refused: Refused | None = None) -> Response:
    """The page with the button; without one where the link, the session or the code is good for nothing."""
    begun = None
    try:
        begun = visit.ask(BeginEnrolment.from_json({"by": by}))
    except Refused as error:
        if "recovery" in by:
            raise
        refused = refused or error
    return visit.page(
        "enrolment",
        status=refused.status if refused else 200,
        ceremony_id=begun.ceremony_id if begun else None,
        options=begun.options.to_json() if begun else None,
        recovery=by.get("recovery"),
        refused=visit.say(*refusals.why(refused)) if refused else None,
        wants_log_in=refusals.wants_log_in(refused),
    )
