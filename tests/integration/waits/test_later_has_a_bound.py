"""Later has an upper bound: whatever instant is stored, what waits for it goes on within the stated time.

Every column that holds an instant is declared, here as one that nothing waits for or at its service as one that
something does, and each of the latter is tried: far ahead, long ago, and empty where it can be.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.rows import dict_row

from services.account.exports import store as export_store
from services.account.register.rules import WAITS
from services.account.register.store import Q as REGISTER_Q
from services.account.tickets import store as tickets
from services.audit.logins.store import LoginStore
from services.audit.verification.store import VerificationStore
from services.billing_sync.customer_links import store as links
from services.billing_sync.jobs import store as jobs
from services.cases.duty_alerts import store as alerts
from services.cases.effects import store as effects
from services.cases.notices import store as notices
from services.notification.company_mailings.store import MailingStore
from services.notification.delivery.store import DeliveryStore
from services.notification.duty_alerts import store as duty_messages
from services.notification.duty_alerts.values import Way
from services.notification.last_letters.store import FarewellStore
from services.notification.letters.kinds import LETTERS
from services.notification.reconciliation.store import ReconciliationStore
from services.notification.suppressions.rules import suppressed_for
from services.notification.suppressions.store import SuppressionStore
from services.retention.early_erasure import store as early_store
from services.retention.execution import store as retention
from shared import wait_bounds
from shared.bus import discovery, wait_bound_watch
from shared.bus.relay import LONGEST_HOLD
from shared.bus.relay import Q as RELAY_Q
from shared.clock import FixedClock
from shared.database import Database
from shared.identifiers import new_id
from shared.system import DATABASES, wire_name

pytestmark = pytest.mark.integration

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ABSURD = {"2083": datetime(2083, 1, 1, tzinfo=UTC), "year 1": datetime(1, 1, 2, tzinfo=UTC), "empty": None}

EVERYWHERE_NOT = {
    "outbox.created_at",
    "outbox.published_at",
    "inbox.processed_at",
    "parked.parked_at",
    "parked.decided_at",
    "parked.last_at",
    "command_reply.created_at",
    "ledger_position.recorded_at",
    "restricted.since",
    "spent_statement.spent_at",
    "restriction_over.over_at",
    "admin_watch.opened_at",
    "admin_watch.seen_at",
    "vendor_state.since",
    "vendor_state.seen_at",
    "clock_mark.seen_at",
    "clock_mark.stopped_at",
    "export_order.ordered_at",
}
NOT_WAITED_FOR = {
    "account": """account.register_checked_at account.created_at account.inactivated_at account.reactivated_at
        account_user.email_confirmed_at account_user.created_at account_user.inactivated_at account_user.reactivated_at
        credential.changed_at
        session.created_at session.seen_at login_attempt.at login_brake.failed_at login_brake.touched_at
        ticket.created_at ticket.minted_at ticket.used_at letter_request.requested_at agreement.accepted_at
        agreement.stood_by_at account.accuracy_asked_at account.accuracy_confirmed_at
        account.blocked_at account.may_instruct_since contact_attempt.recorded_at
        agreement_archive.accepted_at erasure_step.completed_at notice.registered_at erasure_begun.begun_at
        lost_correction.corrected_at former_address.replaced_at former_address.fetched_at
        credential.reset_required_at login_brake.proved_at nonconformity_report.noticed_at
        nonconformity_report.received_at form_draft.kept_at export.asked_at export.wished_at export.ready_at
        export.withdrawn_at export.renewed_at export.handed_over_at export_download.opened_until
        export_transfer.made_at export_transfer.ends_at export_transfer.ended_at export_transfer.fetched_at
        export_transfer.received_at export_key.used_since support_thread.begun_at support_thread.written_at
        support_thread.waiting_since support_thread.declined_at support_message.written_at""",
    "retention": """came_back.at dry_run.ordered_at hold.placed_at hold.as_of hold.released_at restriction.set_at
        restriction.announced_at restriction.told_at restriction.lifted_at erasure.started_at erasure.entered_at
        erasure.ordered_at erasure.destroyed_at erasure.begun_at answer.answered_at certificate.issued_at
        early_request.registered_at""",
    "notification": """mailing.requested_at mailing.expires_at mailing.settled_at mailing.happened_at letter.begun_at
        erasure_step.completed_at
        person_task.raised_at person_task.done_at letter.requested_at
        letter.expires_at letter.sent_at letter.settled_at letter.happened_at cancelled_clock.cancelled_at
        address_cleanup.expires_at farewell.kept_until suppression.since opt_out.since webhook.received_at
        alarm.raised_at alarm.last_seen_at alarm.closed_at duty_alert.requested_at duty_alert.due_at
        consent.given_at consent.withdrawn_at mail_purpose.copied_at
        campaign.drafted_at campaign.started_at campaign.all_chosen_at campaign.ended_at refused_address.since
        duty_alert.settled_at letter_class.copied_at letter_class_change.heard_at objection.received_at
        objection.noted_at""",
    "billing_sync": """customer_link.minimised_at erasure_step.completed_at job.wanted_at recipient_task.opened_at
        recipient_task.closed_at""",
    "audit": """intake.occurred_at intake.recorded_at trail.occurred_at trail.recorded_at checkpoint.time
        erasure_step.completed_at login_event.occurred_at verification.requested_at verification.ended_at
        anomaly.seen_at anomaly.told_at""",
    "cases": """case_file.restored_at case_file.state_since case_file.received_at case_file.opened_at case_file.ended_at
        case_clock.started_at case_clock.internal_due case_clock.statutory_due case_clock.next_at
        case_clock.stopped_at case_instant.at case_instant.recorded_at case_decision.decided_at
        case_link.linked_at case_subject.added_at case_intake.received_at case_sighting.told_at
        case_sighting.window_from case_sighting.window_to duty.copied_at
        duty_change.heard_at case_effect.ordered_at case_effect.confirmed_at affected_list.as_of
        affected_list.window_from affected_list.window_to affected_list.asked_at affected_list.computed_at
        breach_notice.drafted_at breach_notice.decided_at notice_recipient.ordered_at
        notice_recipient.sent_at notice_recipient.told_at notice_recipient.failed_at
        breach_notice.restored_at fact_kept.kept_at erased_mark.erased_at case_alert.due_at case_alert.raised_at
        case_alert.closed_at alert_message.queued_at alert_message.sent_at alert_message.delivered_at
        alert_message.failed_at case_severity.assessed_at case_cost.decided_at filing.asked_at filing.looked_up_at
        filing.notified_at erasure_step.completed_at requester_letter.ordered_at requester_letter.sent_at
        requester_letter.mailed_at dispute_hold.as_of""",
    "registers": "register_revision.recorded_at erasure_step.completed_at",
    "staff": """person.invited_at person.activated_at person.left_at enrolment_link.issued_at
        enrolment_link.expires_at enrolment_link.used_at prerequisite.began_at
        prerequisite.expires_at prerequisite.recorded_at prerequisite.ended_at role_grant.begins_at
        role_grant.expires_at role_grant.granted_at role_grant.ended_at passkey.enrolled_at
        passkey.used_at passkey.revoked_at recovery_code.made_at ceremony.begun_at
        session.authenticated_at session.created_at session.seen_at session.ended_at device_log_in.begun_at
        device_log_in.asked_at brake.failed_at brake.touched_at approval.requested_at approval.edited_at
        approval.expires_at approval.approved_at approval.cleared_at approval.ended_at passkey.suspected_at spent_code.spent_at
        form_draft.kept_at reading.begun_at database_access.opened_at database_access.expires_at
        database_access.password_made_at database_access.ended_at machine_door_use.used_at
        machine_door_use.countersigned_at contact.set_at contact.replaced_at admission.issued_at""",
}
"""What was, or an end that makes something be dropped: a wrong one keeps a row, and puts nothing off.

