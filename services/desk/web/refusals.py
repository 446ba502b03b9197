"""Why staff's service did not let somebody do something with their keys, codes and devices, in words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shared.errors import Refused

OTHER: Final = (
    "Dette gikk ikke. Prøv på nytt, eller be en kollega om hjelp.",
    "This did not work. Try again, or ask a colleague for help.",
)
WORDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "challenge_over": (
            "Det gikk for lang tid, eller svaret var brukt. Prøv på nytt.",
            "It took too long, or the answer had been used. Try again.",
        ),
        "unknown_key": (
            "Denne nøkkelen er ikke kjent her, eller den er trukket tilbake. Bruk en annen.",
            "This key is not known here, or it was revoked. Use another one.",
        ),
        "revoked_key": (
            "Denne nøkkelen er trukket tilbake. Bruk en annen.",
            "This key was revoked. Use another one.",
        ),
        "not_verified": (
            "Nøkkelen må låses opp med PIN, fingeravtrykk eller ansikt.",
            "The key must be unlocked with a PIN, a finger or a face.",
        ),
        "software_key": (
            "Nøkler av programvare gjelder bare i demoen.",
            "Keys of software are valid in the demo only.",
        ),
        "counter_fell": (
            "Nøkkelen kan være kopiert, og gjelder ikke. Si fra til sikkerhetsansvarlig nå.",
            "The key may have been copied and is not taken. Tell whoever leads incidents now.",
        ),
        "wrong_origin": ("Nøkkelen gjelder en annen adresse.", "The key is for another address."),
        "known_key": ("Denne nøkkelen er registrert alt.", "This key is enrolled already."),
        "too_many_keys": (
            "Du har så mange nøkler som en kan ha. Trekk en tilbake først.",
            "You have as many keys as one may have. Revoke one first.",
        ),
        "last_key": (
            "Dette er den siste nøkkelen din. Registrer en annen først.",
            "This is your last key. Enrol another one first.",
        ),
        "link_unknown": ("Lenken gjelder ikke. Be om en ny.", "The link is not valid. Ask for a new one."),
        "link_used": ("Lenken er brukt. Be om en ny.", "The link was used. Ask for a new one."),
        "link_ended": (
            "Lenken gjaldt i én time, og den er over. Be om en ny.",
            "The link was valid for an hour, which is over. Ask for a new one.",
        ),
        "person_left": ("Den dette gjelder, har sluttet.", "Whoever this is about has left."),
        "another_person": ("Dette er en annens nøkkel.", "This is the key of somebody else."),
        "log_in_again": (
            "Logg inn på nytt først: dette krever at du nettopp har gjort det.",
            "Log in again first: this wants that you have just done so.",
        ),
        "unknown_code": ("Koden er feil, brukt eller utløpt.", "The code is wrong, used or over."),
        "too_many_failures": ("For mange forsøk. Vent litt.", "Too many attempts. Wait a little."),
        "too_many_devices": ("For mange enheter venter. Vent litt.", "Too many devices wait. Wait a little."),
        "approved": ("Enheten er sluppet inn alt.", "The device was let in already."),
        "refused": ("Enheten er avvist alt.", "The device was refused already."),
    }
)
"""By the reason in the details of a refusal."""


def why(refused: Refused) -> tuple[str, str]:
    """What a person is told, in Norwegian and English."""
    return WORDS.get(str(refused.details.get("reason", "")), OTHER)
