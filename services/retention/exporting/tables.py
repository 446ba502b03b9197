"""What retention hands out for copies, and what of its tables is handed out to nobody."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shared.database import Database, load_queries
from shared.participation.contribution import Column, Contribution, Table
from shared.participation.export_values import Origin, Whose

Q: Final = load_queries(__file__)
GIVEN: Final = Origin.PROVIDED
SEEN: Final = Origin.OBSERVED
MADE: Final = Origin.DERIVED
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
            Column("trigger", "grunn", "reason", SEEN),
            Column("started_on", "fristen begynte", "the period began", SEEN),
            Column("due_on", "slettes", "due on", SEEN),
            Column("state", "tilstand", "state", SEEN),
            Column("cancellation", "avlyst fordi", "called off because", SEEN),
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
            Column("categories", "slags opplysninger", "kinds of data", MADE),
            Column("reason", "grunn", "reason", MADE),
            Column("starts_on", "fra", "from", MADE),
            Column("review_on", "vurderes på nytt", "to be reviewed", MADE),
            Column("released_at", "opphevet", "released", MADE),
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
            Column("ground", "grunnlag, bokstav i artikkel 18 nr. 1", "ground, letter of article 18(1)", SEEN),
            Column("requested_on", "bedt om", "requested on", GIVEN),
            Column("set_at", "satt", "set", SEEN),
            Column("announced_at", "oppheving varslet", "lifting announced", SEEN),
            Column("told_at", "oppheving fortalt", "lifting told", SEEN),
            Column("lifted_at", "opphevet", "lifted", SEEN),
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
            Column("requester_role", "den som ba om det", "who asked", SEEN),
            Column("evidence", "på hvilken måte", "how it was evidenced", SEEN),
            Column("received_on", "mottatt", "received", SEEN),
            Column("export_offered_on", "kopi tilbudt", "copy offered", SEEN),
            Column("registered_at", "registrert", "registered", SEEN),
            Column("course", "tilstand", "state", SEEN),
        ),
        query=Q.early_requests,
        whose=Whose.EITHER,
    ),
)


def contribution(database: Database) -> Contribution:
    """The tables of this service."""
    return Contribution(database, TABLES, LEFT_OUT)
