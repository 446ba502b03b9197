"""Every kind of problem that the interface answers with: its status, what it means and what to do about it.

The `type` of a problem document leads to the page of its kind. The proxy in front answers with some of them too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from shared.terms.texts import LANGUAGES


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One kind of problem; each pair is in Norwegian and English."""

    status: int
    title: tuple[str, str]
    meaning: tuple[str, str]
    remedy: tuple[str, str]

    def told(self, language: str) -> dict[str, str]:
        """Its words in a language."""
        at = LANGUAGES.index(language)
        return {"title": self.title[at], "meaning": self.meaning[at], "remedy": self.remedy[at]}


PROBLEMS: Final[Mapping[str, Problem]] = MappingProxyType(
    {
        "refused": Problem(
            status=400,
            title=("Forespørselen kan ikke utføres", "The request cannot be carried out"),
            meaning=("«detail» sier hvorfor.", "“detail” says why."),
            remedy=("Rett det, og send på nytt.", "Mend that, and send it again."),
        ),
        "malformed": Problem(
            status=400,
            title=("Forespørselen kunne ikke leses", "The request could not be read"),
            meaning=(
                "Den er ikke gyldig HTTP, eller innholdet er ikke ett JSON-objekt der hver nøkkel står én gang.",
                "It is not valid HTTP, or its body is not one JSON object with each key once.",
            ),
            remedy=(
                "Rett formen. Samme forespørsel får samme svar.",
                "Mend its form. The same request gets the same answer.",
            ),
        ),
        "invalid": Problem(
            status=422,
            title=(
                "Felt er ukjente, mangler eller har feil form",
                "The request has unknown, missing or malformed fields",
            ),
            meaning=(
                "«errors» sier hva som er galt med hvilket felt. Ingenting er endret.",
                "“errors” says what is wrong with which field. Nothing was changed.",
            ),
            remedy=("Rett feltene, og send på nytt.", "Mend the fields, and send it again."),
        ),
        "too_large": Problem(
            status=413,
            title=("Forespørselen er for stor", "The request is too large"),
            meaning=("«detail» sier hvor mye som tas imot.", "“detail” says how much is taken."),
            remedy=("Send mindre.", "Send less."),
        ),
        "unsupported_media_type": Problem(
            status=415,
            title=("Innholdet må være JSON", "The body must be JSON"),
            meaning=(
                "«Content-Type» er ikke application/json.",
                "“Content-Type” is not application/json.",
            ),
            remedy=("Send JSON, og si det i «Content-Type».", "Send JSON, and say so in “Content-Type”."),
        ),
        "unauthenticated": Problem(
            status=401,
            title=("Det finnes ingen gyldig økt", "There is no valid session"),
            meaning=(
                "Økten mangler eller er over, eller adressen eller passordet er feil.",
                "The session is missing or over, or the address or the password is wrong.",
            ),
            remedy=(
                "Logg inn, og send «Authorization: Bearer …». Nytt passord eller ny adresse avslutter økter.",
                "Log in, and send “Authorization: Bearer …”. A new password or address ends sessions.",
            ),
        ),
        "forbidden": Problem(
            status=403,
            title=("Dette er ikke tillatt", "This is not allowed"),
            meaning=(
                "Økten er gyldig, men brukeren kan ikke gjøre dette, eller passordet er feil.",
                "The session is valid, but its user may not do this, or the password is wrong.",
            ),
            remedy=(
                "Be en eier av kontoen om det, eller oppgi riktig passord.",
                "Ask an owner of the account, or give the right password.",
            ),
        ),
        "not_found": Problem(
            status=404,
            title=("Det finnes ikke", "There is no such thing"),
            meaning=(
                "Det finnes ikke, er slettet eller tilhører noen andre. En lenke kan være brukt eller utløpt.",
                "It is not there, was erased, or belongs to somebody else. A link may be used up or too old.",
            ),
            remedy=(
                "Kontroller adressen. Er det en lenke fra en e-post, be om en ny.",
                "Check the address. If it is a link from an e-mail, ask for another one.",
            ),
        ),
        "method_not_allowed": Problem(
            status=405,
            title=("Metoden tilbys ikke her", "This method is not offered here"),
            meaning=("«Allow» sier hvilke metoder som tilbys.", "“Allow” says which methods are."),
            remedy=("Bruk en av dem.", "Use one of them."),
        ),
        "timeout": Problem(
            status=408,
            title=("Forespørselen kom ikke fram i tide", "The request did not arrive in time"),
            meaning=(
                "Hodet eller innholdet kom for langsomt. Ingenting er endret.",
                "Its headers or its body came too slowly. Nothing was changed.",
            ),
            remedy=("Send på nytt.", "Send it again."),
        ),
        "conflict": Problem(
            status=409,
            title=(
                "Det er endret siden du leste det, eller er i en tilstand som ikke tillater dette",
                "It has changed since you read it, or is not in a state that allows this",
            ),
            meaning=(
                "«detail» sier hva. «current_version» er versjonen som gjelder nå, når det er den som er en annen.",
                "“detail” says what. “current_version” is the present version, where that is what differs.",
            ),
            remedy=(
                "Les på nytt, og avgjør på nytt. Står det «contact», kan bare leverandøren hjelpe.",
                "Read it again, and decide again. Where there is a “contact”, only the vendor can help.",
            ),
        ),
        "locked": Problem(
            status=423,
            title=("Kontoen er inaktiv eller stengt", "The account is inactive or closed"),
            meaning=(
                "Ingenting kan leses fra den eller legges inn i den.",
                "Nothing can be read from it or entered into it.",
            ),
            remedy=(
                "En eier kan aktivere en inaktiv konto igjen før slettingen. Står det «contact», skriv dit.",
                "An owner can reactivate an inactive account before its erasure. If “contact” is there, ask it.",
            ),
        ),
        "too_many": Problem(
            status=429,
            title=("For mange forsøk", "Too many attempts"),
            meaning=(
                "Adressen, nettverket eller kontoen har gjort dette for ofte.",
                "The address, the network or the account did this too often.",
            ),
            remedy=(
                "Vent så mange sekunder som «Retry-After» sier.",
                "Wait as many seconds as “Retry-After” says.",
            ),
        ),
        "restoring": Problem(
            status=503,
            title=("Tjenesten gjør seg klar", "The service is bringing itself up to date"),
            meaning=(
                "Etter en gjenoppretting leser den inn det som ikke skal kunne gjøres om. Ingenting er endret.",
                "After a restore it reads in what no restore may undo. Nothing was changed.",
            ),
            remedy=("Prøv igjen om litt.", "Try again in a little while."),
        ),
        "unavailable": Problem(
            status=503,
            title=("Tjenesten svarer ikke akkurat nå", "The service does not answer at the moment"),
            meaning=(
                "Om forespørselen ble utført, er ikke kjent.",
                "Whether the request was carried out is not known.",
            ),
            remedy=(
                "Prøv igjen etter «Retry-After», med samme «Idempotency-Key» der den tas imot.",
                "Try again after “Retry-After”, with the same “Idempotency-Key” where one is taken.",
            ),
        ),
        "internal": Problem(
            status=500,
            title=("Noe gikk galt hos oss", "Something went wrong on our side"),
            meaning=(
                "Feilen er registrert under «error_id».",
                "The fault is recorded under “error_id”.",
            ),
            remedy=(
                "Prøv igjen om litt. Skjer det flere ganger, oppgi «error_id» når du skriver til oss.",
                "Try again in a little while. Where it happens again, name the “error_id” when you write to us.",
            ),
        ),
    }
)
