"""What is held about a customer and its people: what for, on what ground, for how long, and who else gets it.

The privacy statement, everybody's own page and the answer to whoever asks for access say it in the same words, with
the figures in force.
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
    "unreached_months": "file.contact_failure",
    "support_months": "file.support",
    "enquiry_months": "file.enquiry",
}
"""The parameters that are told."""
YEARS: Final = {
    "agreement_years": "accounting.agreements",
    "voucher_years": "accounting.vouchers",
    "alarm_years": "file.alarm",
    "incident_years": "file.incident",
    "report_years": "file.nonconformity",
    "forwarded_years": "file.forwarded_request",
    "dispute_years": "file.dispute",
    "complaint_years": "file.complaint",
    "request_years": "file.rights_request",
    "notice_years": "file.security_notice",
    "early_years": "early_request.kept",
}
"""Those that are kept in months and told in years."""
KEPT_DAYS: Final = {"agreement_ip_days": 90, "letter_days": 180, "copy_days": 7, "ended_days": 180}
"""How long account, notification and retention keep what has no parameter; a test holds it against their rules."""
IN_EEA: Final = "EU"
OUTSIDE: Final = "USA"
"""Where the provider of e-mail handles it, by the interface that is called."""

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


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Somebody else who gets data, by name (CJEU C-154/21), and what for."""

    name: str
    what_for: Said


RECIPIENTS: Final = (
    Recipient(
        name="Tripletex AS",
        what_for=("regnskap og oppfølging av kunder", "accounts and follow-up of customers"),
    ),
    Recipient(name="Sinch Mailgun ({mail_in})", what_for=("sender e-post", "sends e-mail")),
    Recipient(
        name="Domeneshop AS",
        what_for=("drift, e-post og nettsted", "hosting, mail and web site"),
    ),
    Recipient(
        name="Brønnøysundregistrene",
        what_for=(
            "får organisasjonsnummeret når vi slår opp i Enhetsregisteret",
            "gets the organisation number when we look it up in the business register",
        ),
    ),
    Recipient(
        name="Datatilsynet",
        what_for=(
            "får vite hva slags opplysninger et brudd gjelder og hvor mange, ikke hvem",
            "is told what kind of data a breach concerns and of how many people, not of whom",
        ),
    ),
)
"""All who get something; whoever keeps the books beside the vendor is named by its settings."""
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
            "Tripletex (regnskap); Mailgun ({mail_in}), som sender e-post; Brønnøysundregistrene (oppslag)",
            "Tripletex (accounts); Mailgun ({mail_in}), which sends e-mail; the business register (looked up)",
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
            "eierne av kontoen; Mailgun ({mail_in}), som sender e-post; av eiere Tripletex, som kontaktperson",
            "the owners of the account; Mailgun ({mail_in}), which sends e-mail; of owners Tripletex, as contact",
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
        recipients=("Mailgun ({mail_in})", "Mailgun ({mail_in})"),
    ),
    Held(
        what=("Det du skriver til brukerstøtte, og svarene", "What you write to support, and the answers"),
        why=("svare, og vite hva som er svart", "to answer, and to know what was answered"),
        basis=("art. 6 nr. 1 f: gi hjelp", "article 6(1)(f): giving help"),
        until=(
            "{support_months} måneder etter siste melding i tråden",
            "{support_months} months after the last message of the thread",
        ),
        recipients=NOBODY,
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
    Held(
        what=(
            "Sporet: hva som skjedde med kontoen og når, uten navn og uten verdier",
            "The trail: what happened to the account and when, without names and values",
        ),
        why=("vise at det vi lover, blir gjort", "to show that what we promise is done"),
        basis=("art. 6 nr. 1 c og f", "article 6(1)(c) and (f)"),
        until=(
            "henvisningen til deg slettes sammen med brukerkontoen",
            "the reference to you is erased with the user account",
        ),
        recipients=NOBODY,
    ),
    Held(
        what=(
            "Saker: det du har bedt om eller klaget på, avvik som er meldt, mistanker og brudd",
            (
                "Cases: what you have asked for or complained of, nonconformities that were reported, suspicions "
                "and breaches"
            ),
        ),
        why=("svare i tide, og vise hva som ble gjort", "to answer in time, and to show what was done"),
        basis=("art. 6 nr. 1 c og f", "article 6(1)(c) and (f)"),
        until=(
            (
                "hvem saken gjelder, til brukerkontoen slettes; resten uten navn: krav {request_years} år, krav "
                "som er sendt videre, {forwarded_years} år, klager {complaint_years} år, avvik {report_years} "
                "år, uenighet {dispute_years} år, varsler om endret sikkerhet {notice_years} år, hendelser og "
                "brudd {incident_years} år, alarmer {alarm_years} år, spørsmål {enquiry_months} måneder, varsler "
                "som ikke kom fram, {unreached_months} måneder etter at saken er avsluttet"
            ),
            (
                "whom a case is about, until the user account is erased; the rest without names: requests "
                "{request_years} years, requests that were passed on {forwarded_years} years, complaints "
                "{complaint_years} years, nonconformities {report_years} years, disagreements {dispute_years} "
                "years, notices of changed security {notice_years} years, incidents and breaches "
                "{incident_years} years, alarms {alarm_years} years, enquiries {enquiry_months} months, notices "
                "that did not arrive {unreached_months} months after the end of the case"
            ),
        ),
        recipients=(
            "Datatilsynet ved brudd (ikke hvem det gjelder); eierne av kontoen ved krav om det de har skrevet inn",
            "the authority of breaches (not whom they concern); owners of requests about what they have typed",
        ),
    ),
    Held(
        what=(
            "E-post du har reservert deg mot, og adresser som e-post ikke når",
            "E-mails that you declined, and addresses that no e-mail reaches",
        ),
        why=("la være å sende det du ikke vil ha", "not to send what you do not want"),
        basis=("art. 6 nr. 1 c, art. 21", "article 6(1)(c), article 21"),
        until=("til brukerkontoen slettes", "until the user account is erased"),
        recipients=(
            "Tripletex (et merke om at du ikke vil ha reklame)",
            "Tripletex (a mark that you want no marketing)",
        ),
    ),
    Held(
        what=(
            "Tvister, begrensninger og krav om tidlig sletting",
            "Disputes, restrictions, and requests for an early erasure",
        ),
        why=("ta vare på, eller la ligge, det loven krever", "to keep, or to leave alone, what the law wants"),
        basis=("art. 6 nr. 1 c og f, art. 17 nr. 3 e, art. 18", "article 6(1)(c) and (f), 17(3)(e), 18"),
        until=(
            "{ended_days} dager etter at de er opphevet; krav om tidlig sletting {early_years} år",
            "{ended_days} days after they ended; requests for an early erasure {early_years} years",
        ),
        recipients=NOBODY,
    ),
    Held(
        what=("Kopier du har bedt om", "Copies that you asked for"),
        why=("gi innsyn", "to give access"),
        basis=("art. 6 nr. 1 c", "article 6(1)(c)"),
        until=("{copy_days} dager etter at kopien var klar", "{copy_days} days after the copy was ready"),
        recipients=(
            "den som har bedt om kopien; virksomhetens kopi, med alle brukerne i, en eier av kontoen",
            "whoever asked for the copy; the copy of the company, with all users in it, an owner of the account",
        ),
    ),
)


