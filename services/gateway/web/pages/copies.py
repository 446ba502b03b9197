"""Copies of what is held: asked for, made, and fetched with the password; also where nobody can log in any more."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from flask import Response

from services.account.export_transfers.calls import EndTransfer, MakeTransfer, Transfers
from services.account.exports.calls import Exports, RequestExport, RequestExportWithPassword
from services.gateway.export_files import ZIP, open_file
from services.gateway.web import words
from services.gateway.web.acts import TICKED, Act, Field, Kind, Values
from services.gateway.web.outcomes import Came, Outcome
from services.gateway.web.pages import fields
from services.gateway.web.pages.me import myself
from services.gateway.web.visit import Visit
from shared.errors import Forbidden, Unauthenticated
from shared.web.visit import ident

READY: Final = "ready"


def show(visit: Visit) -> Response:
    """The copies that one may fetch, how far those are that are being made, and to whom one had one handed over."""
    return visit.page(
        "copies",
        copies=visit.ask(Exports.from_json(visit.mine)).exports,
        transfers=visit.ask(Transfers.from_json(visit.mine)).transfers,
    )


def _wish(values: Values) -> dict[str, str]:
    return {name: values[name] for name in ("kind", "whose")}


def _ask(visit: Visit, values: Values) -> Came:
    copy = visit.ask(RequestExport.from_json(visit.mine | _wish(values)))
    return Came(Outcome.COPY_READY if copy.state == READY else Outcome.COPY_ORDERED)


def _fetch(visit: Visit, values: Values, export_id: str) -> Response:
    try:
        return _file(visit, ident(export_id), myself(visit).email, values["current_password"])
    except Unauthenticated:  # the session stands: it is the password that is not the one that is kept
        raise Forbidden(details={"reason": "wrong_password"}) from None


def _hand_over(visit: Visit, values: Values, export_id: str) -> Response:
    proof = {"email": myself(visit).email, "password": values["current_password"], "origin": visit.origin}
    wish = proof | {"export_id": str(ident(export_id)), "receiver": values["receiver"]}
    try:
        made = visit.ask(MakeTransfer.from_json(wish))
    except Unauthenticated:
        raise Forbidden(details={"reason": "wrong_password"}) from None
    return visit.page("transfer_made", made=made, receiver=values["receiver"])


def _end_transfer(visit: Visit, _values: Values, transfer_id: str) -> None:
    visit.ask(EndTransfer.from_json(visit.mine | {"transfer_id": str(ident(transfer_id))}))


def _ask_from_outside(visit: Visit, values: Values) -> Response:
    proof = {"email": values["email"], "password": values["password"], "origin": visit.origin}
    wish = proof | _wish(values) | {"anew": values["anew"] == TICKED}
    return visit.page("copy_outside", copy=visit.ask(RequestExportWithPassword.from_json(wish)))


def _fetch_from_outside(visit: Visit, values: Values, export_id: str) -> Response:
    return _file(visit, ident(export_id), values["email"], values["password"])


def _file(visit: Visit, export_id: UUID, email: str, password: str) -> Response:
    proof: dict[str, Any] = {"email": email, "password": password, "origin": visit.origin}
    file = open_file(visit.ask, export_id, proof)
    return Response(file.pieces, content_type=ZIP, headers=dict(file.headers))


KIND: Final = Field(
    name="kind",
    label=("Hva slags kopi?", "Which kind of copy?"),
    kind=Kind.CHOICE,
    offers=tuple(words.TABLES["copy_kind"].items()),
)
WHOSE: Final = Field(
    name="whose",
    label=("Kopi av hva?", "A copy of what?"),
    hint=(
        "Bare en eier får virksomhetens kopi. Den er uten det som bare er de ansattes, som påloggingene deres.",
        "Only an owner gets the copy of the company. It leaves out what is the employees' alone, such as log-ins.",
    ),
    kind=Kind.CHOICE,
    offers=tuple(words.TABLES["copy_of"].items()),
)
ANEW: Final = Field(
    name="anew",
    label=("Lag en ny, selv om det finnes en", "Make another one, although one is there"),
    kind=Kind.TICK,
    is_needed=False,
)
NO_WAY_IN: Final = (
    (
        "E-postadressen eller passordet er feil. Kommer du ikke inn, eller har du ikke noe passord: skriv eller "
        "ring til oss og be om kopien der. Det gir samme rett og samme frist."
    ),
    (
        "The e-mail address or the password is wrong. If you do not get in, or have no password: write or "
        "telephone to us and ask for the copy there. That is the same right with the same time limit."
    ),
)
FETCH_SAID: Final = (
    "Filen inneholder alt om den eller det den gjelder. Legg den et sted bare du kommer til.",
    "The file has everything about whom or what it is about. Put it where only you can get at it.",
)
GONE: Final = (
    "Kopien finnes ikke lenger, eller er ikke din. Be om en ny.",
    "The copy is there no longer, or is not yours. Ask for another one.",
)
REFUSALS: Final = {
    "unauthenticated": fields.WRONG_LOG_IN,
    "invalid": fields.WRONG_LOG_IN,
    "not_found": GONE,
    "forbidden": ("Bare en eier får kopien av virksomheten.", "Only an owner gets the copy of the company."),
    "locked": (
        "Slettingen har begynt. Spør oss om hva som er igjen.",
        "The erasure has begun. Ask us what is left.",
    ),
}
BEGUN_WITH: Final = {"kind": "access", "whose": "own"}

ASK: Final = Act(
    rule="/copies/ask",
    title=("Be om en kopi", "Ask for a copy"),
    says=(
        "Den lages med en gang, som filer i JSON- og CSV-format, og kan hentes i en uke. Det endrer ingenting.",
        "It is made at once, as files in JSON and CSV format, and can be fetched for a week. It changes nothing.",
    ),
    button=("Be om kopien", "Ask for the copy"),
    fields=(KIND, WHOSE),
    begin=lambda _: BEGUN_WITH,
    work=_ask,
    is_right=True,
    then="/copies",
    refusals=REFUSALS,
)
FETCH: Final = Act(
    rule="/copies/<export_id>/fetch",
    title=("Hent kopien", "Fetch the copy"),
    says=FETCH_SAID,
    button=("Last ned", "Download"),
    fields=(fields.CURRENT_PASSWORD,),
    work=_fetch,
    is_right=True,
    limit="login",
    keeps_draft=False,
    refusals=REFUSALS,
)
HAND_OVER: Final = Act(
    rule="/copies/<export_id>/hand-over",
    title=("Send kopien til en annen", "Hand the copy over to somebody"),
    says=(
        (
            "Mottakeren henter filen selv, med en kode som du får vise frem én gang. Den som har koden, kan hente "
            "filen: gi den bare til mottakeren. Når filen er kommet fram, får dere begge en kvittering."
        ),
        (
            "The receiver fetches the file, with a code that you are shown once. Whoever has the code can fetch "
            "the file: give it to the receiver alone. Once the file has arrived, both of you get a receipt."
        ),
    ),
    button=("Lag koden", "Make the code"),
    fields=(
        Field(
            name="receiver",
            label=("Mottaker, som navnet på virksomheten", "Receiver, such as the name of the company"),
            hint=("Navnet står i kvitteringen.", "The name stands in the receipt."),
        ),
        fields.CURRENT_PASSWORD,
    ),
    work=_hand_over,
    is_right=True,
    limit="login",
    keeps_draft=False,
    refusals=REFUSALS,
)
END_TRANSFER: Final = Act(
    rule="/copies/transfers/<transfer_id>/end",
    title=("Trekk koden tilbake", "Take the code back"),
    says=(
        "Fra nå kan ingen hente filen med den. Det som er hentet, er hentet.",
        "From now on nobody can fetch the file with it. What was fetched is fetched.",
    ),
    button=("Trekk koden tilbake", "Take the code back"),
    fields=(),
    work=_end_transfer,
    then="/copies",
)
ASK_FROM_OUTSIDE: Final = Act(
    rule="/copy",
    title=("Få en kopi uten å logge inn", "Get a copy without logging in"),
    says=(
        (
            "For deg som ikke kan logge inn fordi kontoen eller brukerkontoen din er inaktiv. Til slettingen "
            "begynner, kan du be om en kopi her. Ber du igjen, får du vite hvor langt den er kommet."
        ),
        (
            "For whoever cannot log in because the account or their user account is inactive. Until the erasure "
            "begins you can ask for a copy here. Ask again, and you are told how far it is."
        ),
    ),
    button=("Be om kopien", "Ask for the copy"),
    fields=(fields.EMAIL_OF_LOG_IN, fields.PASSWORD, KIND, WHOSE, ANEW),
    begin=lambda _: BEGUN_WITH,
    work=_ask_from_outside,
    is_right=True,
    is_public=True,
    limit="login",
    keeps_draft=False,
    refusals=REFUSALS | {"unauthenticated": NO_WAY_IN},
)
FETCH_FROM_OUTSIDE: Final = Act(
    rule="/copy/<export_id>",
    title=("Hent kopien", "Fetch the copy"),
    says=FETCH_SAID,
    button=("Last ned", "Download"),
    fields=(fields.EMAIL_OF_LOG_IN, fields.PASSWORD),
    work=_fetch_from_outside,
    is_right=True,
    is_public=True,
    limit="login",
    keeps_draft=False,
    refusals=REFUSALS,
)
ACTS: Final = (ASK, FETCH, HAND_OVER, END_TRANSFER, ASK_FROM_OUTSIDE, FETCH_FROM_OUTSIDE)
