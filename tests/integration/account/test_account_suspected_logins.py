"""What account does about a suspicious log-in; and that nobody is kept out by what others try."""

from __future__ import annotations

import os
from datetime import timedelta
from uuid import uuid4

import pytest

from services.account.takeover.events import UserResetRequired
from services.audit.anomalies.events import AnomalyDetected
from shared.errors import TooMany, Unauthenticated
from shared.events import Received
from shared.identifiers import new_id
from shared.privacy.ledger_lines import GENESIS, Entry, Fact, Mark
from shared.signing import SigningKey
from tests.in_process import hear

pytestmark = pytest.mark.integration
KEY = SigningKey(os.urandom(32))
NEW_PASSWORD = "Bjørka står i lauv 99"


def anomaly(world, detector, *members):
    return AnomalyDetected(
        anomaly_id=uuid4(),
        detector=detector,
        rule_version=1,
        window_from=world.clock.now() - timedelta(minutes=10),
        window_to=world.clock.now(),
        attempts=60,
        failures=59,
        targets=60,
        networks=1,
        accounts=len(members),
        account_ids=[each.account_id for each in members],
        user_ids=[each.user_id for each in members],
    )


def hear_of(world, event):
    hear(
        world.service,
        Received(
            id=new_id(),
            event=event,
            source="audit",
            time=world.clock.now(),
            subject=event.subject,
            correlation_id=new_id(),
        ),
    )


def suspected(world, member):
    return [
        (each["suspicion"], each["reset_required"])
        for each in world.outbox("user.login_suspected")
        if each["user_id"] == str(member.user_id)
    ]


def link_of_reset(world, member):
    world.call("request_password_reset", email=member.email)
    world.run("answer_letter_requests")
    return world.token_of(member, "password_reset", "password_reset")


@pytest.mark.clause("WATCH-1", "FORGET-1")
def test_no_restore_forgets_that_a_password_must_be_set_anew_and_none_closes_a_newer_one(world):
    victim, back = world.sign_up(), world.sign_up()
    session = world.log_in(victim)
    backup = "SELECT changed_at FROM credential WHERE user_id = %s"
    ((before,),) = world.rows(backup, victim.user_id)
    world.clock.move(timedelta(minutes=1))
    hear_of(world, anomaly(world, "success_in_cluster", victim, back))
    facts = [reset_fact(world, each) for each in (victim, back)]
    world.clock.move(timedelta(minutes=1))
    world.call("reset_password", token=link_of_reset(world, back), new_password=NEW_PASSWORD)
    kept = world.log_in(back, password=NEW_PASSWORD)
    with world.database.transaction() as tx:  # as the backup of a minute ago has it
        tx.run("UPDATE credential SET reset_required_at = NULL WHERE user_id = %(id)s", id=victim.user_id)
        assert [world.replayer.verify(tx, each) for each in facts] == [False, True]
    for _ in range(2):
        with world.database.transaction() as tx:
            for each in facts:
                world.replayer.replay(tx, each)
            assert all(world.replayer.verify(tx, each) for each in facts)
    assert world.rows(backup, victim.user_id) == [(before,)]
    with pytest.raises(Unauthenticated):
        world.log_in(victim)
    with pytest.raises(Unauthenticated):
        world.call("authenticate", token=session["token"])
    assert world.call("authenticate", token=kept["token"])["user_id"] == str(back.user_id), "it was set since"
    world.call("reset_password", token=link_of_reset(world, victim), new_password=NEW_PASSWORD)
    with world.database.transaction() as tx:
        world.replayer.replay(tx, facts[0])
    assert world.log_in(victim, password=NEW_PASSWORD)["token"]


def reset_fact(world, member):
    """The fact that retention keeps of the event, in the words of the ledger."""
    (data,) = [each for each in world.outbox("user.reset_required") if each["user_id"] == str(member.user_id)]
    event = UserResetRequired.from_data(data)
    message = Received(
        id=new_id(),
        event=event,
        source="account",
        time=world.clock.now(),
        subject=event.subject,
        correlation_id=new_id(),
    )
    return Entry.make(Fact.of_event(message), after=Mark(0, GENESIS), at=world.clock.now(), key=KEY)


