"""Restored databases and keyrings after a renewal, and the end of the retired keys."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.privacy import Subject, Vault
from shared.privacy.key_rotation import Renewing
from shared.privacy.reencryption import KeyringBehindError
from tests.integration.resealing.reencryption_env import KillAt, Killed, generations, moved_in

pytestmark = pytest.mark.integration


# ── restored ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_restored_older_database_is_readable_and_sealed_anew_and_its_keys_stay_for_another_window(street) -> None:
    owner = moved_in(street)
    with street.restored_later("account", "account_user", "former_address", "agreement", "login_attempt"):
        generation = street.resealed()
        street.world.clock.move(timedelta(days=30))
        street.turn()
        assert generations(street) == {generation}
    assert generations(street) == {1}
    assert street.seen(owner)[0]["name"] == "Bjørkholt Rør"
    street.world.clock.move(timedelta(days=1, minutes=5))
    assert destroyed(street) == 0, "due by the old report, which says nothing of a database restored since"
    killed, audit = street.resealers(failpoints=KillAt("reseal.committed"))
    audit.turn(street.now)
    with pytest.raises(Killed):
        killed.turn(street.now)
    street.rounds()
    street.turn()
    assert generations(street) == {generation}
    assert destroyed(street) == 0, "it was there a moment ago, and backups have it"
    assert street.seen(owner)[0]["name"] == "Bjørkholt Rør"
    street.world.clock.move(timedelta(days=31))
    street.turn()
    assert destroyed(street) > 0


def destroyed(street, *, at=None) -> int:
    return Renewing(street.rings["retention"]).destroy_retired(at or street.now, window=timedelta(days=30))


def test_an_older_keyring_is_noticed_and_the_service_does_not_call_itself_ready(street) -> None:
    moved_in(street)
    street.service.ready()
    street.resealed()
    street.service.ready()
    street.house.query("TRUNCATE reseal_report, renewal")
    # As an older copy of the keyring, which never had them.
    street.house.query("SET session_replication_role = replica; DELETE FROM data_key WHERE generation > 1")
    with pytest.raises(KeyringBehindError, match="put a newer backup of the keyring back"):
        street.service.ready()


def test_a_keyring_from_the_backup_between_both_steps_opens_everything_and_the_renewal_goes_on(street) -> None:
    owner = moved_in(street)
    generation = street.resealed()
    street.house.query("DELETE FROM reseal_report")
    street.house.query("UPDATE renewal SET sealing_from = NULL")
    street.service.ready()
    assert street.seen(owner)[0]["name"] == "Bjørkholt Rør"
    later = moved_in(street)
    assert generations(street) == {1, generation}
    with street.working():
        assert street.verb().renew() == generation
        assert street.verb().reseal() == generation
    assert generations(street) == {generation}
    assert {street.seen(each)[0]["name"] for each in (owner, later)} == {"Bjørkholt Rør"}


# ── retired keys ──────────────────────────────────────────────────────────────────────────────────────────────


def test_retired_keys_are_destroyed_when_due_and_not_before_and_everything_stays_readable(street) -> None:
    owner = moved_in(street)
    person = Subject.person(owner.user_id, owner.account_id)
    old = street.service.sealing.vault.seal(person, table="t", column="c", row=owner.user_id, text="Kari")
    seen = street.seen(owner)
    street.resealed()
    street.world.clock.move(timedelta(days=31) - timedelta(seconds=1))
    street.turn()
    assert destroyed(street) == 0
    assert Vault(street.rings["audit"]).open(person, table="t", column="c", row=owner.user_id, sealed=old) == "Kari"
    street.world.clock.move(timedelta(seconds=1))
    street.turn()
    due = street.house.query("SELECT count(*) FROM data_key WHERE generation = 1 AND state = 'live'")[0][0]
    assert destroyed(street) == due
    assert destroyed(street) == 0
    assert street.house.query("SELECT DISTINCT state FROM data_key WHERE generation = 1") == [("destroyed",)]
    assert street.seen(owner) == seen
    with pytest.raises(Exception, match="no key of the generation 1"):
        Vault(street.rings["audit"]).open(person, table="t", column="c", row=owner.user_id, sealed=old)


def test_nothing_is_destroyed_while_one_database_does_not_answer(street) -> None:
    moved_in(street)
    street.resealed()
    street.world.clock.move(timedelta(days=40))
    street.reencryption.resealer.turn(street.now)
    assert destroyed(street) == 0
    street.audit.turn(street.now)
    assert destroyed(street) > 0


def test_rows_of_who_is_being_erased_keep_nobody_waiting(street) -> None:
    owner = moved_in(street)
    street.rings["retention"].fence(owner.account_id, None, street.now)
    street.resealed()
    assert (street.report().left_over, street.report().unreadable) == (0, sum(street.below().values()))
    clear_since = street.report().clear_since
    street.world.clock.move(timedelta(minutes=2))
    street.turn()
    assert street.report().clear_since == clear_since


def test_the_log_of_a_value_that_does_not_open_names_its_place_and_the_others_go_on(street, caplog) -> None:
    owner, other = moved_in(street), moved_in(street)
    with street.superuser() as connection:
        connection.execute(
            "UPDATE account SET name_sealed = overlay(name_sealed placing '\\x00'::bytea from 20) WHERE id = %s",
            [owner.account_id],
        )
    street.resealed()
    assert (street.report().left_over, street.report().unreadable) == (0, 1)
    assert street.seen(other)[0]["name"] == "Bjørkholt Rør"
