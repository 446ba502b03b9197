"""Every kind of data about somebody has an end: what nothing ever deletes is found."""

from __future__ import annotations

import re

import pytest

from deploy.generators import data_map
from shared.database.migrate import folders_of
from shared.system import ALL_DATABASES

pytestmark = pytest.mark.unit


@pytest.mark.clause("ERASE-5")
def test_no_table_about_customers_or_persons_is_without_an_end():
    assert data_map.endless() == []


@pytest.mark.clause("ERASE-5")
@pytest.mark.parametrize("database", ALL_DATABASES)
def test_every_personal_column_says_when_it_is_erased(database):
    labels = data_map._labels(folders_of(database))
    personal = [label for columns in labels.values() for label in columns.values() if label != "no_pii"]
    assert labels
    for label in personal:
        assert re.fullmatch(r"pii:[^;]+; erased: \S.+", label), label


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("-- x: y\nSELECT 1;\n", ["diary", "note"]),
        ("-- x: y\nDELETE FROM diary WHERE day < now();\n", ["note"]),
        ("-- x: y\nDELETE FROM diary;\n-- z: y\nDELETE FROM note;\n", []),
    ],
)
def test_a_table_that_nothing_deletes_from_is_found(tmp_path, query, found):
    migrations, rooms = tmp_path / "migrations", tmp_path / "room"
    migrations.mkdir()
    rooms.mkdir()
    (migrations / "0001_all.sql").write_text(
        "CREATE TABLE diary (\n    account_id uuid NOT NULL,\n    day date NOT NULL\n);\n"
        "CREATE TABLE page (\n    account_id uuid REFERENCES diary ON DELETE CASCADE\n);\n"
        "CREATE TABLE note (\n    words bytea\n);\n"
        "CREATE TABLE counter (\n    value bigint\n);\n"
        "COMMENT ON COLUMN diary.account_id IS 'no_pii';\n"
        "COMMENT ON COLUMN page.account_id IS 'no_pii';\n"
        "COMMENT ON COLUMN note.words IS 'pii:text; erased: never';\n"
        "COMMENT ON COLUMN counter.value IS 'no_pii';\n"
    )
    (migrations / "0002_less.sql").write_text(
        "CREATE TABLE leaf (\n    user_id uuid\n);\nCOMMENT ON COLUMN leaf.user_id IS 'no_pii';\n"
    )
    (migrations / "0003_less_again.sql").write_text("DROP TABLE leaf;\n")
    (rooms / "queries.sql").write_text(query)
    assert data_map.without_end([migrations], [rooms]) == found
