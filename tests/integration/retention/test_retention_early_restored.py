"""Retention alone is restored from a backup older than a request for an early erasure: the customer asked once."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import psycopg
import pytest
from test_retention_early_erasure import (
    ASKED,
    CHECKS,
    OWN,
    ask,
    ask_own,
    of_user,
    standing,
    standing_of,
    under_notice,
    with_a_user,
)

from services.retention.clocks.feature import Clocks
from services.retention.early_erasure.feature import EarlyErasures
from services.retention.erasure.values import Scope
from shared.calendar import OSLO
from shared.errors import NotFound, Unavailable
from shared.privacy.ledger import Ledger
from shared.privacy.restore_gate import Gate, GateState
from tests import in_process
from tests.forms import agreement
from tests.plugins.db_snapshot import SetBack

pytestmark = [pytest.mark.integration, pytest.mark.clause("ERASE-4", "FORGET-1")]
LATER = timedelta(days=9)


@pytest.fixture(autouse=True)
def _new_ledger(two, databases) -> None:
    with psycopg.connect(databases.owner_dsn("retention"), autocommit=True) as owner:
        owner.execute("TRUNCATE hold, restriction, restricted, restriction_over")
        owner.execute("UPDATE ledger_position SET position = NULL, hash = NULL, recorded_at = NULL")
    reopen(two)


@pytest.fixture
def backup(two, databases):
    """Takes one of retention's database; restoring it opens the gate again, as the next process does."""

    def take():
        kept = SetBack(databases.owner_dsn("retention"))
        seen = two.seen_retention

        def restore():
            kept.restore()
            two.seen_retention = seen
            reopen(two)

        return restore

    return take


def reopen(two) -> None:
    retention = two.retention
    ledger = Ledger(retention.ledger.path, keys=retention.ledger.keys)
    (_, replayer), _ = retention.guarded()
    gate = Gate(ledger, retention.database, replayer, clock=retention.clock)
    assert gate.open() is GateState.OPEN, gate.reason


def requests(two, owner):
    return two.ask("early_requests", account_id=owner.account_id)["requests"]


def begun(two, owner):
    """Carried out as far as the plan; the last letter has not left."""
    in_process.run(two.retention, "carry_out_early_requests")
    (request,) = requests(two, owner)
    assert request["course"] == "begun"
    return two.last(owner)


def test_a_request_that_was_accepted_is_carried_out_after_the_restore(two, backup) -> None:
    owner = under_notice(two)
    restore = backup()
    ask(two, owner)
    before = requests(two, owner)
    restore()
    assert requests(two, owner) == before
    assert before[0].items() >= CHECKS.items()
    two.settle()
    assert two.certificate(owner)["trigger"] == "early_request"
    with pytest.raises(NotFound):
        standing(two, owner)


def test_one_that_was_begun_keeps_its_erasure_and_its_date_however_late_the_restore(two, backup) -> None:
    owner = under_notice(two)
    restore = backup()
    ask(two, owner)
    before, told = begun(two, owner), requests(two, owner)
    two.world.clock.at = ASKED + LATER
    restore()
    after = two.last(owner)
    same = ("erasure_id", "trigger", "started_on", "due_on", "state")
    assert [after[name] for name in same] == [before[name] for name in same]
    assert requests(two, owner) == told
    two.settle()
    body = two.certificate(owner)
    assert (body["trigger"], body["due_on"]) == ("early_request", "2026-12-15")
    assert two.last(owner)["erasure_id"] == before["erasure_id"]
    assert len(two.erasures(owner)) == 1


def test_the_export_that_was_offered_is_known_to_have_been_offered(two, backup) -> None:
    owner = under_notice(two)
    restore = backup()
    ask(two, owner, export_offered_on="2026-12-12")
    restore()
    assert requests(two, owner)[0]["export_offered_on"] == "2026-12-12"
    assert two.told(owner, "erasure.early_requested")[0]["export_offered_on"] == "2026-12-12"


def test_the_clock_that_it_replaced_is_replaced_again(two, backup) -> None:
    owner = under_notice(two)
    two.at(datetime(2027, 2, 10, 9, tzinfo=OSLO))
    restore = backup()
    ask(two, owner)
    begun(two, owner)
    before = two.erasures(owner)
    restore()
    assert [each["erasure_id"] for each in two.erasures(owner)] == [each["erasure_id"] for each in before]
    old, new = two.erasures(owner)
    assert (old["state"], old["cancellation"]) == ("cancelled", "early_request")
    assert (new["trigger"], new["due_on"]) == ("early_request", "2027-02-10")


