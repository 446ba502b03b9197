"""What retention hands out for copies, and what of its tables is handed out to nobody."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shared import held_words
from shared.database import Database, load_queries
from shared.participation.contribution import (
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
PREPARED: Final = "prepared for a dispute, and given to nobody else (personopplysningsloven § 16)"
LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "came_back": "orders the events of one account; the erasure says what came of it",
        "dry_run": "what an erasure would take, tried by staff",
    }
)
"""Tables that name somebody and are in no copy, each with the reason."""
COLUMNS_LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        STAFF: (
            "early_request.checked_by early_request.approved_by early_request.actor hold.owner "
            "hold.requested_by hold.approved_by hold.released_by restriction.set_by restriction.told_by "
            "restriction.lifted_by"
        ),
        ROW_NUMBERS: ("early_request.erasure_id erasure.certificate_id hold.user_ids restriction.announcement_id"),
        WORK: (
            "early_request.next_at erasure.started_at erasure.entered_at erasure.remind_on "
            "erasure.reminded_on erasure.released erasure.letter_done erasure.participants erasure.attempt "
            "erasure.ordered_at erasure.key_fingerprints erasure.destroyed_at erasure.cleared erasure.next_at "
            "erasure.lease_until erasure.version erasure.followed_up erasure.resumed_on erasure.completes "
            "erasure.calendar_version erasure.begun_at erasure.backups_expire_on hold.placed_at hold.as_of "
            "hold.overdue_told_on hold.overdue_told"
        ),
        TOLD_ELSEWHERE: ("erasure.held erasure.held_by erasure.kept_back erasure.noticed_on erasure.inactive_on"),
        PREPARED: "hold.case_ref hold.case_id",
    }
)
"""Columns of tables that are handed out which are in no copy, by reason."""

TABLES: Final = (
    Table(
        name="erasures",
        of=("erasure",),
        nb="Planlagte slettinger og datoene for dem",
        en="Erasures that are planned, and their dates",
        columns=(
            Column("of_company", "gjelder hele virksomheten", "of the whole company", MADE),
            Column("trigger", "grunn", "reason", MADE, held_words.TRIGGERS),
            Column("started_on", "fristen begynte", "the period began", MADE),
            Column("due_on", "slettes", "due on", MADE),
            Column("state", "tilstand", "state", MADE, held_words.ERASURE_STATES),
            Column("cancellation", "avlyst fordi", "called off because", MADE, held_words.CANCELLATIONS),
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
            Column("of_company", "gjelder hele virksomheten", "of the whole company", MADE),
            Column("categories", "slags opplysninger", "kinds of data", MADE, held_words.CATEGORIES),
            Column("reason", "grunn", "reason", MADE, held_words.HOLD_REASONS),
            Column("starts_on", "fra", "from", MADE),
            Column("review_on", "vurderes på nytt", "to be reviewed", MADE),
            Column("released_at", "opphevet", "released", MADE),
            Column("release_reason", "opphevet fordi", "released because", MADE, held_words.RELEASE_REASONS),
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
            Column("of_company", "gjelder hele virksomheten", "of the whole company", MADE),
            Column(
                "ground",
                "grunnlag, bokstav i artikkel 18 nr. 1",
                "ground, letter of article 18(1)",
                GIVEN,
                held_words.GROUNDS,
            ),
            Column("requested_on", "bedt om", "requested on", GIVEN),
            Column("set_at", "satt", "set", MADE),
            Column("announced_at", "oppheving varslet", "lifting announced", MADE),
            Column("told_at", "oppheving fortalt", "lifting told", MADE),
            Column("lifted_at", "opphevet", "lifted", MADE),
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
            Column("requester_role", "den som ba om det", "who asked", SEEN, held_words.AUTHORITIES),
            Column("evidence", "på hvilken måte", "how it was evidenced", SEEN),
            Column("received_on", "mottatt", "received", SEEN),
            Column("export_offered_on", "kopi tilbudt", "copy offered", SEEN),
            Column("registered_at", "registrert", "registered", SEEN),
            Column(
                "identity_check",
                "hvordan vi så hvem det var",
                "how identity was checked",
                MADE,
                held_words.IDENTITY_CHECKS,
            ),
            Column(
                "authority_check",
                "hvordan vi så myndigheten",
                "how authority was checked",
                MADE,
                held_words.AUTHORITY_CHECKS,
            ),
            Column("without_notice", "uten varsel", "without notice", GIVEN),
            Column("course", "tilstand", "state", SEEN, held_words.EARLY_COURSES),
        ),
        query=Q.early_requests,
        whose=Whose.EITHER,
    ),
)


def contribution(database: Database) -> Contribution:
    """The tables of this service."""
    return Contribution(database, TABLES, LEFT_OUT, COLUMNS_LEFT_OUT)
