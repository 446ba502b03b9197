"""What the probes of account watch: each sees nothing as long as all is as promised, and what is not."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from services.account.authentication.rules import ENDED_KEPT, SESSION_LONGEST
from services.account.erasure import feature as erasure
from services.account.erasure.calls import InactiveSubjects
from tests.in_process import ask, seen

pytestmark = pytest.mark.integration

DAY = timedelta(days=1)


@pytest.fixture
def kari(world, databases):
    """The owner of a company, alone in the database, with a session."""
    with psycopg.connect(databases.owner_dsn("account"), autocommit=True) as owner:
        owner.execute("TRUNCATE account CASCADE")
        owner.execute("TRUNCATE login_attempt, login_brake, contact_attempt, former_address, agreement_archive")
    member = world.sign_up()
    world.call("log_in", email=member.email, password=member.password, origin=world.origin())
    assert contradicted(world) == set()
    return member


def change(world, statement, *values) -> None:
    with psycopg.connect(world.owner_dsn, autocommit=True) as owner:
        owner.execute(statement, values)


def contradicted(world) -> set[str]:
    return {name for name, count in seen(world.service).items() if count}


@pytest.mark.clause("LINK-1")
@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE account SET state = 'inactive', inactivated_at = now(), inactivated_by = 'customer'",
        "UPDATE account_user SET state = 'inactive', inactivated_at = now(), inactivated_by = 'owner'",
    ],
)
def test_a_session_that_lasts_although_its_account_is_inactive_is_seen(world, kari, spoil) -> None:
    change(world, spoil)
    assert contradicted(world) == {"sessions_after_the_end"}
    change(world, "DELETE FROM session")
    assert contradicted(world) == set()


@pytest.mark.clause("ISOLATE-1")
def test_a_session_to_somebody_elses_company_is_seen(world, kari) -> None:
    other = world.sign_up()
    change(world, "UPDATE session SET account_id = %s", other.account_id)
    assert contradicted(world) == {"sessions_elsewhere"}


@pytest.mark.clause("DPA-1", "ACCEPT-1", "DUTY-1")
@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        ("DELETE FROM agreement", "accounts_without_agreement"),
        ("UPDATE agreement SET text_sha256 = repeat('0', 64)", "texts_not_held"),
        ("UPDATE agreement SET attested = '{authority}'", "accounts_not_attested"),
    ],
)
def test_an_account_without_all_that_is_accepted_is_seen(world, kari, spoil, found) -> None:
    change(world, spoil)
    assert contradicted(world) == {found}


@pytest.mark.clause("END-1", "ERASE-2")
def test_a_contract_that_is_over_and_does_not_end_is_seen(world, kari) -> None:
    today = world.clock.now().date()
    change(
        world,
        "INSERT INTO notice (account_id, noticed_on, ends_on, channel, registered_at)"
        " VALUES (%s, %s, %s, 'letter', now())",
        kari.account_id, today - 40 * DAY, today - DAY,
    )  # fmt: skip
    assert contradicted(world) == set(), "it ends within seconds"
    world.clock.move(DAY)
    assert contradicted(world) == {"contracts_not_ended"}
    world.run("end_contracts")
    assert contradicted(world) == set()


@pytest.mark.clause("SUSPECT-2")
def test_an_account_made_inactive_on_suspicion_without_dialogue_is_seen(world, kari) -> None:
    change(
        world,
        "UPDATE account SET state = 'inactive', inactivated_at = now(), inactivated_by = 'staff',"
        " inactivation_reason = 'unintended_use'",
    )
    change(world, "DELETE FROM session")
    attempt = "INSERT INTO contact_attempt VALUES (%s, %s, %s, 'no_answer', '2026-11-01', 'staff:a', now())"
    for channel in ("email", "email"):
        assert contradicted(world) == {"customers_not_approached"}
        change(world, attempt, uuid4(), kari.account_id, channel)
    assert contradicted(world) == {"customers_not_approached"}, "twice, but in one way"
    change(world, attempt, uuid4(), kari.account_id, "phone")
    assert contradicted(world) == set()


@pytest.mark.clause("SUSPECT-1")
def test_a_company_that_is_not_compared_with_the_register_is_seen(world, kari) -> None:
    change(world, "UPDATE account SET register_retry_at = %s", world.clock.now() - timedelta(hours=23))
    assert contradicted(world) == set()
    change(world, "UPDATE account SET register_retry_at = %s", world.clock.now() - timedelta(hours=25))
    assert contradicted(world) == {"checks_overdue"}


@pytest.mark.clause("ERASE-5")
def test_what_should_have_been_deleted_is_seen_after_a_day_and_not_deleted_by_looking(world, kari) -> None:
    world.clock.move(SESSION_LONGEST + timedelta(hours=23))
    change(world, "DELETE FROM ticket; DELETE FROM login_attempt; DELETE FROM login_brake")
    change(world, "UPDATE session SET seen_at = %s", world.clock.now())
    assert contradicted(world) == set()
    world.clock.move(timedelta(hours=2) + ENDED_KEPT)
    change(world, "UPDATE session SET seen_at = %s", world.clock.now())
    assert contradicted(world) == {"rows_past_their_end"}
    assert world.rows("SELECT count(*) FROM session") == [(1,)]
    world.run("purge_expired")
    assert contradicted(world) == set()


@pytest.mark.clause("ERASE-1")
def test_retention_is_told_who_is_inactive_in_stretches(world, kari, monkeypatch) -> None:
    monkeypatch.setattr(erasure, "SUBJECTS_LIMIT", 1)
    ola, other = world.add_user(kari), world.sign_up()
    now = world.clock.now()
    change(world, "UPDATE account SET state = 'inactive', inactivated_at = %s, inactivated_by = 'customer'"
           " WHERE id = %s", now, other.account_id)  # fmt: skip
    change(world, "UPDATE account_user SET state = 'inactive', inactivated_at = %s, inactivated_by = 'owner'"
           " WHERE id = %s", now, ola.user_id)  # fmt: skip

    def told(before):
        subjects, after = [], None
        while stretch := ask(world.service, InactiveSubjects(before=before, after=after)).subjects:
            subjects += stretch
            after = stretch[-1].id
        return {(each.account_id, each.user_id) for each in subjects}

    assert told(now) == set()
    assert told(now + DAY) == {(kari.account_id, ola.user_id), (other.account_id, None)}
    change(world, "UPDATE account SET name_sealed = '' WHERE id = %s", other.account_id)
    assert told(now + DAY) == {(kari.account_id, ola.user_id)}
