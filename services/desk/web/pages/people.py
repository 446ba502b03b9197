"""The people of the staff: who they are, what they may do, and the links by which they come."""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Final

from flask import Response

from services.audit.trail.calls import TrailByActor
from services.desk.client import Answer
from services.desk.web import purposes
from services.desk.web.act_forms import Asks
from services.desk.web.row_numbers import row_number
from services.desk.web.timeline_words import about, facts
from services.desk.web.visit import Visit
from services.desk.wording import refusals
from services.staff.grants.calls import Grants
from services.staff.passkeys.calls import PasskeysOf
from services.staff.people.calls import (
    InvitePerson,
    ListPeople,
    RenewInvitation,
    ShowPerson,
    enrolment_address,
    link_digest,
)
from services.staff.prerequisites.calls import Prerequisites
from services.staff.recovery.calls import IssueRecoveryLink
from shared.actor import STAFF_CODE, Actor
from shared.errors import Conflict, Forbidden, Invalid, Refused
from shared.identifiers import new_token
from shared.web.visit import not_found

TAKEN: Final = (
    "Koden er eller var en annens. Velg en annen kode.",
    "This code is or was somebody's. Choose another one.",
)
NO_CODE: Final = (
    "Små bokstaver, tall og bindestrek, for eksempel kari-n.",
    "Small letters, digits and hyphens, such as kari-n.",
)
NOT_SO: Final = (
    "Det går ikke nå: den som er invitert, får en ny lenke, og den som har mistet alt, en lenke tilbake.",
    "This cannot be done now: who is invited gets a new link, and who has lost everything a link back.",
)


def listed(visit: Visit) -> Response:
    """Everybody, and who left as long as that is recorded."""
    return _people(visit)


def invite(visit: Visit) -> Response:
    """Ask somebody to become one of the staff; the link is shown this once, its digest alone is sent."""
    code, token = visit.request.form.get("code", "").strip().lower(), new_token()
    try:
        visit.desk.ask(InvitePerson.from_json({"code": code, "token_digest": link_digest(token)}))
    except Invalid as refused:
        return _people(visit, code, error=NO_CODE, status=refused.status)
    except Conflict as refused:
        return _people(visit, code, error=TAKEN, status=refused.status)
    except Forbidden as refused:
        return _people(visit, code, refused=refused, status=refused.status)
    return _link(visit, code, token)


def show(visit: Visit, code: str) -> Response:
    """One person: what they may do, what it rests on, and their passkeys."""
    return _person(visit, _known(code))


@purposes.asked_first("audit.trail_by_actor", asks=Asks.CUSTOMERS)
def acted(visit: Visit, code: str) -> Response:
    """What one person did, the newest first; each customer in the list is told that somebody looked."""
    person, before = Actor("staff", name=_known(code)), visit.request.args.get("before")
    page = visit.desk.ask(TrailByActor(done_by=person, before_seq=row_number(before) if before else None))
    return visit.page(
        "person_acts",
        staff_code=code,
        rows=page.rows,
        before=page.next_before_seq,
        about=partial(about, visit),
        facts=partial(facts, visit),
        purpose=visit.desk.purpose,
    )


def new_link(visit: Visit, code: str) -> Response:
    """A new link for who was invited, or for who has lost all passkeys; shown this once."""
    person, token = visit.desk.ask(ShowPerson(code=_known(code))), new_token()
    digest = link_digest(token)
    try:
        if person.state == "invited":
            visit.desk.ask(RenewInvitation(code=code, token_digest=digest))
        elif person.state == "active":
            visit.desk.ask(IssueRecoveryLink(code=code, token_digest=digest))
        else:
            not_found()
    except (Conflict, Forbidden) as refused:
        return _person(visit, code, refused=refused)
    return _link(visit, code, token)


def _known(code: str) -> str:
    """A code in an address. Raises `NotFound` for what is none: there is no such page."""
    return code if re.fullmatch(STAFF_CODE, code) else not_found()


def _people(
    visit: Visit,
    code: str = "",
    *,
    error: tuple[str, str] | None = None,
    refused: Refused | None = None,
    status: int = 200,
) -> Response:
    return visit.page(
        "people",
        status=status,
        people=visit.desk.ask(ListPeople()).people,
        given={"code": code},
        errors={"code": visit.say(*error)} if error else {},
        refused=visit.say(*refusals.why(refused)) if refused else None,
        wants_log_in=refusals.wants_log_in(refused),
    )


def _person(visit: Visit, code: str, *, refused: Refused | None = None) -> Response:
    with visit.desk.together() as together:
        person = together.ask(ShowPerson(code=code))
        grants, prerequisites = together.ask(Grants(code=code)), together.ask(Prerequisites(code=code))
        passkeys = together.ask(PasskeysOf(code=code))
    return visit.page(
        "person",
        status=refused.status if refused else 200,
        staff=person.reply,
        grants=grants.reply.grants,
        prerequisites=prerequisites.reply.prerequisites,
        passkeys=_unless_forbidden(passkeys),
        refused=visit.say(*(refusals.lacks(refused) or NOT_SO)) if refused else None,
        wants_log_in=refusals.wants_log_in(refused),
    )


def _unless_forbidden(passkeys: Answer[Any]) -> Any:
    """The keys; None for who sees to what people may do, and not to what they log in with."""
    try:
        return passkeys.reply.passkeys
    except Forbidden:
        return None


def _link(visit: Visit, code: str, token: str) -> Response:
    address = enrolment_address(visit.desk.settings.desk_public_url, token)
    return visit.page("enrolment_link", staff_code=code, address=address)
