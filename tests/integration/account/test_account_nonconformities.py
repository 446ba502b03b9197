"""Reports of customers on a real database and keyring: sealed, told by ids alone, erased with the account."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from services.account.nonconformities.rules import daily_limit
from services.account.nonconformities.values import TEXT_LIMIT
from shared.bus.rpc_client import encode
from shared.errors import Conflict, Forbidden, Invalid, Locked, NotFound, TooMany, Unauthenticated
from shared.events import BODY_LIMIT_BYTES
from shared.privacy import Keyring
from tests.plugins.lock_wait import until_somebody_waits

pytestmark = [pytest.mark.integration, pytest.mark.clause("COST-1")]

TEXT = "Fakturaen viser navnet til en annen kunde.\nJeg så det kl. 10."
STAFF = "staff:kari"


@pytest.fixture(scope="module")
def retention_keyring(keyring_database):
    ring = Keyring(keyring_database.dsn("retention"), kek=None)
    ring.open()
    yield ring
    ring.close()


def report(world, member, **changes):
    fields = {"account_id": member.account_id, "actor": member.actor, "about": "data_exposed", "text": TEXT}
    return world.call("report_nonconformity", **fields | changes)


def with_password(world, member, **changes):
    fields = {"email": member.email, "password": member.password, "origin": world.origin()}
    return world.call("report_with_password", **fields | {"about": "outage", "text": TEXT} | changes)


def test_what_is_sent_twice_with_one_key_is_one_report(world) -> None:
    """As by a client that lost the answer; the key of one user says nothing about another's."""
    owner = world.sign_up()
    user = world.add_user(owner)
    world.deactivate(owner)
    first = with_password(world, owner, key="ab" * 32)
    assert with_password(world, owner, key="ab" * 32) == first
    assert len(rows_of(world, owner)) == 1
    with pytest.raises(Conflict):
        with_password(world, owner, key="ab" * 32, about="data_exposed")
    assert with_password(world, user, key="ab" * 32)["report_id"] != first["report_id"]
    assert with_password(world, owner)["report_id"] != first["report_id"]
    assert len(rows_of(world, owner)) == 3


def answer(world, member, actor=None, **changes):
    fields = {"account_id": member.account_id, "actor": actor or member.actor}
    return world.call("nonconformity_reports", **fields | changes)


def shown(world, member, actor=None, **changes):
    return answer(world, member, actor, **changes)["reports"]


def rows_of(world, member):
    return world.rows(
        "SELECT user_id, text_sealed FROM nonconformity_report WHERE account_id = %s", member.account_id
    )


def test_anybody_of_a_customer_reports_and_only_the_reference_goes_further(world) -> None:
    owner = world.sign_up()
    user, stranger = world.add_user(owner), world.sign_up()
    by_owner, by_user = report(world, owner), report(world, user, about="outage")
    events = [
        each for each in world.outbox("nonconformity.reported") if each["account_id"] == str(owner.account_id)
    ]
    assert [each["report_id"] for each in events] == [by_owner["report_id"], by_user["report_id"]]
    assert events[1]["_envelope"]["actor"] == user.actor
    assert "Fakturaen" not in str(events), "what was written goes on no bus"
    assert all(b"Fakturaen" not in bytes(sealed) for _, sealed in rows_of(world, owner))
    assert [each["reference"] for each in shown(world, owner)] == [by_user["reference"], by_owner["reference"]]
    assert [each["text"] for each in shown(world, user)] == [TEXT], "a user sees what they wrote themselves"
    with pytest.raises(NotFound):
        shown(world, owner, stranger.actor)
    with pytest.raises(NotFound):
        report(world, owner, actor=stranger.actor)
    with pytest.raises(Forbidden):
        report(world, owner, actor=STAFF)
    with pytest.raises(Invalid):
        report(world, owner, noticed_at=(world.clock.now() + timedelta(minutes=1)).isoformat())
    assert len(rows_of(world, owner)) == 2, "what is refused leaves nothing"


def test_staff_read_what_a_customer_reported(world) -> None:
    owner = world.sign_up()
    report(world, owner)
    (read,) = shown(world, owner, STAFF)
    assert read["text"] == TEXT


