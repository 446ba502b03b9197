"""Facts of the ledger against a database that is behind them: each is made true, and twice does no harm."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.errors import NotFound, Unauthenticated
from shared.privacy.ledger_lines import GENESIS, Entry, Fact, Kind, Mark
from shared.signing import SigningKey

pytestmark = pytest.mark.integration

KEY = SigningKey(os.urandom(32))
LATER = datetime(2026, 12, 1, 9, tzinfo=UTC)


def fact(kind: Kind, account_id: UUID, user_id: UUID | None = None, **data: Any) -> Entry:
    since = data.pop("since", LATER)
    values = {"since": since.astimezone(UTC).isoformat(timespec="microseconds"), **data}
    made = Fact(kind=kind, account_id=account_id, user_id=user_id, data=values)
    return Entry.make(made, after=Mark(0, GENESIS), at=LATER, key=KEY)


@pytest.fixture
def make_true(world):
    """Replay facts in their order, each of them twice, and look that each holds afterwards."""
    replayer = world.replayer

    def replay(*entries: Entry) -> None:
        for entry in entries:
            for _ in range(2):
                with world.database.transaction() as tx:
                    replayer.replay(tx, entry)
        with world.database.transaction() as tx:
            assert [replayer.verify(tx, entry) for entry in entries] == [True] * len(entries)

    return replay


def standing(world, member) -> dict[str, Any]:
    return world.call("standing", account_id=member.account_id, user_id=None)


def test_a_company_that_left_since_the_backup_is_inactive_and_its_sessions_are_over(world, make_true):
    member = world.sign_up()
    token = world.log_in(member)["token"]
    version = world.version(member)
    make_true(fact(Kind.ACCOUNT_DEACTIVATED, member.account_id, version=f"v{version + 1}", by="customer"))
    found = standing(world, member)
    assert (found["state"], found["version"]) == ("inactive", version + 1)
    assert datetime.fromisoformat(found["inactivated_at"]) == LATER
    with pytest.raises(Unauthenticated):
        world.call("authenticate", token=token)


def test_one_that_left_and_came_back_is_active_in_whatever_state_the_backup_was(world, make_true):
    member = world.sign_up()
    version = world.version(member)
    left = fact(Kind.ACCOUNT_DEACTIVATED, member.account_id, version=f"v{version + 1}", by="customer")
    returned = fact(Kind.ACCOUNT_REACTIVATED, member.account_id, version=f"v{version + 2}")
    make_true(left, returned)
    assert standing(world, member)["state"] == "active"
    make_true(left)  # a fact that the row has seen changes nothing
    assert standing(world, member)["state"] == "active"


def test_one_that_left_since_is_not_blocked_any_more_and_one_that_came_back_is_asked_about_again(world, make_true):
    company = world.application(world.fresh_email())["company"] | {"org_number": "803772096"}
    member = world.sign_up(company=company)
    version = world.version(member)
    block = {"account_id": member.account_id, "actor": "staff:kari", "version": version, "reason": "security"}
    world.call("block_account", **block)
    make_true(fact(Kind.ACCOUNT_DEACTIVATED, member.account_id, version=f"v{version + 2}", by="staff"))
    query = "SELECT blocked_at, block_reason, sign_up_network, register_retry_at FROM account WHERE id = %s"
    assert world.rows(query, member.account_id) == [(None, None, None, None)]
    make_true(fact(Kind.ACCOUNT_REACTIVATED, member.account_id, version=f"v{version + 3}"))
    assert world.rows(query, member.account_id) == [(None, None, None, LATER)]


@pytest.mark.parametrize("later_first", [False, True])
def test_a_block_since_has_ended_the_sessions_and_links_that_the_backup_brings_back(world, make_true, later_first):
    member = world.sign_up()
    user = world.add_user(member, joined=False)
    token = world.log_in(member)["token"]
    version, since = world.version(member), world.clock.now() + timedelta(seconds=1)
    blocked = fact(
        Kind.ACCOUNT_BLOCKED, member.account_id, version=f"v{version + 1}", reason="security", since=since
    )
    opened = fact(Kind.ACCOUNT_UNBLOCKED, member.account_id, version=f"v{version + 2}", since=since)
    make_true(*((opened, blocked) if later_first else (blocked, opened)))
    assert world.rows("SELECT blocked_at FROM account WHERE id = %s", member.account_id) == [(None,)]
    with pytest.raises(Unauthenticated):
        world.call("authenticate", token=token)
    waiting = "SELECT count(*) FROM ticket WHERE user_id = %s AND used_at IS NULL"
    assert world.rows(waiting, user.user_id) == [(0,)]


def test_one_user_who_left_since_is_inactive_alone(world, make_true):
    owner = world.sign_up()
    user = world.add_user(owner)
    version = world.version(user, of_user=True)
    make_true(fact(Kind.USER_DEACTIVATED, owner.account_id, user.user_id, version=f"v{version + 1}", by="owner"))
    states = dict(world.rows("SELECT id, state FROM account_user WHERE account_id = %s", owner.account_id))
    assert states == {owner.user_id: "active", user.user_id: "inactive"}


def test_a_notice_given_since_ends_the_contract_and_one_taken_back_does_not(world, make_true):
    member = world.sign_up()
    version = world.version(member)
    given = fact(
        Kind.NOTICE_GIVEN, member.account_id, version=f"v{version + 1}", noticed_on="2026-12-01",
        notice_ends_on="2027-01-31", channel="email",
    )  # fmt: skip
    make_true(given)
    query = "SELECT noticed_on::text, ends_on::text, channel FROM notice WHERE account_id = %s"
    assert world.rows(query, member.account_id) == [("2026-12-01", "2027-01-31", "email")]
    make_true(given, fact(Kind.NOTICE_WITHDRAWN, member.account_id, version=f"v{version + 2}"))
    assert world.rows(query, member.account_id) == []
    make_true(given)
    assert world.rows(query, member.account_id) == []


def test_a_correction_that_the_backup_lacks_is_noted_and_nobody_writes_over_it_unseen(world, make_true):
    member = world.sign_up()
    version = world.version(member)
    make_true(fact(Kind.RECTIFIED, member.account_id, version=f"v{version + 1}", fields=("name", "phone")))
    query = "SELECT fields FROM lost_correction WHERE account_id = %s"
    assert world.rows(query, member.account_id) == [(["name", "phone"],)]
    assert world.version(member) == version + 1


def test_a_password_that_was_changed_since_is_not_valid_any_more(world, make_true):
    member = world.sign_up()
    world.log_in(member)
    version = world.version(member, of_user=True)
    since = world.clock.now() + timedelta(hours=1)
    make_true(
        fact(
            Kind.RECTIFIED, member.account_id, member.user_id, version=f"v{version + 1}", fields=("password",),
            since=since,
        )
    )  # fmt: skip
    with pytest.raises(Unauthenticated):
        world.log_in(member)
    assert world.rows("SELECT 1 FROM lost_correction WHERE user_id = %s", member.user_id) == []


def test_who_was_erased_since_is_gone_with_every_row_and_stays_gone(world, make_true):
    member, other = world.sign_up(), world.sign_up()
    world.log_in(member)
    erased = fact(
        Kind.ACCOUNT_ERASED, member.account_id, erasure_id=str(uuid4()), certificate_id=str(uuid4()),
        trigger="account_inactivated", started_on="2026-08-31", due_on="2026-11-30",
    )  # fmt: skip
    make_true(
        fact(Kind.ACCOUNT_DEACTIVATED, member.account_id, version=f"v{world.version(member) + 1}", by="customer"),
        erased,
    )
    for table in ("account_user", "session", "ticket", "agreement", "login_attempt"):
        query = f"SELECT 1 FROM {table} WHERE account_id = %s"  # noqa: S608  # names stand above
        assert world.rows(query, member.account_id) == []
    assert world.rows("SELECT 1 FROM account WHERE id = %s", member.account_id) == []
    assert standing(world, other)["state"] == "active"


def test_who_came_back_after_the_notice_period_is_not_ended_by_the_spent_notice_again(world, make_true):
    member = world.sign_up()
    version = world.version(member)
    days = {"noticed_on": "2026-10-15", "notice_ends_on": "2026-11-30"}
    account_id = member.account_id
    make_true(
        fact(Kind.NOTICE_GIVEN, account_id, version=f"v{version + 1}", channel="email", **days),
        fact(Kind.ACCOUNT_DEACTIVATED, account_id, version=f"v{version + 2}", by="contract_terminated", **days),
        fact(Kind.ACCOUNT_REACTIVATED, account_id, version=f"v{version + 3}"),
    )
    world.clock.at = LATER + timedelta(hours=1)
    world.run("end_contracts")
    assert standing(world, member)["state"] == "active"


def test_a_hold_that_ended_after_a_partial_erasure_does_not_keep_the_gate_shut(world, make_true):
    member = world.sign_up()
    hold_id = str(uuid4())
    make_true(
        fact(Kind.HOLD_PLACED, member.account_id, hold_id=hold_id, user_ids=(), categories=("profile",)),
        fact(
            Kind.ACCOUNT_ERASED, member.account_id, erasure_id=str(uuid4()), certificate_id=str(uuid4()),
            trigger="account_inactivated", started_on="2026-08-31", due_on="2026-11-30", extent="partial",
        ),
        fact(Kind.HOLD_RELEASED, member.account_id, hold_id=hold_id),
    )  # fmt: skip


def test_facts_that_came_to_the_ledger_in_another_order_are_all_made_true(world, make_true):
    member = world.sign_up()
    version = world.version(member)
    corrected = fact(Kind.RECTIFIED, member.account_id, version=f"v{version + 2}", fields=("name",))
    given = fact(
        Kind.NOTICE_GIVEN, member.account_id, version=f"v{version + 1}", noticed_on="2026-12-01",
        notice_ends_on="2027-01-31", channel="email",
    )  # fmt: skip
    make_true(corrected, given)
    query = "SELECT ends_on::text FROM notice WHERE account_id = %s"
    assert world.rows(query, member.account_id) == [("2027-01-31",)]


def test_a_user_who_left_before_a_correction_that_was_heard_first_is_inactive(world, make_true):
    owner = world.sign_up()
    user = world.add_user(owner)
    version = world.version(user, of_user=True)
    subject = (owner.account_id, user.user_id)
    make_true(
        fact(Kind.RECTIFIED, *subject, version=f"v{version + 2}", fields=("phone",)),
        fact(Kind.USER_DEACTIVATED, *subject, version=f"v{version + 1}", by="owner"),
    )
    assert world.rows("SELECT state FROM account_user WHERE id = %s", user.user_id) == [("inactive",)]


def test_the_later_of_two_changes_of_state_counts_in_whatever_order_they_came(world, make_true):
    member = world.sign_up()
    version = world.version(member)
    make_true(
        fact(Kind.ACCOUNT_REACTIVATED, member.account_id, version=f"v{version + 2}"),
        fact(Kind.ACCOUNT_DEACTIVATED, member.account_id, version=f"v{version + 1}", by="customer"),
    )
    assert standing(world, member)["state"] == "active"


def test_what_happens_after_the_restore_is_not_taken_for_something_lost(world, make_true):
    member = world.sign_up()
    version = world.version(member)
    make_true(fact(Kind.RECTIFIED, member.account_id, version=f"v{version + 3}", fields=("name",)))
    world.deactivate(member)
    later = world.version(member)
    assert later > version + 3
    make_true(fact(Kind.ACCOUNT_REACTIVATED, member.account_id, version=f"v{later}"))
    assert standing(world, member)["state"] == "inactive"


def test_whoever_changed_the_password_stays_logged_in_when_the_fact_is_heard(world, make_true):
    """A running service hears of the facts of the ledger as well, a minute after they happened."""
    member = world.sign_up()
    token = world.log_in(member)["token"]
    world.clock.move(timedelta(minutes=1))
    changed = {"current_password": member.password, "new_password": "Et ganske annet passord 8"}
    world.call("change_password", token=token, origin=world.origin(), **changed)
    make_true(fact(Kind.RECTIFIED, member.account_id, member.user_id, since=world.clock.now(), fields="password"))
    assert world.call("authenticate", token=token)["user_id"] == str(member.user_id)


@pytest.mark.parametrize("field", ["password", "email", "role"])
def test_links_and_sessions_from_before_a_lost_change_are_over(world, make_true, field):
    member = world.sign_up()
    session = world.log_in(member)["token"]
    world.call("request_password_reset", email=member.email)
    world.run("answer_letter_requests")
    reset = world.token_of(member, "password_reset", "password_reset")
    version = world.version(member, of_user=True) + 1
    lost = {"since": world.clock.now() + timedelta(minutes=1), "version": f"v{version}", "fields": field}
    make_true(fact(Kind.RECTIFIED, member.account_id, member.user_id, **lost))
    with pytest.raises(Unauthenticated):
        world.call("authenticate", token=session)
    with pytest.raises(NotFound):
        world.call("reset_password", token=reset, new_password="Et ganske annet passord 8")
