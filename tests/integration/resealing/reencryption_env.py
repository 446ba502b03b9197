"""Customers whose keys are renewed: what the processes do, step by step or all at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg

from deploy.keys.reseal import Instants, Reseal
from services.account.field_encryption.sealing import NOBODY
from services.account.reencryption.feature import Reencryption
from services.account.reencryption.tables import TABLES
from services.audit.logins.feature import SEALED_TABLES as AUDIT_TABLES
from shared.database import Database
from shared.database.pool import Row
from shared.errors import Transient
from shared.failpoints import Failpoints
from shared.identifiers import new_id
from shared.privacy import Keyring, Subject, Vault
from shared.privacy.kek_rotation import Keeper
from shared.privacy.reencryption import Q, Resealer
from shared.privacy.vault import generation_of
from tests.in_process import feature
from tests.integration.privacy.keyring_env import KeyringEnv
from tests.plugins.account_world import Member, World

A_PAGE = """INSERT INTO export_page (id, export_id, account_id, user_id, contributor, position, page_sealed)
    VALUES (%(id)s, %(export)s, %(account)s, %(user)s, 'audit', 0, %(sealed)s)"""
A_CHUNK = """INSERT INTO export_chunk (id, export_id, account_id, user_id, position, chunk_sealed)
    VALUES (%(id)s, %(export)s, %(account)s, %(user)s, 0, %(sealed)s)"""
A_TRANSFER = """INSERT INTO export_transfer
    (id, export_id, account_id, user_id, receiver_sealed, digest, sha256, made_at, ends_at)
    VALUES (%(id)s, %(export)s, %(account)s, %(user)s, %(sealed)s, sha256(%(id)s::text::bytea), '', now(), now())"""
SEALED = {table.name: tuple(table.columns) for table in TABLES}


@dataclass
class ReencryptionEnv:
    """Account with its own database, audit's part, the keeper and retention's keyring."""

    keyring_env: KeyringEnv
    world: World
    rings: dict[str, Keyring]
    keeper: Keeper
    audit: Resealer
    audit_database: Database
    databases: object

    @property
    def service(self):
        return self.world.service

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    # ── the verb ──

    def verb(self, *, backed_up: bool = True, failpoints: Failpoints | None = None, **changed) -> Reseal:
        """`make reseal`; its clock is that of the services, and a backup was taken in the next minute."""
        newest = self.now + timedelta(minutes=1) if backed_up else None
        said = {
            "instants": Instants(now=self.world.clock.now, newest_backup=lambda: newest),
            "failpoints": failpoints or Failpoints("test", {}),
            "say": print,
            "progress": lambda *_: None,
            "patience": 60.0,
        }
        return Reseal(self.keyring_env.files, self.keeper, **said | changed)

    def renewed(self) -> int:
        """Everybody has a new key, nothing is sealed under it yet."""
        with self.working():
            return self.verb().renew()

    def resealed(self) -> int:
        """A whole renewal."""
        self.renewed()
        with self.working():
            return self.verb().reseal()

    def begun(self) -> int:
        """Everybody has a new key that is sealed under; nothing has been sealed anew yet."""
        generation = self.renewed()
        self.keeper.seal_from(generation, self.now)
        return generation

    # ── what the processes do on time ──

    @property
    def reencryption(self) -> Reencryption:
        return feature(self.service, Reencryption)

    def turn(self) -> int:
        """One round of every process."""
        self.reencryption.renewing.renew(self.now)
        self.audit.turn(self.now)
        return self.reencryption.resealer.turn(self.now)

    def rounds(self, most: int = 200) -> None:
        """Rounds until nothing is left."""
        for _ in range(most):
            self.turn()
            if sum(self.below().values()) == 0:
                self.turn()
                return
        raise AssertionError(f"left after {most} rounds: {self.below()}")

    @contextmanager
    def working(self, replicas: int = 1) -> Iterator[list[BaseException]]:
        """The processes run meanwhile. Yields what went wrong in them."""
        stop, wrong = threading.Event(), []

        def run(account: Resealer, audit: Resealer) -> None:
            while not stop.is_set():
                try:
                    self.reencryption.renewing.renew(self.now)
                    account.turn(self.now)
                    audit.turn(self.now)
                except Transient:
                    continue
                except BaseException as error:  # noqa: BLE001  # told by the test
                    wrong.append(error)
                    return
                stop.wait(0.02)

        threads = [threading.Thread(target=run, args=self.resealers()) for _ in range(replicas)]
        for thread in threads:
            thread.start()
        try:
            yield wrong
        finally:
            stop.set()
            for thread in threads:
                thread.join(120)
        assert wrong == []

    def resealers(self, **changed) -> tuple[Resealer, Resealer]:
        """What a process of account and one of audit have."""
        own = {"holder": "account", "database": self.world.database, "vault": Vault(self.rings["account"])}
        theirs = {"holder": "audit", "database": self.audit_database, "vault": Vault(self.rings["audit"])}
        return Resealer(**own, tables=TABLES, **changed), Resealer(**theirs, tables=AUDIT_TABLES, **changed)

    # ── what there is ──

    def below(self) -> dict[str, int]:
        """How many rows lie under older keys, by table."""
        renewals, _ = self.keeper.renewals()
        target = max((each.generation for each in renewals if each.sealing_from), default=1)
        with self.world.database.transaction() as tx:
            return {
                table.name: sum(row["rows"] for row in tx.all(table.query(Q.count), target=target))
                for table in TABLES
            }

    def report(self, holder: str = "account"):
        _, reports = self.keeper.renewals()
        return [each for each in reports if each.holder == holder][-1]

    def seen(self, member: Member) -> tuple:
        """Everything that is read of a company and its people."""
        who = {"account_id": member.account_id, "actor": member.actor}
        asked = ("get_account", "list_users", "nonconformity_reports", "support_threads")
        return tuple(self.world.call(call, **who) for call in asked)

    def attempts(self, count: int) -> list:
        """Log-ins that failed, in one go."""
        rows = [
            {"id": new_id(), "account_id": None, "user_id": None, "now": self.now, "outcome": "failed"}
            for _ in range(count)
        ]
        vault = self.service.sealing.vault
        sealed = vault.seal_many([(NOBODY, "login_attempt", "ip", row["id"], "203.0.113.9") for row in rows])
        with self.world.database.transaction() as tx:
            tx.many(
                "INSERT INTO login_attempt (id, account_id, user_id, at, outcome, ip_sealed, sealed_for_nobody, "
                "address_index, network_index) "
                "VALUES (%(id)s, NULL, NULL, %(now)s, 'failed', %(ip)s, true, '', '')",
                [row | {"ip": value} for row, value in zip(rows, sealed, strict=True)],
            )
        return [row["id"] for row in rows]

    def addresses(self) -> set[str]:
        """What is read of all log-ins."""
        with self.world.database.transaction() as tx:
            rows = tx.all("SELECT * FROM login_attempt")
        return {ip for ip, _ in self.service.sealing.opened_origins(rows)}

    def superuser(self, database: str = "account"):
        return psycopg.connect(self.databases.superuser_dsn(database), autocommit=True)

    @contextmanager
    def restored_later(self, *tables: str) -> Iterator[None]:
        """What these tables hold now is what they hold again after the block, as from a backup."""
        with self.superuser() as connection:
            for table in tables:
                connection.execute(f"CREATE TEMP TABLE of_{table} AS SELECT * FROM {table}")  # noqa: S608  # names of a test
            yield
            connection.execute("SET session_replication_role = replica")
            for table in tables:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608  # names of a test
                connection.execute(f"INSERT INTO {table} SELECT * FROM of_{table}")  # noqa: S608  # names of a test


def everything(env) -> dict[str, list[Row]]:
    with env.world.database.transaction() as tx:
        return {
            table: tx.all(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608  # names of this file
            for table in SEALED
        }


def generations(env) -> set[int]:
    found = set()
    for rows, columns in ((rows, SEALED[table]) for table, rows in everything(env).items()):
        found |= {generation_of(row[column]) for row in rows for column in columns if row[column]}
    return found


def moved_in(env) -> Member:
    """A company with every kind of sealed value: organisation number, addresses, report; one new, one former."""
    world = env.world
    owner = world.sign_up()
    fields = {"account_id": owner.account_id, "actor": owner.actor, "version": world.version(owner)}
    street = {"line_1": "Storgata 1", "postal_code": "5003", "city": "Bergen"}
    addresses = {"contact_address": street, "billing_address": street | {"line_1": "Postboks 1"}}
    world.call("update_account", **fields, org_number="974760673", **addresses)
    other = world.add_user(owner)
    reported = {"about": "data_exposed", "text": "Lister lå åpent på nettet."}
    world.call("report_nonconformity", account_id=owner.account_id, actor=owner.actor, **reported)
    written = {"account_id": owner.account_id, "actor": owner.actor, "text": "Hvordan bytter jeg passord?"}
    world.call("begin_support", **written)
    world.log_in(owner)
    world.change_email(owner, world.fresh_email("ny"))
    world.call("confirm_email", token=world.token_of(owner, "email_confirmation", "address_change"))
    world.change_email(other, world.fresh_email("venter"))
    _copied(world, owner)
    return owner


def _copied(world: World, owner: Member) -> None:
    """A copy of what is held on somebody, in the making."""
    export_id, at = new_id(), world.clock.now()
    subject, ids = (
        Subject.person(owner.user_id, owner.account_id),
        {"account": owner.account_id, "user": owner.user_id},
    )
    with world.database.transaction() as tx:
        tx.run(
            "INSERT INTO export (id, wish_id, account_id, user_id, asked_by, kind, state, asked_at, wished_at, "
            "next_at) VALUES (%(id)s, %(id)s, %(account)s, %(user)s, %(user)s, 'access', 'collecting', %(at)s, "
            "%(at)s, %(at)s)",
            id=export_id, at=at, **ids,
        )  # fmt: skip
        values = {**ids, "export": export_id}
        for table, column, statement in (
            ("export_page", "page", A_PAGE),
            ("export_chunk", "chunk", A_CHUNK),
            ("export_transfer", "receiver", A_TRANSFER),
        ):
            row = new_id()
            sealed = world.service.sealing.vault.seal(subject, table=table, column=column, row=row, text="{}")
            tx.run(statement, id=row, sealed=sealed, **values)


class Killed(BaseException):
    pass


class KillAt:
    """Stands in for the failpoints: the verb ends there as if it were killed."""

    def __init__(self, place: str) -> None:
        self.place = place

    def hit(self, place: str) -> None:
        if place == self.place:
            raise Killed
