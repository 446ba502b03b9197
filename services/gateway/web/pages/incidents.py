"""What went wrong: breaches that concern the reader, and what the customer reports."""

from __future__ import annotations

import json
from typing import Final

from flask import Response

from services.account.nonconformities.calls import ReportNonconformity
from services.cases.data_packs.calls import DataPack
from services.cases.incidents_told.calls import IncidentsTold
from services.cases.nonconformities.calls import OwnNonconformities
from services.gateway import public_schemas
from services.gateway.web import words
from services.gateway.web.acts import Act, Field, Kind, Values
from services.gateway.web.outcomes import Came, Outcome
from services.gateway.web.visit import Visit
from shared.errors import Forbidden
from shared.web.visit import ident


def show(visit: Visit) -> Response:
    """Both, the newest first."""
    told = visit.ask(IncidentsTold(token=visit.session.token))
    reported = visit.ask(OwnNonconformities(token=visit.session.token))
    return visit.page("incidents", incidents=told.incidents, reports=reported.nonconformities)


def data_pack(visit: Visit, case_id: str) -> Response:
    """What the company needs to notify the authority of a breach by itself, as a file; owners only."""
    if not visit.is_owner:
        raise Forbidden("Only an owner of the account gets this.")
    asked = DataPack(case_id=ident(case_id), account_id=visit.session.account_id)
    pack = public_schemas.data_pack(visit.ask(asked))
    text = json.dumps(pack.to_json(), ensure_ascii=False, indent=1)
    answer = Response(text, content_type="application/json; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{pack.reference}.json"'
    return answer


def _report(visit: Visit, values: Values) -> Came:
    given = {name: values[name] for name in ("about", "text")}
    taken = visit.ask(ReportNonconformity.from_json(visit.mine | given))
    return Came(Outcome.REPORTED, taken.reference)


REPORT: Final = Act(
    rule="/incidents/report",
    title=("Meld fra om et avvik", "Report that something is not as agreed"),
    says=(
        "Du får kvittering på e-post, og svar når vi har undersøkt det.",
        "You get a receipt by e-mail, and an answer when we have looked into it.",
    ),
    button=("Meld fra", "Report"),
    fields=(
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
    ),
    work=_report,
    then="/incidents",
    refusals={
        "too_many": (
            "Du har meldt fra svært ofte i dag. Skriv eller ring til oss i stedet.",
            "You have reported very often today. Write or call us instead.",
        ),
    },
)
ACTS: Final = (REPORT,)
