"""Data keys are renewed and everything is sealed anew under services that go on, killed and resumed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from deploy.keys.errors import KeysRefused, RotationStuck
from deploy.keys.reseal import Reseal
from services.account.reencryption.tables import TABLES
from shared.database.pool import Row
from shared.privacy import Subject, reencryption
from shared.privacy.reencryption import Resealer
from tests.integration.resealing.reencryption_env import SEALED, KillAt, Killed, everything, generations, moved_in
from tests.plugins.account_world import INDEX, Member

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[3]
WAIT_SECONDS = 120


def but_sealed(rows: dict[str, list[Row]]) -> dict[str, list[Row]]:
    return {
        table: [{name: value for name, value in row.items() if name not in SEALED[table]} for row in found]
        for table, found in rows.items()
    }


def test_every_sealed_column_of_the_service_is_named_and_no_other(street) -> None:
    query = (
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND column_name LIKE '%%\\_sealed'"
    )
    with street.world.database.transaction() as tx:
        there = {(row["table_name"], row["column_name"]) for row in tx.all(query)}
    assert there == {(table.name, column) for table in TABLES for column in table.columns}


def test_everything_is_readable_before_during_and_after_and_nothing_else_of_a_row_changes(
    street, monkeypatch
) -> None:
    owner = moved_in(street)
    seen, before, addresses = street.seen(owner), everything(street), street.addresses()
    assert all(any(row[each] for row in before[table]) for table, columns in SEALED.items() for each in columns)
    generation = street.begun()
    assert (street.seen(owner), everything(street)) == (seen, before)
    monkeypatch.setattr(reencryption, "BATCH", 1)
    monkeypatch.setattr(reencryption, "BATCHES_A_TURN", 1)
    left = [sum(street.below().values())]
    while left[-1]:
        assert street.turn() <= 1
        assert street.seen(owner) == seen
        left.append(sum(street.below().values()))
    assert left == sorted(left, reverse=True)
    street.turn()
    after = everything(street)
    assert generations(street) == {generation}
    assert but_sealed(after) == but_sealed(before)
    assert street.addresses() == addresses
    assert street.world.user_by_email(owner.email) is None
    street.world.log_in(Member(seen[1]["users"][0]["email"], owner.account_id, owner.user_id))
    assert street.report().left_over == street.report().unreadable == 0


def test_what_is_sealed_anew_opens_with_the_new_key_alone_and_only_where_it_belongs(street) -> None:
    owner = moved_in(street)
    generation = street.resealed()
    street.house.query(
        "UPDATE data_key SET state = 'destroyed', wrapped = NULL, destroyed_at = now() WHERE generation < %s",
        generation,
    )
    assert street.seen(owner)[0]["name"] == "Bjørkholt Rør"
    first, second = everything(street)["account_user"]
    with street.superuser() as connection:
        connection.execute(
            "UPDATE account_user SET name_sealed = %s WHERE id = %s", [first["name_sealed"], second["id"]]
        )
    with pytest.raises(Exception, match="holds a value that does not belong there"):
        street.seen(owner)


def test_nothing_is_sealed_under_new_keys_before_a_backup_of_the_keyring_has_them(street) -> None:
    moved_in(street)
    street.renewed()
    with pytest.raises(KeysRefused, match="no backup of the keyring has the new keys yet"):
        street.verb(backed_up=False).reseal()
    moved_in(street)
    street.turn()
    assert generations(street) == {1}
    with street.working():
        generation = street.verb().reseal()
    owner = moved_in(street)
    assert generations(street) == {generation}
    assert street.seen(owner)[0]["name"] == "Bjørkholt Rør"


def test_who_has_no_new_key_yet_is_waited_for_and_gets_one(street) -> None:
    street.begun()
    late = Subject.person(owner_id := moved_in(street).user_id, owner_id)
    # One made a moment too early is taken away, as if it had never been.
    street.house.query(
        f"SET session_replication_role = replica; DELETE FROM data_key WHERE subject_id = '{late.id}'"  # noqa: S608
    )
    account = street.rings["account"]
    street.house.query("UPDATE renewal SET sealing_from = NULL")
    account.mint([late], street.now)
    street.house.query("UPDATE renewal SET sealing_from = now()")
    assert account.key_set(late).generation == 1
    assert street.reencryption.renewing.renew(street.now) == 1
    assert account.key_set(late).generation > 1


def test_a_second_run_finds_nothing_to_do_and_a_further_renewal_begins_anew(street) -> None:
    owner = moved_in(street)
    first = street.resealed()
    before = everything(street)
    assert street.turn() == 0
    assert everything(street) == before
    second = street.resealed()
    assert second > first
    assert generations(street) == {second}
    assert street.seen(owner)[0]["name"] == "Bjørkholt Rør"


# ── interrupted ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "place",
    [
        "reseal.peeked", "reseal.peeked:kill@3", "reseal.sealed", "reseal.sealed:kill@3", "reseal.committed",
        "reseal.committed:kill@3", "reseal.reported",
    ],
)  # fmt: skip
def test_killed_anywhere_everything_is_readable_and_the_next_process_finishes(street, place) -> None:
    owner = moved_in(street)
    street.attempts(350)
    seen, addresses = street.seen(owner), street.addresses()
    generation = street.begun()
    argv = [sys.executable, "-m", "tests.integration.resealing.run_reseal"]
    argv += [
        street.databases.dsn("account"),
        street.house.access.dsn("account"),
        str(street.house.root / "account"),
    ]
    env = os.environ | {"VILKAR_FAILPOINT": place if ":" in place else f"{place}:kill"}
    killed = subprocess.run(
        argv, cwd=ROOT, env=env, capture_output=True, text=True, timeout=WAIT_SECONDS, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert (street.seen(owner), street.addresses()) == (seen, addresses)
    with street.working():
        assert street.verb().reseal() == generation
    assert generations(street) == {generation}
    assert (street.seen(owner), street.addresses()) == (seen, addresses)


def whole(verb: Reseal) -> None:
    verb.renew()
    verb.reseal()


@pytest.mark.parametrize("place", ["renewal.begun", "renewal.keyed", "renewal.sealing"])
def test_the_verb_killed_at_any_step_goes_on_with_the_same_renewal(street, place) -> None:
    owner = moved_in(street)
    with street.working(), pytest.raises(Killed):
        whole(street.verb(failpoints=KillAt(place)))
    ((generation,),) = street.house.query("SELECT generation FROM renewal")
    with street.working():
        if place != "renewal.sealing":
            assert street.verb().renew() == generation
            assert street.verb().reseal() == generation
    street.rounds()
    assert generations(street) == {generation}
    assert street.seen(owner)[0]["name"] == "Bjørkholt Rør"


def test_without_its_services_the_verb_gives_up_and_says_so(street) -> None:
    moved_in(street)
    with pytest.raises(RotationStuck, match="nothing moves: do all services run"):
        street.verb(patience=0.1).renew()


def test_an_exchange_of_the_one_key_comes_first_and_two_verbs_do_not_run_at_once(street) -> None:
    street.house.files.begin()
    with pytest.raises(KeysRefused, match="the exchange of the key-encryption key comes first"):
        street.verb().renew()
    street.house.files.end()
    with street.house.files.alone(), pytest.raises(KeysRefused, match="is running"):
        street.verb().renew()
    with pytest.raises(KeysRefused, match="no new keys to seal anything with"):
        street.verb().reseal()


# ── with others at the same rows ──────────────────────────────────────────────────────────────────────────────


def test_a_row_that_somebody_is_changing_is_not_waited_for_and_the_change_is_kept(street) -> None:
    owner = moved_in(street)
    generation = street.begun()
    world = street.world
    version = world.version(owner)
    with world.database.transaction() as tx:
        columns = street.service.sealing.company_columns(owner.account_id, {"name": "Nytt Navn"})
        tx.run(
            "UPDATE account SET name_sealed = %(name)s WHERE id = %(id)s",
            name=columns["name_sealed"], id=owner.account_id,
        )  # fmt: skip
        street.turn()
        assert street.below()["account"] == 1
        assert street.report().left_over == 1
    street.rounds()
    assert generations(street) == {generation}
    assert street.seen(owner)[0]["name"] == "Nytt Navn"
    assert world.version(owner) == version


def test_two_processes_and_writers_at_once_lose_no_change_and_leave_nothing(street) -> None:
    owners = [moved_in(street) for _ in range(4)]
    last: dict[str, str] = {}
    stop, wrong = threading.Event(), []

    def write(owner: Member) -> None:
        number = 0
        while not stop.is_set() or number < 5:
            number += 1
            name = f"Rør nr {number}"
            try:
                version = street.world.version(owner)
                fields = {"account_id": owner.account_id, "actor": owner.actor, "version": version}
                street.world.call("update_account", **fields, name=name)
                assert street.seen(owner)[0]["name"] == name
            except Exception as error:  # noqa: BLE001  # told by the test
                wrong.append(error)
                return
            last[owner.email] = name

    writers = [threading.Thread(target=write, args=(owner,)) for owner in owners]
    for writer in writers:
        writer.start()
    try:
        for _ in range(3):
            with street.working(replicas=2):
                street.verb().renew()
                generation = street.verb().reseal()
    finally:
        stop.set()
        for writer in writers:
            writer.join(WAIT_SECONDS)
    street.rounds()
    assert wrong == []
    assert generations(street) == {generation}
    assert {owner.email: street.seen(owner)[0]["name"] for owner in owners} == last


def test_a_value_sealed_a_moment_too_early_is_found_at_the_next_look_and_the_time_begins_anew(street) -> None:
    owner = moved_in(street)
    vault = street.service.sealing.vault
    place = {"table": "account", "column": "name", "row": owner.account_id}
    late = vault.seal(Subject.company(owner.account_id), **place, text="Sent Navn")
    street.resealed()
    clear_since = street.report().clear_since
    with street.superuser() as connection:
        connection.execute("UPDATE account SET name_sealed = %s WHERE id = %s", [late, owner.account_id])
    street.world.clock.move(timedelta(minutes=2))
    street.rounds()
    assert street.seen(owner)[0]["name"] == "Sent Navn"
    street.world.clock.move(timedelta(minutes=2))
    street.turn()
    assert street.report().clear_since > clear_since


def test_digests_by_which_somebody_is_found_are_made_with_another_key_and_stay(street) -> None:
    owner = street.world.sign_up()
    street.resealed()
    assert street.world.user_by_email(owner.email) == (owner.user_id, owner.account_id)
    assert INDEX.of_email(owner.email)


def test_a_table_with_a_name_that_is_none_is_refused(street) -> None:
    with pytest.raises(ValueError, match="has a name that is none"):
        reencryption.SealedTable("a; DROP", "id", (), {}, lambda _: None).query("{table}")
    assert isinstance(street.reencryption.resealer, Resealer)
