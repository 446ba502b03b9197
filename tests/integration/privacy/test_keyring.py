"""The keyring on its real instance, logged in as each role."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest

from shared.privacy import FencedError, Kek, KeyGoneError, Keyring, Subject, Vault

pytestmark = pytest.mark.integration
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
KEK = Kek([os.urandom(32)])


@pytest.fixture(scope="module")
def rings(keyring_database):
    made = {
        role: Keyring(keyring_database.dsn(role), kek=None if role == "retention" else KEK)
        for role in ("account", "retention", "audit")
    }
    for ring in made.values():
        ring.open()
    yield made
    for ring in made.values():
        ring.close()


@pytest.fixture
def company(rings) -> Subject:
    subject = Subject.company(uuid4())
    rings["account"].mint([subject], NOW)
    return subject


@pytest.mark.clause("FORGET-1")
def test_erasing_a_company_destroys_its_keys_and_those_of_its_people(rings, company) -> None:
    person = Subject.person(uuid4(), company.account_id)
    rings["account"].mint([person], NOW)
    row = uuid4()
    sealed = Vault(rings["account"]).seal(person, table="t", column="c", row=row, text="Kari")
    assert rings["retention"].fence(company.account_id, None, NOW) == 2
    destroyed = rings["retention"].destroy(company.account_id, None, NOW)
    assert len(destroyed) == 2
    assert rings["retention"].destroy(company.account_id, None, NOW) == destroyed
    with pytest.raises(KeyGoneError):
        Vault(rings["account"]).open(person, table="t", column="c", row=row, sealed=sealed)


def test_a_fenced_subject_gets_no_key_and_its_old_one_is_not_used(rings, company) -> None:
    rings["retention"].fence(company.account_id, None, NOW)
    with pytest.raises(FencedError):
        rings["account"].key(company)
    with pytest.raises(FencedError):
        rings["account"].mint([company], NOW)
    with pytest.raises(FencedError):
        rings["account"].mint([Subject.person(uuid4(), company.account_id)], NOW)


def test_erasing_one_person_leaves_the_company_and_the_others(rings, company) -> None:
    gone, stays = (Subject.person(uuid4(), company.account_id) for _ in range(2))
    rings["account"].mint([gone, stays], NOW)
    rings["retention"].fence(company.account_id, gone.id, NOW)
    assert len(rings["retention"].destroy(company.account_id, gone.id, NOW)) == 1
    assert set(rings["audit"].keys([company, gone, stays])) == {company, stays}
    with pytest.raises(FencedError):
        rings["account"].mint([gone], NOW)


def test_a_key_not_fenced_first_is_never_destroyed(rings, company) -> None:
    assert rings["retention"].destroy(company.account_id, None, NOW) == []
    assert len(rings["account"].key(company)) == 32


def test_minting_twice_keeps_the_first_key(rings, company) -> None:
    before = rings["account"].key(company)
    rings["account"].mint([company], NOW)
    assert rings["account"].key(company) == before


def test_minting_and_fencing_at_once_never_leaves_a_live_key_behind_the_fence(rings) -> None:
    for _ in range(20):
        account_id = uuid4()
        people = [Subject.person(uuid4(), account_id) for _ in range(4)]

        def mint(person: Subject) -> None:
            try:
                rings["account"].mint([person], NOW)
            except FencedError:
                return

        with ThreadPoolExecutor(5) as pool:
            work = [pool.submit(mint, person) for person in people]
            work.append(pool.submit(rings["retention"].fence, account_id, None, NOW))
            for one in work:
                one.result(timeout=10)
        assert rings["account"].keys(people) == {}


def test_a_key_of_another_account_is_not_handed_out(rings, company) -> None:
    forged = Subject(kind="company", id=company.id, account_id=uuid4())
    assert rings["account"].keys([forged]) == {}


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("account", "UPDATE data_key SET state = 'live'"),
        ("account", "DELETE FROM data_key"),
        ("account", "DELETE FROM fence"),
        ("retention", "INSERT INTO data_key SELECT * FROM data_key"),
        ("retention", "UPDATE fence SET raised_at = '2020-01-01'"),
        ("audit", "UPDATE data_key SET state = 'destroyed'"),
        ("audit", "INSERT INTO fence VALUES (gen_random_uuid(), NULL, '2026-11-22')"),
    ],
)
def test_a_role_cannot_do_what_is_not_its_business(keyring_database, role: str, statement: str) -> None:
    with (
        psycopg.connect(keyring_database.dsn(role)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


@pytest.mark.parametrize("statement", ["DELETE FROM data_key", "DELETE FROM fence"])
def test_what_remains_of_a_key_is_deleted_by_nobody_while_the_key_could_open_something(
    keyring_database, rings, statement: str
) -> None:
    person = Subject.person(uuid4(), uuid4())
    rings["account"].mint([person], NOW)
    rings["retention"].fence(person.account_id, None, NOW)
    with (
        psycopg.connect(keyring_database.dsn("retention")) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)
