"""What a page says of what one just did: what has happened, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

Said = tuple[str, str]


class Outcome(StrEnum):
    """What came of a form, as the address that one goes on to names it."""

    SAVED = "saved"
    UNCHANGED = "unchanged"
    ADDRESS_WAITS = "address-waits"
    LINK_SENT = "link-sent"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105  # an outcome
    INVITED = "invited"
    USER_INACTIVE = "user-inactive"
    USER_ACTIVE = "user-active"
    NOTICED = "noticed"
    NOTICE_WITHDRAWN = "notice-withdrawn"
    ACTIVE_AGAIN = "active-again"
    REQUESTED = "requested"
    REQUESTED_BEFORE = "requested-before"
    REQUEST_WITHDRAWN = "request-withdrawn"
    WRITTEN = "written"
    CASE_WRITTEN = "case-written"
    CASE_WITHDRAWN = "case-withdrawn"
    REPORTED = "reported"
    REPORTED_FROM_OUTSIDE = "reported-from-outside"
    COPY_ORDERED = "copy-ordered"
    COPY_READY = "copy-ready"
    DECLINED = "declined"
    OBJECTED = "objected"
    AGREED = "agreed"
    ALL_IS_RIGHT = "all-is-right"


@dataclass(frozen=True)
class Came:
    """What came of a form; `number` is that of a case, where it has one."""

    outcome: Outcome
    number: str | None = None


WORDS: Final[Mapping[str, Said]] = MappingProxyType(
    {
        Outcome.SAVED: ("Det er lagret.", "It is saved."),
        Outcome.UNCHANGED: (
            "Ingenting var endret, så ingenting er lagret.",
            "Nothing was changed, so nothing was saved.",
        ),
        Outcome.ADDRESS_WAITS: (
            "Det er lagret. Den nye e-postadressen gjelder når personen har åpnet lenken vi sender til den.",
            "It is saved. The new e-mail address counts once the person has opened the link that we send to it.",
        ),
        Outcome.LINK_SENT: (
            "Vi sender en lenke til den nye adressen. Til du har åpnet den, gjelder den gamle.",
            "We send a link to the new address. Until you have opened it the old one counts.",
        ),
        Outcome.PASSWORD_CHANGED: (
            "Passordet er byttet, og du er logget ut alle andre steder.",
            "The password is changed, and you are logged out everywhere else.",
        ),
        Outcome.INVITED: (
            "Vi sender invitasjonen. Personen kan logge inn når den er tatt imot.",
            "We send the invitation. The person can log in once it is taken up.",
        ),
        Outcome.USER_INACTIVE: (
            "Brukeren er inaktiv, og er logget ut alle steder.",
            "The user is inactive, and is logged out everywhere.",
        ),
        Outcome.USER_ACTIVE: (
            "Brukeren er aktiv igjen, og slettes ikke.",
            "The user is active again, and is not erased.",
        ),
        Outcome.NOTICED: (
            "Avtalen er sagt opp. Datoene står her, og i e-posten vi sender eierne.",
            "Notice is given. The dates are here, and in the e-mail that we send to the owners.",
        ),
        Outcome.NOTICE_WITHDRAWN: (
            "Oppsigelsen er trukket tilbake. Avtalen fortsetter.",
            "The notice is withdrawn. The agreement goes on.",
        ),
        Outcome.ACTIVE_AGAIN: (
            "Kontoen er aktiv igjen. Logg inn som før.",
            "The account is active again. Log in as before.",
        ),
        Outcome.REQUESTED: (
            "Kravet er mottatt, og har nummer {number}. Vi svarer på e-post.",
            "The request is received, and has the number {number}. We answer by e-mail.",
        ),
        Outcome.REQUESTED_BEFORE: (
            "Du har bedt om det samme før, og det er ikke besvart ennå. Kravet har nummer {number}.",
            "You have asked for the same before, and it is not answered yet. The request has the number {number}.",
        ),
        Outcome.REQUEST_WITHDRAWN: (
            "Kravet er trukket tilbake.",
            "The request is taken back.",
        ),
        Outcome.WRITTEN: (
            "Meldingen er mottatt, og har nummer {number}. En e-post sier fra når den er besvart.",
            "The message is received, and has the number {number}. An e-mail tells you when it is answered.",
        ),
        Outcome.CASE_WRITTEN: (
            "Det er mottatt, og har nummer {number}. Kvittering kommer på e-post. Her står den om litt.",
            (
                "It is received, and has the number {number}. A receipt comes by e-mail. It is listed here in a "
                "little while."
            ),
        ),
        Outcome.CASE_WITHDRAWN: ("Det er trukket tilbake.", "It is taken back."),
        Outcome.REPORTED: (
            "Meldingen er mottatt, og har nummer {number}. Kvittering kommer på e-post. Her står den om litt.",
            (
                "The report is received, and has the number {number}. A receipt comes by e-mail. It is listed here "
                "in a little while."
            ),
        ),
        Outcome.REPORTED_FROM_OUTSIDE: (
            "Meldingen er mottatt, og har nummer {number}. Kvittering kommer på e-post.",
            "The report is received, and has the number {number}. A receipt comes by e-mail.",
        ),
        Outcome.COPY_ORDERED: (
            "Kopien er bestilt. Den lages nå, og hentes her når den er klar.",
            "The copy is ordered. It is being made, and is fetched here once it is ready.",
        ),
        Outcome.COPY_READY: (
            "Du har bedt om det samme det siste døgnet. Kopien er klar.",
            "You have asked for the same within a day. The copy is ready.",
        ),
        Outcome.DECLINED: (
            "Det er lagret, og gjelder fra nå av, også for e-post som ligger i kø.",
            "It is saved, and counts from now on, also for e-mail that waits to be sent.",
        ),
        Outcome.AGREED: (
            "Samtykket er lagret. Du kan si nei igjen her, eller med lenken i hver slik e-post.",
            "Your consent is saved. You can decline again here, or by the link in each such e-mail.",
        ),
        Outcome.OBJECTED: (
            "Du får ikke mer markedsføring fra oss. Protesten har nummer {number}.",
            "You get no more marketing from us. The objection has the number {number}.",
        ),
        Outcome.ALL_IS_RIGHT: (
            "Takk. Det er notert at opplysningene er riktige. Vi spør igjen om et år.",
            "Thank you. It is noted that the data are right. We ask again in a year.",
        ),
    }
)
"""By outcome, in Norwegian and English."""