Where a rule reckons from one of them, as for a log-in that is braked, it leaves out what is dated ahead of now; the
unit tests of those rules try it.
"""

COLUMNS = """SELECT c.table_name || '.' || c.column_name AS name FROM information_schema.columns c
    JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
      AND (c.data_type = 'timestamp with time zone' OR c.udt_name = '_timestamptz') AND c.table_name <> 'migration'"""


def declared(database):
    (service,) = (each for each in discovery.services() if each.name == wire_name(database))
    return {**wait_bound_watch.WAITS, **service.waits}


@pytest.mark.parametrize("database", DATABASES)
def test_every_instant_of_the_schema_is_declared_as_waited_for_or_not(databases, database) -> None:
    with psycopg.connect(databases.superuser_dsn(database)) as connection:
        there = {name for (name,) in connection.execute(COLUMNS)}
    waited, rest = set(declared(database)), EVERYWHERE_NOT | set(NOT_WAITED_FOR[database].split())
    assert not waited & rest
    assert there - waited - rest == set(), "say whether something waits for these"
    assert waited <= there, "declared, but not there"
    assert set(NOT_WAITED_FOR[database].split()) <= there, "not there any more"


def test_every_column_that_something_waits_for_is_tried() -> None:
    every = {f"{database}: {name}" for database in DATABASES for name in declared(database)}
    assert {f"{database}: {name}" for database, name in ROOMS} | {
        f"{database}: outbox.retry_at" for database in DATABASES
    } == every


@given(
    ahead=st.timedeltas(min_value=timedelta(days=-700_000), max_value=timedelta(days=700_000)),
    at_most=st.timedeltas(min_value=timedelta(), max_value=timedelta(days=400)),
)
def test_whatever_is_stored_a_wait_ends_within_its_bound(ahead, at_most) -> None:
    instant = NOW + ahead
    assert wait_bounds.is_due(instant, NOW, at_most) == (not wait_bounds.is_leased(instant, NOW, at_most))
    assert wait_bounds.is_due(instant, NOW + at_most, at_most) or not wait_bounds.is_leased(instant, NOW, at_most)
    assert wait_bounds.bounded(instant, NOW, at_most) <= NOW + at_most


def test_the_database_judges_as_the_rule_does(databases) -> None:
    edges = [timedelta(seconds=s) for s in (-1, 0, 1, 59, 60, 61)] + [
        timedelta(days=days) for days in (-99999, 99999)
    ]
    with psycopg.connect(databases.dsn("billing_sync")) as connection:
        for edge in edges:
            asked = [NOW + edge, NOW, timedelta(seconds=60)]
            row = connection.execute(
                "SELECT is_due(%s, %s, %s), is_leased(%s, %s, %s)", [*asked, *asked]
            ).fetchone()
            assert row == (wait_bounds.is_due(*asked), wait_bounds.is_leased(*asked))
        assert connection.execute("SELECT is_leased(NULL, now(), '1 h')").fetchone() == (False,)


# ruff: noqa: E501  # statements and tables are easier to read whole

# ── the rooms: how a row comes to wait, and how it is taken up ──────────────────────────────────────────────

JOB = """INSERT INTO job (id, account_id, kind, state, due_at, lease_until, wanted_at)
    VALUES (%(id)s, %(id)s, 'sync', 'working', %(due_at)s, %(lease_until)s, %(now)s)"""
LINK = "INSERT INTO customer_link (account_id, customer_number, state, synced_at) VALUES (%(id)s, 1, 'linked', %(synced_at)s)"
MAILING = """INSERT INTO mailing (id, event_id, letter, account_id, state, due_at, lease_until, lane, requested_at,
    expires_at) VALUES (%(id)s, %(id)s, 'x', %(id)s, 'pending', %(due_at)s, %(lease_until)s, 1, %(now)s, %(now)s)"""
LETTER = """INSERT INTO letter (id, event_id, account_id, user_id, letter, state, lane, due_at, fair_at, lease_until,
    reconcile_at, requested_at, expires_at) VALUES (%(id)s, %(id)s, %(id)s, %(id)s, 'x', %(state)s, 1, %(due_at)s,
    %(fair_at)s, %(lease_until)s, %(reconcile_at)s, %(now)s, %(now)s)"""
CLEANUP = """WITH m AS (INSERT INTO mailing (id, event_id, letter, account_id, state, due_at, lane, requested_at, expires_at)
    VALUES (%(id)s, %(id)s, 'x', %(id)s, 'expanded', %(now)s, 1, %(now)s, %(now)s) RETURNING id)
    INSERT INTO address_cleanup (mailing_id, user_id, account_id, due_at, expires_at)
    SELECT id, id, id, %(due_at)s, %(now)s FROM m"""
BUDGET = """UPDATE provider_budget SET tokens = 5, refilled_at = coalesce(%(refilled_at)s, refilled_at),
    paused_until = %(paused_until)s"""
ERASURE = """INSERT INTO erasure (id, account_id, trigger, started_at, started_on, due_on, state, entered_at, cleared,
    next_at, lease_until, calendar_version) VALUES (%(id)s, %(id)s, 'account_inactivated', %(now)s, %(now)s, %(now)s,
    'announced', %(now)s, true, %(next_at)s, %(lease_until)s, 1)"""
EARLY = """INSERT INTO early_request (id, account_id, requester_role, evidence, received_on, identity_check,
    authority_check, checked_by, approved_by, actor, export_offered_on, registered_at, course, next_at) VALUES
    (%(id)s, %(id)s, 'x', 'x', %(now)s, 'x', 'x', 'staff:a', 'staff:b', 'staff:a', %(now)s, %(now)s, 'accepted',
    %(next_at)s)"""
LOGIN = """INSERT INTO login_event (attempt_id, occurred_at, outcome, expires_on, origin_try_at)
    VALUES (%(id)s, %(now)s, 'failed', %(now)s, %(origin_try_at)s)"""
VERIFICATION = """INSERT INTO verification (id, requested_by, requested_at, state, lease_until)
    VALUES (%(id)s, 'system', %(now)s, 'running', %(lease_until)s)"""
ACCOUNT = """INSERT INTO account (id, state, version, language, name_sealed, email_sealed, email_index, phone_sealed,
    register_outcome, register_retry_at, created_at)
    VALUES (%(id)s, 'active', 1, 'nb', '', '', '', '', 'provisional', %(register_retry_at)s, %(now)s)"""

CASE = """INSERT INTO case_file (id, reference, kind, kind_version, state, state_since, opened_by, signal, signals,
    received_at, opened_at, version)
    VALUES (%(id)s, %(id)s, 'incident', 1, 'breach', %(now)s, 'staff', 'other', 1, %(now)s, %(now)s, 1)"""
DECISION = """INSERT INTO case_decision (id, case_id, step, reason, from_state, to_state, decided_by, decided_at, is_late)
    VALUES (%(id)s, %(id)s, 'x', 'x', 'x', 'x', 'staff:a', %(now)s, false)"""
EFFECT = """INSERT INTO case_effect (case_id, decision_id, code, ordered_at, tries, next_at)
    VALUES (%(id)s, %(id)s, 'x', %(now)s, 1, %(next_at)s)"""
ALERT = """INSERT INTO case_alert (id, case_id, cause, mark, raised_at, next_at)
    VALUES (%(id)s, %(id)s, 'opened', '', %(now)s, %(next_at)s)"""
LIST = """INSERT INTO affected_list (id, case_id, scope, as_of, asked_by, asked_at, decision_id)
    VALUES (%(id)s, %(id)s, 'case', %(now)s, 'staff:a', %(now)s, %(id)s)"""
NOTICE = """INSERT INTO breach_notice (id, case_id, number, audience, natures, groups, data, consequences, measures, advice,
    unknown, drafted_by, drafted_at, list_id, decision_id, decided_at, recipients)
    VALUES (%(id)s, %(id)s, 1, 'customers', '{}', '{}', '{}', '{}', '{}', '{}', '{}', 'staff:a', %(now)s, %(id)s, %(id)s,
    %(decided_at)s, 1)"""
RECIPIENT = """INSERT INTO notice_recipient (id, notice_id, account_id, asked_at)
    VALUES (%(id)s, %(id)s, %(id)s, %(asked_at)s)"""
MESSAGE = """INSERT INTO duty_alert (alert_id, way, case_id, staff_code, kind, cause, level, others, correlation_id, next_at,
    lease_until, requested_at) VALUES (%(id)s, 'mail', %(id)s, 'a', 'x', 'x', 'x', 0, %(id)s, %(next_at)s, %(lease_until)s, %(now)s)"""

WISH = """INSERT INTO letter_request (id, kind, email_index, requested_at, due_at)
    VALUES (%(id)s, 'confirmation', '', %(now)s, %(due_at)s)"""

SUPPRESSION = """INSERT INTO suppression (kind, address_index, account_id, user_id, since, ends_at, tried_at)
    VALUES (%(kind)s, 'where', %(id)s, %(id)s, %(now)s, %(ends_at)s, %(tried_at)s)"""

DELIVERY, RECONCILIATION = DeliveryStore(), ReconciliationStore()


def a_letter_leaves(tx):
    return DELIVERY.claim(tx, NOW, rate=20.0, burst=40.0)


def a_letter_leaves_in_its_turn(tx):
    RECONCILIATION.bring_forward(tx, NOW)
    row = tx.one("SELECT max(fair_at) AS last FROM letter")
    return row["last"] <= NOW + timedelta(hours=2)


EXPORT = """INSERT INTO export (id, wish_id, account_id, user_id, asked_by, kind, state, asked_at, wished_at, next_at)
    VALUES (%(id)s, %(id)s, %(id)s, %(id)s, %(id)s, 'access', 'collecting', %(now)s, %(now)s, %(next_at)s)"""
EXPORT_PART = """INSERT INTO export_part (export_id, contributor, next_at) VALUES (%(id)s, 'audit', %(next_at)s)"""


def the_bucket_fills(tx):
    tx.run("UPDATE provider_budget SET tokens = 0")
    first = DELIVERY.claim(tx, NOW, rate=20.0, burst=40.0)
    return first or DELIVERY.claim(tx, NOW + timedelta(seconds=1), rate=20.0, burst=40.0)


def a_register_check(tx):
    return tx.all(
        REGISTER_Q.claim_register_checks,
        now=NOW,
        lease_until=NOW,
        limit=10,
        due=WAITS["account.register_retry_at"],
    )


def a_message_to_duty_leaves(tx):
    return duty_messages.claim(tx, Way.MAIL, NOW)


def a_letter_is_let_through(tx):
    """One that somebody asks for; with a moment's patience where one went there just now."""
    found = SuppressionStore().known(tx, b"where")
    return found and not suppressed_for(LETTERS["password_reset"], found, NOW)


