"""What audit hands out for copies, and what of its tables is handed out to nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from shared import held_words
from shared.database import Database, Row, load_queries
from shared.participation.contribution import (
    DIGESTS,
    ROW_NUMBERS,
    WORK,
    Column,
    Contribution,
    Table,
)
from shared.participation.export_values import Origin, Whose
from shared.privacy import Sealed, Subject, Vault

Q: Final = load_queries(__file__)
SEEN: Final = Origin.OBSERVED
MADE: Final = Origin.DERIVED
LOGIN: Final = "login_event"
TEXTS: Final = ("ip", "user_agent")
LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "anomaly": "keyed digests by which one thing is not told twice, gone within two days",
        "intake": "waits for its place in the trail for seconds",
        "subject_link": "a random reference for each id, by which the trail is read for this copy",
        "tombstone": "ids of who was erased, so that nothing of them comes back",
        "verification": "when staff had the trail examined",
    }
)
"""Tables that name somebody and are in no copy, each with the reason."""
COLUMNS_LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        DIGESTS: (
            "login_event.address_index login_event.name_index login_event.network_index "
            "login_event.device_index trail.leaf_hash trail.chain_hash"
        ),
        ROW_NUMBERS: (
            "login_event.attempt_id trail.seq trail.event_id trail.version trail.account_ref trail.user_ref "
            "trail.subject trail.correlation_id trail.causation_id"
        ),
        WORK: (
            "login_event.origin login_event.origin_tries login_event.origin_try_at login_event.watched "
            "trail.recorded_at"
        ),
        "told as done_by: no reference of anybody else is handed out": "trail.actor",
    }
)
"""Columns of tables that are handed out which are in no copy, by reason."""


def contribution(database: Database, vault: Vault) -> Contribution:
    """The tables of this service; `vault` opens where log-ins came from."""
    return Contribution(database, (_logins(vault), *_TRAIL), LEFT_OUT, COLUMNS_LEFT_OUT)


def _logins(vault: Vault) -> Table:
    return Table(
        name="logins",
        of=(LOGIN,),
        nb="Pålogginger og forsøk, med adressen de kom fra",
        en="Log-ins and attempts, with the address they came from",
        columns=(
            Column("occurred_at", "tidspunkt", "time", SEEN),
            Column("outcome", "utfall", "outcome", SEEN, held_words.LOGIN_OUTCOMES),
            Column("reason", "grunn", "reason", MADE, held_words.LOGIN_REASONS),
            Column("ip", "nettadresse", "network address", SEEN),
            Column("user_agent", "nettleser", "browser", SEEN),
            Column("country", "land, gjettet av nettadressen", "country, guessed from the address", MADE),
            Column("latitude", "breddegrad, gjettet av nettadressen", "latitude, guessed from the address", MADE),
            Column("longitude", "lengdegrad, gjettet av nettadressen", "longitude, guessed from the address", MADE),
            Column("expires_on", "slettes", "deleted on", MADE),
        ),
        query=Q.logins,
        opened=lambda rows: _opened(vault, rows),
    )


def _opened(vault: Vault, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Address and browser of each; None where nothing is known, or the key is gone."""
    wanted = [
        Sealed(
            Subject.person(row["user_id"], row["account_id"]),
            LOGIN,
            f"{name}_sealed",
            row["attempt_id"],
            row[f"{name}_sealed"],
        )
        for row in rows
        for name in TEXTS
        if row[f"{name}_sealed"] is not None
    ]
    texts = {(each.row, each.column): text for each, text in zip(wanted, vault.unseal_many(wanted), strict=True)}
    return [{name: texts.get((row["attempt_id"], f"{name}_sealed")) for name in TEXTS} for row in rows]


