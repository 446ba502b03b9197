"""What went wrong: breaches that concern the reader, and what the customer reports."""

from __future__ import annotations

import json
from typing import Any, Final

from flask import Response

from services.account.nonconformities.calls import ReportNonconformity, ReportWithPassword
from services.cases.data_packs.calls import DataPack
from services.cases.incidents_told.calls import IncidentsTold
from services.cases.nonconformities.calls import OwnNonconformities
from services.gateway import public_schemas
from services.gateway.web import words
from services.gateway.web.acts import Act, Field, Kind, Values, moment_in
from services.gateway.web.outcomes import Came, Outcome
from services.gateway.web.pages import fields
from services.gateway.web.visit import Visit
from shared.errors import Forbidden
from shared.input_guard import hints
from shared.web.visit import ident


def show(visit: Visit) -> Response:
    """Both, the newest first."""
    told = visit.ask(IncidentsTold(token=visit.session.token))
    reported = visit.ask(OwnNonconformities(token=visit.session.token))
    return visit.page("incidents", incidents=told.incidents, reports=reported.nonconformities)


def data_pack(visit: Visit, case_id: str) -> Response:
    """What the company needs to notify the authority of a breach by itself, to be read; owners only."""
    return visit.page("data_pack", pack=_pack(visit, case_id))


def data_pack_file(visit: Visit, case_id: str) -> Response:
    """The same as a file."""
    pack = _pack(visit, case_id)
    text = json.dumps(pack.to_json(), ensure_ascii=False, indent=1)
    answer = Response(text, content_type="application/json; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{pack.reference}.json"'
    return answer


def _pack(visit: Visit, case_id: str) -> public_schemas.BreachDataPack:
    if not visit.is_owner:
        raise Forbidden("Only an owner of the account gets this.")
    asked = DataPack(case_id=ident(case_id), account_id=visit.session.account_id)
    return public_schemas.data_pack(visit.ask(asked))


def _report(visit: Visit, values: Values) -> Response | Came:
    taken = visit.ask(ReportNonconformity.from_json(visit.mine | _told(values)))
    return _taken(visit, values, Came(Outcome.REPORTED, taken.reference))


def _taken(visit: Visit, values: Values, came: Came) -> Response | Came:
    """What came of it; what the text seems to speak of stands on a page, and in no address that a log may keep."""
    found = hints(values["text"])
    return visit.page("reported", number=came.number, hints=found) if found else came


def _report_from_outside(visit: Visit, values: Values) -> Response | Came:
    proof = {"email": values["email"], "password": values["password"], "origin": visit.origin}
    taken = visit.ask(ReportWithPassword.from_json(proof | _told(values) | {"key": visit.own_key}))
    return _taken(visit, values, Came(Outcome.REPORTED_FROM_OUTSIDE, taken.reference))


def _told(values: Values) -> dict[str, Any]:
    """What is reported; the moment is by the clock in Oslo."""
    noticed = values["noticed_at"] and moment_in(values["noticed_at"], "noticed_at").isoformat()
    return {"about": values["about"], "text": values["text"], "noticed_at": noticed or None}


WHAT: Final = (
    Field(
        name="about",
        label=("Hva gjelder det?", "What is it about?"),
        kind=Kind.CHOICE,
        offers=tuple(words.TABLES["about"].items()),
    ),
    Field(
        name="text",
        label=("Hva har skjedd?", "What happened?"),
        hint=(
            "Høyst 4000 tegn. Nevn ikke flere personer enn nødvendig, og ingen fødselsnumre.",
            "At most 4000 characters. Name no more people than needed, and no national identity numbers.",
        ),
        kind=Kind.LONG,
    ),
    Field(
        name="noticed_at",
        label=("Når oppdaget du det?", "When did you notice it?"),
        hint=(
            "Norsk tid, ikke fram i tid. Fristene våre regnes fra da vi fikk vite det.",
            "Oslo time, not in the future. Our time limits run from when we were told.",
        ),
        kind=Kind.MOMENT,
        is_needed=False,
    ),
)
TOO_MANY: Final = {
    "too_many": (
        "Du har meldt fra svært ofte i dag. Skriv eller ring til oss i stedet.",
        "You have reported very often today. Write or call us instead.",
    ),
}
REPORT: Final = Act(
    rule="/incidents/report",
    title=("Meld fra om et avvik", "Report that something is not as agreed"),
    says=(
        "Du får kvittering på e-post, og svar når vi har undersøkt det.",
        "You get a receipt by e-mail, and an answer when we have looked into it.",
    ),
    button=("Meld fra", "Report"),
    fields=WHAT,
    work=_report,
    then="/incidents",
    refusals=TOO_MANY,
)
REPORT_FROM_OUTSIDE: Final = Act(
    rule="/report",
    title=("Meld fra om et avvik uten å logge inn", "Report something without logging in"),
    says=(
        (
            "For deg som ikke kan logge inn fordi kontoen er inaktiv. Du får kvittering på e-post, og svar når vi "
            "har undersøkt det."
        ),
        (
            "For whoever cannot log in because the account is inactive. You get a receipt by e-mail, and an "
            "answer when we have looked into it."
        ),
    ),
    button=("Meld fra", "Report"),
    fields=(fields.EMAIL_OF_LOG_IN, fields.PASSWORD, *WHAT),
    work=_report_from_outside,
    then="/log-in",
    refusals={
        "unauthenticated": fields.WRONG_LOG_IN,
        "locked": (
            "Slettingen har begynt. Skriv eller ring til oss i stedet.",
            "The erasure has begun. Write or call us instead.",
        ),
    },
    is_public=True,
    limit="login",
    keeps_draft=False,
)
ACTS: Final = (REPORT, REPORT_FROM_OUTSIDE)
