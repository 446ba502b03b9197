"""Every code that pages of customers and of staff show, in the words of their readers: Norwegian and English.

A page shows no code of ours. What an outside service names has no words here and is shown as it is: what a document
says is never left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shared.terms.texts import LANGUAGES

Words = Mapping[str, tuple[str, str]]


AUTHORITIES: Final = (
    ("managing_director", "daglig leder", "managing director"),
    ("chair", "styreleder", "chair of the board"),
    ("signatory", "signaturrett", "right to sign"),
    ("procuration", "prokura", "procuration"),
    ("proprietor", "innehaver", "proprietor"),
    ("mandate", "fullmakt", "mandate"),
)
"""By what right somebody may act for the company: the code, and how a page says it."""

CERTIFICATE: Final[Words] = MappingProxyType(
    {
        "account": ("kontoen", "the account"),
        "user": ("en brukerkonto", "one user account"),
        "account_inactivated": ("Kontoen ble gjort inaktiv", "The account was made inactive"),
        "user_inactivated": ("Brukerkontoen ble gjort inaktiv", "The user account was made inactive"),
        "contract_terminated": ("Oppsigelsestiden var over", "The notice period ended"),
        "early_request": ("Det ble bedt om sletting uten å vente", "Erasure without waiting was asked for"),
        "controller": ("behandlingsansvarlig", "controller"),
        "processor": ("databehandler", "processor"),
        "rows_deleted": ("rader slettet", "rows deleted"),
        "subjects_unlinked": ("koblingen til personer slettet", "the link to persons deleted"),
        "contact_data_minimised": ("kontaktopplysninger fjernet", "contact data removed"),
        "under_5": ("færre enn 5", "fewer than 5"),
        "done": ("utført", "done"),
        "tripletex": ("Tripletex", "Tripletex"),
        "mailgun": ("Mailgun", "Mailgun"),
        "tripletex_bookkeeping": ("regnskapsbilag hos Tripletex", "accounting records at Tripletex"),
        "agreement_acceptance": (
            "opplysningen om at avtalen ble inngått, uten navn",
            "the record that the agreement was concluded, without names",
        ),
        "marketing_refusal": (
            "at adressen ikke skal ha markedsføring, uten adressen selv",
            "that the address shall get no marketing, without the address itself",
        ),
        "gdpr_21_3": (
            "nei til markedsføring, personvernforordningen art. 21 nr. 3",
            "objection to marketing, GDPR article 21(3)",
        ),
        "bokforingsloven_13": ("bokføringsloven § 13", "the Norwegian Bookkeeping Act, section 13"),
        "gdpr_17_3_b": (
            "rettslig plikt, personvernforordningen art. 17 nr. 3 b",
            "legal duty, GDPR article 17(3)(b)",
        ),
        "gdpr_17_3_e": ("rettskrav, personvernforordningen art. 17 nr. 3 e", "legal claims, GDPR article 17(3)(e)"),
        "gdpr_18": (
            "behandlingen er begrenset, personvernforordningen art. 18",
            "the processing is restricted, GDPR article 18",
        ),
        "everything": ("alle opplysninger", "all data"),
        "company": ("opplysninger om virksomheten", "data about the company"),
        "profile": ("navn, e-postadresse og telefonnummer", "name, e-mail address and telephone number"),
        "login_events": ("pålogginger", "logins"),
        "agreements": ("hvem som inngikk avtaler", "who concluded agreements"),
        "support": ("meldinger til og fra brukerstøtte", "messages to and from support"),
        "letters": ("loggen over e-poster", "the log of e-mails"),
        "objections": ("reservasjoner", "objections"),
        "audit_trail": ("hvem revisjonssporet viser til", "whom the audit trail refers to"),
        "cases": ("saker virksomheten er nevnt i", "cases that mention the company"),
        "registers": ("fullmakter og avtaler i registre", "mandates and agreements in registers"),
        "billing_copy": ("kunden hos Tripletex", "the customer at Tripletex"),
        "persons": ("én eller flere personer", "one or more persons"),
        "of_account": ("hele kontoen", "the whole account"),
    }
)
"""What a certificate says besides: of whom, why, by what law, in what role, how, what stays."""

STORES: Final[Words] = MappingProxyType(
    {
        "account": ("Kontoer", "Accounts"),
        "audit": ("Revisjonsspor", "Audit trail"),
        "billing-sync": ("Fakturering", "Billing"),
        "cases": ("Saker", "Cases"),
        "notification": ("E-poster", "E-mails"),
        "registers": ("Registre", "Registers"),
    }
)
"""The services that take part in an erasure, by what they keep."""

COUNTS: Final[Words] = MappingProxyType(
    {
        "accounts": ("kontoer", "accounts"),
        "users": ("brukerkontoer", "user accounts"),
        "credentials": ("passord", "passwords"),
        "sessions": ("økter", "sessions"),
        "tickets": ("lenker i e-poster", "links in e-mails"),
        "login_attempts": ("påloggingsforsøk", "login attempts"),
        "login_brakes": ("sperrer etter gale passord", "brakes after wrong passwords"),
        "login_events": ("pålogginger", "logins"),
        "former_addresses": ("tidligere e-postadresser", "former e-mail addresses"),
        "letter_requests": ("ønsker om e-post", "requests for e-mails"),
        "agreements": ("avtaler med navn", "agreements with names"),
        "agreements_unnamed": ("avtaler der navnet er fjernet", "agreements whose name was removed"),
        "notices": ("oppsigelser", "notices of termination"),
        "reports": ("avvik som er meldt", "reported deviations"),
        "reports_unnamed": ("meldte avvik der navnet er fjernet", "reported deviations whose name was removed"),
        "support_messages": ("meldinger til og fra brukerstøtte", "messages to and from support"),
        "subject_links": ("koblinger fra sporet til personer", "links from the trail to persons"),
        "letters": ("e-poster i loggen", "e-mails in the log"),
        "mailings": ("utsendelser", "mailings"),
        "webhooks": ("meldinger fra Mailgun", "messages from Mailgun"),
        "address_cleanups": ("ryddinger hos Mailgun", "clean-ups at Mailgun"),
        "suppressions": ("sperrede e-postadresser", "suppressed e-mail addresses"),
        "opt_outs": ("reservasjoner", "objections"),
        "person_tasks": ("oppgaver for medarbeidere", "tasks of staff"),
        "case_subjects": ("omtaler i saker", "mentions in cases"),
        "register_people": ("navngitte i registre", "people named in registers"),
        "register_records": ("fullmakter og avtaler", "mandates and agreements"),
        "tripletex_customers": ("kunder hos Tripletex", "customers at Tripletex"),
        "tripletex_contacts": ("kontaktpersoner hos Tripletex", "contacts at Tripletex"),
    }
)
"""What a service counts when it erases."""

ERASURES: Final[Words] = MappingProxyType(
    {
        "scheduled": ("Slettingen er planlagt, men ikke begynt.", "The erasure is planned and has not begun."),
        "halted": (
            "Slettingen er stanset, og en medarbeider ser på den.",
            "The erasure is halted; a person looks at it.",
        ),
        "announced": ("Slettingen er varslet, men ikke begynt.", "The erasure is announced and has not begun."),
        "fenced": ("Slettingen pågår.", "The erasure is under way."),
        "ordered": ("Slettingen pågår.", "The erasure is under way."),
        "destroyed": (
            "Slettingen er gjort, og beviset skrives.",
            "All is erased; the certificate is being written.",
        ),
        "certified": (
            "Slettingen er gjort, og beviset skrives.",
            "All is erased; the certificate is being written.",
        ),
        "cancelled": (
            "Slettingen er avlyst. Ingenting ble slettet.",
            "The erasure was called off. Nothing was erased.",
        ),
    }
)
"""How far an erasure is whose certificate is not issued, or never will be."""

VERDICTS: Final[Words] = MappingProxyType(
    {
        "valid": (
            "Beviset er ekte: signaturen stemmer, og det følger etter beviset før det.",
            "The certificate is genuine: its signature holds, and it continues the certificate before it.",
        ),
        "not_valid": (
            "Beviset kan ikke bekreftes: signaturen stemmer ikke med nøkkelen på denne siden.",
            "The certificate cannot be confirmed: its signature does not belong to the key on this page.",
        ),
        "not_in_chain": (
            "Signaturen stemmer, men beviset før dette er et annet enn det viser til.",
            "The signature holds, but the certificate before this one is another than it names.",
        ),
    }
)

STANDINGS: Final[Words] = MappingProxyType(
    {
        "kept": ("holdt", "kept"),
        "proved": ("prøvd", "proved"),
        "partly": ("holdt delvis", "kept in part"),
        "failed": ("brutt", "broken"),
        "not checked": ("ikke kontrollert", "not checked"),
        "not yet": ("ikke ennå", "not yet"),
    }
)
"""How a promise of the terms stands."""

SEEN: Final[Words] = MappingProxyType(
    {
        "holds": ("stemmer", "holds"),
        "contradicted": ("stemmer ikke", "does not hold"),
        "not checked": ("ikke sett etter siden", "not checked since"),
    }
)
"""What a look at the running system saw."""


def said(words: Words, code: str, language: str) -> str:
    """A code in words."""
    return words[code][LANGUAGES.index(language)] if code in words else code
