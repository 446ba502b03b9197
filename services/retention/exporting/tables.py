"""What retention hands out for copies, and what of its tables is handed out to nobody."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shared.database import Database, load_queries
from shared.participation.contribution import Column, Contribution, Table
from shared.participation.export_values import Origin, Whose

Q: Final = load_queries(__file__)
LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "came_back": "orders the events of one account; the erasure says what came of it",
        "dry_run": "what an erasure would take, tried by staff",
    }
)
"""Tables that name somebody and are in no copy, each with the reason."""

TABLES: Final = (
    Table(
        name="erasures",
        of=("erasure",),
        nb="Planlagte slettinger og datoene for dem",
        en="Erasures that are planned, and their dates",
        columns=(
            Column("trigger", "grunn", "reason"),
            Column("started_on", "fristen begynte", "the period began"),
            Column("due_on", "slettes", "due on"),
            Column("state", "tilstand", "state"),
            Column("cancellation", "avlyst fordi", "called off because"),
        ),
        query=Q.erasures,
        whose=Whose.EITHER,
    ),
    Table(
        name="holds",
        of=("hold",),
        nb="Opplysninger som må tas vare på på grunn av en tvist",
        en="Data that must be kept because of a dispute",
        columns=(
            Column("categories", "slags opplysninger", "kinds of data"),
            Column("reason", "grunn", "reason"),
            Column("starts_on", "fra", "from"),
            Column("review_on", "vurderes på nytt", "to be reviewed"),
            Column("released_at", "opphevet", "released"),
        ),
        query=Q.holds,
        whose=Whose.EITHER,
    ),
    Table(
        name="restrictions",
        of=("restriction",),
        nb="Begrensninger av behandlingen",
        en="Restrictions of the processing",
        columns=(
            Column("ground", "grunnlag, bokstav i artikkel 18 nr. 1", "ground, letter of article 18(1)"),
            Column("requested_on", "bedt om", "requested on", Origin.PROVIDED),
            Column("set_at", "satt", "set"),
            Column("announced_at", "oppheving varslet", "lifting announced"),
            Column("told_at", "oppheving fortalt", "lifting told"),
            Column("lifted_at", "opphevet", "lifted"),
        ),
        query=Q.restrictions,
        whose=Whose.EITHER,
    ),
    Table(
        name="early_erasures",
        of=("early_request",),
        nb="Krav om sletting før fristen",
        en="Requests to erase before the date",
        columns=(
            Column("requester_role", "den som ba om det", "who asked"),
            Column("evidence", "på hvilken måte", "how it was evidenced"),
            Column("received_on", "mottatt", "received"),
            Column("export_offered_on", "kopi tilbudt", "copy offered"),
            Column("registered_at", "registrert", "registered"),
            Column("course", "tilstand", "state"),
        ),
        query=Q.early_requests,
        whose=Whose.EITHER,
    ),
)


def contribution(database: Database) -> Contribution:
    """The tables of this service."""
    return Contribution(database, TABLES, LEFT_OUT)
