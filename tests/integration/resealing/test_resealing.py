"""Data keys are renewed and everything is sealed anew under services that go on, killed and resumed."""

from __future__ import annotations

import os
import signal
import threading
from datetime import timedelta

import pytest

from deploy.keys.errors import KeysRefused, RotationStuck
from deploy.keys.reseal import Reseal
from services.account.reencryption.tables import TABLES
from shared.database.pool import Row
from shared.privacy import Subject, reencryption
from shared.privacy.reencryption import Resealer
from tests import forked
from tests.integration.resealing.reencryption_env import SEALED, KillAt, Killed, everything, generations, moved_in
from tests.plugins.account_world import INDEX, Member

pytestmark = pytest.mark.integration

WAIT_SECONDS = 120


def but_sealed(rows: dict[str, list[Row]]) -> dict[str, list[Row]]:
    return {
        table: [{name: value for name, value in row.items() if name not in SEALED[table]} for row in found]
        for table, found in rows.items()
    }


def test_every_sealed_column_of_the_service_is_named_and_no_other(env) -> None:
    query = (
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND column_name LIKE '%%\\_sealed'"
    )
    with env.world.database.transaction() as tx:
        there = {(row["table_name"], row["column_name"]) for row in tx.all(query)}
    assert there == {(table.name, column) for table in TABLES for column in table.columns}


def test_every_sealed_table_is_indexed_by_the_oldest_key_in_a_row(env) -> None:
    query = "SELECT tablename FROM pg_indexes WHERE indexname = tablename || '_sealed_under'"
    with env.world.database.transaction() as tx:
        assert {row["tablename"] for row in tx.all(query)} == {table.name for table in TABLES}


def test_everything_is_readable_before_during_and_after_and_nothing_else_of_a_row_changes(env, monkeypatch) -> None:
    owner = moved_in(env)
    seen, before, addresses = env.seen(owner), everything(env), env.addresses()
    assert all(any(row[each] for row in before[table]) for table, columns in SEALED.items() for each in columns)
    generation = env.begun()
    assert (env.seen(owner), everything(env)) == (seen, before)
    monkeypatch.setattr(reencryption, "BATCH", 1)
    monkeypatch.setattr(reencryption, "BATCHES_A_TURN", 1)
    left = [sum(env.below().values())]
    while left[-1]:
        assert env.turn() <= 1
        assert env.seen(owner) == seen
        left.append(sum(env.below().values()))
    assert left == sorted(left, reverse=True)
    env.turn()
    after = everything(env)
    assert generations(env) == {generation}
    assert but_sealed(after) == but_sealed(before)
    assert env.addresses() == addresses
    assert env.world.user_by_email(owner.email) is None
    env.world.log_in(Member(seen[1]["users"][0]["email"], owner.account_id, owner.user_id))
    assert env.report().left_over == env.report().unreadable == 0


def test_what_is_sealed_anew_opens_with_the_new_key_alone_and_only_where_it_belongs(env) -> None:
    owner = moved_in(env)
    generation = env.resealed()
    env.keyring_env.query(
        "UPDATE data_key SET state = 'destroyed', wrapped = NULL, destroyed_at = now() WHERE generation < %s",
        generation,
    )
    assert env.seen(owner)[0]["name"] == "Bjørkholt Rør"
    first, second = everything(env)["account_user"]
    with env.superuser() as connection:
        connection.execute(
            "UPDATE account_user SET name_sealed = %s WHERE id = %s", [first["name_sealed"], second["id"]]
        )
    with pytest.raises(Exception, match="holds a value that does not belong there"):
        env.seen(owner)


def test_nothing_is_sealed_under_new_keys_before_a_backup_of_the_keyring_has_them(env) -> None:
    moved_in(env)
    env.renewed()
    with pytest.raises(KeysRefused, match="no backup of the keyring has the new keys yet"):
        env.verb(backed_up=False).reseal()
    moved_in(env)
    env.turn()
    assert generations(env) == {1}
    with env.working():
        generation = env.verb().reseal()
    owner = moved_in(env)
    assert generations(env) == {generation}
    assert env.seen(owner)[0]["name"] == "Bjørkholt Rør"


def test_who_has_no_new_key_yet_is_waited_for_and_gets_one(env) -> None:
    env.begun()
    late = Subject.person(owner_id := moved_in(env).user_id, owner_id)
    # One made a moment too early is taken away, as if it had never been.
    env.keyring_env.query(
        f"SET session_replication_role = replica; DELETE FROM data_key WHERE subject_id = '{late.id}'"  # noqa: S608
    )
    account = env.rings["account"]
    env.keyring_env.query("UPDATE renewal SET sealing_from = NULL")
    account.mint([late], env.now)
    env.keyring_env.query("UPDATE renewal SET sealing_from = now()")
    assert account.key_set(late).generation == 1
    assert env.reencryption.renewing.renew(env.now) == 1
    assert account.key_set(late).generation > 1


def test_a_second_run_finds_nothing_to_do_and_a_further_renewal_begins_anew(env) -> None:
    owner = moved_in(env)
    first = env.resealed()
    before = everything(env)
    assert env.turn() == 0
    assert everything(env) == before
    second = env.resealed()
    assert second > first
    assert generations(env) == {second}
    assert env.seen(owner)[0]["name"] == "Bjørkholt Rør"


