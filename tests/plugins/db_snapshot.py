"""A backup of one database inside it: what every table held at one moment, to be brought back."""

from __future__ import annotations

from typing import Final, LiteralString

import psycopg
from psycopg import sql

TABLES: Final[LiteralString] = """
SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind = 'r' ORDER BY c.relname
"""


class SetBack:
    """Take a backup when it is made; `restore` sets the database back to then, as a restore would."""

    def __init__(self, owner_dsn: str, *, name: str = "kept") -> None:
        """`owner_dsn` is that of the role that owns the tables; backups of other names stand beside this one."""
        self._dsn = owner_dsn
        self._schema = sql.Identifier(name)
        with psycopg.connect(owner_dsn) as owner:
            owner.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(self._schema))
            owner.execute(sql.SQL("CREATE SCHEMA {}").format(self._schema))
            self._tables = [row[0] for row in owner.execute(TABLES)]
            for table in map(sql.Identifier, self._tables):
                copy = sql.SQL("CREATE TABLE {}.{} AS TABLE public.{}").format(self._schema, table, table)
                owner.execute(copy)

    def restore(self) -> None:
        """Bring back what every table held."""
        with psycopg.connect(self._dsn) as owner:
            # What one table refers to in another is there again at the end, and in between nobody looks.
            # A table that only grows cannot be set back; where there is nothing in it, it need not be.
            names = [sql.Identifier(table) for table in self._tables if self._differs(owner, sql.Identifier(table))]
            owner.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(names)))
            waiting = names
            for _ in names:
                waiting = [table for table in waiting if not self._put_back(owner, table)]
            assert not waiting, "these tables refer to each other in a circle, or to what was not kept"

    def _put_back(self, owner: psycopg.Connection, table: sql.Identifier) -> bool:
        """Fill a table; False where it refers to another one that is not filled yet."""
        put_back = sql.SQL("INSERT INTO public.{} OVERRIDING SYSTEM VALUE SELECT * FROM {}.{}")
        try:
            with owner.transaction():
                owner.execute(put_back.format(table, self._schema, table))
        except psycopg.errors.ForeignKeyViolation:
            return False
        return True

    def _differs(self, owner: psycopg.Connection, table: sql.Identifier) -> bool:
        either = "SELECT EXISTS (SELECT FROM public.{}) OR EXISTS (SELECT FROM {}.{})"
        row = owner.execute(sql.SQL(either).format(table, self._schema, table)).fetchone()
        return bool(row and row[0])
