"""Renewed keys in the keyring: fences, erasures, holds, exchanges of the one key, and who may do what."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from shared.errors import Transient
from shared.privacy import FencedError, KeyGoneError, Subject, Vault
from shared.privacy.key_rotation import Renewing
from shared.privacy.keyring_replayer import KeyringReplayer
from shared.privacy.keys import fingerprint
from shared.privacy.ledger_lines import Entry, Kind
from shared.system import DATABASES, KEYRING_ROLES
from tests.integration.privacy.keyring_env import minted

pytestmark = pytest.mark.integration
PLACE = {"table": "t", "column": "c", "row": uuid4()}


def states(env, subject: Subject) -> list[str]:
    query = "SELECT state FROM data_key WHERE kind = %s AND subject_id = %s ORDER BY generation"
    return [state for (state,) in env.keyring_env.query(query, subject.kind, subject.id)]


@pytest.fixture
def family(env) -> tuple[Subject, Subject, Subject]:
    """A company and two of its persons, each with an old and a new key."""
    company = Subject.company(uuid4())
    persons = [Subject.person(uuid4(), company.account_id) for _ in range(2)]
    env.rings["account"].mint([company, *persons], env.now)
    env.begun()
    assert [states(env, each) for each in (company, *persons)] == [["live"] * 2] * 3
    return company, *persons


def test_an_erasure_destroys_all_versions_and_certifies_each(env, family) -> None:
    company, person, _ = family
    sets = [env.rings["account"].key_set(each) for each in family]
    retention = env.rings["retention"]
    assert retention.fence(company.account_id, None, env.now) == 6
    with pytest.raises(FencedError):
        env.rings["account"].key(person)
    named = retention.destroy(company.account_id, None, env.now)
    assert sorted(named) == sorted(fingerprint(key) for each in sets for key in each.keys.values())
    assert retention.destroy(company.account_id, None, env.now) == named
    assert (
        env.keyring_env.query("SELECT 1 FROM data_key WHERE account_id = %s AND wrapped IS NOT NULL", company.id)
        == []
    )
    with pytest.raises(KeyGoneError):
        Vault(env.rings["audit"]).seal(person, **PLACE, text="Kari")


def test_an_erasure_of_one_person_leaves_all_versions_of_the_others(env, family) -> None:
    company, gone, stays = family
    env.rings["retention"].fence(company.account_id, gone.id, env.now)
    assert len(env.rings["retention"].destroy(company.account_id, gone.id, env.now)) == 2
    assert [states(env, each) for each in family] == [["live"] * 2, ["destroyed"] * 2, ["live"] * 2]
    assert set(env.rings["audit"].keys(family)) == {company, stays}


def test_what_a_restored_keyring_brought_back_is_destroyed_in_all_versions(env, family) -> None:
    company, *_ = family
    nothing = {"position": 1, "previous": "", "data": {}, "key_id": "", "line": b""}
    erased = {"kind": Kind.ACCOUNT_ERASED, "account_id": company.account_id, "user_id": None}
    fact = Entry(**nothing, **erased, at=env.now)
    with env.rings["retention"].database.transaction() as tx:
        assert not KeyringReplayer().verify(tx, fact)
        KeyringReplayer().replay(tx, fact)
        assert KeyringReplayer().verify(tx, fact)
    assert [states(env, each) for each in family] == [["destroyed"] * 2] * 3


@pytest.mark.parametrize("destroyed", [False, True])
def test_nobody_who_is_being_erased_gets_a_new_key(env, destroyed) -> None:
    company = Subject.company(uuid4())
    person = Subject.person(uuid4(), company.account_id)
    env.rings["account"].mint([company, person], env.now)
    env.rings["retention"].fence(company.account_id, person.id, env.now)
    if destroyed:
        env.rings["retention"].destroy(company.account_id, person.id, env.now)
    env.resealed()
    assert states(env, company) == ["live", "live"]
    assert states(env, person) == ["destroyed" if destroyed else "fenced"]
    insert = (
        "INSERT INTO data_key "
        "(kind, subject_id, account_id, generation, wrapped, kek_id, fingerprint, state, created_at) "
        "VALUES ('person', %s, %s, 20300101, 'x', 'x', 'x', 'live', now())"
    )
    with (
        psycopg.connect(env.keyring_env.access.dsn("account")) as account,
        pytest.raises(psycopg.Error, match="no key is made for who is being erased") as refused,
    ):
        account.execute(insert, [person.id, person.account_id])
    assert refused.value.sqlstate == "VK002"


def test_what_is_held_through_an_erasure_is_renewed_like_everything_else(env) -> None:
    company = Subject.company(uuid4())
    held = Subject.person(uuid4(), company.account_id)
    env.rings["account"].mint([company, held], env.now)
    retention = env.rings["retention"]
    retention.fence(company.account_id, None, env.now, spared=[held.id])
    env.resealed()
    assert states(env, held) == ["live", "live"]
    assert retention.fence(company.account_id, None, env.now) == 2
    assert len(retention.destroy(company.account_id, None, env.now)) == 3


def test_renewing_and_fencing_at_once_never_leaves_a_live_key_behind_the_fence(env) -> None:
    account, retention = env.rings["account"], env.rings["retention"]
    companies = [Subject.company(uuid4()) for _ in range(60)]
    account.mint(companies, env.now)
    env.keeper.begin_renewal(20261122, env.now)
    wrong: list[BaseException] = []

    def renew() -> None:
        for _ in range(200):
            try:
                if env.reencryption.renewing.renew(env.now) == 0 and env.keeper.keyed(20261122)[1] == 0:
                    return
            except Transient:
                continue
            except BaseException as error:  # noqa: BLE001  # told below
                wrong.append(error)
                return

    threads = [threading.Thread(target=renew) for _ in range(2)]
    for thread in threads:
        thread.start()
    for company in companies[:30]:
        retention.fence(company.account_id, None, env.now)
        retention.destroy(company.account_id, None, env.now)
    for thread in threads:
        thread.join(120)
    assert wrong == []
    assert account.keys(companies[:30]) == {}
    assert {state for each in companies[:30] for state in states(env, each)} == {"destroyed"}
    assert [states(env, each) for each in companies[30:]] == [["live", "live"]] * 30


def test_the_one_key_is_exchanged_with_keys_of_several_versions(env) -> None:
    before = minted(env.rings["account"], 3)
    old = {each: env.rings["account"].key_set(each).keys for each in before}
    env.begun()
    sets = env.rings["account"].key_sets(before)
    new = env.keyring_env.rotation(env.keeper).run()
    assert set(env.keyring_env.under()) == {new}
    assert env.rings["audit"].key_sets(before) == sets
    assert all(old[each].items() <= sets[each].keys.items() for each in before)


def test_a_key_of_somebody_without_a_later_one_is_never_destroyed_for_its_age(env) -> None:
    generation = env.begun()
    late = Subject.company(uuid4())
    env.keyring_env.query("UPDATE renewal SET sealing_from = NULL")
    env.rings["account"].mint([late], env.now)
    env.keeper.seal_from(generation, env.now)
    env.audit.turn(env.now)
    env.reencryption.resealer.turn(env.now)
    env.world.clock.move(timedelta(days=40))
    env.audit.turn(env.now)
    env.reencryption.resealer.turn(env.now)
    Renewing(env.rings["retention"]).destroy_retired(env.now, window=timedelta(days=30))
    assert states(env, late) == ["live"]
    assert env.keyring_env.query("SELECT count(*) FROM data_key WHERE state = 'destroyed'") == [(1,)]  # nobody's


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("account", "INSERT INTO renewal (generation, begun_at) VALUES (20300101, now())"),
        ("account", "UPDATE renewal SET sealing_from = now()"),
        ("account", "UPDATE data_key SET generation = 7"),
        ("audit", "INSERT INTO renewal (generation, begun_at) VALUES (20300101, now())"),
        ("audit", "UPDATE reseal_report SET holder = 'audit', left_over = 0, clear_since = now()"),
        ("audit", "INSERT INTO reseal_report VALUES ('account', 20261122, 0, 0, now(), now())"),
        ("retention", "UPDATE reseal_report SET left_over = 0"),
        ("retention", "UPDATE renewal SET sealing_from = now()"),
        ("retention", "SELECT wrapped FROM data_key"),
        ("keyring_keeper", "UPDATE data_key SET generation = 7"),
        ("keyring_keeper", "INSERT INTO data_key SELECT * FROM data_key"),
        ("keyring_keeper", "UPDATE reseal_report SET left_over = 0"),
        ("keyring_keeper", "DELETE FROM renewal"),
    ],
)
def test_a_role_does_its_own_part_of_a_renewal_and_no_other(env, role, statement) -> None:
    env.begun()
    env.reencryption.resealer.turn(env.now)
    with psycopg.connect(env.keyring_env.access.dsn(role)) as connection, pytest.raises(psycopg.Error) as refused:
        connection.execute(statement)
    assert refused.value.sqlstate in {"42501", "VK003"}


def test_who_opens_no_key_has_no_way_into_the_keyring(env) -> None:
    with psycopg.connect(env.keyring_env.access.dsn("keyring_keeper")) as connection:
        roles = connection.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", (list(DATABASES),))
        assert {role for (role,) in roles} == set(KEYRING_ROLES) < set(DATABASES)
