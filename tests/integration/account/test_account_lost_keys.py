"""Keys that were made for rows that were never written: found and destroyed, a few at a time, and no others."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.account.agreements import store as agreement_store
from services.account.field_encryption.sealing import NOBODY
from services.retention.maintenance import orphaned_keys
from services.retention.maintenance.orphaned_keys import OrphanedKeys
from shared.calls import Caller
from shared.errors import Conflict, Unavailable
from shared.identifiers import new_id
from shared.privacy import FencedError, Keyring, Subject
from tests.plugins.account_world import World

pytestmark = pytest.mark.integration


class Bus(Caller):
    """Carries retention's question to the account service, as JSON."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.asked = 0

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        assert service == "account"
        assert timeout_seconds
        self.asked += 1
        return json.loads(json.dumps(self.world.call(method, **fields), default=str))


@pytest.fixture
def keyring(keyring_database):
    ring = Keyring(keyring_database.dsn("retention"), kek=None)
    ring.open()
    yield ring
    ring.close()


@pytest.fixture
def sweeper(world, keyring) -> OrphanedKeys:
    """Its clock is a day on, and it begins with no key of nobody in the keyring."""
    sweeper = OrphanedKeys(caller=Bus(world), keyring=keyring)
    world.clock.move(timedelta(days=2))
    while sweeper.sweep(world.clock.now()):
        pass
    return sweeper


def lost_sign_up(world, monkeypatch) -> UUID:
    """A sign-up whose transaction fails after its keys were made; the id of the account that never was."""
    made: list[UUID] = []
    kept = world.service.sealing.sign_up

    def noted(*args, account_id, **kwargs):
        made.append(account_id)
        return kept(*args, account_id=account_id, **kwargs)

    def fails(*_args, **_kwargs):
        raise Unavailable("the database went away")

    with monkeypatch.context() as patched:
        patched.setattr(world.service.sealing, "sign_up", noted)
        patched.setattr(agreement_store, "insert_agreement", fails)
        with pytest.raises(Unavailable):
            world.call("sign_up", **world.application(world.fresh_email()))
    return made[0]


def lost_user(world, owner) -> list[tuple[Any, ...]]:
    """A user who could not be added because the address was taken."""
    fields = {"account_id": owner.account_id, "actor": owner.actor, "name": "Ola", "phone": "90012345"}
    with pytest.raises(Conflict):
        world.call("add_user", **fields, email=owner.email)
    return world.rows("SELECT id FROM account_user WHERE account_id = %s", owner.account_id)


@pytest.mark.clause("ERASE-5")
def test_the_keys_of_a_lost_sign_up_are_destroyed_a_day_later(world, keyring, sweeper, monkeypatch) -> None:
    account_id = lost_sign_up(world, monkeypatch)
    company = Subject.company(account_id)
    assert keyring.state(company) == "live"
    world.clock.move(timedelta(hours=23, minutes=59))
    assert sweeper.sweep(world.clock.now()) == 0
    assert keyring.state(company) == "live"
    world.clock.move(timedelta(minutes=2))
    assert sweeper.sweep(world.clock.now()) == 1, "the person's key goes with the company's"
    assert keyring.state(company) == "destroyed"
    assert sweeper.sweep(world.clock.now()) == 0
    with pytest.raises(FencedError):
        world.keyring.mint([company], world.clock.now())


@pytest.mark.clause("ERASE-5")
def test_the_key_of_a_user_who_was_not_added_is_destroyed_and_the_companys_stays(world, sweeper) -> None:
    owner = world.sign_up()
    lost_user(world, owner)
    world.clock.move(timedelta(days=1, minutes=1))
    assert sweeper.sweep(world.clock.now()) == 1
    assert world.call("get_account", account_id=owner.account_id, actor=owner.actor)["name"] == "Bjørkholt Rør"
    assert world.log_in(owner)["token"]


def test_keys_with_rows_the_key_of_nobody_and_keys_under_erasure_are_left_alone(world, keyring, sweeper) -> None:
    kept, leaving = world.sign_up(), world.sign_up()
    world.deactivate(leaving)
    world.call("begin_erasure", erasure_id=uuid4(), account_id=leaving.account_id)
    keyring.fence(leaving.account_id, None, world.clock.now(), spared=[leaving.user_id])
    world.order_erasure(uuid4(), leaving.account_id)
    world.clock.move(timedelta(days=1, minutes=1))
    assert sweeper.sweep(world.clock.now()) == 0
    assert keyring.state(NOBODY) == "live"
    held = Subject.person(leaving.user_id, leaving.account_id)
    assert keyring.state(held) == "live", "what is held is retention's to decide on"
    assert world.log_in(kept)["token"]


def test_few_are_destroyed_in_a_turn_and_the_others_wait(world, keyring, sweeper) -> None:
    lost = [Subject.company(new_id()) for _ in range(orphaned_keys.DESTROYED_A_TURN + 3)]
    world.keyring.mint(lost, world.clock.now())
    world.clock.move(timedelta(days=1, minutes=1))
    assert sweeper.sweep(world.clock.now()) == orphaned_keys.DESTROYED_A_TURN
    assert sorted(keyring.state(each) for each in lost).count("live") == 3
    assert sweeper.sweep(world.clock.now()) == 3
    assert {keyring.state(each) for each in lost} == {"destroyed"}


def test_a_sweep_goes_round_in_stretches_and_begins_anew_at_the_end(world, keyring, monkeypatch) -> None:
    monkeypatch.setattr(orphaned_keys, "STRETCH", 2)
    monkeypatch.setattr(orphaned_keys, "STRETCHES_A_TURN", 1)
    for _ in range(3):
        world.sign_up()
    lost = Subject.person(new_id(), world.sign_up().account_id)
    world.keyring.mint([lost], world.clock.now())
    world.clock.move(timedelta(days=1, minutes=1))
    sweeper = OrphanedKeys(caller=(bus := Bus(world)), keyring=keyring)
    turns = 0
    while keyring.state(lost) == "live":
        sweeper.sweep(world.clock.now())
        turns += 1
        assert bus.asked <= turns, "one question a turn"
        assert turns < 2000
    assert turns > 3


def test_a_user_is_known_with_its_own_company_alone(world) -> None:
    mine, theirs = world.sign_up(), world.sign_up()
    named = [
        {"account_id": mine.account_id, "user_id": None},
        {"account_id": mine.account_id, "user_id": mine.user_id},
        {"account_id": mine.account_id, "user_id": theirs.user_id},
        {"account_id": uuid4(), "user_id": None},
    ]
    shown = json.loads(json.dumps(world.call("unknown_subjects", subjects=named), default=str))
    assert shown["subjects"] == json.loads(json.dumps(named[2:], default=str))
