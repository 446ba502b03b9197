"""What went wrong: breaches that concern the reader, and what the customer reports."""

from __future__ import annotations

from typing import Final

from flask import Response

from services.account.nonconformities.calls import ReportNonconformity
from services.cases.incidents_told.calls import IncidentsTold
from services.cases.nonconformities.calls import OwnNonconformities
from services.gateway.web import words
from services.gateway.web.acts import Act, Field, Kind, Values
from services.gateway.web.visit import Visit


def show(visit: Visit) -> Response:
    """Both, the newest first."""
    told = visit.ask(IncidentsTold(token=visit.session.token))
    reported = visit.ask(OwnNonconformities(token=visit.session.token))
    return visit.page("incidents", incidents=told.incidents, reports=reported.nonconformities)


def _report(visit: Visit, values: Values) -> None:
    given = {name: values[name] for name in ("about", "text")}
    visit.ask(ReportNonconformity.from_json(visit.mine | given))


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
