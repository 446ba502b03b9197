"""What notification hands out for copies, and what of its tables is handed out to nobody."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shared import held_words, letter_words
from shared.database import Database, load_queries
from shared.participation.contribution import (
    DIGESTS,
    ROW_NUMBERS,
    STAFF,
    TOLD_ELSEWHERE,
    WORK,
    Column,
    Contribution,
    Table,
)
from shared.participation.export_values import Origin, Whose

Q: Final = load_queries(__file__)
GIVEN: Final = Origin.PROVIDED
SEEN: Final = Origin.OBSERVED
MADE: Final = Origin.DERIVED
LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "address_cleanup": "an order to the vendor of e-mail to forget an address, over with it",
        "duty_alert": "messages to staff, which name no customer",
        "refused_address": "digests of addresses of persons who are erased",
        "campaign": "what staff wrote to many, and who of staff did; it names no customer",
    }
)
"""Tables that name somebody and are in no copy, each with the reason."""
COLUMNS_LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        DIGESTS: "letter.address_index suppression.address_index",
        STAFF: "person_task.done_by suppression.lifted_by",
        ROW_NUMBERS: (
            "letter.event_id letter.correlation_id letter.clock_id letter.erasure_id letter.certificate_id "
            "letter.claim_id letter.notice_id mailing.event_id mailing.correlation_id mailing.clock_id "
            "mailing.erasure_id mailing.certificate_id mailing.claim_id mailing.notice_id letter.mailing_id "
            "letter.ticket_id person_task.letter_id letter.campaign_id mailing.campaign_id"
        ),
        WORK: (
            "letter.renewal letter.lane letter.due_at letter.fair_at letter.attempts letter.checks "
            "letter.lease_until letter.begun_at letter.expires_at letter.reconcile_at mailing.attempts "
            "mailing.due_at mailing.lane mailing.lease_until mailing.expires_at mailing.in_doubt "
            "objection.noted_at suppression.tried_at"
        ),
        TOLD_ELSEWHERE: (
            "letter.backups_expire_on letter.noticed_on letter.notice_ends_on letter.started_on "
            "letter.review_on mailing.backups_expire_on mailing.noticed_on mailing.notice_ends_on "
            "mailing.started_on mailing.review_on"
        ),
    }
)
"""Columns of tables that are handed out which are in no copy, by reason."""

# What we sent is neither provided nor observed, and a letter may say what a detector concluded.
LETTER: Final = (
    Column("letter", "brev", "letter", MADE, letter_words.LETTERS),
    Column("cause", "fordi", "because", MADE, held_words.EVENTS),
    Column("happened_at", "det den er om, skjedde", "what it is about happened", MADE),
    Column("state", "tilstand", "state", MADE, {**letter_words.STATES, **held_words.MAILING_STATES}),
    Column("requested_at", "bestilt", "requested", MADE),
    Column("settled_at", "avsluttet", "settled", MADE),
    Column("due_on", "dagen det gjelder", "day it is about", MADE),
    Column("case_id", "sak", "case", MADE),
)

TABLES: Final = (
    Table(
        name="letters",
        of=("letter",),
        nb="E-post til brukeren. Teksten er ikke lagret; mottakeren har den.",
        en="E-mail to the user. Its text is not kept; whoever got it has it.",
        columns=(
            *LETTER,
            Column("reason", "grunn", "reason", MADE, held_words.LETTER_REASONS),
            Column("sent_at", "sendt", "sent", MADE),
            Column("provider_message_id", "nummer hos den som sender e-posten", "number at whoever sends it", MADE),
            Column("provider_code", "svar fra den som sender e-posten", "answer of whoever sends it", MADE),
        ),
        query=Q.letters,
    ),
    Table(
        name="mailings",
        of=("mailing",),
        nb="Varsler som skulle ut",
        en="Notices that were to go out",
        columns=LETTER,
        query=Q.mailings,
        whose=Whose.EITHER,
    ),
    Table(
        name="declined",
        of=("opt_out",),
        nb="Slags e-post som er reservert mot",
        en="Kinds of e-mail that were declined",
        columns=(
            Column("letter_class", "slags", "kind", GIVEN, held_words.LETTER_CLASSES),
            Column("since", "siden", "since", SEEN),
        ),
        query=Q.opt_outs,
    ),
    Table(
        name="objections",
        of=("objection",),
        nb="Protester mot markedsføring",
        en="Objections to marketing",
        columns=(
            Column("channel", "hvordan", "how", SEEN, held_words.OBJECTED_BY),
            Column("received_at", "mottatt", "received", GIVEN),
            Column("case_id", "sak", "case", SEEN),
        ),
        query=Q.objections,
    ),
    Table(
        name="consents",
        of=("consent",),
        nb="Samtykker til e-post som kan avslås",
        en="Consents to e-mail that can be declined",
        columns=(
            Column("letter_class", "slags", "kind", GIVEN, held_words.LETTER_CLASSES),
            Column("language", "språk", "language", SEEN, held_words.LANGUAGE_NAMES),
            Column("wording_sha256", "setningen (SHA-256)", "sentence (SHA-256)", SEEN),
            Column("given_at", "gitt", "given", SEEN),
            Column("withdrawn_at", "trukket tilbake", "withdrawn", SEEN),
        ),
        query=Q.consents,
    ),
    Table(
        name="not_delivered",
        of=("suppression",),
        nb="Hvorfor e-post ikke sendes til adressen",
        en="Why no e-mail goes to the address",
        columns=(
            Column("kind", "grunn", "reason", MADE, held_words.SUPPRESSIONS),
            Column("since", "siden", "since", MADE),
            Column("times", "antall ganger", "how often", MADE),
            Column("ends_at", "til", "until", MADE),
        ),
        query=Q.suppressions,
    ),
    Table(
        name="tasks",
        of=("person_task",),
        nb="Oppgaver for ansatte om e-post som ikke kom fram, eller en kopi på papir",
        en="Tasks of staff about e-mail that did not arrive, or a copy on paper",
        columns=(
            Column("kind", "slags", "kind", MADE, held_words.TASKS),
            Column("letter", "brev", "letter", MADE, letter_words.LETTERS),
            Column("reason", "grunn", "reason", MADE, held_words.LETTER_REASONS),
            Column("due_on", "frist", "due", MADE),
            Column("raised_at", "opprettet", "raised", MADE),
            Column("done_at", "gjort", "done", MADE),
            Column("outcome", "utfall", "outcome", MADE, held_words.TASK_OUTCOMES),
        ),
        query=Q.tasks,
        whose=Whose.EITHER,
    ),
)


def contribution(database: Database) -> Contribution:
    """The tables of this service."""
    return Contribution(database, TABLES, LEFT_OUT, COLUMNS_LEFT_OUT)
