"""What registers hands out for copies."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shared import register_words
from shared.database import Database, load_queries
from shared.participation.contribution import (
    ROW_NUMBERS,
    STAFF,
    Column,
    Contribution,
    Table,
)
from shared.participation.export_values import Origin, Whose

Q: Final = load_queries(__file__)
SEEN: Final = Origin.OBSERVED
MADE: Final = Origin.DERIVED
STOOD: Final = (
    Column("kind", "slags", "kind", SEEN, register_words.KINDS["register_kind"]),
    Column("state", "tilstand", "state", SEEN, register_words.KINDS["record_state"]),
    Column("valid_from", "gjelder fra", "valid from", SEEN),
    Column("valid_to", "gjelder til", "valid to", SEEN),
    Column("recorded_at", "ført", "recorded", SEEN),
)

COLUMNS_LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        STAFF: ("register_revision.recorded_by register_revision.requested_by register_revision.approved_by"),
        ROW_NUMBERS: (
            "register_person.record_id register_record.kind_version register_record.key "
            "register_revision.record_id register_revision.approval_id"
        ),
    }
)
"""Columns of tables that are handed out which are in no copy, by reason."""

TABLES: Final = (
    Table(
        name="named_in_records",
        of=("register_person",),
        nb="Registre der brukeren er nevnt, for eksempel som mottaker av varsler",
        en="Records that name the user, such as who is to be notified",
        columns=(
            *STOOD,
            Column("number", "utgave", "revision", SEEN),
            Column("field", "som hva", "as what", SEEN, register_words.KINDS["register_field"]),
        ),
        query=Q.named,
    ),
    Table(
        name="records",
        of=("register_record", "register_revision"),
        nb="Fullmakter og avtaler om varsling, slik de er ført",
        en="Mandates and agreements on notices, as they are recorded",
        columns=(
            *STOOD,
            Column("number", "utgave", "revision", SEEN),
            Column("review_on", "gås gjennom", "to be reviewed", SEEN),
            Column("content", "innhold", "content", SEEN),
            Column("reason", "grunn", "reason", MADE, register_words.KINDS["record_ending"]),
            Column("evidence_sha256", "dokumentets sjekksum", "digest of the document", SEEN),
            Column("evidence_on", "dokumentets dato", "date of the document", SEEN),
        ),
        query=Q.records,
        whose=Whose.COMPANY,
    ),
)


def contribution(database: Database) -> Contribution:
    """The tables of this service."""
    return Contribution(database, TABLES, columns_left_out=COLUMNS_LEFT_OUT)
