"""Real servers for tests: two PostgreSQL instances and a RabbitMQ node, started once per test run.

Fixtures:

`infrastructure` (session)  the servers with roles, secrets and ports: deploy.native.infrastructure.Infrastructure.
`broker` (module)           a fresh virtual host: `.uri(user)`, `.host`, `.port`, `.vhost`, `.password(user)`.
`databases` (module)        fresh, migrated databases of the five services, each made when it is first asked for:
                            `.dsn("account")` as the service's own role, `.owner_dsn("account")`,
                            `.relay_dsn("account")`, `.superuser_dsn("account")`.
`keyring_database` (module) a fresh, migrated keyring: `.dsn("account")`, `.owner_dsn()`, `.superuser_dsn()`.

A run starts servers of its own (some ten seconds; tests.server_folders says where) and removes them at its end.
To keep servers alive between runs:

    python -m deploy.native infra-up /tmp/my-servers
    VILKAR_TEST_INFRASTRUCTURE=/tmp/my-servers pytest ...
    python -m deploy.native infra-down /tmp/my-servers
"""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql

from deploy.native import processes
from deploy.native.infrastructure import Infrastructure
from deploy.provision import postgres, reader_door, secrets
from services.desk.scram import verifier_of
from shared.database import migrate
from shared.system import wire_name
from tests.server_folders import new_folder, remove_leftovers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from deploy.native.postgresql import PostgresServer

_PREFIX = "vilkar-test-"
_TEMPLATE_LOCK = 0x56494C4B


def _remove_if_abandoned(root: Path) -> None:
    abandoned = Infrastructure(root)
    owner = abandoned.settings.owner if abandoned.exists() else None
    if owner is not None and not owner.alive():
        abandoned.stop()
        abandoned.remove()


def let_in_at_once(servers: Infrastructure) -> None:
    """Have whoever logs in prove the password in one round, not in 4,096: half of what a connection costs.

    A role that is provisioned anew has as many as ever again.
    """
    for server, instance in (
        (servers.db, postgres.service_instance(servers.secrets_root)),
        (servers.keyring, postgres.keyring_instance(servers.secrets_root)),
    ):
        passwords = {role.name: role.password for role in instance.roles if role.password is not None}
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            for name, password in (passwords | {"postgres": server.superuser_password}).items():
                verifier = verifier_of(password, os.urandom(16), rounds=1)
                connection.execute(
                    sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(verifier))
                )


@pytest.fixture(scope="session")
def infrastructure() -> Iterator[Infrastructure]:
    kept = os.environ.get("VILKAR_TEST_INFRASTRUCTURE")
    if kept:
        standing = Infrastructure(Path(kept))
        if not (standing.exists() and standing.settings.for_tests and all(standing.running().values())):
            pytest.fail(f"no test servers run below {kept}: python -m deploy.native infra-up {kept}")
        yield standing
        return
    remove_leftovers(_PREFIX, _remove_if_abandoned)
    root = new_folder(_PREFIX)
    own = Infrastructure(root, for_tests=True, owner=processes.identity_of(os.getpid()))
    try:
        own.start()
        let_in_at_once(own)
        yield own
    finally:
        own.stop()
        own.remove()


@dataclass(frozen=True)
class BrokerAccess:
    """A virtual host of the module's own, in which every process's user may log in."""

    infrastructure: Infrastructure
    vhost: str

    @property
    def host(self) -> str:
        return "127.0.0.1"

    @property
    def port(self) -> int:
        return self.infrastructure.broker.amqp_port

    def password(self, user: str = "account") -> str:
        return secrets.read(self.infrastructure.secrets_root, user.replace("-", "_"), "broker_password")

    def uri(self, user: str = "account") -> str:
        """Return the AMQP address for a process's user; wire name or folder name."""
        name = wire_name(user)
        return f"amqp://{name}:{self.password(user)}@{self.host}:{self.port}/{self.vhost}"


@pytest.fixture(scope="module")
def broker(infrastructure: Infrastructure) -> Iterator[BrokerAccess]:
    vhost = f"test-{uuid.uuid4().hex[:12]}"
    infrastructure.broker.create_vhost(vhost)
    yield BrokerAccess(infrastructure, vhost)
    infrastructure.broker.delete_vhost(vhost)


def _template(server: PostgresServer, database: postgres.Database, owner_password: str) -> str:
    """Return the name of a database migrated once, functions withheld; the same migrations give the same one."""
    folders = [folder for folder in migrate.folders_of(database.name) if folder.is_dir()]
    contents = b"".join(file.read_bytes() for folder in folders for file in sorted(folder.glob("*.sql")))
    name = f"template_{database.name}_{sha256(contents + repr(database.locks).encode()).hexdigest()[:12]}"
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_TEMPLATE_LOCK])
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return name
        draft = f"{name}_draft"
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(draft)))
        postgres.create_if_missing(connection, replace(database, name=draft))
        migrate.migrate(server.dsn(draft, database.owner, owner_password), folders)
        postgres.withhold_functions(server.dsn(), replace(database, name=draft))
        connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (draft, name))))
    return name


