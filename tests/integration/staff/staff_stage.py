"""The service of the vendor's people on a database of its own, with a clock that a test moves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import psycopg

from services.staff.people.calls import link_digest
from services.staff.people.values import Person
from services.staff.service import Staff
from shared.calls import Call
from shared.clock import FixedClock
from shared.database import Database
from shared.records import Record
from tests.in_process import ask
from tests.integration.staff.colleague import PARTY

R = TypeVar("R", bound=Record)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TABLES = "person, brake, device_log_in, outbox"


def service_of(database: Database, clock: FixedClock, *, software_keys: bool = True) -> Staff:
    return Staff(database=database, clock=clock, party=PARTY, software_keys=software_keys)


@dataclass(kw_only=True)
class StaffStage:
    """A service with nobody in it."""

    database: Database
    owner: psycopg.Connection[Any]
    clock: FixedClock
    service: Staff

    @classmethod
    def empty(cls, database: Database, owner: psycopg.Connection[Any]) -> StaffStage:
        owner.execute(f"TRUNCATE {TABLES} CASCADE")
        clock = FixedClock(NOW)
        return cls(database=database, owner=owner, clock=clock, service=service_of(database, clock))

    def enrolled(self, code: str) -> Person:
        """Somebody who was invited and has come."""
        with self.database.transaction() as tx:
            person = self.service.people.invite(tx, code, link_digest(code), self.clock.now())
            self.service.people.activate(tx, person.id, self.clock.now())
        return person

    def ask(self, call: Call[R]) -> R:
        return ask(self.service, call)

    def rows(self, query: str) -> list[Any]:
        return self.owner.execute(query).fetchall()

    def events(self) -> list[tuple[str, str, dict[str, Any], str]]:
        """What was published, in order: type, subject, data, and who acted."""
        told = [json.loads(bytes(body)) for (body,) in self.rows("SELECT body FROM outbox ORDER BY id")]
        return [(each["type"], each["subject"], each["data"], each["actor"]) for each in told]
