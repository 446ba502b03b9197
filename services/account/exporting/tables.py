"""What the account service hands out for copies, and what of its tables is handed out to nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from services.account.companies.calls import PostalAddressShown
from services.account.field_encryption.sealing import Sealing
from shared import case_words, held_words
from shared.canonical_json import canonical
from shared.database import Database, Row, load_queries
from shared.participation.contribution import (
    DIGESTS,
    SECRETS,
    STAFF,
    TOLD_ELSEWHERE,
    WORK,
    Column,
    Contribution,
    Table,
)
from shared.participation.export_values import Origin, Whose
from shared.privacy import Sealed, Subject

Q: Final = load_queries(__file__)
GIVEN: Final = Origin.PROVIDED
SEEN: Final = Origin.OBSERVED
MADE: Final = Origin.DERIVED
LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "erasure_begun": "says that an erasure is under way; retention tells of it",
        "letter_request": "a keyed digest that is gone within the hour",
        "login_brake": "keyed digests and counts by which guessing is slowed down: nobody can be read from them",
        "lost_correction": "names of fields that a restore undid, until they are corrected again",
        "replayed": "versions of rows after a restore; says nothing about anybody",
        "form_draft": "what stood in a form, for an hour; only the browser that sent it can read it",
        "export": "the copy itself",
        "export_part": "the copy itself",
        "export_page": "the copy itself",
        "export_chunk": "the copy itself",
        "export_download": "a digest that is gone within the hour",
    }
)
"""Tables that name somebody and are in no copy, each with the reason."""
COLUMNS_LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        DIGESTS: (
            "account.email_index account.org_number_index account.name_index account.phone_index "
            "account.sign_up_network account_user.email_index account_user.new_email_index "
            "account_user.name_index account_user.phone_index login_attempt.address_index "
            "login_attempt.network_index login_attempt.name_index"
        ),
        SECRETS: "credential.password_hash session.token_hash ticket.token_hash export_transfer.digest",
        STAFF: "contact_attempt.actor",
        WORK: (
            "account.version account.register_retry_at account.register_attempts account_user.version "
            "former_address.fetched_at ticket.minted_at login_attempt.sealed_for_nobody "
            "export_transfer.export_id export_transfer.ends_at "
            "support_thread.messages support_thread.version support_thread.waiting_since "
            "support_thread.declined_at"
        ),
        TOLD_ELSEWHERE: "support_message.written_by",
    }
)
"""Columns of tables that are handed out which are in no copy, by reason."""


def contribution(database: Database, sealing: Sealing) -> Contribution:
    """The tables of this service; `sealing` opens what lies sealed in them."""
    tables = [*_of_persons(sealing), *_of_support(sealing), *_of_either(sealing), *_of_companies(sealing)]
    return Contribution(database, tables, LEFT_OUT, COLUMNS_LEFT_OUT)


USER_COLUMNS: Final = (
    Column("name", "navn", "name", GIVEN),
    Column("email", "e-postadresse", "e-mail address", GIVEN),
    Column("phone", "telefon", "telephone", GIVEN),
    Column("new_email", "ny adresse som venter på bekreftelse", "new address that is not confirmed", GIVEN),
    Column("is_login_name", "adressen brukes til å logge inn", "the address is used to log in", SEEN),
    Column("category", "slags person", "kind of person", GIVEN, held_words.USER_CATEGORIES),
    Column("role", "rolle", "role", GIVEN, held_words.ROLES),
    Column("language", "språk", "language", GIVEN, held_words.LANGUAGE_NAMES),
    Column("state", "tilstand", "state", SEEN, held_words.ACCOUNT_STATES),
    Column("email_confirmed_at", "adressen bekreftet", "address confirmed", SEEN),
    Column("created_at", "opprettet", "created", SEEN),
    Column("inactivated_at", "gjort inaktiv", "made inactive", SEEN),
    Column("inactivated_by", "av hvem", "by whom", SEEN, held_words.INACTIVATED_BY),
    Column("reactivated_at", "tatt opp igjen", "taken up again", SEEN),
)
COMPANY_COLUMNS: Final = (
    Column("name", "navn", "name", GIVEN),
    Column("email", "e-postadresse", "e-mail address", GIVEN),
    Column("phone", "telefon", "telephone", GIVEN),
    Column("org_number", "organisasjonsnummer", "organisation number", GIVEN),
    Column("contact_address", "postadresse", "postal address", GIVEN),
    Column("billing_address", "fakturaadresse", "billing address", GIVEN),
    Column("language", "språk", "language", GIVEN, held_words.LANGUAGE_NAMES),
    Column("state", "tilstand", "state", SEEN, held_words.ACCOUNT_STATES),
    Column("org_form", "organisasjonsform", "form of organisation", MADE, held_words.ORGANISATION_FORMS),
    Column(
        "register_outcome",
        "oppslag i Enhetsregisteret",
        "look-up in the business register",
        MADE,
        held_words.REGISTER,
    ),
    Column("register_checked_at", "slått opp", "looked up", MADE),
    Column(
        "review_reasons",
        "grunner til å se nærmere",
        "reasons for a closer look",
        MADE,
        held_words.REVIEW_REASONS,
    ),
    Column("block_reason", "grunn til sperring", "reason of a block", MADE, held_words.BLOCK_REASONS),
    Column("blocked_at", "sperret", "blocked", MADE),
    Column("may_instruct_since", "eierne instruerer igjen", "owners instruct again since", MADE),
    Column("notice_months", "oppsigelsestid i måneder", "months of notice", SEEN),
    Column("created_at", "opprettet", "created", SEEN),
    Column("inactivated_at", "gjort inaktiv", "made inactive", SEEN),
    Column("inactivated_by", "av hvem", "by whom", SEEN, held_words.INACTIVATED_BY),
    Column(
        "inactivation_reason",
        "grunn til inaktivering",
        "reason it was made inactive",
        MADE,
        held_words.INACTIVATION_REASONS,
    ),
    Column("reactivated_at", "tatt opp igjen", "taken up again", SEEN),
    Column("accuracy_asked_at", "spurt om alt stemmer", "asked whether all is right", SEEN),
    Column("accuracy_confirmed_at", "sagt at alt stemmer", "said that all is right", SEEN),
)
_PLAIN: Final = (
    Table(
        name="password",
        of=("credential",),
        nb="Når passordet ble satt. Selve passordet finnes ikke i lesbar form.",
        en="When the password was set. The password itself is nowhere in a readable form.",
        columns=(
            Column("changed_at", "satt", "set", SEEN),
            Column("reset_required_at", "må settes på nytt siden", "to be set anew since", MADE),
        ),
        query=Q.passwords,
    ),
    Table(
        name="sessions",
        of=("session",),
        nb="Åpne pålogginger",
        en="Open log-ins",
        columns=(Column("created_at", "begynt", "begun", SEEN), Column("seen_at", "sist brukt", "last used", SEEN)),
        query=Q.sessions,
    ),
    Table(
        name="links",
        of=("ticket",),
        nb="Lenker i e-post som er sendt",
        en="Links in e-mail that was sent",
        columns=(
            Column("kind", "hva den er til", "what it is for", SEEN, held_words.LINK_KINDS),
            Column("created_at", "laget", "made", SEEN),
            Column("used_at", "brukt", "used", SEEN),
        ),
        query=Q.links,
    ),
)
"""Tables of one person in which nothing lies sealed."""


def _of_persons(sealing: Sealing) -> Sequence[Table]:
    return (
        *_PLAIN,
        Table(
            name="login_attempts",
            of=("login_attempt",),
            nb="Forsøk på å logge på, med adressen de kom fra",
            en="Attempts to log in, with the address they came from",
            columns=(
                Column("at", "tidspunkt", "time", SEEN),
                Column("outcome", "utfall", "outcome", MADE, held_words.LOGIN_RESULTS),
                Column("ip", "nettadresse", "network address", SEEN),
                Column("user_agent", "nettleser", "browser", SEEN),
            ),
            query=Q.attempts,
            opened=lambda rows: [{"ip": ip, "user_agent": agent} for ip, agent in sealing.opened_origins(rows)],
        ),
        Table(
            name="former_addresses",
            of=("former_address",),
            nb="Tidligere e-postadresser",
            en="Earlier e-mail addresses",
            columns=(
                Column("email", "e-postadresse", "e-mail address", GIVEN),
                Column("replaced_at", "byttet", "replaced", SEEN),
            ),
            query=Q.former_addresses,
            opened=lambda rows: _opened(sealing, "former_address", "email", rows),
        ),
        Table(
            name="transfers",
            of=("export_transfer",),
            nb="Hvem du har fått en kopi sendt til, og når de bekreftet at de fikk den",
            en="To whom you had a copy handed over, and when they confirmed that they got it",
            columns=(
                Column("receiver", "mottaker", "receiver", GIVEN),
                Column("made_at", "sendt", "handed over", SEEN),
                Column("fetched_at", "hentet", "fetched", SEEN),
                Column("fetches", "antall ganger", "how often", SEEN),
                Column("received_at", "bekreftet", "confirmed", SEEN),
                Column("ended_at", "trukket tilbake", "taken back", SEEN),
                Column("sha256", "filens sjekksum", "digest of the file", SEEN),
                Column("receipt", "kvittering", "receipt", SEEN),
            ),
            query=Q.transfers,
            opened=lambda rows: _opened(sealing, "export_transfer", "receiver", rows),
        ),
        Table(
            name="agreement_origins",
            of=("agreement",),
            nb="Hvor vilkår ble godtatt fra",
            en="From where terms were accepted",
            columns=(
                Column("accepted_at", "godtatt", "accepted", SEEN),
                Column("ip", "nettadresse", "network address", SEEN),
            ),
            query=Q.agreements,
            opened=lambda rows: _opened(sealing, "agreement", "ip", rows),
        ),
    )


def _of_support(sealing: Sealing) -> Sequence[Table]:
    """What a person wrote is taken along to others; what the staff answered is told."""
    return (
        Table(
            name="support_threads",
            of=("support_thread",),
            nb="Det du har skrevet om til brukerstøtte, og når det slettes",
            en="What you have written about to support, and when it is erased",
            columns=(
                Column("thread_id", "tråd", "thread", SEEN),
                Column("kind", "hva", "what", SEEN, held_words.SUPPORT_KINDS),
                Column("begun_at", "begynt", "begun", SEEN),
                Column("written_at", "sist skrevet", "last written", SEEN),
                Column("state", "tilstand", "state", MADE, held_words.SUPPORT_STATES),
                Column("answer_due", "svar senest", "answer by", MADE),
                Column("expires_on", "slettes", "erased", MADE),
            ),
            query=Q.support_threads,
        ),
        Table(
            name="support_messages",
            of=("support_message",),
            nb="Det du har skrevet til brukerstøtte",
            en="What you wrote to support",
            columns=(
                Column("thread_id", "tråd", "thread", SEEN),
                Column("number", "nummer", "number", SEEN),
                Column("text", "tekst", "text", GIVEN),
                Column("way", "på hvilken måte", "by which way", SEEN, held_words.SUPPORT_WAYS),
                Column("written_at", "skrevet", "written", SEEN),
            ),
            query=Q.support_messages,
            opened=lambda rows: _opened(sealing, "support_message", "text", rows),
        ),
        Table(
            name="support_answers",
            of=("support_message",),
            nb="Det brukerstøtte har svart deg",
            en="What support answered you",
            columns=(
                Column("thread_id", "tråd", "thread", MADE),
                Column("number", "nummer", "number", MADE),
                Column("text", "tekst", "text", MADE),
                Column("written_at", "skrevet", "written", MADE),
            ),
            query=Q.support_answers,
            opened=lambda rows: _opened(sealing, "support_message", "text", rows),
        ),
    )


def _of_either(sealing: Sealing) -> Sequence[Table]:
    return (
        Table(
            name="users",
            of=("account_user",),
            nb="Brukere: navn, e-post og telefon",
            en="Users: name, e-mail and telephone",
            columns=USER_COLUMNS,
            query=Q.users,
            whose=Whose.EITHER,
            opened=lambda rows: _opened_users(sealing, rows),
            names_others=True,
        ),
        Table(
            name="agreements",
            of=("agreement",),
            nb="Vilkår som er godtatt for virksomheten",
            en="Terms that were accepted for the company",
            columns=(
                Column("document", "dokument", "document", SEEN, held_words.DOCUMENTS),
                Column("version", "utgave", "version", SEEN),
                Column("language", "språk", "language", GIVEN, held_words.LANGUAGE_NAMES),
                Column("text_sha256", "tekstens sjekksum", "digest of the text", SEEN),
                Column("authority", "myndighet til å godta", "authority to accept", GIVEN, held_words.AUTHORITIES),
                Column("attested", "bekreftet", "confirmed", GIVEN, held_words.ATTESTED),
                Column("sentences", "setningene som ble vist", "the sentences that were shown", SEEN),
                Column("domain", "nettsted", "web site", SEEN),
                Column("element", "knappen som ble brukt", "the button that was used", SEEN, held_words.CONTROLS),
                Column("accepted_at", "godtatt", "accepted", SEEN),
                Column("stood_by_at", "adressen bevist", "address proved", SEEN),
            ),
            query=Q.agreements,
            whose=Whose.EITHER,
            names_others=True,
        ),
        Table(
            name="reports",
            of=("nonconformity_report",),
            nb="Avvik som er meldt, med ordene de ble meldt med",
            en="Nonconformities that were reported, in the words of the report",
            columns=(
                Column("about", "gjelder", "about", GIVEN, case_words.CASE_SIGNALS),
                Column("text", "tekst", "text", GIVEN),
                Column("noticed_at", "oppdaget", "noticed", GIVEN),
                Column("received_at", "mottatt", "received", SEEN),
                Column("expires_on", "slettes senest", "deleted at the latest", MADE),
            ),
            query=Q.reports,
            whose=Whose.EITHER,
            names_others=True,
            opened=lambda rows: _opened_of_company(sealing, rows),
        ),
    )


def _of_companies(sealing: Sealing) -> Sequence[Table]:
    return (
        Table(
            name="company",
            of=("account",),
            nb="Virksomheten: navn, adresser, organisasjonsnummer",
            en="The company: name, addresses, organisation number",
            columns=COMPANY_COLUMNS,
            query=Q.company,
            whose=Whose.COMPANY,
            opened=lambda rows: [_company(sealing.opened_company(row)) for row in rows],
        ),
        Table(
            name="notice_of_termination",
            of=("notice",),
            nb="Oppsigelse av avtalen",
            en="Notice of termination",
            columns=(
                Column("noticed_on", "sagt opp", "given on", GIVEN),
                Column("ends_on", "oppsigelsestiden slutter", "end of the notice period", SEEN),
                Column("channel", "på hvilken måte", "by which channel", GIVEN, held_words.NOTICE_CHANNELS),
                Column("registered_at", "registrert", "registered", SEEN),
            ),
            query=Q.notices,
            whose=Whose.COMPANY,
        ),
        Table(
            name="contact_attempts",
            of=("contact_attempt",),
            nb="Forsøk på å få tak i virksomheten",
            en="Attempts to reach the company",
            columns=(
                Column("channel", "på hvilken måte", "by which channel", SEEN, held_words.CONTACT_CHANNELS),
                Column("outcome", "utfall", "outcome", SEEN, held_words.CONTACT_OUTCOMES),
                Column("attempted_on", "dag", "day", SEEN),
                Column("recorded_at", "registrert", "recorded", SEEN),
            ),
            query=Q.contact_attempts,
            whose=Whose.COMPANY,
        ),
    )


def _opened_users(sealing: Sealing, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The texts of each user, the address among them that waits to be confirmed."""
    waiting = _opened(sealing, "account_user", "new_email", rows)
    return [texts | new for texts, new in zip(sealing.opened_users(rows), waiting, strict=True)]


def _company(texts: Mapping[str, Any]) -> dict[str, Any]:
    """The texts of a company, an address as one line of JSON."""
    return {
        name: canonical(text.to_json()).decode() if isinstance(text, PostalAddressShown) else text
        for name, text in texts.items()
    }


def _opened(sealing: Sealing, table: str, column: str, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """A text under the key of a person, of each row; None where there is none, or nobody is named any more."""
    values = {
        row["id"]: Sealed(
            Subject.person(row["user_id"], row["account_id"]), table, column, row["id"], row[f"{column}_sealed"]
        )
        for row in rows
        if row["user_id"] is not None and row[f"{column}_sealed"] is not None
    }
    texts = dict(zip(values, sealing.vault.unseal_many(list(values.values())), strict=True))
    return [{column: texts.get(row["id"])} for row in rows]


def _opened_of_company(sealing: Sealing, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The text of each report, which lies under the key of the company."""
    texts = sealing.vault.unseal_many(
        [
            Sealed(
                Subject.company(row["account_id"]), "nonconformity_report", "text", row["id"], row["text_sealed"]
            )
            for row in rows
        ]
    )
    return [{"text": text} for text in texts]
