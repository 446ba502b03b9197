"""One's own page: passkeys, recovery codes, sessions, the undertaking, and command lines waiting to log in."""

from __future__ import annotations

import re
from typing import Any, Final
from uuid import UUID

from flask import Response

from services.desk.queries.prerequisites import counting
from services.desk.web.own_steps import steps
from services.desk.web.visit import Visit
from services.desk.wording import refusals
from services.staff.device_log_in.calls import DecideDeviceLogIn, ShowDeviceLogIn
from services.staff.passkeys.calls import ListPasskeys, RevokePasskey
from services.staff.prerequisites.calls import OwnPrerequisites, SignUndertaking, UndertakingText
from services.staff.recovery.calls import BurnRecoveryCodes, MakeRecoveryCodes, RecoveryCodesLeft
from services.staff.sessions.calls import EndSession, ListSessions
from services.staff.statements.calls import OwnGrants
from shared.errors import Forbidden, Refused
from shared.staff import PASSKEYS_NEEDED
from shared.web.responses import done
from shared.web.visit import ident, not_found

REASONS = ("lost", "stolen", "replaced")
INVENTED_KEY: Final = "invented_key"
PART: Final = re.compile(r"\n\s*\n|\n(?=[0-9]+\. )")
"""Where a part of the undertaking ends that is read by itself: at an empty line, and before a number."""


def show(visit: Visit) -> Response:
    """One's own page."""
    return _page(visit)


def ask_revocation(visit: Visit) -> Response:
    """The question before a key of one's own is revoked."""
    return _revocation(visit, ident(visit.request.args.get("passkey_id", "")))


def revoke(visit: Visit) -> Response:
    """Revoke a key of one's own. An invented person of a demo keeps theirs: they could never be made again."""
    passkey_id, reason = ident(visit.form.get("passkey_id", "")), visit.form.get("reason", "")
    if reason not in REASONS:
        return _revocation(visit, passkey_id, lacks_reason=True)
    try:
        if visit.is_invented:
            raise Forbidden("the keys of invented people stay", details={"reason": INVENTED_KEY})
        visit.ask(RevokePasskey(token=visit.token, passkey_id=passkey_id, reason=reason))
    except Refused as refused:
        return _revocation(visit, passkey_id, refused=refused)
    return done("/me")


def _revocation(
    visit: Visit, passkey_id: UUID, *, lacks_reason: bool = False, refused: Refused | None = None
) -> Response:
    """The question about one key. On the page of all of them what is refused about a key that is none."""
    passkeys = visit.ask(ListPasskeys(token=visit.token)).passkeys
    key = next((each for each in passkeys if each.passkey_id == passkey_id), None)
    if key is None:
        return _page(visit, refused=refused) if refused else not_found()
    return visit.page(
        "passkey_revoke",
        status=422 if lacks_reason else refused.status if refused else 200,
        key=key,
        left=len(passkeys) - 1,
        needed=PASSKEYS_NEEDED,
        reasons=REASONS,
        reason=visit.form.get("reason", ""),
        errors={"reason": visit.say("Velg en grunn.", "Choose a reason.")} if lacks_reason else {},
        refused=visit.say(*refusals.why(refused)) if refused else None,
        wants_log_in=refusals.wants_log_in(refused),
        form_key=visit.form_key if visit.is_filled_in else None,
    )


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
    return done("/me")


def end_session(visit: Visit) -> Response:
    """End a session of one's own somewhere else."""
    visit.ask(EndSession(token=visit.token, session_id=ident(visit.request.form.get("session_id", ""))))
    return done("/me")


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
    grants = visit.ask(OwnGrants(token=visit.token))
    prerequisites = counting(visit.ask(OwnPrerequisites(token=visit.token)))
    return visit.page(
        "me",
        status=refused.status if refused else 200,
        passkeys=visit.ask(ListPasskeys(token=visit.token)).passkeys,
        codes=visit.ask(RecoveryCodesLeft(token=visit.token)),
        sessions=visit.ask(ListSessions(token=visit.token)).sessions,
        grants=[each for each in grants.grants if each.live],
        prerequisites=prerequisites,
        steps=steps(visit, prerequisites, grants),
        is_invented=visit.is_invented,
        refused=visit.say(*refusals.why(refused)) if refused else None,
        wants_log_in=refusals.wants_log_in(refused),
    )
