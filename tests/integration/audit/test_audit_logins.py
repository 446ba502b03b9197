"""Logins: kept sealed, shown for a purpose, forgotten in time; and what erasure leaves of a person here."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from services.account.login.events import LoginSucceeded
from services.account.users.events import UserUpdated
from services.audit.checkpoints.chain import instant
from services.audit.logins import feature as logins
from services.audit.logins import rules
from services.audit.logins.calls import LoggedIn, LoginDisclosures, LoginReport, Logins
from services.audit.logins.feature import COLUMNS
from services.audit.trail.calls import Trail
from services.retention.execution.events import AccountErased
from shared.actor import Actor
from shared.errors import Forbidden, Invalid, NotFound, Unauthenticated
from shared.participation import steps
from shared.participation.events import ErasureOrdered
from shared.participation.export_values import ExportKind, ExportScope
from shared.participation.exporting import Exporting
from shared.privacy.key_rotation import Renewing
from shared.privacy.vault import generation_of
from tests.in_process import feature
from tests.integration.audit.audit_stage import BROWSER, IP, KARI, NOW

pytestmark = pytest.mark.integration


def report(account, user=None, **changes):
    values = {
        "account_id": account,
        "user_id": user,
        "from_": NOW - timedelta(days=7),
        "to": NOW + timedelta(days=7),
        "purpose": "account_takeover",
        "actor": KARI,
    }
    return Logins(**{**values, **changes})


def everything_in(stage) -> str:
    tables = ("login_event", "intake", "trail", "subject_link", "tombstone", "erasure_step", "outbox", "inbox")
    return str([stage.rows(f"SELECT * FROM {table}") for table in tables])  # noqa: S608


# ── kept sealed ──


@pytest.mark.clause("LOGIN-1", "WATCH-2")
def test_a_login_is_kept_with_its_origin_which_nobody_reads_in_the_database(stage):
    account, user = stage.person()
    attempt = stage.log_in(account, user)
    stage.run("fetch_origins")
    (row,) = stage.rows("SELECT * FROM login_event")
    assert (row["attempt_id"], row["origin"], row["outcome"]) == (attempt, "sealed", "succeeded")
    assert row["expires_on"] == date(2027, 5, 30)
    for secret in (IP, BROWSER):
        assert secret not in everything_in(stage)
        assert secret.encode() not in bytes(row["ip_sealed"]) + bytes(row["user_agent_sealed"])
    found = stage.ask(report(account))
    assert found.complete
    assert [(each.ip, each.user_agent, each.outcome) for each in found.logins] == [(IP, BROWSER, "succeeded")]


def test_logins_are_sealed_anew_after_a_renewal_and_shown_as_before(stage, keyring_database):
    account, user = stage.person()
    stage.log_in(account, user)
    stage.fail_to_log_in()
    stage.run("fetch_origins")
    (before,) = stage.rows("SELECT * FROM login_event WHERE origin = 'sealed'")
    shown = stage.ask(report(account))
    stage.run("reencrypt")
    with psycopg.connect(keyring_database.superuser_dsn()) as connection:
        connection.execute("INSERT INTO renewal VALUES (20261122, now(), now(), now()) ON CONFLICT DO NOTHING")
    Renewing(stage.minting).renew(stage.clock.now())
    stage.service.ready()
    stage.run("reencrypt")
    (after,) = stage.rows("SELECT * FROM login_event WHERE origin = 'sealed'")
    assert [generation_of(bytes(after[each])) for each in COLUMNS] == [20261122, 20261122]
    assert {name: value for name, value in after.items() if name not in COLUMNS} == {
        name: value for name, value in before.items() if name not in COLUMNS
    }
    assert stage.ask(report(account)) == shown
    stage.service.ready()


def test_of_an_attempt_on_no_known_user_only_a_digest_of_the_day_is_kept(stage):
    for _ in range(2):
        stage.fail_to_log_in()
    stage.clock.move(timedelta(days=1))
    stage.fail_to_log_in()
    stage.run("fetch_origins")
    rows = stage.rows("SELECT * FROM login_event ORDER BY occurred_at")
    assert {row["origin"] for row in rows} == {"indexed"}
    assert {row["ip_sealed"] for row in rows} == {None}
    first, second, next_day = (bytes(row["address_index"]) for row in rows)
    assert first == second != next_day
    assert b"ab12" not in first


def test_the_database_refuses_an_address_of_somebody_unknown(stage):
    stage.fail_to_log_in()
    with psycopg.connect(stage.dsn) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute("UPDATE login_event SET ip_sealed = 'x'")


def test_an_origin_that_cannot_be_had_now_is_asked_for_later_and_not_in_between(stage):
    account, user = stage.person()
    stage.log_in(account, user)
    stage.accounts.away = True
    stage.run("fetch_origins")
    stage.accounts.away = False
    stage.run("fetch_origins")
    assert stage.accounts.asked == []
    stage.clock.move(timedelta(seconds=60))
    stage.run("fetch_origins")
    assert stage.value("SELECT origin FROM login_event") == "sealed"
    stage.run("fetch_origins")
    assert len(stage.accounts.asked) == 1


def test_an_origin_that_is_gone_is_given_up_after_two_days(stage):
    account, user = stage.person()
    attempt = stage.log_in(account, user)
    del stage.accounts.origins[attempt]
    stage.run("fetch_origins")
    assert stage.value("SELECT origin FROM login_event") == "pending"
    stage.clock.move(timedelta(hours=49))
    stage.run("fetch_origins")
    assert stage.value("SELECT origin FROM login_event") == "unknown"
    assert stage.ask(report(account)).logins[0].ip is None


def test_two_replicas_fetch_different_origins(stage):
    account, user = stage.person()
    for _ in range(60):
        stage.log_in(account, user)
    workers = [threading.Thread(target=stage.run, args=("fetch_origins",)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    stage.run("fetch_origins")
    asked_for = [attempt for batch in stage.accounts.asked for attempt in batch]
    assert len(asked_for) == len(set(asked_for)) == 60
    assert stage.value("SELECT count(*) FROM login_event WHERE origin = 'sealed'") == 60


# ── shown for a purpose ──


@pytest.mark.clause("WATCH-2", "STAFF-1")
def test_whoever_asks_minute_by_minute_who_logged_in_is_seen_in_the_trail(stage):
    account, user = stage.person()
    stage.log_in(account, user)
    for minute in range(-1, 2):
        begins = NOW + timedelta(minutes=minute)
        stage.ask(LoggedIn(from_=begins, to=begins + timedelta(seconds=59)))
    stage.run("sequence")
    rows = stage.rows("SELECT facts FROM trail WHERE type = 'login.listed' ORDER BY seq")
    assert [row["facts"]["count"] for row in rows] == [0, 1, 0]
    assert rows[1]["facts"]["from"] == instant(NOW)
    assert str(user) not in str(rows)


@pytest.mark.clause("WATCH-2", "STAFF-1")
def test_a_disclosure_enters_the_trail_of_the_person_it_was_about(stage):
    account, user = stage.person()
    stage.log_in(account, user)
    stage.ask(report(account, user))
    stage.run("sequence")
    row = stage.ask(Trail(subject=f"user/{user}")).rows[-1]
    assert (row.type, row.actor) == ("login.disclosed", "staff:kari")
    assert row.facts["purpose"] == "account_takeover"
    assert row.facts["count"] == 1
    of_user = ExportScope(account_id=account, user_id=user, kind=ExportKind.ACCESS)
    page = feature(stage.service, Exporting).contribution.page(of_user, "logins_disclosed/")
    assert [(told["purpose"], told["shown_to"]) for told in page.rows] == [("account_takeover", "staff")]


@pytest.mark.clause("WATCH-2")
@pytest.mark.parametrize("purpose", ["attendance", "performance", "working_hours"])
def test_an_employer_who_watches_the_clock_is_refused_and_the_attempt_is_kept(stage, purpose):
    account, user = stage.person()
    stage.log_in(account, user)
    owner = uuid4()
    stage.accounts.owners[str(account)] = [owner]
    with pytest.raises(Forbidden, match="attendance or performance"):
        stage.ask(report(account, user, purpose=purpose, actor=Actor.user(owner)))
    stage.run("sequence")
    facts = stage.rows("SELECT facts FROM trail WHERE type = 'login.disclosure_refused'")
    assert [row["facts"]["purpose"] for row in facts] == [purpose]


def test_the_same_owner_clears_up_a_takeover(stage):
    account, user = stage.person()
    stage.log_in(account, user)
    stage.run("fetch_origins")
    owner = uuid4()
    stage.accounts.owners[str(account)] = [owner]
    found = stage.ask(report(account, user, actor=Actor.user(owner)))
    assert [each.ip for each in found.logins] == [IP]
    with pytest.raises(Forbidden, match="not yours"):
        stage.ask(report(account, user, actor=Actor.user(user)))
    with pytest.raises(NotFound):
        stage.ask(report(uuid4(), user, actor=Actor.user(owner)))
    stage.run("sequence")
    assert stage.value("SELECT count(*) FROM trail WHERE type = 'login.disclosure_refused'") == 2


def test_persons_see_their_own_and_nobody_elses(stage):
    account, user = stage.person()
    _, other = stage.person()
    stage.log_in(account, user)
    stage.log_in(account, other, ip=None)
    own = stage.ask(report(account, user, purpose="own_access", actor=Actor.user(user)))
    assert [each.user_id for each in own.logins] == [user]
    with pytest.raises(Forbidden):
        stage.ask(report(account, other, purpose="own_access", actor=Actor.user(user)))


def test_only_the_period_asked_for_is_shown_and_more_than_one_answer_holds_is_said(stage, monkeypatch):
    account, user = stage.person()
    for _ in range(3):
        stage.log_in(account, user)
        stage.clock.move(timedelta(days=1))
    period = {"from_": NOW + timedelta(days=1), "to": NOW + timedelta(days=2)}
    assert len(stage.ask(report(account, **period)).logins) == 1
    monkeypatch.setattr(logins, "LOGINS_LIMIT", 2)
    found = stage.ask(report(account))
    assert (len(found.logins), found.complete) == (2, False)
    with pytest.raises(Invalid, match="longer than 31 days"):
        stage.ask(report(account, from_=NOW - timedelta(days=32)))


def asked_in(token, purpose="own_access", **changes):
    period = {"from_": NOW - timedelta(days=7), "to": NOW + timedelta(days=7)}
    return LoginReport(**{"token": token, "purpose": purpose, **period, **changes})


@pytest.mark.clause("WATCH-2", "RIGHTS-1")
def test_s30_an_hr_manager_is_refused_working_hours_and_given_a_takeover_which_the_employee_sees(stage):
    (account, user), owner = stage.person(), uuid4()
    stage.log_in(account, user)
    stage.run("fetch_origins")
    manager, employee = stage.session(account, owner, "owner"), stage.session(account, user)
    for purpose, error in (("working_hours", Forbidden), ("curiosity", Invalid)):
        with pytest.raises(error):
            stage.ask(asked_in(manager, purpose, user_id=user))
    week = {"from_": NOW - timedelta(days=1), "to": NOW + timedelta(days=6)}
    found = stage.ask(asked_in(manager, "account_takeover", user_id=user, **week))
    assert [(each.ip, each.user_id) for each in found.logins] == [(IP, user)]
    stage.ask(asked_in(employee))
    stage.run("sequence")
    types = [row["type"] for row in stage.rows("SELECT type FROM trail WHERE type LIKE 'login.d%%' ORDER BY seq")]
    assert types == ["login.disclosure_refused"] * 2 + ["login.disclosed"] * 2
    for token in (employee, manager):
        (day,) = stage.ask(LoginDisclosures(token=token)).days
        assert (day.purpose, day.to, day.disclosures, day.not_named) == ("account_takeover", "owner", 1, 0)
        assert day.user_ids == (user,)
    colleague = stage.session(account, uuid4())
    assert stage.ask(LoginDisclosures(token=colleague)).days == (), "it was none of theirs"
    stage.erase(account, user)
    (day,) = stage.ask(LoginDisclosures(token=manager)).days
    assert day.user_ids == (), "who is erased is named to nobody"


def test_nobody_gets_the_logins_of_others_without_being_their_owner_or_having_a_session(stage):
    (account, user), (elsewhere, stranger) = stage.person(), stage.person()
    stage.log_in(account, user)
    colleague = stage.session(account, uuid4())
    for refused in ({"user_id": user}, {"user_id": user, "purpose": "account_takeover"}):
        with pytest.raises(Forbidden):
            stage.ask(asked_in(colleague, **refused))
    of_another = asked_in(stage.session(elsewhere, stranger, "owner"), "account_takeover", user_id=user)
    assert stage.ask(of_another).logins == (), "an owner asks of the own company"
    before = stage.value("SELECT count(*) FROM intake")
    for call in (asked_in("no-session-of-anybody"), LoginDisclosures(token="no-session-of-anybody")):
        with pytest.raises(Unauthenticated):
            stage.ask(call)
    assert stage.value("SELECT count(*) FROM intake") == before


def test_pages_go_on_after_the_last_attempt_also_where_many_are_of_one_instant(stage, monkeypatch):
    monkeypatch.setattr(rules, "REPORT_PAGE", 2)
    account, user = stage.person()
    attempts = [stage.log_in(account, user) for _ in range(3)]
    stage.clock.move(timedelta(microseconds=1))
    attempts += [stage.log_in(account, user) for _ in range(2)]
    token, seen, page = stage.session(account, user), [], {}
    for _ in range(3):
        found = stage.ask(asked_in(token, **page))
        seen += [each.attempt_id for each in found.logins]
        page = {"from_": found.logins[-1].occurred_at, "after": found.logins[-1].attempt_id}
    assert found.complete
    assert sorted(seen) == sorted(attempts)


def test_staff_who_look_at_the_logins_of_a_whole_company_are_told_to_each_of_whom_they_saw(stage):
    account, user = stage.person()
    stage.log_in(account, user)
    stage.ask(report(account))
    stage.run("sequence")
    (day,) = stage.ask(LoginDisclosures(token=stage.session(account, user))).days
    assert (day.to, day.disclosures, day.user_ids) == ("staff", 1, (user,))


# ── forgotten in time ──


@pytest.mark.clause("WATCH-4")
def test_a_login_is_deleted_on_its_day_and_not_before(stage):
    account, user = stage.person()
    stage.log_in(account, user)
    stage.clock.at = datetime(2027, 5, 29, 21, 59, tzinfo=UTC)  # still the 29th in Oslo
    stage.run("purge_expired", "purge_tombstones", "forget_erasure_steps")
    assert stage.value("SELECT count(*) FROM login_event") == 1
    stage.clock.at = datetime(2027, 5, 29, 22, 1, tzinfo=UTC)  # the 30th in Oslo
    stage.run("purge_expired", "purge_tombstones", "forget_erasure_steps")
    assert stage.value("SELECT count(*) FROM login_event") == 0


def test_however_many_there_are_they_are_deleted_in_batches(stage, monkeypatch):
    monkeypatch.setattr(logins, "PURGE_BATCH", 3)
    account, user = stage.person()
    for _ in range(8):
        stage.log_in(account, user)
    stage.clock.move(timedelta(days=200))
    stage.run("purge_expired", "purge_tombstones", "forget_erasure_steps")
    assert stage.value("SELECT count(*) FROM login_event") == 0


# ── erasure ──


def two_companies(stage):
    account, user = stage.person()
    other_account, other_user = stage.person()
    for company, person in ((account, user), (other_account, other_user)):
        stage.update_user(company, person)
        stage.log_in(company, person)
    stage.run("fetch_origins")
    stage.clock.move(timedelta(seconds=61))
    stage.run("sequence")
    return account, user, other_account, other_user


@pytest.mark.clause("FORGET-1")
def test_erasing_a_company_leaves_no_row_that_knows_it_and_the_trail_still_verifies(stage):
    account, user, other_account, _ = two_companies(stage)
    before = stage.value("SELECT count(*) FROM trail")
    stage.erase(account)
    stage.run("sequence")
    links = stage.rows("SELECT id FROM subject_link")
    assert not {str(account), str(user)} & {row["id"] for row in links}
    assert stage.value("SELECT count(*) FROM login_event WHERE account_id = %s", account) == 0
    assert stage.value("SELECT count(*) FROM login_event WHERE account_id = %s", other_account) == 1
    for table in ("trail", "login_event", "intake", "subject_link", "erasure_step"):
        assert str(user) not in str(stage.rows(f"SELECT * FROM {table}"))  # noqa: S608
        assert str(account) not in str(stage.rows(f"SELECT * FROM {table}"))  # noqa: S608
    assert stage.value("SELECT count(*) FROM trail") == before + 1
    assert stage.verify().ok
    assert stage.ask(Trail(subject=f"account/{account}")).rows == ()


def test_the_step_is_confirmed_with_counts_and_said_again_the_same(stage):
    account, _, _, _ = two_companies(stage)
    erasure = stage.erase(account)
    stage.erase(account, erasure=erasure)
    bodies = [row["body"] for row in stage.rows("SELECT convert_from(body, 'UTF8')::json AS body FROM outbox")]
    assert [body["type"] for body in bodies] == ["erasure.step_completed"] * 2
    assert bodies[0]["data"] == bodies[1]["data"]
    assert bodies[0]["data"] == {
        "erasure_id": str(erasure),
        "participant": "audit",
        "outcome": "done",
        "counts": {"login_events": 1, "subject_links": 2},
        "retained": [],
    }


def test_a_process_from_before_an_upgrade_still_notes_its_numbers(stage):
    erasure = uuid4()
    before = (
        "INSERT INTO erasure_step (erasure_id, login_events, subject_links, completed_at)"
        " VALUES (%(id)s, 2, 3, %(now)s) ON CONFLICT (erasure_id) DO UPDATE"
        " SET login_events = erasure_step.login_events + excluded.login_events RETURNING login_events"
    )
    with stage.service.database.transaction() as tx:
        assert tx.one(before, id=erasure, now=NOW) == {"login_events": 2}
        assert tx.one(before, id=erasure, now=NOW) == {"login_events": 4}
        assert steps.find(tx, erasure) is not None, "it is answered, and not done again"


def test_erasing_one_person_leaves_the_colleagues(stage):
    account, user = stage.person()
    colleague = uuid4()
    for person in (user, colleague):
        stage.update_user(account, person)
        stage.hear(LoginSucceeded(account_id=account, user_id=person, attempt_id=uuid4()))
    stage.run("sequence")
    stage.erase(account, user)
    assert [row["user_id"] for row in stage.rows("SELECT user_id FROM login_event")] == [colleague]
    assert {row["id"] for row in stage.rows("SELECT id FROM subject_link")} == {str(account), str(colleague)}


def test_what_arrives_late_brings_nobody_back(stage):
    account, user, _, _ = two_companies(stage)
    late = uuid4()
    stage.accounts.origins[late] = {"ip": IP, "user_agent": BROWSER, "address_index": "ab12"}
    stage.erase(account)
    stage.hear(LoginSucceeded(account_id=account, user_id=user, attempt_id=late))
    stage.hear(UserUpdated(account_id=account, user_id=user, fields=["name"]), actor=f"user:{user}")
    stage.hear(AccountErased(account_id=account, certificate_id=uuid4()))
    stage.run("fetch_origins")
    stage.run("sequence")
    assert stage.value("SELECT count(*) FROM login_event WHERE account_id = %s", account) == 0
    assert not {str(account), str(user)} & {row["id"] for row in stage.rows("SELECT id FROM subject_link")}
    types = [row["type"] for row in stage.rows("SELECT type FROM trail ORDER BY seq")]
    assert types[-3:] == ["login.succeeded", "user.updated", "account.erased"]
    assert str(user) not in str(stage.rows("SELECT * FROM trail"))


def test_one_who_is_being_erased_keeps_nobody_elses_origin_from_being_kept(stage):
    (gone, stays) = stage.person(), stage.person()
    attempts = {stage.log_in(*gone): "unknown", stage.log_in(*stays): "sealed"}
    stage.erasing.fence(*gone, stage.clock.now())
    stage.run("fetch_origins")
    assert {row["attempt_id"]: row["origin"] for row in stage.rows("SELECT * FROM login_event")} == attempts


def test_an_origin_that_arrives_while_the_person_is_being_erased_is_not_kept(stage):
    account, user = stage.person()
    stage.log_in(account, user)
    stage.erasing.fence(account, user, stage.clock.now())
    stage.run("fetch_origins")
    assert stage.value("SELECT origin FROM login_event") == "unknown"
    assert stage.value("SELECT ip_sealed FROM login_event") is None


def test_logins_whose_key_is_gone_are_shown_without_origin(stage):
    account, user = stage.person()
    stage.log_in(account, user)
    stage.run("fetch_origins")
    stage.erasing.fence(account, user, stage.clock.now())
    (shown,) = stage.ask(report(account)).logins
    assert (shown.ip, shown.user_agent) == (None, None)


def test_logins_heard_while_the_company_is_erased_are_gone_afterwards(stage):
    account, user = stage.person()
    begun, faults = threading.Event(), []

    def log_in_again_and_again():
        try:
            for _ in range(60):
                stage.hear(LoginSucceeded(account_id=account, user_id=user, attempt_id=uuid4()))
                begun.set()
        except Exception as error:
            faults.append(error)
            raise

    workers = [threading.Thread(target=log_in_again_and_again) for _ in range(3)]
    for worker in workers:
        worker.start()
    assert begun.wait(10)
    stage.hear(ErasureOrdered(erasure_id=uuid4(), account_id=account, user_id=None, attempt=1))
    for worker in workers:
        worker.join()
    assert faults == []
    assert stage.value("SELECT count(*) FROM login_event") == 0


def test_that_somebody_was_erased_is_itself_forgotten(stage):
    account, _ = stage.person()
    stage.erase(account)
    stage.clock.move(timedelta(days=36))
    stage.run("purge_expired", "purge_tombstones", "forget_erasure_steps")
    assert stage.value("SELECT count(*) FROM tombstone") == 1
    stage.clock.move(timedelta(days=1))
    stage.run("purge_expired", "purge_tombstones", "forget_erasure_steps")
    assert stage.value("SELECT count(*) FROM tombstone") == 0


def test_every_column_says_whether_it_is_personal_and_how_it_is_erased(stage):
    unlabelled = stage.rows(
        "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped"
        " AND coalesce(col_description(c.oid, a.attnum), '') !~ '^(no_pii|pii:[a-z_]+; erased: .+)$'"
    )
    assert unlabelled == []