def figures(language: str, *, mail_in_eea: bool = True) -> dict[str, Any]:
    """The figures in force, as they are written in a language, and where e-mail is handled."""
    point = "," if language == "nb" else "."
    years = {name: f"{parameter(key).default / MONTHS_A_YEAR:g}".replace(".", point) for name, key in YEARS.items()}
    in_force = {name: parameter(key).default for name, key in FIGURES.items()}
    return in_force | KEPT_DAYS | years | {"mail_in": IN_EEA if mail_in_eea else OUTSIDE}


def recipients(language: str, *, mail_in_eea: bool = True) -> list[str]:
    """All who get something, by name and with what for."""
    at, told = LANGUAGES.index(language), figures(language, mail_in_eea=mail_in_eea)
    return [f"{each.name.format_map(told)}: {each.what_for[at]}" for each in RECIPIENTS]


def held_data(language: str, *, mail_in_eea: bool = True) -> list[dict[str, Any]]:
    """All kinds in words, with the figures in force."""
    at, told = LANGUAGES.index(language), figures(language, mail_in_eea=mail_in_eea)
    return [
        {
            "what": each.what[at],
            "why": each.why[at],
            "basis": each.basis[at],
            "until": each.until[at].format_map(told),
            "recipients": each.recipients[at].format_map(told),
            "is_personal": each.is_personal,
        }
        for each in HELD
    ]