def test_one_user_who_reports_all_day_keeps_nobody_else_from_it(world, databases) -> None:
    owner = world.sign_up()
    user, before = world.add_user(owner), report(world, owner)
    longest = {"text": "\U0001f642" * TEXT_LIMIT}
    for _ in range(daily_limit(world.clock.now()) - 1):
        world.clock.at += timedelta(seconds=1)
        report(world, user, **longest)
    world.clock.at += timedelta(seconds=1)
    with psycopg.connect(world.owner_dsn) as held, ThreadPoolExecutor(2) as pool:
        held.execute("SELECT FROM account_user WHERE id = %s FOR UPDATE", (user.user_id,))
        both = [pool.submit(report, world, user, **longest) for _ in range(2)]
        until_somebody_waits(databases.superuser_dsn("account"))
        held.rollback()
        refusals = [each.exception(timeout=60) for each in both]
    assert sorted(map(type, refusals), key=str) == sorted((type(None), TooMany), key=str), "one was the last one"
    read = shown(world, owner, STAFF)
    assert len(encode(read)) < BODY_LIMIT_BYTES, "the bus takes no more, and staff would read none of them"
    assert read[-1]["report_id"] == before["report_id"], "what others wrote before is read all the same"
    assert [each["received_at"] for each in read] == sorted((each["received_at"] for each in read), reverse=True)
    assert not answer(world, owner, STAFF)["complete"]
    every = {
        id_ for (id_,) in world.rows("SELECT id::text FROM nonconformity_report WHERE user_id = %s", user.user_id)
    }
    beyond = every - {each["report_id"] for each in read}
    assert beyond, "more than one answer holds"
    for id_ in beyond:
        alone = answer(world, owner, STAFF, report_id=id_)
        assert ([each["report_id"] for each in alone["reports"]], alone["complete"]) == ([id_], True)
    assert shown(world, world.sign_up(), STAFF, report_id=min(beyond)) == []
    with pytest.raises(TooMany) as refused:
        report(world, user)
    assert 0 < refused.value.details["retry_after_seconds"] <= 24 * 3600
    report(world, owner)
    with pytest.raises(TooMany):
        with_password(world, user)
    assert world.log_in(user)["token"], "the password was right, and that a report was refused is no failure"
    world.clock.at += timedelta(hours=24, seconds=1)
    report(world, user)


def test_whoever_cannot_log_in_to_an_inactive_account_reports_until_it_is_fenced(world, retention_keyring) -> None:
    owner = world.sign_up()
    user = world.add_user(owner)
    world.deactivate(owner)
    with pytest.raises(Locked):
        report(world, owner)
    with pytest.raises(Unauthenticated):
        with_password(world, user, password="en annen lang frase")
    assert with_password(world, user)["reference"].startswith("V-")
    assert len(rows_of(world, owner)) == 1
    retention_keyring.fence(owner.account_id, None, world.clock.now())
    with pytest.raises(Locked):
        with_password(world, owner)
    assert shown(world, owner, STAFF)[0]["text"] is None, "nobody reads it any more"


@pytest.mark.clause("ERASE-1")
def test_a_report_loses_its_name_with_the_person_and_goes_with_the_account(world) -> None:
    owner = world.sign_up()
    user = world.add_user(owner)
    report(world, user)
    fields = {"account_id": owner.account_id, "actor": owner.actor, "user_id": user.user_id}
    world.call("deactivate_user", **fields, version=world.version(user, of_user=True))
    world.order_erasure(uuid4(), owner.account_id, user.user_id)
    assert [user_id for user_id, _ in rows_of(world, owner)] == [None]
    assert shown(world, owner)[0]["text"] == TEXT
    world.deactivate(owner)
    world.order_erasure(uuid4(), owner.account_id)
    assert rows_of(world, owner) == []
    (of_user, of_account) = [
        each["counts"]
        for each in world.outbox("erasure.step_completed")
        if set(each["counts"]) & {"reports", "reports_unnamed"}
    ][-2:]
    assert (of_user["reports_unnamed"], of_account["reports"]) == (1, 1)


@pytest.mark.clause("HOLD-1")
def test_what_is_held_is_forgotten_only_when_the_hold_has_ended(world) -> None:
    """Of the whole company, or of one who reported: a report is what a dispute may be about."""
    owner, other = world.sign_up(), world.sign_up()
    user = world.add_user(owner)
    for each in (owner, user, other):
        report(world, each)
    held = [(uuid4(), owner.account_id, user.user_id, ["company"]), (uuid4(), other.account_id, None, [])]
    with world.database.transaction() as tx:
        for hold_id, account_id, user_id, categories in held:
            tx.run(
                "INSERT INTO restricted (id, kind, account_id, user_id, categories, since) "
                "VALUES (%(id)s, 'hold', %(account_id)s, %(user_id)s, %(categories)s, now())",
                id=hold_id, account_id=account_id, user_id=user_id, categories=categories,
            )  # fmt: skip
    world.clock.at += timedelta(days=3 * 365 + 1)
    world.run("purge_expired")
    assert [user_id for user_id, _ in rows_of(world, owner)] == [user.user_id]
    assert len(rows_of(world, other)) == 1
    with world.database.transaction() as tx:
        tx.run("DELETE FROM restricted WHERE id = ANY(%(ids)s)", ids=[each[0] for each in held])
    world.run("purge_expired")
    assert (rows_of(world, owner), rows_of(world, other)) == ([], [])


def test_reports_are_forgotten_when_their_time_is_over(world) -> None:
    owner = world.sign_up()
    report(world, owner)
    world.clock.at += timedelta(days=3 * 365)
    world.run("purge_expired")
    assert len(rows_of(world, owner)) == 1
    world.clock.at += timedelta(days=1)
    world.run("purge_expired")
    assert rows_of(world, owner) == []
