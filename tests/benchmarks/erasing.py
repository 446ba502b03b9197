"""What it costs to find what is due among many, and to erase companies beside the plain SQL for the same rows."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import psycopg

from deploy.provision import postgres
from services.account.authentication.password_hashing import PasswordHashing
from services.account.field_encryption.sealing import Sealing
from services.account.register.business_register import BusinessRegister
from services.account.service import AccountService
from services.retention.certificates.archive import CertificateArchive
from services.retention.execution import store
from services.retention.service import Retention
from shared.calls import Caller
from shared.clock import FixedClock
from shared.database import Database
from shared.privacy import Keyring, Vault
from shared.privacy.ledger_writer import LedgerWriter
from shared.signing import SigningKey
from tests import in_process
from tests.benchmarks.figures import Figure, Size, Target
from tests.plugins.account_world import INDEX, KEK, START, World
from tests.plugins.exporting import EXPORTING
from tests.plugins.infrastructure import DatabaseAccess, KeyringAccess

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from deploy.native.infrastructure import Infrastructure
    from tests.plugins.account_world import Member

NOW = datetime(2027, 2, 28, 6, tzinfo=UTC)
FEW = 10_000
FILL = """
INSERT INTO erasure (
    id, account_id, trigger, started_at, started_on, due_on, state, entered_at, remind_on, released
)
SELECT gen_random_uuid(), gen_random_uuid(), 'account_inactivated', day, day::date, due::date, 'scheduled', day,
       CASE WHEN is_due THEN NULL ELSE (due - interval '7 days')::date END, is_due
FROM (SELECT is_due, day, day + interval '3 months' AS due FROM (
    SELECT number <= %(due)s AS is_due,
           %(now)s::timestamptz + CASE WHEN number <= %(due)s THEN interval '-3 months'
                                  ELSE interval '-1 day' * (number %% 60) END AS day
    FROM generate_series(1, %(rows)s) AS number
) AS started) AS made
"""
RESET = """
UPDATE erasure SET state = 'scheduled', cleared = false, next_at = NULL, lease_until = NULL WHERE released
"""
PLAIN = (
    "DELETE FROM session WHERE account_id = %s",
    "DELETE FROM login_attempt WHERE account_id = %s",
    "DELETE FROM ticket WHERE account_id = %s",
    "DELETE FROM credential WHERE user_id IN (SELECT id FROM account_user WHERE account_id = %s)",
    "DELETE FROM agreement WHERE account_id = %s",
    "DELETE FROM account_user WHERE account_id = %s",
    "DELETE FROM account WHERE id = %s",
)


class NotAsked(Caller):
    """Nobody is called while what is due is looked for."""

    def call(self, service: str, method: str, **_: Any) -> Any:
        raise AssertionError(f"{service}.{method} was called")


def measure(standing: Infrastructure, folder: Path, size: Size) -> list[Figure]:
    """The sweep in two tables of different size, and the erasure of companies beside plain SQL."""
    with keyrings(standing) as keyring_access:
        sweeps = [swept(standing, keyring_access, folder / str(rows), rows, size) for rows in (size.accounts, FEW)]
        ours, plain = erased(standing, keyring_access, size)
    return [
        Figure(
            name=f"sweep, {size.due:,} due of {size.accounts:,}, beside of {FEW:,}",
            unit="ms",
            rounds=sweeps[0],
            bare=sweeps[1],
            target=Target(value=1.2, at_least=False, of_bare=True),
        ),
        Figure(
            name="erase a company in account, beside plain SQL",
            unit="ms",
            rounds=ours,
            bare=plain,
            target=Target(value=5.0, at_least=False, of_bare=True),
        ),
    ]


@contextmanager
def keyrings(standing: Infrastructure) -> Iterator[KeyringAccess]:
    instance = postgres.keyring_instance(standing.secrets_root)
    access = KeyringAccess(standing, standing.keyring, instance, "keyring_password")
    try:
        yield access
    finally:
        access.drop()


@contextmanager
def databases(standing: Infrastructure) -> Iterator[DatabaseAccess]:
    instance = postgres.service_instance(standing.secrets_root)
    access = DatabaseAccess(standing, standing.db, instance, "db_password")
    try:
        yield access
    finally:
        access.drop()


def swept(
    standing: Infrastructure, keyring_access: KeyringAccess, folder: Path, rows: int, size: Size
) -> list[float]:
    """Milliseconds of each round, from the look for what is due until all of it is handed out."""
    with databases(standing) as access:
        owner_dsn = access.owner_dsn("retention")
        with psycopg.connect(owner_dsn, autocommit=True) as owner:
            owner.execute(FILL, {"due": size.due, "rows": rows, "now": NOW})
            owner.execute("VACUUM ANALYZE erasure")
        database = Database(access.dsn("retention"), source="retention", size=4)
        keyring = Keyring(keyring_access.dsn("retention"), kek=KEK)
        database.open()
        keyring.open()
        try:
            service = retention(database, keyring, folder)
            return [sweep(service, owner_dsn, size.due) for _ in range(size.rounds + 1)][1:]  # the first warms up
        finally:
            keyring.close()
            database.close()


def retention(database: Database, keyring: Keyring, folder: Path) -> Retention:
    folder.mkdir()
    ledger = LedgerWriter(folder / "ledger.jsonl", signing_key=SigningKey(os.urandom(32)))
    ledger.create(uuid4(), NOW)
    return Retention(
        database=database,
        clock=FixedClock(NOW),
        caller=NotAsked(),
        keyring=keyring,
        signing_key=SigningKey(os.urandom(32)),
        ledger=ledger,
        archive=CertificateArchive(folder / "certificates.jsonl"),
    )


def sweep(service: Retention, owner_dsn: str, due: int) -> float:
    with psycopg.connect(owner_dsn, autocommit=True) as owner:
        owner.execute(RESET)
        owner.execute("VACUUM erasure")
    began, handed_out = time.perf_counter(), 0
    in_process.run(service, "remind")
    in_process.run(service, "plan_run")
    while True:
        with service.database.transaction() as tx:
            claimed = store.claim(tx, NOW)
        if not claimed:
            break
        handed_out += len(claimed)
    took = (time.perf_counter() - began) * 1000
    assert handed_out == due, f"{handed_out} of {due} were found"
    return took


def erased(standing: Infrastructure, keyring_access: KeyringAccess, size: Size) -> tuple[list[float], list[float]]:
    """Milliseconds a company: by the service's own handler, and by one plain transaction of deletes."""
    with databases(standing) as access:
        database = Database(access.dsn("account"), source="account", size=4)
        keyring = Keyring(keyring_access.dsn("account"), kek=KEK)
        database.open()
        keyring.open()
        try:
            world = world_of(database, keyring, access.owner_dsn("account"))
            ours, plain = [], []
            for _ in range(size.rounds):
                ours.append(by_the_handler(world, gone(world, size.companies)))
                plain.append(by_plain_sql(access.dsn("account"), gone(world, size.companies)))
        finally:
            keyring.close()
            database.close()
    return ours, plain


