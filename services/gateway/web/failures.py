"""What a person of a customer is told when something does not work: why, and whom to ask."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from flask import Response
from werkzeug.exceptions import HTTPException

from services.gateway.web.visit import Visit
from shared import log
from shared.errors import Refused, TooMany
from shared.web import failures
from shared.web.failures import Told, failure_of

logger = log.get("gateway.web")
Said = tuple[str, str]

WORDS: Final[Mapping[str, Told]] = MappingProxyType(
    {
        **failures.WORDS,
        "forbidden": (
            ("Du kan ikke gjøre dette", "You cannot do this"),
            (
                "Bare en eier av kontoen kan det. Spør en eier.",
                "Only an owner of the account can. Ask one of them.",
            ),
        ),
        "locked": (
            ("Kontoen er inaktiv eller sperret", "The account is inactive or blocked"),
            (
                "Ingenting kan leses i den eller legges inn. En eier kan aktivere en inaktiv konto igjen.",
                "Nothing can be read in it or entered. An owner can reactivate an inactive account.",
            ),
        ),
    }
)
"""By code: what happened, and what to do next."""

REASONS: Final[Mapping[str, Said]] = MappingProxyType(
    {
        "unconfirmed": (
            "E-postadressen er ikke bekreftet ennå. Åpne lenken i e-posten du fikk, eller be om en ny.",
            "The e-mail address is not confirmed yet. Open the link in the e-mail you got, or ask for a new one.",
        ),
        "blocked": (
            "Kontoen er sperret for å beskytte den.",
            "The account is blocked to protect it.",
        ),
        "held_by_staff": (
            "Vi har gjort kontoen eller brukerkontoen din inaktiv.",
            "We have made the account or your user account inactive.",
        ),
        "bankrupt": (
            "Enhetsregisteret sier at virksomheten er konkurs. Da bestemmer bare bostyreren over kontoen.",
            "The business register says that the company is bankrupt. Only the trustee decides about it then.",
        ),
        "restricted": (
            "Opplysningene er begrenset etter personvernforordningen artikkel 18: Nå kan de bare lagres.",
            "The data are restricted by GDPR article 18: for now they may only be stored.",
        ),
        "org_number": (
            "Nummeret er et annet enn det avtalen er inngått med. En ny virksomhet oppretter en ny konto.",
            "The organisation number is not that of the company of the agreement. A new company signs up anew.",
        ),
        "acceptance_needed": (
            "Avtalen er opphørt, og må inngås på nytt. Be om en e-post: Lenken i den leder dit.",
            "The agreement has ended and has to be concluded anew. Ask for an e-mail: its link leads there.",
        ),
        "last_owner": (
            "Kontoen må ha en eier. Gjør en annen bruker til eier først, eller gjør hele kontoen inaktiv.",
            "The account has to have an owner. Make another user one first, or make the whole account inactive.",
        ),
        "not_taken_up": (
            "Bare en aktiv bruker som har tatt imot invitasjonen, kan bli eier.",
            "Only an active user who has taken up the invitation can become an owner.",
        ),
        "users_limit": (
            "Kontoen har så mange brukere den kan ha. Skriv til oss.",
            "The account has as many users as one may have. Write to us.",
        ),
        "address_taken": (
            "E-postadressen er i bruk i en brukerkonto allerede.",
            "The e-mail address is in use in a user account already.",
        ),
        "noticed": (
            "Avtalen er allerede sagt opp.",
            "Notice has been given already.",
        ),
        "not_noticed": (
            "Avtalen er ikke sagt opp, så det er ingenting å trekke tilbake.",
            "No notice is in force, so that there is nothing to take back.",
        ),
        "notice_over": (
            "Oppsigelsestiden er over.",
            "The notice period is over.",
        ),
        "answered_before": (
            "Kravet er besvart, og kan ikke trekkes tilbake mer.",
            "The request is answered, and can no longer be taken back.",
        ),
        "thread_full": (
            "Det er ikke plass til flere meldinger her. Begynn på en ny.",
            "There is no room for more messages here. Begin a new one.",
        ),
        "letter_on_its_way": (
            "En e-post om kravet er på vei. Vent til du har fått den.",
            "An e-mail about the request is on its way. Wait until you have got it.",
        ),
        "wrong_password": (
            "Passordet er feil.",
            "The password is wrong.",
        ),
        "key_of_another": (
            "Skjemaet er sendt før, med noe annet i. Se etter hva som gjelder, og åpne det på nytt.",
            "The form was sent before, with something else in it. See what counts, and open it again.",
        ),
        "export_withdrawn": (
            "Kopien er trukket tilbake, fordi noe i den er begrenset eller må beholdes siden. Den lages på nytt.",
            "The copy is withdrawn, for something in it is restricted or has to be kept since. It is made anew.",
        ),
        "not_to_take_along": (
            "Bare din egen kopi av det du kan ta med deg, sendes til en annen. Be om den først.",
            "Only your own copy of what you may take along is handed over. Ask for that one first.",
        ),
        "handed_over_often": (
            "Denne kopien er sendt til så mange som den kan. Be om en ny.",
            "This copy was handed over to as many as it can be. Ask for another one.",
        ),
        "export_not_ready": (
            "Kopien er ikke klar ennå. Se på siden med kopier hvor langt den er kommet.",
            "The copy is not ready yet. The page of copies says how far it is.",
        ),
        "password": (
            "Egen e-postadresse endres med passordet, på siden «Om meg».",
            "One's own e-mail address is changed with the password, on the page “About me”.",
        ),
    }
)
"""By the reason in the details of a refusal."""
MINUTE: Final = 60
MOST_MINUTES: Final = 120
"""What is longer is told in hours."""
UNKNOWN: Final = (
    "Vi fikk ikke svar i tide, og vet ikke om det ble gjort. Se etter, eller send på nytt.",
    "There was no answer in time, and we do not know whether it was done. Have a look, or send again.",
)
CONFLICT: Final = (
    "Det gikk ikke: noe er endret siden du åpnet skjemaet. Åpne det på nytt.",
    "That did not work: something changed since you opened the form. Open it again.",
)


def when(visit: Visit, refused: Refused) -> tuple[str, ...]:
    """When to try again, where that is known."""
    seconds = refused.details.get("retry_after_seconds") if isinstance(refused, TooMany) else None
    if not isinstance(seconds, int):
        return ()
    minutes = -(-seconds // MINUTE)
    if minutes <= MOST_MINUTES:
        told = visit.count(
            minutes,
            ("Prøv igjen om ett minutt.", "Prøv igjen om {n} minutter."),
            ("Try again in one minute.", "Try again in {n} minutes."),
        )
    else:
        told = visit.count(
            -(-minutes // MINUTE),
            ("Prøv igjen om én time.", "Prøv igjen om {n} timer."),
            ("Try again in one hour.", "Try again in {n} hours."),
        )
    return (told,)


def why(refused: Refused) -> Said:
    """Why a form did nothing, in Norwegian and English."""
    known = REASONS.get(str(refused.details.get("reason", "")))
    if known is not None:
        return known
    title, remedy = WORDS.get(refused.code, WORDS["refused"])
    return f"{title[0]}. {remedy[0]}", f"{title[1]}. {remedy[1]}"


def failure(visit: Visit, error: Exception) -> Response:
    """The page for whatever was raised while a request was answered."""
    if isinstance(error, HTTPException) and (error.response is not None or (error.code or 500) < 400):  # noqa: PLR2004
        return Response(error.get_response().data, status=error.code, headers=error.get_headers())  # of the router
    failed = failure_of(error, logger)
    title, remedy = WORDS.get(failed.code, WORDS["refused"])
    reason = REASONS.get(str(error.details.get("reason", ""))) if isinstance(error, Refused) else None
    answer = visit.page(
        "failure",
        status=failed.status,
        title=visit.say(*title),
        remedy=visit.say(*(reason or remedy)),
        number=failed.number,
    )
    answer.headers.update(failed.headers)
    return answer
