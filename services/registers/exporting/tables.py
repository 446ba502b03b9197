"""What registers hands out for copies."""

from __future__ import annotations

from typing import Final

from shared.database import Database, load_queries
from shared.participation.contribution import Column, Contribution, Table
from shared.participation.export_values import Whose

Q: Final = load_queries(__file__)
STOOD: Final = (
    Column("kind", "slags", "kind"),
    Column("state", "tilstand", "state"),
    Column("valid_from", "gjelder fra", "valid from"),
    Column("valid_to", "gjelder til", "valid to"),
    Column("recorded_at", "ført", "recorded"),
)

TABLES: Final = (
    Table(
        name="named_in_records",
        of=("register_person",),
        nb="Registre der brukeren er nevnt, for eksempel som mottaker av varsler",
        en="Records that name the user, such as who is to be notified",
        columns=(*STOOD, Column("field", "som hva", "as what")),
        query=Q.named,
    ),
    Table(
        name="records",
        of=("register_record", "register_revision"),
        nb="Fullmakter og avtaler om varsling, slik de er ført",
        en="Mandates and agreements on notices, as they are recorded",
        columns=(
            *STOOD,
            Column("number", "utgave", "revision"),
            Column("review_on", "gås gjennom", "to be reviewed"),
            Column("content", "innhold", "content"),
            Column("evidence_sha256", "dokumentets sjekksum", "digest of the document"),
            Column("evidence_on", "dokumentets dato", "date of the document"),
        ),
        query=Q.records,
        whose=Whose.COMPANY,
    ),
)


def contribution(database: Database) -> Contribution:
    """The tables of this service."""
    return Contribution(database, TABLES)