def world_of(database: Database, keyring: Keyring, owner_dsn: str) -> World:
    sealing = Sealing(Vault(keyring), INDEX)
    sealing.prepare(START)
    clock = FixedClock(START)
    service = AccountService(
        database=database,
        clock=clock,
        sealing=sealing,
        hashing=PasswordHashing(memory_kib=64, passes=1),
        register=BusinessRegister("http://127.0.0.1:9"),
        exporting=EXPORTING,
    )
    return World(service=service, clock=clock, database=database, keyring=keyring, owner_dsn=owner_dsn)


def gone(world: World, count: int) -> list[UUID]:
    """Companies of three people that have left."""
    made: list[Member] = []
    for _ in range(count):
        users = [
            {"name": f"Ola Nordmann {number}", "email": world.fresh_email("ola"), "phone": "+4791378216"}
            for number in range(2)
        ]
        made.append(world.sign_up(users=users))
        world.deactivate(made[-1])
        world.clock.move(timedelta(minutes=1))
    return [member.account_id for member in made]


def by_the_handler(world: World, accounts: list[UUID]) -> float:
    began = time.perf_counter()
    for account_id in accounts:
        world.order_erasure(uuid4(), account_id)
    return (time.perf_counter() - began) * 1000 / len(accounts)


def by_plain_sql(dsn: str, accounts: list[UUID]) -> float:
    with psycopg.connect(dsn) as connection:
        began = time.perf_counter()
        for account_id in accounts:
            with connection.transaction():
                for statement in PLAIN:
                    connection.execute(statement, [account_id])
        return (time.perf_counter() - began) * 1000 / len(accounts)
