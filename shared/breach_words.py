"""What a notice of a breach of personal data can say, as closed lists of codes with their words.

GDPR article 33(3) asks for the nature, the categories and numbers, the consequences and the measures; article 34(2)
for the same in plain words. Codes stand in the case and are decided; the letter and the desk say the same words. A
sentence that somebody typed could name a person, so there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shared.words import Words

NATURES: Final[Words] = MappingProxyType(
    {
        "unauthorised_access": ("noen uten rett til det fikk tilgang", "somebody without a right to it got access"),
        "exfiltration": ("opplysninger ble hentet ut", "data were taken out"),
        "wrong_recipient": ("opplysninger kom til feil mottaker", "data reached a wrong recipient"),
        "data_lost": ("opplysninger gikk tapt", "data were lost"),
        "data_altered": ("opplysninger ble endret", "data were altered"),
        "long_outage": ("opplysninger var lenge utilgjengelige", "data could not be reached for a long time"),
    }
)
"""What happened: destruction, loss, alteration, disclosure, access (GDPR article 4(12))."""

CAUSES: Final[Words] = MappingProxyType(
    {
        "password_guessed": (
            "passord ble gjettet, eller prøvd fordi de var kjent fra andre steder",
            "passwords were guessed, or tried because they were known from elsewhere",
        ),
        "deceived": (
            "noen ble lurt til å gi fra seg passord eller opplysninger",
            "somebody was deceived into giving away passwords or data",
        ),
        "malware": ("skadelig programvare", "malware"),
        "weakness_used": ("en svakhet i systemet ble utnyttet", "a weakness in the system was exploited"),
        "software_fault": ("en feil i programmet", "a fault in the software"),
        "equipment_failed": ("utstyr sviktet", "equipment failed"),
        "wrong_setting": ("en innstilling var feil", "a setting was wrong"),
        "sent_wrongly": ("noe ble sendt til feil mottaker", "something was sent to a wrong recipient"),
        "device_lost": ("utstyr ble mistet eller stjålet", "a device was lost or stolen"),
        "used_without_right": (
            "noen hos oss brukte opplysninger uten rett til det",
            "somebody of ours used data without a right to it",
        ),
        "at_supplier": ("det skjedde hos en leverandør", "it happened at a supplier"),
    }
)
"""How it arose."""

MAIN_CAUSES: Final[Words] = MappingProxyType(
    {
        "attack": ("angrep utenfra", "attack from outside"),
        "technical_fault": ("teknisk feil", "technical fault"),
        "human_error": ("menneskelig feil", "human error"),
        "misuse_inside": ("misbruk innenfra", "misuse from inside"),
        "supplier": ("forhold hos en leverandør", "at a supplier"),
    }
)
"""The main cause, as an authority asks for it."""

MAIN_CAUSE_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "password_guessed": "attack",
        "deceived": "attack",
        "malware": "attack",
        "weakness_used": "attack",
        "software_fault": "technical_fault",
        "equipment_failed": "technical_fault",
        "wrong_setting": "human_error",
        "sent_wrongly": "human_error",
        "device_lost": "human_error",
        "used_without_right": "misuse_inside",
        "at_supplier": "supplier",
    }
)
"""The main cause that each way in which it arose belongs to."""

GROUPS: Final[Words] = MappingProxyType(
    {
        "users": ("brukere hos kunden", "users at the customer"),
        "contacts": ("kontaktpersoner hos kunden", "contact persons at the customer"),
        "persons_in_content": (
            "personer som er nevnt i det kunden har lagt inn",
            "persons who are named in what the customer entered",
        ),
    }
)
"""Categories of the persons concerned."""

DATA: Final[Words] = MappingProxyType(
    {
        "names": ("navn", "names"),
        "email_addresses": ("e-postadresser", "e-mail addresses"),
        "phone_numbers": ("telefonnumre", "telephone numbers"),
        "logins": ("tidspunkter for pålogging og IP-adresser", "times of logins and IP addresses"),
        "passwords": (
            "passord, lagret slik at de ikke kan leses direkte",
            "passwords, stored so that they cannot be read directly",
        ),
        "invoices": ("fakturaopplysninger", "invoicing data"),
        "content": ("det kunden har lagt inn", "what the customer entered"),
        "national_ids": ("fødselsnumre", "national identity numbers"),
        "special_categories": (
            "særlige kategorier av personopplysninger",
            "special categories of personal data",
        ),
    }
)
"""Categories of the data concerned."""

WHEREABOUTS: Final[Words] = MappingProxyType(
    {
        "never_left": ("hos oss hele tiden", "with us all the time"),
        "back_with_us": ("tilbake hos oss, og ikke hos andre", "back with us, and with nobody else"),
        "deleted_elsewhere": ("slettet av den som fikk dem", "deleted by whoever received them"),
        "with_known": ("hos noen som vi kjenner", "with somebody who is known to us"),
        "with_unknown": ("hos noen som vi ikke kjenner", "with somebody who is not known to us"),
        "published": ("åpent tilgjengelige", "openly available"),
        "lost_for_good": ("tapt for godt", "lost for good"),
    }
)
"""Where the data are now."""

CONSEQUENCES: Final[Words] = MappingProxyType(
    {
        "unwanted_contact": ("uønskede henvendelser", "unwanted messages and calls"),
        "phishing": (
            "forsøk på svindel der noen utgir seg for å være en kjent avsender",
            "attempted fraud by somebody who poses as a known sender",
        ),
        "account_misuse": ("misbruk av brukerkontoer", "misuse of user accounts"),
        "reused_passwords": (
            "misbruk andre steder der det samme passordet er brukt",
            "misuse elsewhere, where the same password is used",
        ),
        "identity_theft": ("misbruk av identitet", "identity theft"),
        "known_to_others": (
            "andre kjenner opplysninger som de ikke skulle kjenne",
            "others know data that they were not meant to know",
        ),
        "wrong_data": ("opplysninger kan være feil", "data may be wrong"),
        "data_missing": ("opplysninger mangler", "data are missing"),
    }
)
"""Likely consequences."""

MEASURES: Final[Words] = MappingProxyType(
    {
        "access_closed": ("tilgangen er stengt", "the access is closed"),
        "sessions_ended": ("pålogginger er avsluttet", "logins were ended"),
        "passwords_reset": ("passord må velges på nytt", "passwords have to be chosen anew"),
        "keys_exchanged": ("nøkler er byttet", "keys were exchanged"),
        "fault_mended": ("feilen er rettet", "the fault is mended"),
        "data_restored": ("opplysningene er gjenopprettet", "the data were restored"),
        "recipient_deleted": (
            "mottakeren har bekreftet at opplysningene er slettet",
            "the recipient confirmed that the data were deleted",
        ),
        "monitoring_raised": ("overvåkingen er skjerpet", "monitoring was raised"),
        "reported_to_police": ("forholdet er anmeldt", "it was reported to the police"),
        "under_investigation": ("saken undersøkes videre", "the investigation goes on"),
    }
)
"""Measures taken or proposed."""

ADVICE: Final[Words] = MappingProxyType(
    {
        "change_password": (
            "velg et nytt passord, også andre steder der det samme er brukt",
            "choose a new password, elsewhere too where the same is used",
        ),
        "beware_of_fraud": (
            "vær på vakt mot e-poster og oppringninger som ber om opplysninger eller penger",
            "beware of e-mails and calls that ask for data or money",
        ),
        "check_data": ("se etter at opplysningene stemmer", "check that the data are right"),
        "watch_logins": ("se etter ukjente pålogginger", "look for logins that are not known to you"),
    }
)
"""What the reader can do."""

UNKNOWN: Final[Words] = MappingProxyType(
    {
        "cause": ("hvordan det kunne skje", "how it could happen"),
        "extent": ("hvor mye det gjelder", "how much is concerned"),
        "persons": ("nøyaktig hvem det gjelder", "exactly who is concerned"),
        "consequences": ("hva det kan føre til", "what it may lead to"),
        "whereabouts": ("hvor opplysningene er nå", "where the data are now"),
    }
)
"""What is not known yet, in a notice that is partial (GDPR article 33(4))."""

LATE: Final[Words] = MappingProxyType(
    {
        "facts_not_known": ("vi visste ikke nok tidligere", "not enough was known earlier"),
        "found_out_late": ("det ble oppdaget sent", "it was found out late"),
        "nobody_on_duty": ("ingen hadde vakt", "nobody was on duty"),
        "system_away": ("systemet var nede", "the system was away"),
        "judged_anew": ("saken ble vurdert på nytt", "the case was judged anew"),
    }
)
"""Why a notice comes late."""

OR_UNKNOWN: Final[Mapping[str, str]] = MappingProxyType(
    {"natures": "cause", "groups": "persons", "data": "extent", "consequences": "consequences"}
)
"""What article 33(3) asks for in a notice, and what a partial one names as unknown where it cannot say it yet."""

OF_NOTICE: Final[Mapping[str, Words]] = MappingProxyType(
    {
        "natures": NATURES,
        "causes": CAUSES,
        "groups": GROUPS,
        "data": DATA,
        "whereabouts": WHEREABOUTS,
        "consequences": CONSEQUENCES,
        "measures": MEASURES,
        "advice": ADVICE,
        "unknown": UNKNOWN,
    }
)
"""The fields of a notice that say something in codes, each with its words."""


def in_both(table: Words, code: str) -> dict[str, str]:
    """A code with its words in Norwegian and in English; one that has none any more is shown as it is."""
    nb, en = table.get(code, (code, code))
    return {"code": code, "nb": nb, "en": en}
