"""Creates the roles and databases of both PostgreSQL instances.

    python -m deploy.provision.postgres SECRETS_ROOT --db HOST:PORT --keyring HOST:PORT

Each database belongs to its owner role (`account_owner`), which runs the migrations; the service's own role
(`account`) may connect and has the rights that the migrations grant, no more. Nobody else may connect at all:
PUBLIC loses CONNECT, which PostgreSQL gives by default. `relay` may connect to the databases of the services, whose
outbox tables it empties, `desk` to all, to read what the migrations let it, and `backup` to all, to read everything
and write nothing. Run again, the program changes nothing but renews the passwords from the files.

PostgreSQL lets everybody take any advisory lock, and so stop who waits for it, and make large objects, and so fill
the disk, also who may write to no table. In each database only those who need such a function may call it.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psycopg
from psycopg import sql

from deploy.provision import reader_door, secrets
from deploy.provision.addresses import host_and_port
from shared.system import DATABASES, KEYRING_ROLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SERVICE_LIMITS = {
    "statement_timeout": "30s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
}
"""Limits of every service role: a statement, a wait for a lock, an open transaction that does nothing."""

STAFF: Final = "staff"
"""The database whose service lets people into the others."""

SHARE_OF_CONNECTIONS = 0.5
"""How many of a server's connections one role may hold: whoever takes all he can leaves as many to the others."""

CONNECT_TIMEOUT_SECONDS = 5

_WITHHELD: Final = r"^(pg_(try_)?advisory_.+|lo_.+|loread|lowrite|pg_logical_emit_message)$"
_HOLDERS: Final = """
SELECT p.oid::regprocedure::text, p.proname, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE r.rolname END
FROM pg_proc p
LEFT JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a ON a.grantee <> p.proowner
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ %s
"""
_ALONE, _SHARED, _TRY = "pg_advisory_xact_lock", "pg_advisory_xact_lock_shared", "pg_try_advisory_xact_lock"
_MORE_LOCKS: Final[Mapping[str, tuple[str, ...]]] = {"retention": (_TRY,), "audit": (_SHARED, _TRY)}
"""What a service needs in its own database beside the lock that every service takes."""
_RELAY_LOCKS: Final = ("pg_try_advisory_lock",)
_MIGRATION_LOCKS: Final = ("pg_advisory_lock",)
_KEYRING_LOCKS: Final[Mapping[str, tuple[str, ...]]] = {
    "account": (_ALONE, _SHARED, _TRY),
    "retention": (_ALONE,),
    "keyring_keeper": (_ALONE, _SHARED),
    "keyring_owner": _MIGRATION_LOCKS,
}

ADMINISTRATOR: Final = "adminer"
READERS: Final[Mapping[str, str]] = {name: f"{ADMINISTRATOR}_{name}" for name in DATABASES}
"""As whom a person looks into each database."""

RESTORED, REPLACED = "restored", "replaced"
"""A restore fills `account_restored` beside `account`, which then is `account_replaced` until it is dropped."""


@dataclass(frozen=True)
class Role:
    """A role; `limited` gives it the limits of a service, `reads_all` the right to read every table.

    Without a password it cannot log in. `looks_in` is the schema in which it finds tables without naming one, and
    `member_of` the role whose rights it has. One that is let in through the door stays as the door has left it.
    """

    name: str
    password: str | None
    limited: bool = True
    reads_all: bool = False
    looks_in: str | None = None
    member_of: str | None = None
    through_door: bool = False

    @property
    def settings(self) -> Mapping[str, str]:
        """What its sessions begin with."""
        limits = SERVICE_LIMITS if self.limited else {}
        return limits if self.looks_in is None else limits | {"search_path": self.looks_in}


@dataclass(frozen=True)
class Database:
    """A database, the role that owns it, and the only other roles that may connect.

    `locks` names the functions for advisory locks that a role may call there.
    """

    name: str
    owner: str
    users: tuple[str, ...]
    locks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Instance:
    """Everything one PostgreSQL instance must contain."""

    roles: tuple[Role, ...]
    databases: tuple[Database, ...]


def service_instance(root: Path) -> Instance:
    """Return what the instance `db` holds: one database per service, with passwords from the secrets in `root`."""
    names = DATABASES
    owners = [
        Role(f"{n}_owner", secrets.read(root, "migrate", f"{n}_owner_password"), limited=False) for n in names
    ]
    users = [Role(n, secrets.read(root, n, "db_password")) for n in (*names, "relay")]
    roles = (*owners, *users, *_readers(), _desk(root, "db_password"), _backup(root, "db_password"))
    return Instance(roles, service_databases())


def service_databases() -> tuple[Database, ...]:
    """Return the databases of the instance `db`, one a service."""
    return tuple(
        Database(
            name,
            f"{name}_owner",
            (name, "relay", "desk", "backup", READERS[name]),
            {name: (_ALONE, *_MORE_LOCKS.get(name, ())), "relay": _RELAY_LOCKS, f"{name}_owner": _MIGRATION_LOCKS},
        )
        for name in DATABASES
    )


