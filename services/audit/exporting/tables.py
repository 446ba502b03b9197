"""What audit hands out for copies, and what of its tables is handed out to nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from shared.database import Database, Row, load_queries
from shared.participation.contribution import Column, Contribution, Table
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


def contribution(database: Database, vault: Vault) -> Contribution:
    """The tables of this service; `vault` opens where log-ins came from."""
    return Contribution(database, (_logins(vault), *_TRAIL), LEFT_OUT)


def _logins(vault: Vault) -> Table:
    return Table(
        name="logins",
        of=(LOGIN,),
        nb="Pålogginger og forsøk, med adressen de kom fra",
        en="Log-ins and attempts, with the address they came from",
        columns=(
            Column("occurred_at", "tidspunkt", "time", SEEN),
            Column("outcome", "utfall", "outcome", SEEN),
            Column("reason", "grunn", "reason", MADE),
            Column("ip", "nettadresse", "network address", SEEN),
            Column("user_agent", "nettleser", "browser", SEEN),
            Column("country", "land, gjettet av nettadressen", "country, guessed from the address", MADE),
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


_TRAIL: Final = (
    Table(
        name="trail",
        of=("trail",),
        nb="Hendelser i sporet som gjelder brukeren, med navn på felt som ble endret, aldri verdier",
        en="Events of the trail about the user, with names of fields that changed, never values",
        columns=(
            # What detectors concluded is among them: for the answer, and not to be taken along.
            Column("occurred_at", "tidspunkt", "time", MADE),
            Column("type", "hendelse", "event", MADE),
            Column("source", "tjeneste", "service", MADE),
            Column("field_names", "felt", "fields", MADE),
        ),
        query=Q.trail,
    ),
    Table(
        name="looks_by_staff",
        of=("trail",),
        nb="Dager og formål der ansatte hos leverandøren så på opplysninger; navn på ansatte oppgis ikke",
        en="Days and purposes on which the vendor's staff looked at data; names of staff are not told",
        columns=(
            Column("day", "dag", "day", SEEN),
            Column("purpose", "formål", "purpose", SEEN),
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
            Column("purpose", "formål", "purpose", SEEN),
            Column("shown_to", "til hvem", "to whom", SEEN),
            Column("disclosures", "antall ganger", "how often", SEEN),
        ),
        query=Q.disclosures,
    ),
)
