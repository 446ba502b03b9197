"""What a person can ask for about data of theirs, and how what was asked for stands."""

from __future__ import annotations

from typing import Final

from flask import Response

from services.account.support.calls import BeginCorrespondence
from services.cases.correspondence.calls import OwnCorrespondence, WithdrawOwnCorrespondence
from services.cases.rights_requests.calls import (
    ForwardedRequests,
    MakeOwnRequest,
    OwnRequests,
    WithdrawOwnRequest,
)
from services.gateway.web import words
from services.gateway.web.acts import Act, Field, Kind, Values
from services.gateway.web.outcomes import Came, Outcome
from services.gateway.web.visit import Visit
from shared.input_guard import hints
from shared.web.visit import ident

COMPLAINT, ENQUIRY = "complaint", "enquiry"


def show(visit: Visit) -> Response:
    """What one has asked for oneself; for an owner what was passed on to the company besides."""
    own = visit.ask(OwnRequests(token=visit.session.token)).requests
    forwarded = visit.ask(ForwardedRequests(token=visit.session.token)).requests if visit.is_owner else ()
    cases = visit.ask(OwnCorrespondence(token=visit.session.token)).cases
    return visit.page("rights", requests=own, forwarded=forwarded, cases=cases)


def _ask(visit: Visit, values: Values) -> Came:
    given = {name: values[name] for name in ("right", "concerns")}
    taken = visit.ask(MakeOwnRequest.from_json({"token": visit.session.token, **given}))
    return Came(Outcome.REQUESTED if taken.is_new else Outcome.REQUESTED_BEFORE, taken.reference)


def _withdraw(visit: Visit, _: Values, case_id: str) -> None:
    visit.ask(WithdrawOwnRequest(token=visit.session.token, case_id=ident(case_id)))


def _complain(visit: Visit, values: Values) -> Response | Came:
    return _write(visit, values, COMPLAINT)


def _enquire(visit: Visit, values: Values) -> Response | Came:
    return _write(visit, values, ENQUIRY)


def _write(visit: Visit, values: Values, kind: str) -> Response | Came:
    given = {"kind": kind, "about": values["about"], "text": values["text"]}
    taken = visit.ask(BeginCorrespondence.from_json(visit.mine | given))
    if found := hints(values["text"]):
        return visit.page("support_sent", taken=taken, hints=found)
    return Came(Outcome.CASE_WRITTEN, taken.reference)


def _withdraw_case(visit: Visit, _: Values, case_id: str) -> None:
    visit.ask(WithdrawOwnCorrespondence(token=visit.session.token, case_id=ident(case_id)))


ASK: Final = Act(
    rule="/rights/ask",
    title=("Be om noe om opplysningene dine", "Ask for something about your data"),
    says=(
        "Du trenger ingen begrunnelse. Som regel er det gratis, og du får svar fra oss innen én måned.",
        "You need no reason. As a rule it is free, and you get an answer from us within one month.",
    ),
    button=("Send", "Send"),
    fields=(
        Field(
            name="right",
            label=("Hva ber du om?", "What do you ask for?"),
            kind=Kind.CHOICE,
            offers=tuple(words.TABLES["right"].items()),
        ),
        Field(
            name="concerns",
            label=("Hvilke opplysninger?", "Which data?"),
            hint=(
                "Det virksomheten har skrevet inn, svarer den selv for: Vi sender det videre til den.",
                "For what your company has typed it answers itself: we pass the request on to it.",
            ),
            kind=Kind.CHOICE,
            offers=tuple(words.TABLES["concerns"].items()),
        ),
    ),
    begin=lambda visit: {
        "right": visit.chosen("right", ("", *words.TABLES["right"])),
        "concerns": "account",
    },
    work=_ask,
    is_right=True,
    then="/rights",
    refusals={
        "too_many": (
            "Du har bedt om svært mye på ett døgn. Skriv eller ring til oss i stedet.",
            "You have asked for very much in a day. Write or call us instead.",
        ),
    },
)
WITHDRAW: Final = Act(
    rule="/rights/<case_id>/withdraw",
    title=("Trekk et krav tilbake", "Take a request back"),
    says=(
        "Da blir det ikke gjort noe med det. Du kan be om det samme igjen.",
        "Nothing is done about it then. You can ask for the same again.",
    ),
    button=("Trekk tilbake", "Take it back"),
    fields=(),
    work=_withdraw,
    is_right=True,
    then="/rights",
    done=Outcome.REQUEST_WITHDRAWN,
    refusals={
        "conflict": (
            "Det er besvart, eller en e-post om det er på vei.",
            "It is answered, or an e-mail about it is on its way.",
        ),
    },
)
WRITTEN: Final = (
    Field(
        name="about",
        label=("Hva gjelder det?", "What is it about?"),
        kind=Kind.CHOICE,
        offers=tuple(words.TABLES["written_about"].items()),
    ),
    Field(
        name="text",
        label=("Hva vil du si?", "What do you want to say?"),
        hint=(
            "Høyst 4000 tegn. Nevn ikke flere personer enn nødvendig, og ingen fødselsnumre.",
            "At most 4000 characters. Name no more people than needed, and no national identity numbers.",
        ),
        kind=Kind.LONG,
    ),
)
OFTEN: Final = {
    "too_many": (
        "Du har skrevet svært ofte i dag. Skriv eller ring til oss i stedet.",
        "You have written very often today. Write or call us instead.",
    ),
}
ENQUIRE: Final = Act(
    rule="/rights/enquire",
    title=("Spør om rettighetene dine", "Ask about your rights"),
    says=(
        (
            "Du får svar innen fem virkedager. Bare du og vi leser det du skriver. Ber du om noe du har rett til, "
            "behandler vi det som et krav fra i dag."
        ),
        (
            "You get an answer within five working days. Only you and we read what you write. If you ask for "
            "something that you are entitled to, we deal with it as a request from today on."
        ),
    ),
    button=("Send spørsmålet", "Send the question"),
    fields=WRITTEN,
    work=_enquire,
    is_right=True,
    then="/rights",
    refusals=OFTEN,
)
COMPLAIN: Final = Act(
    rule="/rights/complain",
    title=("Klag på hvordan vi behandler opplysninger", "Complain about how we handle data"),
    says=(
        (
            "Du får svar innen én måned. Bare du og vi leser det du skriver: ingen andre i virksomheten. Du kan "
            "også klage til Datatilsynet, når du vil."
        ),
        (
            "You get an answer within a month. Only you and we read what you write: nobody else at the company. "
            "You may also complain to Datatilsynet, the supervisory authority, whenever you like."
        ),
    ),
    button=("Send klagen", "Send the complaint"),
    fields=WRITTEN,
    work=_complain,
    is_right=True,
    then="/rights",
    refusals=OFTEN,
)
WITHDRAW_CASE: Final = Act(
    rule="/rights/written/<case_id>/withdraw",
    title=("Trekk tilbake det du skrev", "Take back what you wrote"),
    says=(
        "Da blir det ikke gjort noe med det. Du kan skrive om det samme igjen.",
        "Nothing is done about it then. You can write about the same again.",
    ),
    button=("Trekk tilbake", "Take it back"),
    fields=(),
    work=_withdraw_case,
    is_right=True,
    then="/rights",
    done=Outcome.CASE_WITHDRAWN,
    refusals={
        "conflict": (
            "Det er besvart, eller en e-post om det er på vei.",
            "It is answered, or an e-mail about it is on its way.",
        ),
    },
)
ACTS: Final = (ASK, WITHDRAW, ENQUIRE, COMPLAIN, WITHDRAW_CASE)
