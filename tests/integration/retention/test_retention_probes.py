"""What the probes of retention watch: each sees nothing as long as all is as promised, and what is not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import test_retention
from test_retention import DUE, INACTIVE_AT, accounts, deactivate, erase_all, hear, ledger, service, stores
from test_retention_early_erasure import CHECKS

from services.account.deactivation.events import AccountDeactivated
from services.account.users.events import UserDeactivated
from services.retention.clocks import missing_clocks
from services.retention.dry_runs.feature import KEPT
from services.retention.early_erasure.feature import BEGIN_LIMIT
from services.retention.ledger.feature import Ledger
from shared import calendar, tombstones
from shared.errors import Unavailable
from shared.privacy.ledger_errors import LedgerMissing
from shared.privacy.ledger_lines import Fact, Kind
from shared.privacy.restricted import ENDS_KEPT
from tests.in_process import feature, run, seen
from tests.staff_statements import decide

__all__ = ["accounts", "ledger", "service", "stores"]
pytestmark = [pytest.mark.integration]

DAY = timedelta(days=1)
ELSEWHERE = {"backups_not_daily", "backups_not_elsewhere", "backups_not_proven", "copies_too_old"}
"""What a service alone sees rightly: nobody takes backups or copies of its ledger here."""


@pytest.fixture(autouse=True)
def _nothing_there(service, databases) -> None:
    change(databases, "TRUNCATE erasure, answer, certificate, hold, restriction, dry_run, early_request CASCADE")


def change(databases: Any, statement: str, *values: Any) -> None:
    with psycopg.connect(databases.owner_dsn("retention"), autocommit=True) as owner:
        owner.execute(statement, values)


def contradicted(service: Any) -> set[str]:
    return {name for name, count in seen(service).items() if count} - ELSEWHERE


@pytest.fixture
def erased(service, accounts, stores):
    """An account erased as promised."""
    account_id = deactivate(service, accounts, stores)
    service.clock.at = DUE
    assert erase_all(service, account_id)["state"] == "certified"
    assert contradicted(service) == set()
    return account_id


@pytest.mark.clause("ERASE-1", "ERASE-2", "ERASE-3", "LIFE-1")
def test_an_erasure_that_is_not_done_in_its_days_is_seen(service, accounts, stores) -> None:
    deactivate(service, accounts, stores)
    service.clock.at = DUE + 7 * DAY
    assert contradicted(service) == set()
    service.clock.at = DUE + 8 * DAY
    assert contradicted(service) == {"late_erasures"}


SECOND = timedelta(seconds=1)
IN_FORCE = [(-SECOND, None, True), (-SECOND, SECOND, True), (-SECOND, -SECOND, False), (SECOND, None, False)]
"""When something came and went, from when the erasure could no longer be stopped, and whether that was in time."""


def minded(databases: Any, erased: Any, by: Any) -> None:
    change(databases, "UPDATE erasure SET held_by = ARRAY[%s] WHERE account_id = %s", by, erased)


@pytest.mark.clause("HOLD-1")
@pytest.mark.parametrize("of_user", [False, True])
@pytest.mark.parametrize("categories", [[], ["letters"]])
@pytest.mark.parametrize(("placed", "released", "in_force"), IN_FORCE)
def test_an_erasure_of_what_is_held_is_seen(
    service, erased, databases, placed, released, in_force, categories, of_user
) -> None:
    hold = uuid4()
    change(
        databases,
        "INSERT INTO hold (id, account_id, user_ids, categories, reason, case_ref, owner, requested_by,"
        " approved_by, starts_on, review_on, placed_at, as_of, released_at, released_by, release_reason)"
        " VALUES (%s, %s, %s, %s, 'dispute', 'sak-2026-1', 'staff:a', 'staff:b', 'staff:c', '2026-12-01',"
        " '2027-05-01', %s, %s, %s, %s, %s)",
        hold, erased, [uuid4()] if of_user else [], categories, DUE + placed, DUE,
        *((DUE + released, "staff:a", "settled") if released else (None, None, None)),
    )  # fmt: skip
    assert contradicted(service) == ({"erased_while_held"} if in_force else set())
    minded(databases, erased, hold)
    all_of_it = not categories and not of_user
    assert contradicted(service) == ({"erased_while_held"} if in_force and all_of_it else set())


@pytest.mark.clause("RIGHTS-4")
@pytest.mark.parametrize("of_user", [False, True])
@pytest.mark.parametrize(("came", "lifted", "in_force"), IN_FORCE)
def test_an_erasure_of_what_may_only_be_stored_is_seen(
    service, erased, databases, came, lifted, in_force, of_user
) -> None:
    restriction = uuid4()
    change(
        databases,
        "INSERT INTO restriction"
        " (id, account_id, user_id, ground, requested_on, set_by, set_at, lifted_at, lifted_by)"
        " VALUES (%s, %s, %s, 'c', '2026-12-01', 'staff:a', %s, %s, %s)",
        restriction, erased, uuid4() if of_user else None, DUE + came,
        *((DUE + lifted, "staff:a") if lifted else (None, None)),
    )  # fmt: skip
    assert contradicted(service) == ({"erased_while_restricted"} if in_force else set())
    minded(databases, erased, restriction)
    assert contradicted(service) == ({"erased_while_restricted"} if in_force and not of_user else set())


@pytest.mark.clause("FORGET-2")
@pytest.mark.parametrize(
    "spoil",
    [
        "DELETE FROM certificate",
        'UPDATE certificate SET document = replace(document, \'"outcome":"erased"\', \'"outcome":"partly"\')',
    ],
)
def test_an_erasure_without_its_certificate_or_with_a_wrong_one_is_seen(service, erased, databases, spoil) -> None:
    change(databases, "ALTER TABLE certificate DISABLE TRIGGER USER")
    change(databases, spoil)
    change(databases, "ALTER TABLE certificate ENABLE TRIGGER USER")
    assert contradicted(service) == {"certificates_missing_or_wrong"}


@pytest.mark.clause("FORGET-2")
def test_a_key_that_came_back_after_the_erasure_is_seen(service, erased, keyring_database) -> None:
    with psycopg.connect(keyring_database.owner_dsn(), autocommit=True) as owner:
        owner.execute(
            "UPDATE data_key SET state = 'live', wrapped = %s, fenced_at = NULL, destroyed_at = NULL"
            " WHERE account_id = %s AND kind = 'company'", [b"w" * 40, erased],
        )  # fmt: skip
    assert contradicted(service) == {"keys_after_erasure"}


@pytest.mark.clause("ERASE-1", "ERASE-2")
def test_whoever_is_inactive_without_a_clock_is_seen(service, accounts, stores, monkeypatch) -> None:
    monkeypatch.setattr(missing_clocks, "SUBJECTS_LIMIT", 2)
    monkeypatch.setattr(test_retention, "SUBJECTS_LIMIT", 2)
    company = deactivate(service, accounts, stores)
    of_company, user, unheard = uuid4(), uuid4(), uuid4()
    for inactive in (of_company, user, unheard):
        accounts.inactive_since[str(inactive)] = INACTIVE_AT
    accounts.account_of |= {str(of_company): str(company), str(user): str(uuid4())}
    run(service, "look_for_missing_clocks")
    assert seen(service)["clocks_missing"] == 0, "events of a moment ago are on their way"
    service.clock.at += timedelta(hours=2)
    run(service, "look_for_missing_clocks")
    assert contradicted(service) == set(), "they may have been heard of while the others were asked about"
    run(service, "look_for_missing_clocks")
    service.clock.at += timedelta(hours=2)
    assert seen(service)["clocks_missing"] == 2
    hear(
        service,
        UserDeactivated(account_id=UUID(accounts.account_of[str(user)]), user_id=user, deactivated_at=INACTIVE_AT),
    )
    hear(
        service,
        AccountDeactivated(account_id=unheard, trigger="customer", deactivated_at=INACTIVE_AT, user_count=1),
    )
    run(service, "look_for_missing_clocks")
    service.clock.at += timedelta(hours=2)
    assert contradicted(service) == set()


@pytest.mark.clause("ERASE-1")
def test_a_clock_that_was_called_off_is_none_for_whoever_is_inactive(service, accounts, stores, databases) -> None:
    deactivate(service, accounts, stores)
    change(databases, "UPDATE erasure SET state = 'cancelled', cancellation = 'reactivated'")
    service.clock.at += timedelta(hours=2)
    run(service, "look_for_missing_clocks")
    assert "clocks_missing" not in seen(service), "nothing is claimed after one round that found somebody"
    run(service, "look_for_missing_clocks")
    assert contradicted(service) == {"clocks_missing"}


@pytest.mark.clause("ERASE-1")
def test_where_it_is_not_known_who_is_inactive_nothing_is_claimed(service, accounts) -> None:
    run(service, "look_for_missing_clocks")
    assert seen(service)["clocks_missing"] == 0
    accounts.failing = True
    run(service, "look_for_missing_clocks")
    assert "clocks_missing" not in seen(service)


@pytest.mark.clause("ERASE-5")
def test_cases_that_should_have_been_deleted_are_seen_after_a_day(service, erased, databases) -> None:
    after = DUE - tombstones.forgotten_before(DUE)
    service.clock.at = DUE + after + timedelta(hours=23)
    assert contradicted(service) == set()
    service.clock.at += 2 * timedelta(hours=1)
    assert contradicted(service) == {"erasures_past_their_end"}
    run(service, "purge_erased")
    assert contradicted(service) == set()
    change(
        databases,
        "INSERT INTO dry_run (id, account_id, ordered_at, held, participants, actor)"
        " VALUES (%s, %s, %s, false, '{account}', 'staff:a')",
        uuid4(), erased, service.clock.at - KEPT - 2 * DAY,
    )  # fmt: skip
    assert contradicted(service) == {"dry_runs_past_their_end"}
    run(service, "purge_dry_runs")
    change(
        databases,
        "INSERT INTO restriction (id, account_id, ground, requested_on, set_by, set_at, lifted_at, lifted_by)"
        " VALUES (%s, %s, 'c', '2026-01-01', 'staff:a', '2026-01-01', %s, 'staff:a')",
        uuid4(), uuid4(), service.clock.at - ENDS_KEPT - 2 * DAY,
    )  # fmt: skip
    assert contradicted(service) == {"restrictions_past_their_end"}


@pytest.mark.clause("ERASE-4", "ERASE-3", "ERASE-5")
def test_a_written_request_that_is_not_begun_or_kept_too_long_is_seen(service, accounts, stores, databases) -> None:
    account_id = deactivate(service, accounts, stores)
    service.clock.at = calendar.start_of_day_oslo((service.clock.at + 30 * DAY).date())
    decide(service, "request_early_erasure", account_id=account_id, **CHECKS)
    assert contradicted(service) == set()
    service.clock.at += BEGIN_LIMIT + timedelta(seconds=1)
    assert contradicted(service) == {"stuck_early_requests"}
    change(databases, "UPDATE early_request SET course = 'dropped', next_at = NULL, registered_at = '2023-01-01'")
    assert contradicted(service) == {"requests_past_their_end"}


@pytest.mark.clause("FORGET-1")
def test_a_database_that_does_not_follow_what_was_erased_is_seen(service, accounts, ledger, monkeypatch) -> None:
    watch, now = feature(service, Ledger), service.clock.now()
    reached = {"others": 1}
    monkeypatch.setattr(watch, "_positions", lambda: [reached["others"], 5])

    def behind() -> int:
        run(service, "compare_positions")
        with service.database.transaction() as tx:
            return watch.databases_behind(tx, now)

    reached["others"] = ledger.extent()[1].position
    assert behind() == 0
    ledger.append([Fact(kind=Kind.ACCOUNT_ERASED, account_id=uuid4())], now)
    assert behind() == 0, "where the ledger ends now is the goal of the next look"
    goal = ledger.extent()[1].position
    reached["others"] = goal - 1
    assert behind() == 1
    reached["others"] = goal
    assert behind() == 0


@pytest.mark.clause("FORGET-1")
def test_a_process_that_began_a_moment_ago_claims_nothing_about_who_has_still_to_follow(
    service, ledger, monkeypatch
) -> None:
    watch, now = feature(service, Ledger), service.clock.now()
    ledger.append([Fact(kind=Kind.ACCOUNT_ERASED, account_id=uuid4())], now)
    goal = ledger.extent()[1].position
    monkeypatch.setattr(watch, "_positions", lambda: [goal - 1])
    run(service, "compare_positions")
    with service.database.transaction() as tx, pytest.raises(Unavailable):
        watch.databases_behind(tx, now)
    run(service, "compare_positions")
    with service.database.transaction() as tx:
        assert watch.databases_behind(tx, now) == 1


@pytest.mark.clause("FORGET-1")
def test_a_ledger_that_cannot_be_read_leaves_nothing_claimed(service, ledger, monkeypatch) -> None:
    watch, now = feature(service, Ledger), service.clock.now()
    monkeypatch.setattr(watch, "_positions", lambda: [ledger.extent()[1].position])
    run(service, "compare_positions")
    with service.database.transaction() as tx:
        assert watch.databases_behind(tx, now) == 0
    ledger.path.rename(ledger.path.with_suffix(".away"))
    with pytest.raises(LedgerMissing):
        run(service, "compare_positions")
    with service.database.transaction() as tx, pytest.raises(Unavailable):
        watch.databases_behind(tx, now)


@pytest.mark.clause("FORGET-1")
def test_where_a_service_does_not_say_how_far_it_is_nothing_is_claimed(service, monkeypatch) -> None:
    watch = feature(service, Ledger)

    def away() -> list[int]:
        raise Unavailable("account does not answer")

    monkeypatch.setattr(watch, "_positions", away)
    run(service, "compare_positions")
    with service.database.transaction() as tx, pytest.raises(Unavailable):
        watch.databases_behind(tx, service.clock.now())


@pytest.mark.clause("FORGET-1")
def test_a_ledger_without_a_copy_of_today_is_seen(service, tmp_path) -> None:
    watch = feature(service, Ledger)
    with service.database.transaction() as tx:
        assert watch.copies_too_old(tx, service.clock.now()) == 1
        watch.copies = tmp_path / "copies"
        watch.copy_ledger()
        assert watch.copies_too_old(tx, service.clock.now()) == 0
        service.clock.at += 25 * timedelta(hours=1)
        assert watch.copies_too_old(tx, service.clock.now()) == 1