def test_what_was_told_before_the_restore_is_the_same_event_after_it(two, backup) -> None:
    owner = under_notice(two)
    two.at(datetime(2027, 2, 10, 9, tzinfo=OSLO))
    restore = backup()
    ask(two, owner)
    begun(two, owner)
    kinds = ("erasure.early_requested", "erasure.cancelled", "erasure.scheduled")
    before = ids(two, owner, *kinds)
    assert len(before) == 4  # that the first clock began is among them
    restore()
    assert ids(two, owner, *kinds) == before


def ids(two, owner, *kinds):
    """The ids of what was published about the account."""
    with two.retention.database.transaction() as tx:
        rows = tx.all("SELECT event_id, body FROM outbox WHERE routing_key = ANY(%(kinds)s)", kinds=list(kinds))
    bodies = {row["event_id"]: json.loads(bytes(row["body"])) for row in rows}
    return {each for each, body in bodies.items() if body["data"]["account_id"] == str(owner.account_id)}


def test_what_was_wished_without_notice_is_carried_out_after_the_restore_as_well(two, backup) -> None:
    owner = two.world.sign_up()
    two.at(ASKED)
    restore = backup()
    ask(two, owner)
    restore()
    two.settle()
    assert [each["course"] for each in requests(two, owner)] == ["begun"]
    assert two.last(owner)["state"] == "certified"


def test_one_that_was_carried_out_stays_carried_out(two, backup) -> None:
    owner = under_notice(two)
    restore = backup()
    ask(two, owner)
    two.settle()
    erased = two.last(owner)
    restore()
    two.at(ASKED + LATER)
    assert [(each["erasure_id"], each["state"]) for each in two.erasures(owner)] == [
        (erased["erasure_id"], "certified")
    ]
    assert [each["course"] for each in requests(two, owner)] == ["begun"]
    assert two.told(owner, "erasure.early_dropped") == []


def test_a_notice_that_was_taken_back_stops_it_after_the_restore_as_well(two, backup) -> None:
    owner = under_notice(two)
    restore = backup()
    ask(two, owner)
    version = two.world.version(owner)
    two.world.call("withdraw_notice", account_id=owner.account_id, actor=owner.actor, version=version)
    two.settle()
    two.world.clock.at += timedelta(hours=1)
    two.give_notice(owner)  # another one: nobody has asked for anything under it
    restore()
    two.settle()
    assert [each["course"] for each in requests(two, owner)] == ["dropped"]
    assert standing(two, owner)["state"] == "active"


def test_whoever_came_back_stays_although_the_notice_still_runs(two, backup) -> None:
    owner = under_notice(two)
    restore = backup()
    ask(two, owner)
    begun(two, owner)
    two.world.clock.at += timedelta(minutes=1)
    come_back(two, owner)
    two.settle()
    restore()
    two.settle()
    assert standing(two, owner)["state"] == "active"
    assert (two.last(owner)["state"], two.last(owner)["cancellation"]) == ("cancelled", "reactivated")
    assert [each["course"] for each in requests(two, owner)] == ["begun"]


def come_back(two, owner) -> None:
    two.world.call(
        "reactivate_with_password", email=owner.email, password=owner.password, origin=two.world.origin(),
        agreement=agreement(domain="nogd.no", element="reactivation.accept"),
    )  # fmt: skip


@pytest.mark.parametrize("restored", [False, True])
def test_whoever_came_back_before_it_was_begun_is_not_ended_again(two, backup, monkeypatch, restored) -> None:
    owner = under_notice(two)
    restore = backup()
    ask(two, owner)

    def dies(*_):
        raise Unavailable("between the end of the account and the plan")

    with monkeypatch.context() as patch:
        patch.setattr(in_process.feature(two.retention, EarlyErasures), "_begin", dies)
        in_process.run(two.retention, "carry_out_early_requests")
    assert standing(two, owner)["state"] == "inactive"
    two.world.clock.at += timedelta(minutes=1)
    come_back(two, owner)
    two.deliver()
    if restored:
        restore()
    two.settle()
    assert standing(two, owner)["state"] == "active"
    (dropped,) = two.told(owner, "erasure.early_dropped")
    assert dropped["reason"] == "came_back"
    assert two.erasures(owner) == []