LATER = NOW + timedelta(minutes=1)
ROOMS = {
    ("billing_sync", "job.due_at"): ([JOB], {"lease_until": None}, lambda tx: jobs.claim(tx, NOW, 10), False),
    ("billing_sync", "job.lease_until"): ([JOB], {"due_at": NOW}, lambda tx: jobs.claim(tx, NOW, 10), True),
    ("billing_sync", "customer_link.synced_at"): ([LINK], {}, lambda tx: links.unchecked(tx, NOW, 10), False),
    ("notification", "mailing.due_at"): (
        [MAILING], {"lease_until": None}, lambda tx: MailingStore().claim(tx, NOW), False,
    ),
    ("notification", "mailing.lease_until"): (
        [MAILING], {"due_at": NOW}, lambda tx: MailingStore().claim(tx, NOW), True,
    ),
    ("notification", "letter.due_at"): ([LETTER], {"state": "pending"}, a_letter_leaves, False),
    ("notification", "letter.fair_at"): ([LETTER], {"state": "pending"}, a_letter_leaves_in_its_turn, False),
    ("notification", "letter.lease_until"): (
        [LETTER], {"state": "sending"}, lambda tx: RECONCILIATION.lost(tx, NOW, 10), True,
    ),
    ("notification", "letter.reconcile_at"): (
        [LETTER], {"state": "sent"}, lambda tx: RECONCILIATION.claim_unheard_of(tx, NOW), False,
    ),
    ("notification", "address_cleanup.due_at"): (
        [CLEANUP], {}, lambda tx: FarewellStore().claim_cleanup(tx, NOW), False,
    ),
    ("notification", "provider_budget.paused_until"): (
        [LETTER, BUDGET], {"state": "pending"}, a_letter_leaves, True,
    ),
    ("notification", "provider_budget.refilled_at"): ([LETTER, BUDGET], {"state": "pending"}, the_bucket_fills, False),
    ("retention", "erasure.next_at"): ([ERASURE], {"lease_until": None}, lambda tx: retention.claim(tx, NOW), False),
    ("retention", "erasure.lease_until"): ([ERASURE], {"next_at": NOW}, lambda tx: retention.claim(tx, NOW), True),
    ("retention", "early_request.next_at"): ([EARLY], {}, lambda tx: early_store.claim(tx, NOW), False),
    ("audit", "login_event.origin_try_at"): (
        [LOGIN], {}, lambda tx: LoginStore().claim_origins(tx, now=NOW, lease_until=LATER, limit=5), False,
    ),
    ("audit", "verification.lease_until"): (
        [VERIFICATION], {}, lambda tx: VerificationStore().claim(tx, now=NOW, lease_until=LATER), True,
    ),
    ("notification", "suppression.ends_at"): ([SUPPRESSION], {"kind": "bounce"}, a_letter_is_let_through, False),
    ("notification", "suppression.tried_at"): (
        [SUPPRESSION], {"kind": "complaint", "ends_at": None}, a_letter_is_let_through, True,
    ),
    ("notification", "duty_alert.next_at"): ([MESSAGE], {"lease_until": None}, a_message_to_duty_leaves, False),
    ("notification", "duty_alert.lease_until"): ([MESSAGE], {"next_at": NOW}, a_message_to_duty_leaves, True),
    ("cases", "case_effect.next_at"): ([CASE, DECISION, EFFECT], {}, lambda tx: effects.due(tx, NOW), False),
    ("cases", "case_alert.next_at"): ([CASE, ALERT], {}, lambda tx: alerts.due(tx, NOW, limit=10), False),
    ("cases", "notice_recipient.asked_at"): (
        [CASE, DECISION, LIST, NOTICE, RECIPIENT], {}, lambda tx: notices.silent(tx, NOW, limit=10), True,
    ),
    ("account", "account.register_retry_at"): ([ACCOUNT], {}, a_register_check, False),
    ("account", "export.next_at"): (
        [EXPORT], {}, lambda tx: export_store.claim_collected(tx, NOW, 10), False,
    ),
    ("account", "export_part.next_at"): (
        [EXPORT, EXPORT_PART], {}, lambda tx: export_store.claim_parts(tx, NOW, 10), False,
    ),
    ("account", "letter_request.due_at"): (
        [WISH], {}, lambda tx: tickets.take_letter_requests(tx, now=NOW, limit=10), False,
    ),
}  # fmt: skip
"""For each column: what makes a row wait, its other instants, what takes it up, and whether it may be empty."""