def keyring_instance(root: Path) -> Instance:
    """Return what the instance `keyring` holds: one database, reached by the services that handle personal data."""
    owner = Role("keyring_owner", secrets.read(root, "migrate", "keyring_owner_password"), limited=False)
    users = [Role(n, secrets.read(root, n, "keyring_password")) for n in KEYRING_ROLES]
    # Wraps data keys anew, and has no other right; its password is in the folder of the program that does it.
    keeper = Role("keyring_keeper", secrets.read(root, "keyring_keeper", "keyring_password"))
    roles = (owner, *users, keeper, _desk(root, "keyring_password"), _backup(root, "keyring_password"))
    return Instance(roles, keyring_databases())


def keyring_databases() -> tuple[Database, ...]:
    """Return the one database of the instance `keyring`."""
    users = (*KEYRING_ROLES, "desk", "backup", "keyring_keeper")
    return (Database("keyring", "keyring_owner", users, _KEYRING_LOCKS),)


def _desk(root: Path, secret: str) -> Role:
    """The role that searches after an erasure: it reads, and sees ciphertext where there is a person."""
    return Role("desk", secrets.read(root, "desk", secret))


def _readers() -> tuple[Role, ...]:
    """The roles of whoever administers the databases: they read through views that count, and know no keyring.

    `adminer` has the rights. One role for each database has the same there, and lets a person in whom two persons
    have given access (`deploy.provision.reader_door`).
    """
    return (Role(ADMINISTRATOR, None, looks_in="reading"), *map(reader, READERS.values()))


def reader(name: str) -> Role:
    """The role of this name by which a person looks into one database."""
    return Role(name, None, looks_in="reading", member_of=ADMINISTRATOR, through_door=True)


def _backup(root: Path, secret: str) -> Role:
    """The role that copies everything away: what it reads of a person is ciphertext, and it holds no key."""
    return Role("backup", secrets.read(root, "backup", secret), limited=False, reads_all=True)


def superuser_dsn(root: Path, folder: str, host: str, port: int) -> str:
    """Return the superuser's address of the instance whose secrets folder is `folder` (postgres or keyring)."""
    return psycopg.conninfo.make_conninfo(
        host=host,
        port=port,
        dbname="postgres",
        user="postgres",
        password=secrets.read(root, folder, "superuser_password"),
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
    )