@pytest.mark.clause("ERASE-3")
def test_the_wish_of_one_user_is_carried_out_after_the_restore_and_takes_nobody_else(two, backup) -> None:
    owner, person = with_a_user(two)
    restore = backup()
    ask_own(two, person)
    before = requests(two, owner)
    restore()
    assert requests(two, owner) == before
    assert before[0].items() >= {**OWN, "user_id": str(person.user_id)}.items()
    begun(two, owner)
    planned = two.last(owner)
    two.world.clock.at += LATER
    restore()
    assert two.last(owner)["erasure_id"] == planned["erasure_id"]
    two.settle()
    assert [(each["user_id"], each["trigger"], each["state"]) for each in two.erasures(owner)] == [
        (str(person.user_id), "early_request", "certified")
    ]
    assert standing(two, owner)["state"] == "active"


@pytest.mark.clause("ERASE-3", "ERASE-1")
@pytest.mark.parametrize("restored", [False, True])
def test_a_user_who_came_back_before_it_was_begun_is_not_ended_again(two, backup, monkeypatch, restored) -> None:
    owner, person = with_a_user(two)
    restore = backup()
    ask_own(two, person)

    def dies(*_):
        raise Unavailable("between the end of the user and the plan")

    with monkeypatch.context() as patch:
        patch.setattr(in_process.feature(two.retention, EarlyErasures), "_begin", dies)
        in_process.run(two.retention, "carry_out_early_requests")
    two.deliver()
    assert standing_of(two, person)["state"] == "inactive"
    assert two.erasures(owner) == [], "no three months begin for whoever need not wait"
    scope = Scope(account_id=person.account_id, user_id=person.user_id)
    missing = in_process.feature(two.retention, Clocks).missing_clocks
    assert missing._without_clock([scope]) == set()
    if restored:
        restore()
        assert two.erasures(owner) == []
    two.world.clock.at += timedelta(minutes=1)
    version = two.world.version(person, of_user=True)
    two.world.call(
        "reactivate_user",
        account_id=owner.account_id,
        user_id=person.user_id,
        actor=owner.actor,
        version=version,
    )
    two.settle()
    assert standing_of(two, person)["state"] == "active"
    (dropped,) = two.told(owner, "erasure.early_dropped")
    assert (dropped["reason"], dropped["user_id"]) == ("came_back", str(person.user_id))
    assert two.erasures(owner) == []


@pytest.mark.clause("ERASE-3")
def test_a_user_who_came_back_stays_although_the_restore_has_forgotten_it(two, backup) -> None:
    owner, person = with_a_user(two)
    restore = backup()
    ask_own(two, person)
    in_process.run(two.retention, "carry_out_early_requests")
    two.deliver()
    two.world.clock.at += timedelta(minutes=1)
    of_user(two, owner, person, "reactivate_user")
    restore()
    two.settle()
    assert standing_of(two, person)["state"] == "active"
    assert [each["state"] for each in two.erasures(owner)] == ["cancelled"]


def test_a_request_whose_commit_failed_is_carried_out_and_told_once(two, monkeypatch) -> None:
    owner = under_notice(two)
    lose(two, monkeypatch, lambda: ask(two, owner))
    assert requests(two, owner) == []
    reopen(two)
    (request,) = requests(two, owner)
    assert (request["course"], request["approved_by"]) == ("accepted", "staff:ola")
    lose(two, monkeypatch, lambda: in_process.run(two.retention, "carry_out_early_requests"))
    assert requests(two, owner)[0]["course"] == "accepted"
    reopen(two)
    assert requests(two, owner)[0]["course"] == "begun"
    two.at(ASKED + timedelta(minutes=2))
    assert two.certificate(owner)["trigger"] == "early_request"
    assert len(two.told(owner, "erasure.early_requested")) == 1
    assert [each["trigger"] for each in two.told(owner, "erasure.scheduled")] == ["early_request"]


class Killed(BaseException):
    """The process ends between the ledger and the commit."""


def lose(two, monkeypatch, work) -> None:
    append = two.retention.ledger.append

    def append_and_die(facts, now):
        append(facts, now)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(two.retention.ledger, "append", append_and_die)
        with pytest.raises(Killed):
            work()


@pytest.mark.clause("ERASE-2")
def test_a_notice_of_termination_needs_nothing_of_retention_and_its_date_stays(two, backup) -> None:
    owner = two.world.sign_up()
    restore = backup()
    two.at(datetime(2026, 12, 10, 12, tzinfo=OSLO))
    two.give_notice(owner)
    restore()
    two.at(datetime(2027, 2, 1, 9, tzinfo=OSLO))
    before = two.last(owner)
    assert (before["trigger"], before["started_on"], before["due_on"]) == (
        "contract_terminated",
        "2027-01-31",
        "2027-04-30",
    )
    restore()
    after = two.last(owner)
    same = ("erasure_id", "trigger", "started_on", "due_on", "state", "reminders")
    assert [after[name] for name in same] == [before[name] for name in same]