def values(column, instant, others):
    spare = dict.fromkeys(("due_at", "fair_at", "next_at", "refilled_at", "synced_at"), NOW)
    spare |= dict.fromkeys(("lease_until", "reconcile_at", "paused_until", "tried_at", "asked_at"))
    return {
        "id": new_id(),
        "now": NOW,
        "decided_at": NOW - timedelta(hours=2),
        **spare,
        **others,
        column.split(".")[1]: instant,
    }


@pytest.mark.parametrize(
    ("database", "column", "instant"),
    [
        (database, column, instant)
        for (database, column), (_, _, _, may_be_empty) in ROOMS.items()
        for instant in ABSURD
        if instant != "empty" or may_be_empty
    ],
)
def test_it_goes_on_whatever_instant_is_stored(databases, database, column, instant) -> None:
    inserts, others, take_up, _ = ROOMS[database, column]
    kept = Database(databases.dsn(database), source=database.replace("_", "-"), size=2)
    kept.open(wait_seconds=10)
    try:
        with kept.transaction() as tx, tx.undone():
            if database == "notification":
                tx.run("UPDATE provider_budget SET tokens = 5, refilled_at = %(now)s", now=NOW)
            row = values(column, ABSURD[instant], others)
            for insert in inserts:
                tx.run(insert, **row)
            assert take_up(tx), f"{column} = {instant} puts it off"
    finally:
        kept.close()