class DatabaseAccess:
    """Fresh databases, each made when it is first asked for, and who may log in."""

    def __init__(
        self,
        infrastructure: Infrastructure,
        server: PostgresServer,
        instance: postgres.Instance,
        password_file: str,
        templates: Mapping[str, str] | None = None,
    ) -> None:
        """Serve the databases of `instance`; `password_file` is the secret with a service's password there.

        `templates` names standing databases, with nobody connected, that are copied in place of empty ones.
        """
        self.infrastructure = infrastructure
        self.server = server
        self._databases = {database.name: database for database in instance.databases}
        self._password_file = password_file
        self._templates = templates or {}
        self._names: dict[str, str] = {}
        self._readers: set[str] = set()

    def name(self, database: str) -> str:
        """Return the real name of the module's own database; the first call makes it."""
        if database not in self._names:
            self._names[database] = self._copy(self._databases[database])
        return self._names[database]

    def _copy(self, database: postgres.Database) -> str:
        owner_password = self._secret("migrate", f"{database.owner}_password")
        template = self._templates.get(database.name) or _template(self.server, database, owner_password)
        name = f"{database.name}_{uuid.uuid4().hex[:8]}"
        with psycopg.connect(self.server.dsn(), autocommit=True) as connection:
            # Nothing of a template is in use: its files are copied, not its pages one by one through the log.
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY FILE_COPY").format(
                    *map(sql.Identifier, (name, database.owner, template))
                )
            )
            postgres.close_to_others(connection, replace(database, name=name))
        if database.name == postgres.STAFF:
            # Roles are the server's: a test that lets somebody in has a role of its own.
            reader_door.build(self.server.dsn(name), {}, {})
        return name

    def _secret(self, folder: str, name: str) -> str:
        return secrets.read(self.infrastructure.secrets_root, folder, name)

    def dsn(self, service: str, *, database: str | None = None) -> str:
        """Return the address for a service's own role, and for `adminer` that of a reader of this module's own."""
        if service == postgres.ADMINISTRATOR:
            return self._reader(database or service)
        return self.server.dsn(self.name(database or service), service, self._secret(service, self._password_file))

    def owner_dsn(self, database: str) -> str:
        """Return the address for the role that owns the tables."""
        password = self._secret("migrate", f"{database}_owner_password")
        return self.server.dsn(self.name(database), f"{database}_owner", password)

    def relay_dsn(self, database: str) -> str:
        """Return the address for the relay's role."""
        return self.server.dsn(self.name(database), "relay", self._secret("relay", "db_password"))

    def superuser_dsn(self, database: str) -> str:
        return self.server.dsn(self.name(database))

    def _reader(self, database: str) -> str:
        role, password = f"{postgres.ADMINISTRATOR}_{self.name(database)}", uuid.uuid4().hex
        reader = postgres.Role(role, password, looks_in="reading", member_of=postgres.ADMINISTRATOR)
        with psycopg.connect(self.server.dsn(), autocommit=True) as connection:
            postgres.ensure_role(connection, reader)
            connection.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
                    sql.Identifier(self.name(database)), sql.Identifier(role)
                )
            )
        self._readers.add(role)
        return self.server.dsn(self.name(database), role, password)

    def drop(self) -> None:
        """Remove the databases that were made, whoever is still connected, and who could look into them."""
        with psycopg.connect(self.server.dsn(), autocommit=True) as connection:
            for name in self._names.values():
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            for role in self._readers:
                connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
        self._readers.clear()
        self._names.clear()


class KeyringAccess(DatabaseAccess):
    """A fresh keyring database."""

    def dsn(self, service: str, *, database: str | None = "keyring") -> str:
        return super().dsn(service, database=database)

    def owner_dsn(self, database: str = "keyring") -> str:
        return super().owner_dsn(database)

    def superuser_dsn(self, database: str = "keyring") -> str:
        return super().superuser_dsn(database)


@pytest.fixture(scope="module")
def databases(infrastructure: Infrastructure) -> Iterator[DatabaseAccess]:
    instance = postgres.service_instance(infrastructure.secrets_root)
    access = DatabaseAccess(infrastructure, infrastructure.db, instance, "db_password")
    yield access
    access.drop()


@pytest.fixture(scope="module")
def keyring_database(infrastructure: Infrastructure) -> Iterator[KeyringAccess]:
    instance = postgres.keyring_instance(infrastructure.secrets_root)
    access = KeyringAccess(infrastructure, infrastructure.keyring, instance, "keyring_password")
    yield access
    access.drop()
