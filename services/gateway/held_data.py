"""What is held about a customer and its people: what for, on what ground, for how long, and who else gets it.

The privacy statement and everybody's own page say it in the same words, with the figures in force.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from shared.terms.parameters import parameter
from shared.terms.texts import LANGUAGES

MONTHS_A_YEAR: Final = 12
FIGURES: Final = {
    "months": "retention.inactive_account",
    "login_months": "log.login_retention",
    "completion_days": "erasure.live_completion",
    "key_copy_days": "backup.keyring_max_age",
    "backup_days": "backup.max_age",
    "answer_months": "dsr.deadline",
}
"""The parameters that are told."""
YEARS: Final = {"agreement_years": "accounting.agreements", "voucher_years": "accounting.vouchers"}
"""Those that are kept in months and told in years."""
KEPT_DAYS: Final = {"agreement_ip_days": 90, "letter_days": 180}
"""How long account and notification keep what has no parameter; a test holds it against their rules."""

Said = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Held:
    """One kind of data; each pair is in Norwegian and English. `is_personal`: it is about each user."""

    what: Said
    why: Said
    basis: Said
    until: Said
    recipients: Said
    is_personal: bool = True


OWNERS: Final = ("eierne av kontoen", "the owners of the account")
NOBODY: Final = ("ingen", "nobody")
HELD: Final = (
    Held(
        what=(
            "Virksomheten: navn, e-postadresse, telefonnummer, organisasjonsnummer",
            "The company: name, e-mail address, telephone number, organisation number",
        ),
        why=("inngå og oppfylle avtalen, fakturere", "to conclude and perform the agreement, to invoice"),
        basis=("art. 6 nr. 1 b og f", "article 6(1)(b) and (f)"),
        until=(
            "{months} måneder etter at kontoen er gjort inaktiv",
            "{months} months after the account is made inactive",
        ),
        recipients=(
            "Tripletex (regnskap); Mailgun (EU), som sender e-post",
            "Tripletex (accounts); Mailgun (EU), which sends e-mail",
        ),
        is_personal=False,
    ),
    Held(
        what=(
            "Brukerne: navn, e-postadresse, telefonnummer",
            "The users: name, e-mail address, telephone number",
        ),
        why=(
            "logge inn, gi hjelp, sende nødvendige e-poster",
            "to log in, to give help, to send necessary e-mails",
        ),
        basis=(
            "art. 6 nr. 1 f: levere tjenesten til virksomheten",
            "article 6(1)(f): providing the service to the company",
        ),
        until=(
            "{months} måneder etter at kontoen eller brukerkontoen er gjort inaktiv",
            "{months} months after the account or the user account is made inactive",
        ),
        recipients=(
            "eierne av kontoen; Mailgun (EU), som sender e-post; av eiere Tripletex, som kontaktperson",
            "the owners of the account; Mailgun (EU), which sends e-mail; of owners Tripletex, as contact",
        ),
    ),
    Held(
        what=("Pålogginger: tidspunkt, IP-adresse, nettleser", "Logins: time, IP address, browser"),
        why=("oppdage og stanse misbruk", "to discover and stop misuse"),
        basis=("art. 6 nr. 1 f: sikkerhet", "article 6(1)(f): security"),
        until=("{login_months} måneder", "{login_months} months"),
        recipients=OWNERS,
    ),
    Held(
        what=(
            "Avtalen: hvem som godtok hvilken versjon, når og fra hvilken IP-adresse",
            "The agreement: who accepted which version, when, and from which IP address",
        ),
        why=("vise hva som er avtalt", "to show what was agreed"),
        basis=("art. 6 nr. 1 c og f", "article 6(1)(c) and (f)"),
        until=(
            (
                "IP-adressen {agreement_ip_days} dager; uten navn {agreement_years} år etter regnskapsåret "
                "(bokføringsloven § 13)"
            ),
            (
                "the IP address {agreement_ip_days} days; without names {agreement_years} years after the "
                "financial year (section 13 of the Norwegian Bookkeeping Act)"
            ),
        ),
        recipients=NOBODY,
    ),
    Held(
        what=("Loggen over e-poster til dere", "The log of e-mails to you"),
        why=("vise at nødvendige e-poster er sendt", "to show that necessary e-mails were sent"),
        basis=("art. 6 nr. 1 f", "article 6(1)(f)"),
        until=("{letter_days} dager", "{letter_days} days"),
        recipients=("Mailgun (EU)", "Mailgun (EU)"),
    ),
    Held(
        what=("Fakturaer", "Invoices"),
        why=("bokføring", "bookkeeping"),
        basis=("art. 6 nr. 1 c", "article 6(1)(c)"),
        until=(
            "{voucher_years} år etter regnskapsåret (bokføringsloven § 13)",
            "{voucher_years} years after the financial year (section 13 of the Norwegian Bookkeeping Act)",
        ),
        recipients=("Tripletex (regnskap)", "Tripletex (accounts)"),
        is_personal=False,
    ),
)


def figures(language: str) -> dict[str, Any]:
    """The figures in force, as they are written in a language."""
    point = "," if language == "nb" else "."
    years = {name: f"{parameter(key).default / MONTHS_A_YEAR:g}".replace(".", point) for name, key in YEARS.items()}
    return {name: parameter(key).default for name, key in FIGURES.items()} | KEPT_DAYS | years


def held_data(language: str) -> list[dict[str, Any]]:
    """All kinds in words, with the figures in force."""
    at, told = LANGUAGES.index(language), figures(language)
    return [
        {
            "what": each.what[at],
            "why": each.why[at],
            "basis": each.basis[at],
            "until": each.until[at].format_map(told),
            "recipients": each.recipients[at],
            "is_personal": each.is_personal,
        }
        for each in HELD
    ]