def test_letters_of_a_notice_that_a_wrong_clock_dated_ahead_are_asked_about(databases) -> None:
    kept = Database(databases.dsn("cases"), source="cases", size=2)
    kept.open(wait_seconds=10)
    try:
        for decided_at, is_asked in ((ABSURD["2083"], True), (NOW - notices.SILENT_AFTER / 2, False)):
            with kept.transaction() as tx, tx.undone():
                row = values("notice_recipient.asked_at", None, {}) | {"decided_at": decided_at}
                for insert in (CASE, DECISION, LIST, NOTICE, RECIPIENT):
                    tx.run(insert, **row)
                assert bool(notices.silent(tx, NOW, limit=10)) is is_asked, decided_at
    finally:
        kept.close()


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("instant", ABSURD)
def test_an_event_leaves_the_outbox_whatever_its_retry_says(databases, database, instant) -> None:
    with psycopg.connect(databases.superuser_dsn(database), row_factory=dict_row) as connection:
        connection.execute(
            "INSERT INTO outbox (event_id, exchange, routing_key, subject, body, created_at, retry_at)"
            " VALUES (%s, 'x', 'x', 'x', '', %s, %s)",
            [new_id(), NOW, ABSURD[instant]],
        )
        asked = {"now": NOW, "limit": 10, "bytes_limit": 1000, "longest": LONGEST_HOLD}
        assert connection.execute(RELAY_Q.waiting, asked).fetchall()
        connection.rollback()


def test_what_waits_for_too_long_is_found_and_told(databases) -> None:
    kept = Database(databases.dsn("billing_sync"), source="billing-sync", size=2)
    kept.open(wait_seconds=10)
    try:
        with kept.transaction() as tx:
            tx.run(JOB, **values("job.due_at", ABSURD["2083"], {"lease_until": None}))
            assert wait_bound_watch.beyond(tx, NOW, declared("billing_sync")) == {"job.due_at": 1}
            wait_bound_watch.watch(kept, FixedClock(NOW), declared("billing_sync"))
            assert jobs.claim(tx, NOW, 10)
            tx.run("UPDATE job SET due_at = %(now)s", now=NOW)
            assert wait_bound_watch.beyond(tx, NOW, declared("billing_sync")) == {}
    finally:
        kept.close()
