"""What detectors find in log-ins as they come in, told once, whoever looks at them and whatever is killed."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import uuid4

import pytest

from services.account.login.events import LoginFailed, LoginSucceeded
from services.audit.anomalies.values import DETECTORS
from services.audit.findings.telling import Telling
from shared.privacy import Subject
from tests.integration.audit.audit_stage import BROWSER

pytestmark = pytest.mark.integration

HOME, THIEF = "aa", "ff"
OTHER_BROWSER = "Mozilla/5.0 (Windows NT 10.0) Odd/1.0"


def attempt(stage, person=None, *, name="", network=HOME, got_in=False, browser=BROWSER, reason=None):
    """An attempt on a person, or on a name that nobody has, fetched later from the account service."""
    attempt_id = uuid4()
    stage.accounts.origins[attempt_id] = {
        "ip": "203.0.113.77" if person else None,
        "user_agent": browser,
        "address_index": "ab12",
        "network_index": network,
        "name_index": None if person else name,
    }
    account, user = person or (None, None)
    if got_in:
        stage.hear(LoginSucceeded(account_id=account, user_id=user, attempt_id=attempt_id))
    else:
        reason = reason or ("wrong_password" if person else "unknown_address")
        stage.hear(LoginFailed(account_id=account, user_id=user, attempt_id=attempt_id, reason=reason))


def look(stage):
    stage.run("fetch_origins", "detect")


def told(stage):
    query = "SELECT convert_from(body, 'UTF8')::json AS body FROM outbox ORDER BY id"
    return [row["body"]["data"] for row in stage.rows(query) if row["body"]["type"] == "anomaly.detected"]


def stuffing(stage, names=60):
    for number in range(names):
        attempt(stage, name=f"{number:04x}", network=THIEF)


@pytest.mark.clause("WATCH-1")
def test_a_stuffing_with_a_success_names_who_got_in_and_nobody_who_was_at_home(stage):
    victim, at_home, colleague = stage.person(), stage.person(), stage.person()
    attempt(stage, at_home, network=THIEF, got_in=True)
    attempt(stage, victim, got_in=True)
    look(stage)
    stage.clock.move(timedelta(days=2))
    attempt(stage, at_home, network=THIEF, got_in=True)
    attempt(stage, victim, network=THIEF, browser=OTHER_BROWSER, got_in=True)
    attempt(stage, colleague, got_in=True)
    stuffing(stage)
    look(stage)
    by_detector = {each["detector"]: each for each in told(stage)}
    assert set(by_detector) == {"spraying", "stuffing", "success_in_cluster"}, (
        "an odd origin says less of the victim"
    )
    stuffed, entered = by_detector["stuffing"], by_detector["success_in_cluster"]
    assert (stuffed["targets"], stuffed["failures"], stuffed["networks"]) == (62, 60, 1)
    assert (entered["account_ids"], entered["user_ids"]) == ([str(victim[0])], [str(victim[1])])
    assert entered["anomaly_id"] in {each["anomaly_id"] for each in told(stage) if each is not entered}


@pytest.mark.clause("WATCH-1", "INCIDENT-1")
def test_users_of_two_companies_who_got_in_at_once_are_told_with_their_own_company(stage):
    victims = [stage.person(), stage.person()]
    stuffing(stage)
    for victim in victims:
        attempt(stage, victim, network=THIEF, got_in=True)
    look(stage)
    entered = [each for each in told(stage) if each["detector"] == "success_in_cluster"]
    assert {(each["accounts"], *each["account_ids"], *each["user_ids"]) for each in entered} == {
        (1, str(account), str(user)) for account, user in victims
    }
    assert len(entered) == 2
    assert len({each["anomaly_id"] for each in entered}) == 1, "it is one attack"


@pytest.mark.clause("WATCH-1")
def test_one_attack_is_told_once_and_again_after_an_hour_and_a_success_at_once(stage):
    stuffing(stage)
    look(stage)
    first = told(stage)
    stuffing(stage)
    look(stage)
    assert told(stage) == first, "it lasts"
    victim = stage.person()
    attempt(stage, victim, network=THIEF, got_in=True)
    look(stage)
    assert [each["detector"] for each in told(stage)[len(first) :]] == ["success_in_cluster"]
    for _ in range(7):
        stage.clock.move(timedelta(minutes=9))
        stuffing(stage, 55)
        look(stage)
    again = [each for each in told(stage) if each["detector"] == "stuffing"]
    assert len(again) == 2
    assert len({each["anomaly_id"] for each in again}) == 1


@pytest.mark.clause("WATCH-1")
def test_guessing_and_an_unusual_origin_are_told_of_the_user(stage):
    guessed, traveller = stage.person(), stage.person()
    attempt(stage, traveller, got_in=True)
    look(stage)
    stage.clock.move(timedelta(hours=1))
    for _ in range(12):
        attempt(stage, guessed, network=THIEF, reason="delayed")
    attempt(stage, traveller, network=THIEF, browser=OTHER_BROWSER, got_in=True)
    look(stage)
    assert {(each["detector"], *each["user_ids"]) for each in told(stage)} == {
        ("brute_force", str(guessed[1])),
        ("unusual_origin", str(traveller[1])),
    }


def test_a_device_that_a_user_had_long_before_is_nothing_odd_wherever_it_comes_from(stage):
    traveller = stage.person()
    visits = [(HOME, BROWSER), ("0b", BROWSER), *[(HOME, OTHER_BROWSER)] * 3, ("0c", BROWSER)]
    for network, browser in visits:
        attempt(stage, traveller, network=network, browser=browser, got_in=True)
        look(stage)
        stage.clock.move(timedelta(hours=1))
    assert told(stage) == [], "a device of theirs, or a network of theirs"
    attempt(stage, traveller, network="0d", browser="Mozilla/5.0 (X11; Linux) New/1.0", got_in=True)
    look(stage)
    assert [each["detector"] for each in told(stage)] == ["unusual_origin"]


def test_names_that_nobody_has_are_found_across_networks_and_who_gets_in_from_one_of_them(stage):
    for number in range(60):
        attempt(stage, name=f"{number:04x}", network=f"{number % 20:02x}")
    look(stage)
    victim = stage.person()
    attempt(stage, victim, network="03", got_in=True)
    look(stage)
    assert [each["detector"] for each in told(stage)] == ["distributed_stuffing", "success_in_cluster"]
    assert told(stage)[1]["user_ids"] == [str(victim[1])]


def test_users_of_one_company_who_fail_and_do_not_get_in(stage):
    account, _ = stage.person()
    for number in range(5):
        attempt(stage, (account, uuid4()), network=f"{number:02x}")
    look(stage)
    (finding,) = told(stage)
    assert (finding["detector"], finding["account_ids"], finding["targets"]) == (
        "company_spraying",
        [str(account)],
        5,
    )


@pytest.mark.clause("WATCH-1")
def test_who_gets_in_while_colleagues_are_sprayed_is_told_to_be_taken_over(stage):
    account, victim = stage.person()
    colleague = uuid4()
    stage.minting.mint([Subject.person(colleague, account)], stage.clock.now())
    attempt(stage, (account, victim), got_in=True)
    look(stage)
    stage.clock.move(timedelta(days=2))
    for number in range(5):
        attempt(stage, (account, uuid4()), network=f"{number:02x}")
    attempt(stage, (account, colleague), network=THIEF)
    look(stage)
    attempt(stage, (account, victim), network=THIEF, got_in=True)
    look(stage)
    found = {each["detector"]: each for each in told(stage)}
    assert set(found) == {"company_spraying", "success_in_cluster"}
    assert (found["success_in_cluster"]["account_ids"], found["success_in_cluster"]["user_ids"]) == (
        [str(account)],
        [str(victim)],
    )


def test_many_processes_tell_an_attack_once_and_look_at_each_attempt_once(stage):
    stuffing(stage, 120)
    stage.run("fetch_origins")
    workers = [threading.Thread(target=stage.run, args=("detect",)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(each["detector"] for each in told(stage)) == ["spraying", "stuffing"]
    assert stage.value("SELECT count(*) FROM login_event WHERE NOT watched") == 0


def test_what_a_killed_process_had_begun_is_looked_at_again(stage, monkeypatch):
    stuffing(stage)
    stage.run("fetch_origins")
    with monkeypatch.context() as patch:
        patch.setattr(Telling, "tell", killed)
        with pytest.raises(KeyboardInterrupt):
            stage.run("detect")
    assert told(stage) == []
    stage.run("detect")
    assert {each["detector"] for each in told(stage)} == {"spraying", "stuffing"}


@pytest.mark.clause("WATCH-4")
def test_of_a_stranger_names_and_networks_are_gone_after_two_days_and_so_are_attacks(stage):
    known = stage.person()
    attempt(stage, known, got_in=True)
    stuffing(stage)
    look(stage)
    kept = "SELECT count(*) FROM login_event WHERE network_index IS NOT NULL"
    assert stage.value(kept) == 61
    stage.clock.move(timedelta(hours=47))
    stage.run("purge_traces")
    assert stage.value(kept) == 61
    stage.clock.move(timedelta(hours=2))
    stage.run("purge_traces")
    assert stage.value(kept) == 1, "the user's own goes with the log-in, after six months or with the user"
    assert stage.value("SELECT count(*) FROM login_event WHERE name_index IS NOT NULL") == 0
    assert stage.value("SELECT count(*) FROM anomaly") == 0


def test_nothing_personal_is_told_and_no_digest_of_the_account_service_is_kept(stage):
    victim = stage.person()
    stuffing(stage)
    attempt(stage, victim, network=THIEF, got_in=True)
    look(stage)
    assert set(DETECTORS) > {each["detector"] for each in told(stage)}
    for each in told(stage):
        assert BROWSER not in str(each)
        assert "203.0.113" not in str(each)
    kept = stage.rows("SELECT name_index, network_index, device_index FROM login_event")
    assert all(
        bytes.fromhex(THIEF) != bytes(row["network_index"]) and len(row["network_index"]) >= 16 for row in kept
    )


def killed(*_):
    raise KeyboardInterrupt
