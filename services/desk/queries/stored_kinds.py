"""How long each kind of data is kept, and what for, in words: what "What do we hold on …?" says beside the numbers.

A test holds every figure here against the rule that keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

Pair = tuple[str, str]
"""In Norwegian and English."""

FIGURES: Final[Mapping[str, int]] = MappingProxyType(
    {
        "session_hours": 12,
        "ticket_days": 14,
        "attempt_hours": 48,
        "brake_hours": 24,
        "former_address_hours": 24,
        "login_months": 6,
        "letter_days": 180,
        "report_months": 36,
        "support_months": 6,
        "webhook_days": 3,
        "bounce_days": 90,
    }
)


@dataclass(frozen=True, kw_only=True)
class StoredKind:
    """A kind that services count. `is_as_long_as_subject` where it stays until the account or person is erased."""

    until: Pair
    why: Pair
    is_as_long_as_subject: bool = False


def _with_subject(why: Pair, until: Pair | None = None) -> StoredKind:
    usual = ("til kontoen eller brukeren slettes", "until the account or user is erased")
    return StoredKind(until=until or usual, why=why, is_as_long_as_subject=True)


def _until(nb: str, en: str, why: Pair) -> StoredKind:
    return StoredKind(until=(nb.format_map(FIGURES), en.format_map(FIGURES)), why=why)


SERVICE: Final = ("for å levere tjenesten", "to provide the service")
LOG_IN: Final = ("for pålogging", "for log-in")
PROTECT: Final = ("for å beskytte kontoen", "to protect the account")
LETTERS: Final = ("for å sende e-poster og vite om de kom fram", "to send e-mails and know whether they arrived")
OBJECTION: Final = ("for å etterkomme det noen har reservert seg mot", "to honour what somebody objected to")
REPORTS: Final = ("for å rette avvik som er meldt", "to mend what was reported as not being as agreed")
BILLING: Final = ("for fakturering og regnskap", "for invoices and accounting")
LETTER_LOG: Final = ("{letter_days} dager etter at den er avsluttet", "{letter_days} days after it is settled")

KINDS: Final[Mapping[str, StoredKind]] = MappingProxyType(
    {
        "accounts": _with_subject(SERVICE),
        "users": _with_subject(SERVICE),
        "credentials": _with_subject(LOG_IN),
        "notices": _with_subject(("for å gjennomføre oppsigelsen", "to carry out the notice of termination")),
        "agreements": _with_subject(
            ("for å vise at avtalen ble inngått", "to show that the agreement was concluded"),
            (
                "til kontoen slettes, deretter uten navn så lenge bokføringsloven krever",
                "until the account is erased, then without names for as long as the Bookkeeping Act requires",
            ),
        ),
        "agreements_unnamed": _with_subject(
            ("for å vise at avtalen ble inngått", "to show that the agreement was concluded"),
            (
                "til brukeren slettes; avtalen står uten navn",
                "until the user is erased; the agreement stays unnamed",
            ),
        ),
        "reports": _until("{report_months} måneder", "{report_months} months", REPORTS),
        "reports_unnamed": _with_subject(
            REPORTS,
            (
                "til brukeren slettes; det som er meldt, står uten navn",
                "until the user is erased; what was reported stays",
            ),
        ),
        "support_messages": _until(
            "{support_months} måneder etter den siste i tråden",
            "{support_months} months after the last one of the thread",
            ("for å svare og vite hva som er svart", "to answer, and to know what was answered"),
        ),
        "subject_links": _with_subject(
            ("for å vise hva som er gjort med opplysningene", "to show what was done with the data")
        ),
        "opt_outs": _with_subject(OBJECTION),
        "tripletex_customers": _with_subject(
            BILLING,
            (
                "til kontoen slettes; fakturaer så lenge bokføringsloven krever",
                "until the account is erased; invoices for as long as the Bookkeeping Act requires",
            ),
        ),
        "tripletex_contacts": _with_subject(BILLING),
        "case_subjects": _with_subject(
            ("for å vite hvem en sak gjelder, og si fra til dem", "to know whom a case is about, and to tell them")
        ),
        "register_records": _with_subject(
            (
                "for å vise hva kunden har gitt fullmakt til og avtalt",
                "to show what the customer mandated and agreed",
            )
        ),
        "register_people": _with_subject(
            (
                "for å vite hvem som undertegnet, og hvem som får varsel",
                "to know who signed, and who is told",
            )
        ),
        "sessions": _until("høyst {session_hours} timer", "{session_hours} hours at most", LOG_IN),
        "tickets": _until("høyst {ticket_days} dager", "{ticket_days} days at most", LOG_IN),
        "login_attempts": _until("{attempt_hours} timer", "{attempt_hours} hours", PROTECT),
        "login_brakes": _until("{brake_hours} timer", "{brake_hours} hours", PROTECT),
        "login_events": _until(
            "{login_months} måneder",
            "{login_months} months",
            ("for å oppdage misbruk og svare den det gjelder", "to notice misuse and to answer whom it concerns"),
        ),
        "former_addresses": _until(
            "{former_address_hours} timer",
            "{former_address_hours} hours",
            ("for å varsle den gamle adressen", "to tell the old address"),
        ),
        "letter_requests": _until("til e-posten er skrevet", "until the e-mail is written", LETTERS),
        "letters": _until(*LETTER_LOG, LETTERS),
        "mailings": _until(*LETTER_LOG, LETTERS),
        "webhooks": _until("{webhook_days} dager", "{webhook_days} days", LETTERS),
        "address_cleanups": _until(
            "til Mailgun har slettet adressen",
            "until Mailgun has deleted the address",
            ("for å rydde hos Mailgun", "to clean up at Mailgun"),
        ),
        "suppressions": _until(
            "til sperren er over, høyst {bounce_days} dager, og {letter_days} dager etter det; "
            "etter en klage til sletting",
            "until it ends, {bounce_days} days at most, and {letter_days} days after; "
            "after a complaint until erasure",
            LETTERS,
        ),
        "person_tasks": _until(
            "{letter_days} dager etter at den er gjort",
            "{letter_days} days after it was done",
            ("for oppgaver en medarbeider gjør", "for what a person of staff does"),
        ),
    }
)
"""By the kind that a service counts. An outside service may count others."""
