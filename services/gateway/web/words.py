"""Every code that the customers' pages show, in Norwegian and English, by what kind of code it is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shared import letter_words, words
from shared.words import Words

TABLES: Final[Mapping[str, Words]] = MappingProxyType(
    {
        "account": {
            "active": ("aktiv", "active"),
            "inactive": ("inaktiv", "inactive"),
            "pending": ("venter på bekreftelse", "waits for confirmation"),
        },
        "user": {"active": ("aktiv", "active"), "inactive": ("inaktiv", "inactive")},
        "role": {"owner": ("eier", "owner"), "user": ("bruker", "user")},
        "language": {"nb": ("norsk", "Norwegian"), "en": ("engelsk", "English")},
        "seen_by": {"owner": ("en eier av kontoen", "an owner of the account"), "staff": ("oss", "us")},
        "purpose": {
            "customer_support": ("hjelp til kunden", "customer support"),
            "rights_request": ("en henvendelse om rettigheter", "a rights request"),
            "dispute": ("en tvist", "a dispute"),
            "security": ("sikkerhet", "security"),
            "billing": ("fakturering", "billing"),
            "operations": ("drift", "operations"),
            "audit": ("revisjon", "audit"),
            "staff_administration": ("forvaltning av medarbeidere", "administration of staff"),
            "own_access": ("innsyn for personen selv", "the person's own access"),
            "security_breach": ("å oppklare et brudd på sikkerheten", "clearing up a breach of security"),
            "account_takeover": ("å oppklare en overtatt konto", "clearing up an account that was taken over"),
            "system_administration": ("å drifte systemet", "administering the system"),
        },
        "support_state": {
            "waiting": ("venter på svar", "waits for an answer"),
            "answered": ("besvart", "answered"),
            "settled": ("avsluttet uten skriftlig svar", "settled without a written answer"),
        },
        "right": {
            "access": ("innsyn: å få vite hva vi har om meg", "access: to know what you have about me"),
            "portability": ("en kopi jeg kan ta med meg", "a copy that I can take with me"),
            "rectification": ("retting av noe som er feil", "correction of something wrong"),
            "erasure": ("sletting", "erasure"),
            "restriction": (
                "begrensning: at opplysningene bare lagres",
                "restriction: that the data are only stored",
            ),
            "objection": ("å protestere mot bruken", "to object to the use"),
            "automated_decision": (
                "at en person ser på en automatisk avgjørelse",
                "that a person looks at an automated decision",
            ),
        },
        "concerns": {
            "account": ("det dere svarer for", "what you answer for"),
            "content": ("det virksomheten min har skrevet inn", "what my company has typed"),
        },
        "request": {
            "received": ("mottatt", "received"),
            "identity": ("vi har spurt hvem du er", "we have asked who you are"),
            "working": ("under arbeid", "being worked on"),
            "answered": ("besvart", "answered"),
            "refused": ("avslått", "refused"),
            "withdrawn": ("trukket tilbake", "taken back"),
            "not_identifiable": ("vi kunne ikke vite hvem det gjaldt", "we could not know whom it was about"),
            "with_controller": ("sendt videre til virksomheten", "passed on to the company"),
            "reminded": ("virksomheten er minnet på det", "the company was reminded"),
            "controller_silent": ("virksomheten har ikke svart", "the company has not answered"),
        },
        "written_kind": {
            "question": ("et spørsmål", "a question"),
            "complaint": ("en klage", "a complaint"),
            "enquiry": ("et spørsmål om rettigheter", "a question about rights"),
        },
        "written_about": {
            "data_held": ("hva dere har om meg", "what you hold on me"),
            "data_use": ("hva dere bruker opplysningene til", "what you use the data for"),
            "data_shared": ("hvem som får opplysningene", "who is given the data"),
            "data_security": ("hvordan dere sikrer dem", "how you keep them safe"),
            "emails": ("e-post fra dere", "e-mails from you"),
            "request_answer": ("svaret på et krav jeg hadde", "the answer to a request of mine"),
            "terms": ("vilkårene", "the terms"),
            "something_else": ("noe annet", "something else"),
        },
        "written_state": {
            "received": ("mottatt", "received"),
            "examined": ("vi ser på det", "we look into it"),
            "at_authority": ("hos tilsynet", "with the authority"),
            "answered": ("besvart", "answered"),
            "became": ("vi behandler det som et krav eller en klage", "dealt with as a request or a complaint"),
            "upheld": ("du fikk medhold", "upheld"),
            "rejected": ("du fikk ikke medhold", "not upheld"),
            "withdrawn": ("trukket tilbake", "taken back"),
        },
        "about": {
            "agreement_not_kept": ("avtalen er ikke fulgt", "the agreement is not kept"),
            "disagreement": ("vi er uenige med dere om noe", "we disagree with you about something"),
            "data_exposed": ("opplysninger er kommet på avveie", "data were exposed"),
            "wrong_recipient": ("noe er sendt til feil mottaker", "something went to the wrong recipient"),
            "data_lost": ("opplysninger er borte", "data were lost"),
            "unusual_use": ("noen bruker kontoen som ikke skal", "somebody uses the account who should not"),
            "outage": ("tjenesten er ute av drift", "the service is out of order"),
            "device_lost": ("en enhet er mistet", "a device was lost"),
            "other": ("noe annet", "something else"),
        },
        "report": {
            "received": ("mottatt", "received"),
            "examined": ("undersøkes", "being examined"),
            "mending": ("rettes", "being put right"),
            "corrected": ("rettet", "put right"),
            "rejected": ("ikke et avvik", "no nonconformity"),
            "promoted": ("behandles som et brudd", "handled as a breach"),
            "opened": ("mottatt", "received"),
            "dialogue": ("vi snakker om det", "being talked about"),
            "settled": ("avklart", "settled"),
            "withdrawn": ("trukket", "withdrawn"),
        },
        "transfer": {
            "open": ("ikke hentet ennå", "not fetched yet"),
            "fetched": ("hentet, ikke bekreftet", "fetched, not confirmed"),
            "received": ("kommet fram", "arrived"),
            "over": ("over", "over"),
        },
        "copy_of": {
            "own": ("det vi har om deg", "what we have about you"),
            "company": ("det vi har om virksomheten", "what we have about the company"),
        },
        "copy_kind": {
            "access": ("alt, og hva vi bruker det til", "all of it, and what we use it for"),
            "portability": (
                "til å ta med til andre: det du ga oss, og det vi så",
                "to take elsewhere: what you gave us, and what we saw",
            ),
        },
        "hint": {
            "health": ("helse", "health"),
            "union_membership": ("fagforening", "a trade union"),
            "religion_or_politics": ("religion eller politikk", "religion or politics"),
            "origin_or_sex_life": ("opprinnelse eller seksualliv", "origin or sex life"),
            "offences": ("straffbare forhold", "offences"),
            "contact_data": ("kontaktopplysninger", "contact data"),
            "bank_account": ("et kontonummer", "a bank account"),
        },
        "email_class": {
            "marketing": (
                "markedsføring: tilbud, kurs, brosjyrer og nyhetsbrev",
                "marketing: offers, courses, brochures and newsletters",
            ),
            "product_news": (
                "nyheter om forbedringer man kan klare seg uten",
                "news of improvements one can do without",
            ),
        },
        "letter": letter_words.LETTERS,
        "letter_state": letter_words.STATES,
        "login": {
            "succeeded": ("lyktes", "succeeded"),
            "failed": ("mislyktes", "failed"),
        },
    }
)


def said(kind: str, code: str, language: str) -> str:
    """A code in words; as it is where it has none. Raises `KeyError` for a kind that there is not."""
    return words.said(TABLES[kind], code, language)
