"""Whom an erasure was about is forgotten everywhere once no backup can bring anybody back, and not before."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from town import DAY, Town

from services.retention.certificates.signing import verify_chain
from shared import calendar, tombstones
from shared.bus.declarations import EverySpec
from shared.bus.housekeeping import keep_house
from shared.terms.parameters import in_force

pytestmark = [pytest.mark.integration, pytest.mark.clause("FORGET-1")]
LEAVES = datetime(2026, 11, 30, 11, tzinfo=UTC)
DUE = datetime(2027, 2, 28, 0, 0, 1, tzinfo=UTC)

ERASURE, WINDOW = "the erasure deletes the rows", "when no backup can bring anybody back"
SOONER = "within hours or days, by the service's own sweep"
ENDS = {
    "account.account": ERASURE, "account.account_user": ERASURE, "account.agreement": ERASURE,
    "account.contact_attempt": ERASURE,
    "account.credential": ERASURE, "account.erasure_begun": ERASURE, "account.erasure_step": WINDOW,
    "account.former_address": ERASURE, "account.login_attempt": ERASURE, "account.lost_correction": ERASURE,
    "account.nonconformity_report": ERASURE, "account.notice": ERASURE, "account.replayed": ERASURE,
    "account.session": ERASURE, "account.support_message": ERASURE, "account.support_thread": ERASURE,
    "account.ticket": ERASURE,
    "audit.erasure_step": WINDOW, "audit.intake": SOONER, "audit.login_event": ERASURE,
    "audit.subject_link": ERASURE,
    "billing_sync.contact_link": ERASURE, "billing_sync.recipient_task": ERASURE,
    "cases.affected_subject": ERASURE, "cases.case_cost": "the erasure takes it out, the decision stays",
    "cases.case_subject": ERASURE, "cases.erasure_step": WINDOW, "cases.filing_customer": ERASURE,
    "cases.notice_recipient": ERASURE, "staff.reading": SOONER,
    "registers.register_record": ERASURE, "registers.register_person": ERASURE, "registers.erasure_step": WINDOW,
    "billing_sync.customer_link": "when bookkeeping at Tripletex ends, by law",
    "billing_sync.erasure_step": WINDOW, "billing_sync.job": ERASURE,
    "keyring.data_key": WINDOW, "keyring.fence": WINDOW,
    "notification.address_cleanup": SOONER, "notification.cancelled_clock": SOONER,
    "notification.erasure_step": WINDOW, "notification.suppression": ERASURE,
    "notification.person_task": ERASURE,
    "notification.letter": ERASURE, "notification.mailing": ERASURE, "notification.opt_out": ERASURE,
    "retention.came_back": WINDOW, "retention.dry_run": "a week after the dry run",
    "retention.early_request": "three years after the request: claims about it", "retention.erasure": WINDOW,
    "retention.answer": WINDOW, "retention.hold": "half a year after the release",
    "retention.restriction": "half a year after the end",
    "account.export": "a week after it was ready", "account.export_chunk": "with its copy",
    "account.export_page": "with its copy", "account.export_transfer": ERASURE, "account.form_draft": "an hour",
    "notification.objection": ERASURE, "notification.consent": ERASURE,
    "every.export_order": "when the copy is over, by housekeeping",
    "every.restricted": ERASURE, "every.restriction_over": "half a year after the end, by housekeeping",
    "every.command_reply": "a day, by housekeeping",
}  # fmt: skip
"""Every table with an id of an account, a user or an erasure, and when such an id leaves it.

