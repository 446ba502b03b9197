"""One's own page: passkeys, recovery codes, sessions, the undertaking, and command lines waiting to log in."""

from __future__ import annotations

import re
from typing import Any, Final

from flask import Response

from services.desk.queries.prerequisites import counting
from services.desk.web.responses import redirect
from services.desk.web.visit import Visit, ident
from services.desk.wording import refusals
from services.staff.device_log_in.calls import DecideDeviceLogIn, ShowDeviceLogIn
from services.staff.passkeys.calls import ListPasskeys, RevokePasskey
from services.staff.prerequisites.calls import SignUndertaking, UndertakingText
from services.staff.recovery.calls import BurnRecoveryCodes, MakeRecoveryCodes, RecoveryCodesLeft
from services.staff.sessions.calls import EndSession, ListSessions
from services.staff.statements.calls import OwnGrants
from shared.errors import Refused

REASONS = ("lost", "stolen", "replaced")
PART: Final = re.compile(r"\n\s*\n|\n(?=[0-9]+\. )")
"""Where a part of the undertaking ends that is read by itself: at an empty line, and before a number."""


def show(visit: Visit) -> Response:
    """One's own page."""
    return _page(visit)


def revoke(visit: Visit) -> Response:
    """Revoke a key of one's own."""
    form = visit.request.form
    try:
        given = {
            "token": visit.token,
            "passkey_id": str(ident(form.get("passkey_id", ""))),
            "reason": form.get("reason", ""),
        }
        visit.ask(RevokePasskey.from_json(given))
    except Refused as refused:
        return _page(visit, refused=refused)
    return redirect("/me")


def make_codes(visit: Visit) -> Response:
    """Ten recovery codes, shown this once."""
    try:
        made = visit.ask(MakeRecoveryCodes(token=visit.token))
    except Refused as refused:
        return _page(visit, refused=refused)
    return visit.page("recovery_codes", codes=made.codes)


def burn_codes(visit: Visit) -> Response:
    """No code works any more."""
    visit.ask(BurnRecoveryCodes(token=visit.token))
    return redirect("/me")


def end_session(visit: Visit) -> Response:
    """End a session of one's own somewhere else."""
    visit.ask(EndSession(token=visit.token, session_id=ident(visit.request.form.get("session_id", ""))))
    return redirect("/me")


def ask_device(visit: Visit) -> Response:
    """Where the code of a command line is typed in."""
    return visit.page("device", shown=None, user_code="", refused=None, decided=None)


def show_device(visit: Visit) -> Response:
    """The device with this code, before it is let in; and the decision."""
    form = visit.request.form
    code, decision = form.get("user_code", ""), form.get("decision")
    facts: dict[str, Any] = {"user_code": code, "refused": None, "decided": None, "shown": None}
    try:
        given = {"token": visit.token, "user_code": code}
        if decision in ("approve", "refuse"):
            visit.ask(DecideDeviceLogIn.from_json({**given, "approve": decision == "approve"}))
            facts["decided"] = decision
        else:
            facts["shown"] = visit.ask(ShowDeviceLogIn.from_json(given))
    except Refused as refused:
        facts["refused"] = visit.say(*refusals.why(refused))
        return visit.page("device", status=refused.status, **facts)
    return visit.page("device", **facts)


def ask_undertaking(visit: Visit) -> Response:
    """The undertaking of confidentiality, to be read and signed."""
    return _undertaking(visit)


def sign_undertaking(visit: Visit) -> Response:
    """Sign just the text that was shown."""
    try:
        given = {"token": visit.token, "text_sha256": visit.request.form.get("text_sha256", "")}
        visit.ask(SignUndertaking.from_json(given))
    except Refused as refused:
        return _undertaking(visit, refused=refused)
    return visit.page("undertaking", text=None, paragraphs=(), refused=None)


def _undertaking(visit: Visit, refused: Refused | None = None) -> Response:
    text = visit.ask(UndertakingText(language=visit.language))
    return visit.page(
        "undertaking",
        status=refused.status if refused else 200,
        text=text,
        paragraphs=PART.split(text.text.strip()),
        refused=visit.say(*refusals.why(refused)) if refused else None,
    )


def _page(visit: Visit, refused: Refused | None = None) -> Response:
    return visit.page(
        "me",
        status=refused.status if refused else 200,
        passkeys=visit.ask(ListPasskeys(token=visit.token)).passkeys,
        codes=visit.ask(RecoveryCodesLeft(token=visit.token)),
        sessions=visit.ask(ListSessions(token=visit.token)).sessions,
        grants=[each for each in visit.ask(OwnGrants(token=visit.token)).grants if each.live],
        prerequisites=counting(visit.ask, visit.token),
        reasons=REASONS,
        refused=visit.say(*refusals.why(refused)) if refused else None,
        wants_log_in=refusals.wants_log_in(refused),
    )
