"""Every column of every table of all databases says whether it holds personal data, and how that is erased."""

from __future__ import annotations

import re

import pytest

from shared.system import ALL_DATABASES

pytestmark = pytest.mark.e2e

LABEL = re.compile(r"no_pii|pii:[^;]+; erased: \S.*", re.DOTALL)
TELLING_NOBODY = {"pseudonym", "login", "staff", "credential", "place"}
"""Kinds of personal data that name nobody: random ids, instants, a colleague's role, an Argon2id digest, the
country or the town that an operator's table gives to a network."""

COLUMNS = """
SELECT c.relname, a.attname, col_description(c.oid, a.attnum), format_type(a.atttypid, a.atttypmod)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind IN ('r', 'p', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND n.nspname NOT LIKE 'pg\\_toast%%' AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY 1, a.attnum
"""


@pytest.mark.parametrize("database", ALL_DATABASES)
def test_every_column_is_labelled(system, database):
    columns = system.rows(database, COLUMNS)
    unlabelled = [
        f"{table}.{column}: {label}" for table, column, label, _ in columns if not LABEL.fullmatch(label or "")
    ]
    assert unlabelled == []
    assert len(columns) > 5


def test_names_addresses_and_telephones_stand_nowhere_as_text(system):
    readable, sealed = [], 0
    for database in ALL_DATABASES:
        for table, column, label, kind in system.rows(database, COLUMNS):
            if label.startswith("pii:") and label[4:].partition(";")[0] not in TELLING_NOBODY:
                sealed += kind == "bytea"
                readable += [f"{database}.{table}.{column} is {kind}: {label}"] * (kind != "bytea")
    assert readable == []
    assert sealed > 10
