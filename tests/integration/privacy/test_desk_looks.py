"""The desk looks at the ledger and at all databases with its own rights, which change nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from services.desk.queries.ledger import look, rows_of, what_is_wrong
from shared.config import LEDGER_FILE, Secrets
from shared.privacy.ledger_copy import copy_ledger
from shared.privacy.ledger_lines import Mark
from shared.system import DATABASES
from tests.unit.privacy.ledger_samples import KEY, START, erased, ledger_of

pytestmark = [pytest.mark.integration, pytest.mark.clause("FORGET-1")]


@dataclass
class Told:
    """Settings as the desk has them, for databases of the test's own."""

    databases: Any
    keyring_database: Any
    ledger_dir: Any
    secrets: Secrets
    away: str = ""

    @property
    def ledger_file(self):
        return self.ledger_dir / LEDGER_FILE

    def dsn(self, database, *, role, instance):
        access = self.databases if instance == "db" else self.keyring_database
        return access.dsn(role, database=database) + (" port=1" if database == self.away else "")

    def put(self, mark, *names):
        for name in names:
            access = self.keyring_database if name == "keyring" else self.databases
            with psycopg.connect(access.owner_dsn(name)) as owner:
                query = "UPDATE ledger_position SET position = %s, hash = %s, recorded_at = %s"
                owner.execute(query, (*mark, START) if mark else (None, None, None))


@pytest.fixture
def settings(databases, keyring_database, tmp_path):
    (tmp_path / "ledger_public_key").write_text(KEY.public.text())
    return Told(databases, keyring_database, tmp_path, Secrets(folder=tmp_path))


def test_each_database_is_found_where_it_is(settings):
    writer = ledger_of(settings.ledger_file, 5)
    copy_ledger(writer, settings.ledger_dir / "copies", START)
    head, third = writer.verify().head, [each.mark for each in writer.read()][2]
    settings.put(head, *DATABASES, "keyring")
    settings.put(third, "audit", "keyring")
    settings.put(None, "billing_sync")
    rows = {row["database"]: (row["position"], row["behind"], row["state"]) for row in rows_of(look(settings))}
    assert rows == dict.fromkeys(DATABASES, (5, 0, "at the head")) | {
        "billing_sync": (None, None, "never started"),
        "audit": (3, 2, "behind"),
        "keyring": (3, 2, "behind"),
    }
    assert {each.since for each in look(settings).databases if each.behind} == {list(writer.read())[3].at}


def test_a_position_that_the_ledger_does_not_know_is_told_with_the_database(settings):
    writer = ledger_of(settings.ledger_file, 3)
    copy_ledger(writer, settings.ledger_dir / "copies", START)
    settings.put(writer.verify().head, *DATABASES, "keyring")
    settings.put(Mark(7, "f" * 64), "account")
    settings.put(Mark(2, "f" * 64), "audit")
    wrong = what_is_wrong(look(settings), START)
    assert [each.partition(":")[0] for each in wrong] == ["account", "audit"]
    writer.append([erased(4)], START)
    writer.path.write_bytes(writer.path.read_bytes().replace(b"account_erased", b"account_fooled", 1))
    found = look(settings)
    assert found.error is not None
    assert found.copied is not None


def test_a_database_that_is_away_is_called_away_and_the_others_are_told(settings):
    ledger_of(settings.ledger_file, 1)
    settings.away = "notification"
    found = look(settings)
    assert found.away == ["notification"]
    assert {each["database"] for each in rows_of(found)} == {*DATABASES, "keyring"}
    assert len(found.databases) == len(DATABASES)
