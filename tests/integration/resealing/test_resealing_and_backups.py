"""Restored databases and keyrings after a renewal, and the end of the retired keys."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.privacy import Subject, Vault
from shared.privacy.key_rotation import Renewing
from shared.privacy.reencryption import KeyringBehindError
from tests.integration.resealing.reencryption_env import SEALED, KillAt, Killed, generations, moved_in

pytestmark = pytest.mark.integration


# ── restored ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_restored_older_database_is_readable_and_sealed_anew_and_its_keys_stay_for_another_window(env) -> None:
    owner = moved_in(env)
    with env.restored_later(*SEALED):
        generation = env.resealed()
        env.world.clock.move(timedelta(days=30))
        env.turn()
        assert generations(env) == {generation}
    assert generations(env) == {1}
    assert env.seen(owner)[0]["name"] == "Bjørkholt Rør"
    env.world.clock.move(timedelta(days=1, minutes=5))
    assert destroyed(env) == 0, "due by the old report, which says nothing of a database restored since"
    killed, audit = env.resealers(failpoints=KillAt("reseal.committed"))
    audit.turn(env.now)
    with pytest.raises(Killed):
        killed.turn(env.now)
    env.rounds()
    env.turn()
    assert generations(env) == {generation}
    assert destroyed(env) == 0, "it was there a moment ago, and backups have it"
    assert env.seen(owner)[0]["name"] == "Bjørkholt Rør"
    env.world.clock.move(timedelta(days=31))
    env.turn()
    assert destroyed(env) > 0


def destroyed(env, *, at=None) -> int:
    return Renewing(env.rings["retention"]).destroy_retired(at or env.now, window=timedelta(days=30))


def test_an_older_keyring_is_noticed_and_the_service_does_not_call_itself_ready(env) -> None:
    moved_in(env)
    env.service.ready()
    env.resealed()
    env.service.ready()
    env.keyring_env.query("TRUNCATE reseal_report, renewal")
    # As an older copy of the keyring, which never had them.
    env.keyring_env.query("SET session_replication_role = replica; DELETE FROM data_key WHERE generation > 1")
    with pytest.raises(KeyringBehindError, match="put a newer backup of the keyring back"):
        env.service.ready()


def test_a_keyring_from_the_backup_between_both_steps_opens_everything_and_the_renewal_goes_on(env) -> None:
    owner = moved_in(env)
    generation = env.resealed()
    env.keyring_env.query("DELETE FROM reseal_report")
    env.keyring_env.query("UPDATE renewal SET sealing_from = NULL")
    env.service.ready()
    assert env.seen(owner)[0]["name"] == "Bjørkholt Rør"
    later = moved_in(env)
    assert generations(env) == {1, generation}
    with env.working():
        assert env.verb().renew() == generation
        assert env.verb().reseal() == generation
    assert generations(env) == {generation}
    assert {env.seen(each)[0]["name"] for each in (owner, later)} == {"Bjørkholt Rør"}


# ── retired keys ──────────────────────────────────────────────────────────────────────────────────────────────


def test_retired_keys_are_destroyed_when_due_and_not_before_and_everything_stays_readable(env) -> None:
    owner = moved_in(env)
    person = Subject.person(owner.user_id, owner.account_id)
    old = env.service.sealing.vault.seal(person, table="t", column="c", row=owner.user_id, text="Kari")
    seen = env.seen(owner)
    env.resealed()
    env.world.clock.move(timedelta(days=31) - timedelta(seconds=1))
    env.turn()
    assert destroyed(env) == 0
    assert Vault(env.rings["audit"]).open(person, table="t", column="c", row=owner.user_id, sealed=old) == "Kari"
    env.world.clock.move(timedelta(seconds=1))
    env.turn()
    due = env.keyring_env.query("SELECT count(*) FROM data_key WHERE generation = 1 AND state = 'live'")[0][0]
    assert destroyed(env) == due
    assert destroyed(env) == 0
    assert env.keyring_env.query("SELECT DISTINCT state FROM data_key WHERE generation = 1") == [("destroyed",)]
    assert env.seen(owner) == seen
    with pytest.raises(Exception, match="no key of the generation 1"):
        Vault(env.rings["audit"]).open(person, table="t", column="c", row=owner.user_id, sealed=old)


def test_nothing_is_destroyed_while_one_database_does_not_answer(env) -> None:
    moved_in(env)
    env.resealed()
    env.world.clock.move(timedelta(days=40))
    env.reencryption.resealer.turn(env.now)
    assert destroyed(env) == 0
    env.audit.turn(env.now)
    assert destroyed(env) > 0


def test_rows_of_who_is_being_erased_keep_nobody_waiting(env) -> None:
    owner = moved_in(env)
    env.rings["retention"].fence(owner.account_id, None, env.now)
    env.resealed()
    assert (env.report().left_over, env.report().unreadable) == (0, sum(env.below().values()))
    clear_since = env.report().clear_since
    env.world.clock.move(timedelta(minutes=2))
    env.turn()
    assert env.report().clear_since == clear_since


def test_the_log_of_a_value_that_does_not_open_names_its_place_and_the_others_go_on(env, caplog) -> None:
    owner, other = moved_in(env), moved_in(env)
    with env.superuser() as connection:
        connection.execute(
            "UPDATE account SET name_sealed = overlay(name_sealed placing '\\x00'::bytea from 20) WHERE id = %s",
            [owner.account_id],
        )
    env.resealed()
    assert (env.report().left_over, env.report().unreadable) == (0, 1)
    assert env.seen(other)[0]["name"] == "Bjørkholt Rør"