DONE_BY_EN: Final = "by you, another user, the vendor, the program"
_TRAIL: Final = (
    Table(
        name="trail",
        of=("trail",),
        nb="Hendelser i sporet som gjelder brukeren, med navn på felt som ble endret, aldri verdier",
        en="Events of the trail about the user, with names of fields that changed, never values",
        columns=(
            # What detectors concluded is among them: for the answer, and not to be taken along.
            Column("occurred_at", "tidspunkt", "time", MADE),
            Column("type", "hendelse", "event", MADE, held_words.EVENTS),
            Column("source", "tjeneste", "service", MADE, held_words.SERVICES),
            Column(
                "done_by",
                "hvem: deg, en annen bruker, leverandøren, programmet",
                DONE_BY_EN,
                MADE,
                held_words.DONE_BY,
            ),
            Column("field_names", "felt", "fields", MADE, held_words.FIELDS),
            Column(
                "facts", "det som ellers står om hendelsen, som koder", "what else stands there, in codes", MADE
            ),
        ),
        query=Q.trail,
    ),
    Table(
        name="own_acts",
        of=("trail",),
        nb="Det brukeren selv har gjort, som å endre virksomhetens opplysninger eller invitere andre",
        en="What the user did, such as changing the data of the company or inviting others",
        columns=(
            Column("occurred_at", "tidspunkt", "time", SEEN),
            Column("type", "hendelse", "event", SEEN, held_words.EVENTS),
            Column("source", "tjeneste", "service", SEEN, held_words.SERVICES),
            Column(
                "done_to",
                "med hvem: deg, en annen bruker, virksomheten",
                "to you, another user, the company",
                SEEN,
                held_words.DONE_BY,
            ),
            Column("field_names", "felt", "fields", SEEN, held_words.FIELDS),
        ),
        query=Q.own_acts,
    ),
    Table(
        name="company_trail",
        of=("trail",),
        nb="Hendelser i sporet som gjelder virksomheten selv, med navn på felt som ble endret, aldri verdier",
        en="Events of the trail about the company itself, with names of fields that changed, never values",
        columns=(
            Column("occurred_at", "tidspunkt", "time", MADE),
            Column("type", "hendelse", "event", MADE, held_words.EVENTS),
            Column("source", "tjeneste", "service", MADE, held_words.SERVICES),
            Column(
                "done_by",
                "hvem: en bruker, leverandøren, programmet",
                "a user, the vendor, the program",
                MADE,
                held_words.DONE_BY,
            ),
            Column("field_names", "felt", "fields", MADE, held_words.FIELDS),
        ),
        query=Q.company_trail,
        whose=Whose.COMPANY,
    ),
    Table(
        name="company_copies",
        of=("trail",),
        nb="Dager da en eier hentet en kopi av virksomheten, som du kan ha vært med i",
        en="Days on which an owner fetched a copy of the company, in which you may have been",
        columns=(
            Column("day", "dag", "day", SEEN),
            Column("shown_to", "til hvem", "to whom", SEEN, held_words.SHOWN_TO),
            Column("copies", "antall ganger", "how often", SEEN),
        ),
        query=Q.company_copies,
    ),
    Table(
        name="looks_by_staff",
        of=("trail",),
        nb="Dager og formål der ansatte hos leverandøren så på opplysninger; navn på ansatte oppgis ikke",
        en="Days and purposes on which the vendor's staff looked at data; names of staff are not told",
        columns=(
            Column("day", "dag", "day", SEEN),
            Column("purpose", "formål", "purpose", SEEN, held_words.LOOKED_FOR),
            Column("looks", "antall ganger", "how often", SEEN),
        ),
        query=Q.reads,
        whose=Whose.EITHER,
    ),
    Table(
        name="logins_disclosed",
        of=("trail",),
        nb="Dager og formål der pålogginger ble vist til noen",
        en="Days and purposes on which log-ins were shown to somebody",
        columns=(
            Column("day", "dag", "day", SEEN),
            Column("purpose", "formål", "purpose", SEEN, held_words.LOOKED_FOR),
            Column("shown_to", "til hvem", "to whom", SEEN, held_words.SHOWN_TO),
            Column("disclosures", "antall ganger", "how often", SEEN),
        ),
        query=Q.disclosures,
    ),
)
