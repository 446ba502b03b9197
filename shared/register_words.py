"""The codes of registers in words: kinds, states, endings and fields."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shared.case_words import MANDATES
from shared.words import Words

KINDS: Final[Mapping[str, Words]] = MappingProxyType(
    {
        "register_kind": MappingProxyType(
            {
                "mandate": ("fullmakt til å melde brudd", "mandate to notify breaches"),
                "security_notice_agreement": (
                    "avtale om varsel ved endrede sikkerhetstiltak",
                    "agreement to be told of changed security measures",
                ),
                "duty_rota": ("vaktuke", "week of duty"),
                "letter_class": ("klasse for en e-post", "class of a letter"),
                "processor_purpose": (
                    "formål hos en databehandler",
                    "purpose of a processor",
                ),
            }
        ),
        "record_state": MappingProxyType(
            {
                "draft": ("utkast", "draft"),
                "submitted": ("venter på godkjenning", "waits for approval"),
                "in_force": ("i kraft", "in force"),
                "ended": ("avsluttet", "ended"),
            }
        ),
        "record_ending": MappingProxyType(
            {
                "withdrawn": ("trukket tilbake", "withdrawn"),
                "expired": ("utløpt", "expired"),
                "replaced": ("erstattet av en ny", "replaced by a new one"),
                "entered_wrongly": ("ført feil", "entered wrongly"),
                "not_wanted": ("ikke ønsket", "not wanted"),
            }
        ),
        "register_field": MappingProxyType(
            {
                "scope": ("Omfang", "Scope"),
                "letter": ("E-post", "Letter"),
                "letter_class": ("Klasse", "Class"),
                "purpose": ("Formål hos Mailgun", "Purpose at Mailgun"),
                "processor": ("Databehandler", "Processor"),
                "signer": ("Undertegnet av", "Signed by"),
                "text_sha256": ("Teksten (SHA-256)", "The text (SHA-256)"),
                "recipients": ("Mottakere", "Recipients"),
                "week_on": ("Uken fra", "Week from"),
                "person": ("Vakt", "On duty"),
                "deputy": ("Neste", "Then"),
            }
        ),
        "register_value": MappingProxyType(
            {
                **MANDATES,
                "service": ("e-post om tjenesten", "letter about the service"),
                "legal": ("juridisk varsel", "legal notice"),
                "marketing": ("markedsføring", "marketing"),
                "product_news": ("nyheter om produktet", "news of the product"),
                "account_registration": ("registrering av konto", "registration of an account"),
                "password_change": ("bytte av passord", "change of password"),
                "support": ("brukerstøtte", "support"),
                "legal_notice": ("juridiske varsler", "legal notices"),
                "mailgun": ("Mailgun", "Mailgun"),
            }
        ),
    }
)