def provision(superuser: str, instance: Instance) -> list[str]:
    """Bring an instance to its described state; return the names of the databases created now."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        for role in instance.roles:
            ensure_role(connection, role)
        created = [database.name for database in instance.databases if create_if_missing(connection, database)]
        for database in instance.databases:
            close_to_others(connection, database)
            drop_beside(connection, database)
        for shipped in ("postgres", "template1"):
            connection.execute(_statement("REVOKE ALL ON DATABASE {} FROM PUBLIC", shipped))
    for database in instance.databases:
        set_functions(superuser, database, of=database.name)
    return created


def _statement(template: str, *names: str) -> sql.Composed:
    return sql.SQL(template).format(*(sql.Identifier(name) for name in names))


def ensure_role(connection: psycopg.Connection, role: Role) -> None:
    """Make a role, or bring it to how it is described."""
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role.name]).fetchone()
    connection.execute(
        sql.SQL(
            "{} ROLE {} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT {} {}"
        ).format(
            sql.SQL("ALTER" if known else "CREATE"),
            sql.Identifier(role.name),
            sql.Literal(_most_connections(connection)),
            sql.SQL("") if known and role.through_door else _log_in(connection, role),
        )
    )
    _take_away_servers_roles(connection, role.name)
    _take_away_own_settings(connection, role.name)
    if role.member_of is not None:
        connection.execute(_statement("GRANT {} TO {}", role.member_of, role.name))
    if role.reads_all:
        connection.execute(_statement("GRANT pg_read_all_data TO {}", role.name))
    for setting, value in role.settings.items():
        connection.execute(
            sql.SQL("ALTER ROLE {} SET {} = {}").format(
                sql.Identifier(role.name), sql.Identifier(setting), sql.Literal(value)
            )
        )


def _log_in(connection: psycopg.Connection, role: Role) -> sql.Composable:
    """Whether and how a role logs in."""
    if role.password is None:
        return sql.SQL("NOLOGIN PASSWORD NULL")
    # The server gets the SCRAM verifier, never the password: neither its log nor its statistics can show it.
    verifier = connection.pgconn.encrypt_password(role.password.encode(), role.name.encode(), b"scram-sha-256")
    return sql.SQL("LOGIN PASSWORD {}").format(sql.Literal(verifier.decode()))


def _take_away_servers_roles(connection: psycopg.Connection, name: str) -> None:
    """Leave a role no membership but the one it is made with: what it may do are grants on tables.

    None of those reach the server's own.
    """
    memberships = connection.execute(
        "SELECT granted.rolname FROM pg_auth_members m JOIN pg_roles granted ON granted.oid = m.roleid "
        "JOIN pg_roles member ON member.oid = m.member WHERE member.rolname = %s",
        [name],
    ).fetchall()
    for (granted,) in memberships:
        connection.execute(_statement("REVOKE {} FROM {}", granted, name))


def _most_connections(connection: psycopg.Connection) -> int:
    (given,) = connection.execute("SELECT current_setting('max_connections')::int").fetchone() or (0,)
    return int(given * SHARE_OF_CONNECTIONS)


def _take_away_own_settings(connection: psycopg.Connection, name: str) -> None:
    """Forget what a role has set for its own sessions to come, for PostgreSQL refuses that to nobody."""
    connection.execute(_statement("ALTER ROLE {} RESET ALL", name))
    inside = connection.execute(
        "SELECT datname FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase "
        "JOIN pg_roles r ON r.oid = s.setrole WHERE rolname = %s",
        [name],
    ).fetchall()
    for (database,) in inside:
        connection.execute(_statement("ALTER ROLE {} IN DATABASE {} RESET ALL", name, database))


def create_if_missing(connection: psycopg.Connection, database: Database) -> bool:
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database.name]).fetchone():
        return False
    connection.execute(
        _statement(
            "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'",
            database.name,
            database.owner,
        )
    )
    return True


def beside(database: Database, state: str) -> Database:
    """Return a database as it is called during a restore: RESTORED or REPLACED."""
    return replace(database, name=f"{database.name}_{state}")


def drop_beside(connection: psycopg.Connection, database: Database) -> None:
    """Drop what a restore has left beside a database: what was replaced must not outlive it."""
    for state in (RESTORED, REPLACED):
        connection.execute(_statement("DROP DATABASE IF EXISTS {} WITH (FORCE)", beside(database, state).name))


def close_to_others(connection: psycopg.Connection, database: Database) -> None:
    """Let the named users connect to a database, and nobody else, such as who could before an upgrade."""
    connection.execute(_statement("REVOKE ALL ON DATABASE {} FROM PUBLIC", database.name))
    others = connection.execute(
        "SELECT DISTINCT r.rolname FROM pg_database d, aclexplode(d.datacl) a JOIN pg_roles r ON r.oid = a.grantee "
        "WHERE d.datname = %s AND a.grantee <> d.datdba AND r.rolname <> ALL (%s)",
        [database.name, list(database.users)],
    ).fetchall()
    for (other,) in others:
        connection.execute(_statement("REVOKE ALL ON DATABASE {} FROM {}", database.name, other))
    for user in database.users:
        connection.execute(_statement("GRANT CONNECT ON DATABASE {} TO {}", database.name, user))


def set_functions(superuser: str, database: Database, *, of: str) -> None:
    """Let each role call the functions of a database that it needs, and no others; `of` is whose database it is.

    What a dump brought along of them is as old as the dump.
    """
    withhold_functions(superuser, database)
    if of == STAFF:
        address = psycopg.conninfo.make_conninfo(superuser, dbname=database.name)
        reader_door.build(address, READERS, reader(ADMINISTRATOR).settings)


def withhold_functions(superuser: str, database: Database) -> None:
    """Let each role call the functions for locks that it needs in a database, and nobody else those or their like.

    `superuser` is an address of the superuser on the instance. A dump carries these rights, an older one does not.
    """
    with psycopg.connect(superuser, dbname=database.name) as connection:
        rows = connection.execute(_HOLDERS, [_WITHHELD]).fetchall()
        wanted = {
            (signature, role)
            for signature, name, _ in rows
            for role, names in database.locks.items()
            if name in names
        }
        held = {(signature, holder) for signature, _, holder in rows if holder is not None}
        for signature, holder in sorted(held - wanted):
            who = sql.SQL("PUBLIC") if holder == "PUBLIC" else sql.Identifier(holder)
            connection.execute(sql.SQL("REVOKE ALL ON FUNCTION {} FROM {}").format(sql.SQL(signature), who))
        for signature, role in sorted(wanted - held):
            connection.execute(
                sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(sql.SQL(signature), sql.Identifier(role))
            )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; the exit status is 0 when both instances are as described."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.provision.postgres", description=__doc__.split("\n", 1)[0]
    )
    parser.add_argument("root", type=Path, metavar="SECRETS_ROOT")
    parser.add_argument("--db", type=host_and_port, required=True, metavar="HOST:PORT")
    parser.add_argument("--keyring", type=host_and_port, required=True, metavar="HOST:PORT")
    options = parser.parse_args(arguments)
    root: Path = options.root
    created = provision(superuser_dsn(root, "postgres", *options.db), service_instance(root))
    created += provision(superuser_dsn(root, "keyring", *options.keyring), keyring_instance(root))
    print(f"postgres: databases created: {', '.join(created) or 'none, all there'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
