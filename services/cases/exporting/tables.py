"""What cases hands out for copies, and what of its tables is handed out to nobody."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shared import breach_words, case_words, held_words
from shared import security_notice_words as changed
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
SEEN: Final = Origin.OBSERVED
MADE: Final = Origin.DERIVED
OF_STAFF: Final = "names staff alone, or nobody; what it comes to is told with the case"
OF_ALL: Final = "counts of a whole list, which is about others as well"
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
COLUMNS_LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        STAFF: (
            "affected_list.asked_by breach_notice.drafted_by case_cost.decided_by case_cost.approved_by "
            "case_decision.decided_by case_decision.approved_by case_file.owner filing.asked_by"
        ),
        ROW_NUMBERS: (
            "affected_list.decision_id affected_subject.list_id breach_notice.list_id "
            "breach_notice.decision_id case_cost.approval_id case_decision.number case_decision.supersedes "
            "case_decision.approval_id case_subject.case_id filing.decision_id filing_customer.filing_id "
            "filing_customer.mandate_id notice_recipient.notice_id notice_recipient.order_event_id "
            "notice_recipient.failure_case_id"
        ),
        WORK: (
            "affected_list.asked_at affected_list.parts affected_list.parts_told affected_list.changes "
            "affected_list.changes_seen affected_subject.part breach_notice.drafted_at breach_notice.is_told "
            "breach_notice.restored_at case_cost.customer_erased case_file.kind_version case_file.join_key "
            "case_file.version case_file.state_since case_file.opened_at case_file.restored_at "
            "case_subject.added_at filing.asked_at filing.looked_up_at filing.extent "
            "notice_recipient.asked_at"
        ),
        OF_ALL: (
            "affected_list.customers affected_list.persons affected_list.left_out breach_notice.recipients "
            "case_file.signals case_file.subjects_erased"
        ),
        TOLD_ELSEWHERE: "case_decision.case_id",
    }
)
"""Columns of tables that are handed out which are in no copy, by reason."""

TABLES: Final = (
    Table(
        name="cases",
        of=("case_subject", "case_file"),
        nb="Saker, også det man selv har bedt om",
        en="Cases, also what one has asked for oneself",
        columns=(
            Column("reference", "saksnummer", "reference", MADE),
            Column("kind", "slags", "kind", MADE, case_words.CASE_KINDS),
            Column("signal", "hva det gjelder", "what it is about", MADE, case_words.CASE_SIGNALS),
            Column("opened_by", "hvem som meldte det", "who reported it", MADE, case_words.CASE_SOURCES),
            Column("state", "tilstand", "state", MADE, case_words.CASE_STATES),
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
            Column("step", "hva", "what", MADE, case_words.REQUEST_STEPS),
            Column("reason", "grunn", "reason", MADE, case_words.CASE_REASONS),
            Column("from_state", "fra", "from", MADE, case_words.CASE_STATES),
            Column("to_state", "til", "to", MADE, case_words.CASE_STATES),
            Column("decided_at", "tidspunkt", "time", MADE),
            Column("is_late", "for sent", "late", MADE),
            Column("late_reason", "grunn til at det er sent", "reason it is late", MADE, case_words.LATE_REASONS),
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
            Column("number", "varsel nummer", "notice number", SEEN),
            Column("audience", "til hvem", "to whom", SEEN, case_words.AUDIENCES),
            Column("natures", "hva slags brudd", "nature", SEEN, {**breach_words.NATURES, **changed.CHANGES}),
            Column("causes", "årsaker", "causes", SEEN, {**breach_words.CAUSES, **changed.FOUND_BY}),
            Column("groups", "hvem opplysningene er om", "whom the data are about", SEEN, breach_words.GROUPS),
            Column("data", "opplysninger", "data", SEEN, breach_words.DATA),
            Column("whereabouts", "hvor de er", "where they are", SEEN, breach_words.WHEREABOUTS),
            Column("records", "antall poster, omtrent", "number of records, about", SEEN),
            Column("attempts", "forsøk som er loggført", "attempts that were logged", SEEN),
            Column("breaches", "brudd som er loggført", "breaches that were logged", SEEN),
            Column("consequences", "mulige følger", "possible consequences", MADE, breach_words.CONSEQUENCES),
            Column("measures", "tiltak", "measures", SEEN, {**breach_words.MEASURES, **changed.PLANS}),
            Column("advice", "råd", "advice", SEEN, breach_words.ADVICE),
            Column("unknown", "det som ikke var kjent", "what was not known", SEEN, breach_words.UNKNOWN),
            Column("late_reason", "grunn til at det er sent", "reason it is late", SEEN, breach_words.LATE),
            Column("decided_at", "besluttet", "decided", SEEN),
            Column("ordered_at", "bestilt", "ordered", SEEN),
            Column("sent_at", "sendt", "sent", SEEN),
            Column("told_at", "fortalt", "told", SEEN),
            Column("failed_at", "kom ikke fram", "did not arrive", SEEN),
            Column("reason", "fordi", "because", MADE, held_words.LETTER_REASONS),
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
            Column("scope", "hvordan listen er laget", "how the list was made", MADE, case_words.AFFECTED_SCOPES),
            Column("as_of", "per", "as of", MADE),
            Column("window_from", "bruddet fra", "the breach from", MADE),
            Column("window_to", "bruddet til", "the breach until", MADE),
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
            Column("scope", "omfang", "scope", SEEN, case_words.MANDATES),
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
            Column("bearer", "hvem", "who", SEEN, case_words.COST_BEARERS),
            Column("reason", "grunn", "reason", SEEN, case_words.COST_REASONS),
            Column("evidence_sha256", "dokumentets sjekksum", "digest of the document", SEEN),
            Column("decided_at", "besluttet", "decided", SEEN),
        ),
        query=Q.costs,
        whose=Whose.COMPANY,
    ),
)


def contribution(database: Database) -> Contribution:
    """The tables of this service."""
    return Contribution(database, TABLES, LEFT_OUT, COLUMNS_LEFT_OUT)
