"""What cases hands out for copies, and what of its tables is handed out to nobody."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shared.database import Database, load_queries
from shared.participation.contribution import Column, Contribution, Table
from shared.participation.export_values import Origin, Whose

Q: Final = load_queries(__file__)
SEEN: Final = Origin.OBSERVED
MADE: Final = Origin.DERIVED
OF_STAFF: Final = "names staff alone, or nobody; what it comes to is told with the case"
LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "alert_message": OF_STAFF,
        "case_alert": OF_STAFF,
        "case_instant": OF_STAFF,
        "case_severity": OF_STAFF,
        "duty": OF_STAFF,
        "fact_put_off": "lines of the ledger, for seconds",
        "requester_letter": "which letters of a request left; notification tells of each",
    }
)
"""Tables that name somebody and are in no copy, each with the reason."""

TABLES: Final = (
    Table(
        name="cases",
        of=("case_subject", "case_file"),
        nb="Saker, også det man selv har bedt om",
        en="Cases, also what one has asked for oneself",
        columns=(
            Column("reference", "saksnummer", "reference", MADE),
            Column("kind", "slags", "kind", MADE),
            Column("signal", "hva det gjelder", "what it is about", MADE),
            Column("state", "tilstand", "state", MADE),
            Column("received_at", "mottatt", "received", MADE),
            Column("ended_at", "avsluttet", "ended", MADE),
        ),
        query=Q.cases,
        whose=Whose.EITHER,
    ),
    Table(
        name="decisions",
        of=("case_decision",),
        nb="Hva som ble bestemt om det man har bedt om, uten navn på ansatte",
        en="What was decided about what one has asked for, without names of staff",
        columns=(
            Column("reference", "saksnummer", "reference", MADE),
            Column("step", "hva", "what", MADE),
            Column("reason", "grunn", "reason", MADE),
            Column("from_state", "fra", "from", MADE),
            Column("to_state", "til", "to", MADE),
            Column("decided_at", "tidspunkt", "time", MADE),
            Column("is_late", "for sent", "late", MADE),
            Column("late_reason", "grunn til at det er sent", "reason it is late", MADE),
        ),
        query=Q.decisions,
        whose=Whose.EITHER,
    ),
    Table(
        name="breach_notices",
        of=("notice_recipient", "breach_notice"),
        nb="Varsler om brudd på personopplysningssikkerheten",
        en="Notices of breaches of personal data",
        columns=(
            Column("case_id", "sak", "case", SEEN),
            Column("audience", "til hvem", "to whom", SEEN),
            Column("natures", "hva slags brudd", "nature", SEEN),
            Column("data", "opplysninger", "data", SEEN),
            Column("consequences", "mulige følger", "possible consequences", MADE),
            Column("measures", "tiltak", "measures", SEEN),
            Column("advice", "råd", "advice", SEEN),
            Column("decided_at", "besluttet", "decided", SEEN),
            Column("ordered_at", "bestilt", "ordered", SEEN),
            Column("sent_at", "sendt", "sent", SEEN),
            Column("told_at", "fortalt", "told", SEEN),
            Column("failed_at", "kom ikke fram", "did not arrive", SEEN),
        ),
        query=Q.notices,
        whose=Whose.EITHER,
    ),
    Table(
        name="breach_lists",
        of=("affected_subject", "affected_list"),
        nb="Lister over hvem et brudd kan gjelde",
        en="Lists of whom a breach may concern",
        columns=(
            Column("case_id", "sak", "case", MADE),
            Column("scope", "hvordan listen er laget", "how the list was made", MADE),
            Column("as_of", "per", "as of", MADE),
            Column("computed_at", "laget", "made", MADE),
        ),
        query=Q.lists,
        whose=Whose.EITHER,
    ),
    Table(
        name="filings",
        of=("filing_customer", "filing"),
        nb="Meldinger til Datatilsynet på vegne av virksomheten",
        en="Notices to the authority for the company",
        columns=(
            Column("case_id", "sak", "case", SEEN),
            Column("scope", "omfang", "scope", SEEN),
            Column("valid_from", "fullmakt fra", "mandate from", SEEN),
            Column("valid_to", "fullmakt til", "mandate to", SEEN),
            Column("persons", "antall personer", "number of persons", SEEN),
            Column("notified_at", "meldt", "notified", SEEN),
        ),
        query=Q.filings,
        whose=Whose.COMPANY,
    ),
    Table(
        name="costs",
        of=("case_cost",),
        nb="Hvem som bærer kostnaden ved en sak",
        en="Who bears the cost of a case",
        columns=(
            Column("case_id", "sak", "case", SEEN),
            Column("bearer", "hvem", "who", SEEN),
            Column("reason", "grunn", "reason", SEEN),
            Column("evidence_sha256", "dokumentets sjekksum", "digest of the document", SEEN),
            Column("decided_at", "besluttet", "decided", SEEN),
        ),
        query=Q.costs,
        whose=Whose.COMPANY,
    ),
)


def contribution(database: Database) -> Contribution:
    """The tables of this service."""
    return Contribution(database, TABLES, LEFT_OUT)
