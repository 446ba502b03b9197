"""How many lines of the ledger a second are written, verified and replayed, and what a start costs at the head.

    pytest tests/benchmarks/ledger.py -s

A restore has to replay what was written since the backup, some dozens or hundreds of facts; a start follows the
chain over all that has not been purged, which is 37 days.
"""

from __future__ import annotations

import json
from time import monotonic, process_time
from typing import Self

import psycopg
import pytest

from shared.database import Database
from shared.privacy.ledger import Ledger
from shared.privacy.ledger_lines import Fact, Kind
from shared.privacy.restore_gate import GateState
from tests.integration.privacy.sample_service import NOW, SCHEMA, gate_at
from tests.unit.privacy.ledger_samples import KEY, account, erased, writer_at

pytestmark = pytest.mark.integration

ENTRIES = 20_000
ONE_BY_ONE = 200
REPLAYED = 5_000


def report(**figures) -> None:
    print(json.dumps(figures))


class Timed:
    """The seconds on the wall and those of the processor that a block took."""

    def __enter__(self) -> Self:
        self._wall, self._used = monotonic(), process_time()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.seconds, self.used = monotonic() - self._wall, process_time() - self._used

    def rate(self, count: int) -> dict[str, int | float]:
        return {
            "lines": count,
            "seconds": round(self.seconds, 3),
            "lines_per_second": round(count / self.seconds),
            "lines_per_processor_second": round(count / self.used),
        }


@pytest.fixture(scope="module")
def writer(tmp_path_factory):
    made = writer_at(tmp_path_factory.mktemp("ledger") / "ledger.jsonl")
    with Timed() as timed:
        for _ in range(ENTRIES // 1000):
            made.append([erased(number) for number in range(1000)], NOW)
    report(what="append, 1,000 at once", **timed.rate(ENTRIES), bytes=made.path.stat().st_size)
    return made


def test_rate_of_writing_one_by_one(tmp_path):
    made = writer_at(tmp_path / "ledger.jsonl")
    with Timed() as timed:
        for number in range(ONE_BY_ONE):
            made.append([erased(number)], NOW)
    report(what="append, one at a time, each on the disk", **timed.rate(ONE_BY_ONE))


def test_rate_of_verifying(writer):
    with Timed() as timed:
        head = writer.verify().head
    report(what="verify chain and every signature", **timed.rate(ENTRIES))
    with Timed() as timed:
        writer.verify(head, every_signature=False)
    report(what="verify chain and last signature", **timed.rate(ENTRIES))
    follower = Ledger(writer.path, keys=[KEY.public])
    with Timed() as timed:
        assert list(follower.read(head)) == []
    report(what="start at the head", **timed.rate(ENTRIES))
    with Timed() as timed:
        assert list(follower.read(head)) == []
    report(what="follow from where it stopped", milliseconds=round(timed.seconds * 1000, 2))


@pytest.fixture
def restored(databases):
    """A database with five thousand people that lacks all the ledger says of them."""
    with psycopg.connect(databases.owner_dsn("account")) as connection:
        connection.execute(SCHEMA)
        people = [(account(number), account(number), NOW) for number in range(REPLAYED)]
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO member (user_id, account_id, changed_at) VALUES (%s, %s, %s)", people)
        connection.execute("CREATE INDEX ON member (account_id)")
        connection.execute("ANALYZE member")
    database = Database(databases.dsn("account"), source="account", size=2)
    database.open()
    yield database
    database.close()


def test_rate_of_replaying(restored, tmp_path):
    made = writer_at(tmp_path / "ledger.jsonl")
    kinds = (Kind.ACCOUNT_DEACTIVATED, Kind.ACCOUNT_ERASED, Kind.OBJECTION, Kind.RESTRICTION_SET)
    made.append(
        [Fact(kind=kinds[number % 4], account_id=account(number)) for number in range(REPLAYED)],
        NOW,
    )
    with Timed() as timed:
        assert gate_at(restored, made.path, batch=100).open() is GateState.OPEN
    report(what="replay and verify twice, 100 at once", **timed.rate(REPLAYED))
