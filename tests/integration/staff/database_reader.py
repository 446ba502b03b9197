"""The door to a database for one role of a test's own, and whoever stands before it."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from deploy.provision import postgres, reader_door


class Reader:
    """The database `account` and the role that reads it, of this module's own: roles are the whole server's."""

    def __init__(self, databases, name):
        self.databases, self.role, self.server = databases, name, databases.server

    def dsn(self, password, database="account"):
        return self.server.dsn(self.databases.name(database), self.role, password)

    def enters(self, password, database="account"):
        """Why it is not let in; None where it is."""
        try:
            with psycopg.connect(self.dsn(password, database)) as connection:
                connection.execute("SELECT count(*) FROM account_user").fetchall()
        except psycopg.OperationalError as refused:
            return str(refused)
        return None


@pytest.fixture(scope="module")
def reader(databases):
    """The door of this module, and one role behind it."""
    role = f"adminer_test_{uuid4().hex[:8]}"
    described = postgres.reader(role)
    reader_door.build(databases.superuser_dsn("staff"), {"account": role}, described.settings)
    with psycopg.connect(databases.superuser_dsn("account"), autocommit=True) as connection:
        postgres.ensure_role(connection, described)
        names = sql.Identifier(databases.name("account")), sql.Identifier(role)
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(*names))
        yield Reader(databases, role)
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM {}").format(*names))
        connection.execute(sql.SQL("DROP ROLE {}").format(names[1]))
