"""A decision stands in the ledger and its commit fails: a moment later it is in force, and told once."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from test_retention import DUE, INACTIVE_AT, accounts, deactivate, ledger, run, service, shown, stores, whole
from test_retention_holds import members, place, release, restrict
from test_retention_restored import _new_ledger, published, reopened

from services.retention.service import Retention
from shared.errors import Unavailable
from shared.privacy.restore_gate import GateState
from tests.in_process import invoke
from tests.plugins.db_snapshot import SetBack
from tests.staff_statements import decide

__all__ = ["_new_ledger", "accounts", "ledger", "service", "stores"]
pytestmark = [pytest.mark.integration, pytest.mark.clause("HOLD-1")]

CUT_OFF = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND state = 'idle in transaction' AND usename = 'retention'
"""


TWO_PERSONS = ("place_hold", "renew_hold")


@pytest.fixture
def failing(service, databases, monkeypatch):
    """Lets a decision come as far as the ledger, and then cuts its transaction off before the commit."""
    append = service.ledger.append

    def append_and_lose(facts, now):
        append(facts, now)
        with psycopg.connect(databases.superuser_dsn("retention"), autocommit=True) as administrator:
            assert administrator.execute(CUT_OFF).fetchall() == [(True,)]

    def fail(method: str, **fields):
        with monkeypatch.context() as patch:
            patch.setattr(service.ledger, "append", append_and_lose)
            with pytest.raises(Unavailable):
                (decide if method in TWO_PERSONS else invoke)(service, method, **fields)

    return fail


def place_fields(service: Retention, account_id, **changes):
    today = service.clock.now().date()
    return {
        "account_id": account_id,
        "reason": "dispute",
        "case_ref": "tvist-2027-14",
        "owner": "staff:jurist",
        "starts_on": today,
        "review_on": today + timedelta(days=60),
    } | changes


def holds_of(service: Retention, account_id, state: str = "active"):
    return invoke(service, "holds", account_id=account_id, state=state)["holds"]


def told(service: Retention, kind: str, account_id):
    return [each for each in published(service, kind) if each["data"]["account_id"] == str(account_id)]


def test_a_hold_whose_commit_failed_is_in_force_and_told_once(service, accounts, stores, failing):
    assert reopened(service) is GateState.OPEN
    account_id = deactivate(service, accounts, stores)
    failing("place_hold", **place_fields(service, account_id))
    assert holds_of(service, account_id) == told(service, "hold.placed", account_id) == []
    assert reopened(service) is GateState.OPEN
    (hold,) = holds_of(service, account_id)
    (event,) = told(service, "hold.placed", account_id)
    assert (event["data"]["hold_id"], event["actor"]) == (hold["hold_id"], "staff:ola")
    assert event["time"] == hold["placed_at"]
    reopened(service)
    assert len(told(service, "hold.placed", account_id)) == 1
    service.clock.at = DUE
    run(service)
    assert (shown(service, account_id)[0]["state"], shown(service, account_id)[0]["suspended"]) == (
        "scheduled",
        True,
    )


def test_a_hold_whose_commit_went_well_is_not_told_again(service, accounts, stores):
    account_id = deactivate(service, accounts, stores)
    hold = place(service, account_id)
    renew_tomorrow(service, hold)
    release(service, hold)
    assert reopened(service) is GateState.OPEN
    for kind in ("hold.placed", "hold.renewed", "hold.released"):
        assert len(told(service, kind, account_id)) == 1, kind


def renewal(service, hold):
    service.clock.at += timedelta(days=1)
    today = service.clock.now().date()
    return {
        "hold_id": hold["hold_id"],
        "reason": "legal_claim",
        "requested_by": "staff:per",
        "approved_by": "staff:eva",
        "review_on": today + timedelta(days=80),
    }


def renew_tomorrow(service, hold):
    return decide(service, "renew_hold", **renewal(service, hold))


def test_a_renewal_whose_commit_failed_counts_and_is_told_once(service, accounts, stores, failing):
    account_id = deactivate(service, accounts, stores)
    hold = place(service, account_id)
    fields = renewal(service, hold)
    failing("renew_hold", **fields)
    assert holds_of(service, account_id)[0]["review_on"] == hold["review_on"]
    assert reopened(service) is GateState.OPEN
    assert holds_of(service, account_id)[0]["review_on"] == fields["review_on"].isoformat()
    (event,) = told(service, "hold.renewed", account_id)
    assert (event["data"]["reason"], event["actor"]) == ("legal_claim", "staff:eva")
    assert len(told(service, "hold.placed", account_id)) == 1


def test_a_release_whose_commit_failed_lets_the_erasure_go_on_and_is_told_once(service, accounts, stores, failing):
    account_id = deactivate(service, accounts, stores)
    hold = place(service, account_id)
    service.clock.at = DUE + timedelta(days=20)
    run(service)
    failing("release_hold", hold_id=hold["hold_id"], reason="settled", actor="staff:ola")
    run(service)
    assert whole(service, account_id)["state"] == "scheduled"
    assert reopened(service) is GateState.OPEN
    assert holds_of(service, account_id) == []
    (event,) = told(service, "hold.released", account_id)
    assert (event["data"]["reason"], event["actor"]) == ("settled", "staff:ola")
    assert not whole(service, account_id)["late"]
    run(service)
    assert whole(service, account_id)["state"] == "announced"
    reopened(service)
    assert len(told(service, "hold.released", account_id)) == 1


def test_a_restriction_whose_commit_failed_is_in_force_and_told_once_and_so_is_its_end(
    service, accounts, stores, failing
):
    account_id = deactivate(service, accounts, stores)
    (user_id,) = members(stores, account_id, 1)
    failing(
        "set_restriction",
        account_id=account_id,
        user_id=user_id,
        ground="c",
        requested_on=INACTIVE_AT.date(),
        actor="staff:kari",
    )
    assert reopened(service) is GateState.OPEN
    (restriction,) = invoke(service, "restrictions", account_id=account_id, state="set")["restrictions"]
    (event,) = told(service, "restriction.set", account_id)
    assert (event["data"]["user_id"], event["actor"]) == (str(user_id), "staff:kari")
    named = {"restriction_id": restriction["restriction_id"]}
    invoke(service, "announce_lift", **named, channel="phone", actor="staff:kari")
    service.clock.at += timedelta(days=30)
    failing("lift_restriction", **named, actor="staff:ola")
    assert told(service, "restriction.lifted", account_id) == []
    assert reopened(service) is GateState.OPEN
    assert invoke(service, "restrictions", account_id=account_id, state="set")["restrictions"] == []
    (event,) = told(service, "restriction.lifted", account_id)
    assert event["actor"] == "staff:ola"
    reopened(service)
    assert len(told(service, "restriction.set", account_id)) == 1


def test_after_a_restore_the_same_decisions_are_the_same_events(service, accounts, stores, databases):
    assert reopened(service) is GateState.OPEN
    backup = SetBack(databases.owner_dsn("retention"))
    account_id = deactivate(service, accounts, stores)
    hold = place(service, account_id)
    renew_tomorrow(service, hold)
    release(service, hold)
    restrict(service, account_id)
    kinds = ("hold.placed", "hold.renewed", "hold.released", "restriction.set")
    before = {kind: told(service, kind, account_id) for kind in kinds}
    backup.restore()
    assert reopened(service) is GateState.OPEN
    for kind, events in before.items():
        (again,) = told(service, kind, account_id)
        (first,) = events
        same = ("id", "time", "actor", "data")
        assert [again[name] for name in same] == [first[name] for name in same], kind