The trail of audit has references of its own, whose meaning an erasure deletes."""

IDS = ("account_id", "user_id", "subject_id", "erasure_id", "user_ids", "held_users")


def tables_with_ids(connection: psycopg.Connection) -> set[str]:
    rows = connection.execute(
        "SELECT DISTINCT c.table_name FROM information_schema.columns AS c JOIN information_schema.tables AS t"
        " USING (table_schema, table_name) WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'"
        " AND c.column_name = ANY (%s)",
        [list(IDS)],
    )
    return {name for (name,) in rows}


def found(owners: dict[str, psycopg.Connection], needle: Any) -> set[str]:
    """Where an id stands, in any column of any table; messages on their way aside."""
    places = set()
    for database, owner in owners.items():
        tables = owner.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
            " AND table_type = 'BASE TABLE' AND table_name NOT IN ('outbox', 'inbox', 'parked', 'trail')"
        ).fetchall()
        for (table,) in tables:
            query = f"SELECT 1 FROM {table} AS t WHERE row_to_json(t)::text LIKE %s LIMIT 1"  # noqa: S608
            if owner.execute(query, [f"%{needle}%"]).fetchall():
                places.add(f"{database}.{table}")
    return places


@pytest.fixture
def everywhere(town: Town, keyring_database):
    with psycopg.connect(keyring_database.owner_dsn(), autocommit=True) as keyring:
        yield {**town.owners, "keyring": keyring}


def test_every_table_with_an_id_says_when_it_ends(everywhere):
    untold = {
        f"{database}.{table}"
        for database, owner in everywhere.items()
        for table in tables_with_ids(owner)
        if f"{database}.{table}" not in ENDS and f"every.{table}" not in ENDS
    }
    assert untold == set()


def keep_up(town: Town) -> None:
    """Everything that is done on time, once."""
    for service in town.exchange.services.values():
        for _, spec, method in service.declared():
            if isinstance(spec, EverySpec):
                method()
        keep_house(service.database, town.clock)


def erased_company(town: Town) -> tuple[list[UUID], list[dict[str, Any]]]:
    owner, user, gone_before = town.company("kari", "ola", "per")
    town.at(LEAVES)
    town.call(
        "account", "deactivate_user", account_id=owner.account_id, actor=owner.actor, user_id=gone_before.user_id,
        version=town.version(gone_before),
    )  # fmt: skip
    town.settle()
    town.clock.move(DAY)
    town.leave(owner)
    town.at(DUE)
    town.pass_days(3)
    erasures = town.erasures(owner.account_id)
    assert [each["state"] for each in erasures] == ["certified", "certified"]
    return [owner.account_id, owner.user_id, user.user_id, gone_before.user_id], erasures


def test_nothing_names_an_erased_company_once_no_backup_can_bring_it_back(town: Town, everywhere):
    people, erasures = erased_company(town)
    until_erased = max(
        datetime.fromisoformat(town.certificate(each["certificate_id"])["executed_at"]) for each in erasures
    )
    town.clock.at = until_erased + 37 * DAY
    keep_up(town)
    assert "retention.erasure" in found(everywhere, people[0])
    assert "keyring.data_key" in found(everywhere, people[1])
    town.clock.at += DAY
    keep_up(town)
    for each in (*people, *(erasure["erasure_id"] for erasure in erasures)):
        assert found(everywhere, each) == set()
    for erasure in erasures:
        assert found(everywhere, erasure["certificate_id"]) == {"retention.certificate"}
        assert town.call("retention", "certificate", certificate_id=erasure["certificate_id"])["state"] == "issued"
    chain = town.call("retention", "certificates", limit=10)["certificates"]
    key = town.signing_key
    assert verify_chain([each["document"] for each in chain], [key.public]) == 2


def test_what_kept_something_is_remembered_until_that_is_erased_too(town: Town, everywhere):
    owner, held = town.company("kari", "ola")
    town.at(LEAVES)
    town.leave(owner)
    hold = town.hold(owner.account_id, user_ids=[held.user_id], categories=["letters"], review_on="2027-02-20")
    town.at(DUE)
    town.clock.at = DUE + 60 * DAY
    keep_up(town)
    assert "retention.erasure" in found(everywhere, owner.account_id)
    town.release(hold)
    town.settle()
    town.clock.move(38 * DAY)
    keep_up(town)
    assert found(everywhere, held.user_id) == {"retention.hold"}
    town.clock.move(190 * DAY)
    keep_up(town)
    assert found(everywhere, held.user_id) == found(everywhere, owner.account_id) == set()


def test_who_came_back_is_remembered_for_as_long_as_a_late_leaving_may_be_heard(town: Town, everywhere):
    owner, user = town.company("kari", "ola")
    for method in ("deactivate_user", "reactivate_user"):
        town.call(
            "account", method, account_id=owner.account_id, actor=owner.actor, user_id=user.user_id,
            version=town.version(user),
        )  # fmt: skip
        town.settle()
    town.clock.move(100 * DAY)
    keep_up(town)
    assert {"retention.came_back", "retention.erasure"} <= found(everywhere, user.user_id)


@pytest.mark.parametrize(
    "moment", [datetime(2027, 2, 28, 22, 59, tzinfo=UTC), datetime(2027, 2, 28, 23, tzinfo=UTC)]
)
def test_one_rule_says_when_an_erased_id_is_forgotten(moment):
    days = in_force("backup.max_age", calendar.oslo_date(moment)).default + 7
    assert tombstones.forgotten_on(moment) == calendar.oslo_date(moment) + days * DAY
    assert moment - tombstones.forgotten_before(moment) == days * DAY