@pytest.mark.clause("WATCH-1")
def test_after_a_takeover_nobody_is_in_until_the_password_is_set_anew(world):
    victim, other = world.sign_up(), world.sign_up()
    session, others = world.log_in(victim), world.log_in(other)
    world.clock.move(timedelta(minutes=1))
    hear_of(world, anomaly(world, "success_in_cluster", victim))
    with pytest.raises(Unauthenticated):
        world.call("authenticate", token=session["token"])
    with pytest.raises(Unauthenticated) as refused:
        world.log_in(victim)
    with pytest.raises(Unauthenticated) as wrong:
        world.log_in(victim, password="feil passord her")
    assert str(refused.value) == str(wrong.value), "it says nothing of the password"
    assert world.call("authenticate", token=others["token"])["user_id"] == str(other.user_id)
    assert (suspected(world, victim), suspected(world, other)) == ([("taken_over", True)], [])
    world.call("reset_password", token=link_of_reset(world, victim), new_password=NEW_PASSWORD)
    assert world.log_in(victim, password=NEW_PASSWORD)["token"]


def test_a_password_set_since_is_not_asked_for_again_and_the_erased_are_nobody(world):
    victim = world.sign_up()
    late = anomaly(world, "success_in_cluster", victim)
    world.clock.move(timedelta(minutes=5))
    world.call("reset_password", token=link_of_reset(world, victim), new_password=NEW_PASSWORD)
    hear_of(world, late)
    assert world.log_in(victim, password=NEW_PASSWORD)["token"]
    assert suspected(world, victim) == [("taken_over", False)]
    gone = world.sign_up()
    gone.user_id = uuid4()
    hear_of(world, anomaly(world, "success_in_cluster", gone))
    assert suspected(world, gone) == []


def test_whoever_has_to_set_a_new_password_gets_no_letter_that_says_less(world):
    victim = world.sign_up()
    world.clock.move(timedelta(minutes=1))
    hear_of(world, anomaly(world, "success_in_cluster", victim))
    for detector in ("unusual_origin", "brute_force"):
        hear_of(world, anomaly(world, detector, victim))
    assert suspected(world, victim) == [("taken_over", True)]
    world.clock.move(timedelta(hours=1))
    hear_of(world, anomaly(world, "brute_force", victim))
    assert suspected(world, victim)[1:] == [("guessing", False)], "what was seen later is news"


@pytest.mark.parametrize(
    ("detector", "suspicion"),
    [("brute_force", "guessing"), ("unusual_origin", "new_origin"), ("unusual_country", "new_origin"),
     ("impossible_travel", "far_away"), ("spraying", None), ("company_spraying", None)],
)  # fmt: skip
def test_users_are_told_and_stay_in(world, detector, suspicion):
    member = world.sign_up()
    session = world.log_in(member)
    hear_of(world, anomaly(world, detector, member))
    assert suspected(world, member) == ([(suspicion, False)] if suspicion else [])
    assert world.call("authenticate", token=session["token"])["user_id"] == str(member.user_id)
    assert world.log_in(member)["token"]


# ── nobody is kept out by what others try ──


def attack(world, member, times=12):
    for number in range(times):
        with pytest.raises((Unauthenticated, TooMany)):
            world.log_in(member, password="feil passord her", origin=world.origin(f"198.51.100.{number}"))


@pytest.mark.clause("WATCH-1", "SCAN-1")
def test_whoever_uses_the_reset_letter_gets_in_while_the_attack_goes_on(world):
    member, home = world.sign_up(), world.origin("192.0.2.55")
    attack(world, member)
    with pytest.raises(TooMany):
        world.log_in(member, origin=home)
    token = link_of_reset(world, member)
    world.call("reset_password", token=token, new_password=NEW_PASSWORD, origin=home)
    for _ in range(3):
        attack(world, member)
        assert world.log_in(member, password=NEW_PASSWORD, origin=home)["token"]
        with pytest.raises(TooMany):
            world.log_in(member, password=NEW_PASSWORD, origin=world.origin("192.0.2.200"))
        world.clock.move(timedelta(minutes=1))


def test_who_logged_in_from_there_today_is_not_kept_out_and_is_slowed_by_own_failures(world):
    member, home = world.sign_up(), world.origin("192.0.2.56")
    world.log_in(member, origin=home)
    attack(world, member)
    assert world.log_in(member, origin=home)["token"]
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            world.log_in(member, password="feil passord her", origin=home)
    with pytest.raises(TooMany):
        world.log_in(member, origin=home)
    world.clock.move(timedelta(days=1, minutes=1))
    attack(world, member)
    with pytest.raises(TooMany):
        world.log_in(member, origin=home)


def test_the_holder_coming_in_does_not_give_those_who_guess_new_tries(world):
    member, home = world.sign_up(), world.origin("192.0.2.57")
    world.log_in(member, origin=home)
    attack(world, member)
    world.log_in(member, origin=home)
    with pytest.raises(TooMany):
        world.log_in(member, origin=world.origin("198.51.100.9"))
