"""docs/data-map.md: every column of every table as its migration labels it."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

from shared.database.migrate import ROOT, folders_of
from shared.system import ALL_DATABASES

COLUMN: Final = re.compile(r"COMMENT ON COLUMN (\w+)\.(\w+) IS\s+'((?:[^']|'')*)'", re.IGNORECASE)
RENAME: Final = re.compile(r"ALTER TABLE (\w+) RENAME (?:COLUMN (\w+) )?TO (\w+)", re.IGNORECASE)
TABLE: Final = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+) \((.*?)\n\);", re.IGNORECASE | re.DOTALL)
DROPPED: Final = re.compile(r"^DROP TABLE (\w+);", re.IGNORECASE | re.MULTILINE)
DELETED: Final = re.compile(r"\bDELETE FROM (\w+)", re.IGNORECASE)
IDS: Final = frozenset({"account_id", "user_id", "user_ids", "subject_id"})
"""Columns that say whom a row is about without being personal themselves."""

HEAD: Final = """# Data map

Generated from the labels in the migrations; PostgreSQL shows the same with `\\d+`.
A column is `no_pii`, or says what kind of personal data it holds and how that is erased.
The tables of messages (`outbox`, `inbox`, `parked`, `command_reply`) are the same in every service's database.
Tables about customers or persons from which nothing is ever deleted: {endless}.
"""


def page() -> dict[str, str]:
    """The page by its path."""
    parts = [HEAD.format(endless=", ".join(endless()) or "none")]
    for database in ALL_DATABASES:
        labels = _labels(folders_of(database))
        personal = sum(label != "no_pii" for columns in labels.values() for label in columns.values())
        columns = sum(len(columns) for columns in labels.values())
        parts.append(f"\n## {database}\n\n{columns} columns, {personal} of them personal.\n")
        for table, labelled in labels.items():
            personal_columns = {column: label for column, label in labelled.items() if label != "no_pii"}
            others = ", ".join(column for column in labelled if column not in personal_columns)
            parts.append(f"\n### {table}\n\n")
            parts += [f"- `{column}`: {label}\n" for column, label in personal_columns.items()]
            if others:
                parts.append(f"- not personal: {others}\n")
    return {"docs/data-map.md": "".join(parts)}


def without_end(folders: list[Path], sources: list[Path]) -> list[str]:
    """The tables about customers or persons whose rows nothing ever deletes, as `folders` of migrations make them.

    A row has an end where a statement in `sources` deletes it, or where it goes with the row that it belongs to.
    """
    made = "\n".join(
        path.read_text(encoding="utf-8") for folder in folders for path in sorted(folder.glob("*.sql"))
    )
    queries = "\n".join(
        path.read_text(encoding="utf-8")
        for each in sources
        for path in sorted(each.rglob("*.sql"))
        if path.parent.name != "migrations"
    )
    ending = set(DELETED.findall(queries))
    ending |= {name for name, columns in TABLE.findall(made) if "ON DELETE CASCADE" in columns}
    labels = _labels(folders)
    about_somebody = [
        table
        for table, columns in labels.items()
        if IDS & columns.keys() or any(label != "no_pii" for label in columns.values())
    ]
    return sorted(set(about_somebody) - ending)


def endless() -> list[str]:
    """The tables of all databases about customers or persons whose rows have no end, each with its database."""
    shared = [ROOT / "shared"]
    return [
        f"{database}.{table}"
        for database in ALL_DATABASES
        for table in without_end(
            folders_of(database), shared if database == "keyring" else [*shared, ROOT / "services" / database]
        )
    ]


def _labels(folders: list[Path]) -> dict[str, dict[str, str]]:
    labels: dict[str, Any] = defaultdict(dict)
    for folder in folders:
        for path in sorted(folder.glob("*.sql")):
            text = path.read_text(encoding="utf-8")
            for table, column, name in RENAME.findall(text):
                named = labels[table] if column else labels
                named[name] = named.pop(column or table)
            for table, column, label in COLUMN.findall(text):
                labels[table][column] = label.replace("''", "'")
            for table in DROPPED.findall(text):
                del labels[table]
    return dict(labels)