# ── interrupted ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "place",
    [
        "reseal.peeked", "reseal.peeked:kill@3", "reseal.sealed", "reseal.sealed:kill@3", "reseal.committed",
        "reseal.committed:kill@3", "reseal.reported",
    ],
)  # fmt: skip
def test_killed_anywhere_everything_is_readable_and_the_next_process_finishes(env, place) -> None:
    owner = moved_in(env)
    env.attempts(350)
    seen, addresses = env.seen(owner), env.addresses()
    generation = env.begun()
    where = (
        env.databases.dsn("account"),
        env.keyring_env.access.dsn("account"),
        env.keyring_env.root / "account",
    )
    environment = os.environ | {"VILKAR_FAILPOINT": place if ":" in place else f"{place}:kill"}
    killed = forked.run("tests.integration.resealing.run_reseal", *where, env=environment, limit_s=WAIT_SECONDS)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert (env.seen(owner), env.addresses()) == (seen, addresses)
    with env.working():
        assert env.verb().reseal() == generation
    assert generations(env) == {generation}
    assert (env.seen(owner), env.addresses()) == (seen, addresses)


def whole(verb: Reseal) -> None:
    verb.renew()
    verb.reseal()


@pytest.mark.parametrize("place", ["renewal.begun", "renewal.keyed", "renewal.sealing"])
def test_the_verb_killed_at_any_step_goes_on_with_the_same_renewal(env, place) -> None:
    owner = moved_in(env)
    with env.working(), pytest.raises(Killed):
        whole(env.verb(failpoints=KillAt(place)))
    ((generation,),) = env.keyring_env.query("SELECT generation FROM renewal")
    with env.working():
        if place != "renewal.sealing":
            assert env.verb().renew() == generation
            assert env.verb().reseal() == generation
    env.rounds()
    assert generations(env) == {generation}
    assert env.seen(owner)[0]["name"] == "Bjørkholt Rør"


def test_without_its_services_the_verb_gives_up_and_says_so(env) -> None:
    moved_in(env)
    with pytest.raises(RotationStuck, match="nothing moves: do all services run"):
        env.verb(patience=0.1).renew()


def test_an_exchange_of_the_one_key_comes_first_and_two_verbs_do_not_run_at_once(env) -> None:
    env.keyring_env.files.begin()
    with pytest.raises(KeysRefused, match="the exchange of the key-encryption key comes first"):
        env.verb().renew()
    env.keyring_env.files.end()
    with env.keyring_env.files.alone(), pytest.raises(KeysRefused, match="is running"):
        env.verb().renew()
    with pytest.raises(KeysRefused, match="no new keys to seal anything with"):
        env.verb().reseal()


# ── with others at the same rows ──────────────────────────────────────────────────────────────────────────────


def test_a_row_that_somebody_is_changing_is_not_waited_for_and_the_change_is_kept(env) -> None:
    owner = moved_in(env)
    generation = env.begun()
    world = env.world
    version = world.version(owner)
    with world.database.transaction() as tx:
        columns = env.service.sealing.company_columns(owner.account_id, {"name": "Nytt Navn"})
        tx.run(
            "UPDATE account SET name_sealed = %(name)s WHERE id = %(id)s",
            name=columns["name_sealed"], id=owner.account_id,
        )  # fmt: skip
        env.turn()
        assert env.below()["account"] == 1
        assert env.report().left_over == 1
    env.rounds()
    assert generations(env) == {generation}
    assert env.seen(owner)[0]["name"] == "Nytt Navn"
    assert world.version(owner) == version


def test_two_processes_and_writers_at_once_lose_no_change_and_leave_nothing(env) -> None:
    owners = [moved_in(env) for _ in range(4)]
    last: dict[str, str] = {}
    stop, wrong = threading.Event(), []

    def write(owner: Member) -> None:
        number = 0
        while not stop.is_set() or number < 5:
            number += 1
            name = f"Rør nr {number}"
            try:
                version = env.world.version(owner)
                fields = {"account_id": owner.account_id, "actor": owner.actor, "version": version}
                env.world.call("update_account", **fields, name=name)
                assert env.seen(owner)[0]["name"] == name
            except Exception as error:  # noqa: BLE001  # told by the test
                wrong.append(error)
                return
            last[owner.email] = name

    writers = [threading.Thread(target=write, args=(owner,)) for owner in owners]
    for writer in writers:
        writer.start()
    try:
        for _ in range(3):
            with env.working(replicas=2):
                env.verb().renew()
                generation = env.verb().reseal()
    finally:
        stop.set()
        for writer in writers:
            writer.join(WAIT_SECONDS)
    env.rounds()
    assert wrong == []
    assert generations(env) == {generation}
    assert {owner.email: env.seen(owner)[0]["name"] for owner in owners} == last


def test_a_value_sealed_a_moment_too_early_is_found_at_the_next_look_and_the_time_begins_anew(env) -> None:
    owner = moved_in(env)
    vault = env.service.sealing.vault
    place = {"table": "account", "column": "name", "row": owner.account_id}
    late = vault.seal(Subject.company(owner.account_id), **place, text="Sent Navn")
    env.resealed()
    clear_since = env.report().clear_since
    with env.superuser() as connection:
        connection.execute("UPDATE account SET name_sealed = %s WHERE id = %s", [late, owner.account_id])
    env.world.clock.move(timedelta(minutes=2))
    env.rounds()
    assert env.seen(owner)[0]["name"] == "Sent Navn"
    env.world.clock.move(timedelta(minutes=2))
    env.turn()
    assert env.report().clear_since > clear_since


def test_digests_by_which_somebody_is_found_are_made_with_another_key_and_stay(env) -> None:
    owner = env.world.sign_up()
    env.resealed()
    assert env.world.user_by_email(owner.email) == (owner.user_id, owner.account_id)
    assert INDEX.of_email(owner.email)


def test_a_table_with_a_name_that_is_none_is_refused(env) -> None:
    with pytest.raises(ValueError, match="has a name that is none"):
        reencryption.SealedTable("a; DROP", "id", (), {}, lambda _: None).query("{table}")
    assert isinstance(env.reencryption.resealer, Resealer)
