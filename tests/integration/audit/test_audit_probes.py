"""What the probes of audit watch, the daily verification, and that references of staff have an end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from threading import Event
from uuid import uuid4

import pytest

from services.account.users.events import UserUpdated
from services.audit.trail.calls import Trail
from services.audit.trail.feature import PLACE_LIMIT, AuditTrail
from services.audit.trail.rules import staff_unlinked_before
from services.audit.verification.calls import Verify
from services.staff.people.events import EnrolmentLinkIssued, StaffInvited, StaffLeft
from shared.events import Code
from tests.in_process import feature, seen

pytestmark = pytest.mark.integration

DAY = timedelta(days=1)
YEARS = timedelta(days=3 * 366 + 31)


def contradicted(stage) -> set[str]:
    return {name for name, count in seen(stage.service).items() if count}


@pytest.fixture
def verified(stage):
    """A trail that grew and was verified."""
    stage.update_user()
    stage.run("sequence", "ask_daily", "verify_requested", "sequence")
    assert contradicted(stage) == set()
    return stage


@pytest.mark.clause("LIFE-1")
def test_the_trail_is_verified_every_day_without_anybody_asking(verified) -> None:
    count = "SELECT count(*) FROM verification WHERE state = 'whole'"
    for _ in range(3):
        verified.run("ask_daily", "verify_requested", "sequence")
    assert verified.value(count) == 1
    verified.clock.move(DAY)
    verified.run("ask_daily", "verify_requested", "sequence")
    assert verified.value(count) == 2
    assert verified.value("SELECT requested_by FROM verification LIMIT 1") == "system"


@pytest.mark.clause("LIFE-1")
def test_a_day_without_a_verification_is_seen(stage) -> None:
    assert contradicted(stage) == {"not_verified_since_yesterday"}
    stage.update_user()
    stage.run("sequence", "ask_daily", "verify_requested", "sequence")
    stage.clock.move(timedelta(hours=25))
    assert contradicted(stage) == set()
    stage.clock.move(timedelta(hours=2))
    assert contradicted(stage) == {"not_verified_since_yesterday"}


@pytest.mark.clause("LIFE-1")
def test_a_trail_that_was_changed_is_seen_once_it_was_verified(verified) -> None:
    verified.tamper("UPDATE trail SET actor = 'staff:somebody' WHERE seq = 1")
    verified.clock.move(DAY)
    verified.run("ask_daily", "verify_requested", "sequence")
    assert contradicted(verified) == {"damaged_trail"}


@pytest.mark.clause("LIFE-1")
def test_a_verification_of_a_part_of_the_trail_does_not_stand_for_the_daily_one(stage) -> None:
    stage.sealed_trail(100, 200)
    stage.run("ask_daily", "verify_requested", "sequence")
    for _ in range(2):
        stage.clock.move(timedelta(hours=13))
        stage.ask(Verify(from_checkpoint=2))
        stage.run("verify_requested", "sequence")
    stage.clock.move(timedelta(hours=1))
    assert contradicted(stage) == {"not_verified_since_yesterday"}
    stage.run("ask_daily", "verify_requested", "sequence")
    assert contradicted(stage) == set()


@pytest.mark.clause("LIFE-1")
def test_what_was_found_damaged_stays_so_until_as_much_was_found_whole(stage) -> None:
    stage.sealed_trail(100, 200)
    stage.tamper("UPDATE trail SET actor = 'staff:somebody' WHERE seq = 1")
    stage.run("ask_daily", "verify_requested")
    stage.clock.move(timedelta(hours=1))
    stage.ask(Verify(from_checkpoint=2))
    stage.run("verify_requested", "sequence")
    assert stage.value("SELECT state FROM verification WHERE from_checkpoint = 2") == "whole"
    assert contradicted(stage) == {"damaged_trail"}


@pytest.mark.clause("LIFE-1")
def test_an_event_that_gets_no_place_is_seen(verified) -> None:
    verified.update_user()
    verified.clock.move(PLACE_LIMIT + timedelta(seconds=1))
    assert contradicted(verified) == {"waiting_rows"}


@pytest.mark.clause("WATCH-4", "LOGIN-1", "ERASE-5")
def test_a_login_that_should_have_been_deleted_is_seen_after_a_day(verified) -> None:
    verified.log_in(*verified.person())
    verified.run("sequence")
    last = verified.value("SELECT expires_on FROM login_event")
    verified.clock.at = verified.clock.at.replace(year=last.year, month=last.month, day=last.day) + timedelta(
        hours=1
    )
    verified.run("ask_daily", "verify_requested", "sequence")
    assert contradicted(verified) == set(), "its day has come, and the purge runs every minute"
    verified.clock.move(DAY)
    assert contradicted(verified) == {"logins_past_their_end"}
    verified.run("purge_expired")
    assert contradicted(verified) == set()


@pytest.mark.clause("ERASE-5")
def test_whom_of_the_staff_a_row_is_about_is_forgotten_three_years_after_the_last_one(verified) -> None:
    account = uuid4()

    def by(actor: str) -> None:
        verified.hear(UserUpdated(account_id=account, user_id=uuid4(), fields=["role"]), actor=actor)
        verified.clock.move(timedelta(seconds=61))
        verified.run("sequence")

    by("staff:kari")
    by("staff:ola")
    verified.hear(StaffLeft(staff_code=Code("kari"), reason=Code("left")))
    verified.hear(StaffInvited(staff_code=Code("per")))
    verified.clock.move(timedelta(seconds=61))
    verified.run("sequence")
    verified.clock.move(YEARS)
    by("staff:ola")
    verified.hear(EnrolmentLinkIssued(staff_code=Code("per"), purpose=Code("recovery")))
    verified.run("ask_daily", "verify_requested", "sequence")
    assert contradicted(verified) == {"staff_past_their_end"}
    verified.run("unlink_former_staff")
    assert contradicted(verified) == set()
    kari, *both = [row.actor for row in verified.ask(Trail(subject=f"account/{account}")).rows]
    assert kari.startswith("staff:")
    assert kari != "staff:kari"
    assert both == ["staff:ola", "staff:ola"]
    assert verified.ask(Trail(subject="staff/kari")).rows == ()
    assert len(verified.ask(Trail(subject="staff/per")).rows) == 2
    assert verified.verify().ok


@pytest.mark.clause("ERASE-5")
def test_whom_a_row_is_about_that_gets_its_place_this_moment_is_not_forgotten(verified, monkeypatch) -> None:
    account = uuid4()
    by_ola = {"event": UserUpdated(account_id=account, user_id=uuid4(), fields=["role"]), "actor": "staff:ola"}
    verified.hear(**by_ola)
    verified.clock.move(timedelta(seconds=61))
    verified.run("sequence")
    verified.clock.move(YEARS)
    verified.update_user()
    verified.run("sequence")
    verified.hear(**by_ola)
    store, written, go_on = feature(verified.service, AuditTrail)._store, Event(), Event()
    seal_due = store.seal_due

    def pause(*arguments, **named):
        written.set()
        assert go_on.wait(10)
        return seal_due(*arguments, **named)

    monkeypatch.setattr(store, "seal_due", pause)
    with ThreadPoolExecutor(2) as pool:
        sequenced = pool.submit(verified.run, "sequence")
        assert written.wait(10)
        unlinked = pool.submit(verified.run, "unlink_former_staff")
        wait([unlinked], timeout=1)
        go_on.set()
        sequenced.result(10)
        unlinked.result(10)
    assert [row.actor for row in verified.ask(Trail(subject=f"account/{account}")).rows] == ["staff:ola"] * 2


def test_the_end_of_staff_in_the_trail_is_three_years_by_the_month(verified) -> None:
    now = verified.clock.now()
    assert YEARS > now - staff_unlinked_before(now) >= timedelta(days=3 * 365)
