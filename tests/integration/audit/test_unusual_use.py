"""What users do once they are in, found in the trail and told once, without naming them anywhere else."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from test_anomalies import told

from services.account.users.events import UserDeactivated
from services.audit.logins.calls import Logins
from services.audit.unusual_use.values import USE_DETECTORS
from shared.actor import Actor

pytestmark = pytest.mark.integration


def look(stage):
    stage.run("sequence", "detect_unusual_use")


def leave(stage, company, owner, number):
    for _ in range(number):
        at = stage.clock.now()
        event = UserDeactivated(account_id=company, user_id=uuid4(), deactivated_at=at, trigger="customer")
        stage.hear(event, actor=f"user:{owner}")
        stage.clock.move(timedelta(minutes=1))


@pytest.mark.clause("WATCH-1")
def test_one_user_who_makes_ten_others_inactive_is_told_once_a_day(stage):
    company, owner = stage.person()
    leave(stage, company, owner, 9)
    look(stage)
    assert told(stage) == []
    leave(stage, company, owner, 1)
    look(stage)
    (first,) = told(stage)
    assert (first["detector"], first["attempts"], first["targets"]) == ("mass_deactivation", 10, 10)
    assert (first["account_ids"], first["user_ids"]) == ([str(company)], [str(owner)])
    for _ in range(3):
        stage.clock.move(timedelta(hours=5))
        leave(stage, company, owner, 10)
        look(stage)
    assert [each["detector"] for each in told(stage)] == ["mass_deactivation"]
    assert first["detector"] in USE_DETECTORS


@pytest.mark.clause("WATCH-1")
def test_an_owner_who_looks_at_log_ins_of_others_again_and_again_is_told_and_who_looks_at_their_own_is_not(stage):
    company, owner = stage.person()
    employee = uuid4()
    stage.accounts.owners[str(company)] = [owner]
    now = stage.clock.now()
    window = {"from_": now - timedelta(days=1), "to": now, "account_id": company}
    for _ in range(12):
        own = Logins(**window, user_id=employee, purpose="own_access", actor=Actor.user(employee))
        stage.ask(own)
    look(stage)
    assert told(stage) == []
    for _ in range(10):
        stage.ask(Logins(**window, user_id=employee, purpose="account_takeover", actor=Actor.user(owner)))
    look(stage)
    assert [(each["detector"], each["user_ids"]) for each in told(stage)] == [("mass_collection", [str(owner)])]


def test_whoever_is_erased_is_found_no_more(stage):
    company, owner = stage.person()
    leave(stage, company, owner, 12)
    stage.run("sequence")
    stage.erase(company)
    look(stage)
    assert told(stage) == []


def test_what_staff_and_the_system_do_is_not_what_a_user_did(stage):
    company, _ = stage.person()
    for actor in ("staff:kari", "system"):
        for _ in range(12):
            event = UserDeactivated(
                account_id=company, user_id=uuid4(), deactivated_at=stage.clock.now(), trigger="staff"
            )
            stage.hear(event, actor=actor)
    look(stage)
    assert told(stage) == []
