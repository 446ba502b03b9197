"""The service of the vendor's people on a database of its own, with a clock that a test moves."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import psycopg

from services.staff.service import Staff
from shared.calls import Call
from shared.clock import FixedClock
from shared.database import Database
from shared.privacy.blind_index import BlindIndex
from shared.records import Record
from tests.in_process import ask
from tests.integration.staff.colleague import PARTY, Colleague
from tests.staff_statements import SIGNER
from tests.unit.privacy.ledger_samples import KEY as LEDGER_KEY

R = TypeVar("R", bound=Record)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TABLES = "person, brake, device_log_in, approval, spent_code, reading, machine_door_use, outbox"
SPENT_CODES = BlindIndex(bytes(range(32)))


def service_of(database: Database, clock: FixedClock, *, software_keys: bool = True) -> Staff:
    return Staff(
        database=database,
        clock=clock,
        party=PARTY,
        software_keys=software_keys,
        signer=SIGNER,
        ledger_keys=[LEDGER_KEY.public],
        spent_codes=SPENT_CODES,
    )


@dataclass(kw_only=True)
class StaffStage:
    """A service with nobody in it."""

    database: Database
    owner: psycopg.Connection[Any]
    clock: FixedClock
    service: Staff
    colleagues: dict[str, Colleague] = field(default_factory=dict)

    @classmethod
    def empty(cls, database: Database, owner: psycopg.Connection[Any]) -> StaffStage:
        clock = FixedClock(NOW)
        return cls(database=database, owner=owner, clock=clock, service=service_of(database, clock))

    def enrolled(self, code: str) -> Colleague:
        """Somebody who was invited and has come."""
        self.colleagues[code] = Colleague.arrived(self, code)
        return self.colleagues[code]

    def session_of(self, code: str) -> str:
        """The token of a session that they begin now."""
        return self.colleagues[code].log_in().token

    def ask(self, call: Call[R]) -> R:
        return ask(self.service, call)

    def rows(self, query: str) -> list[Any]:
        return self.owner.execute(query).fetchall()

    def events(self) -> list[tuple[str, str, dict[str, Any], str]]:
        """What was published, in order: type, subject, data, and who acted."""
        told = [json.loads(bytes(body)) for (body,) in self.rows("SELECT body FROM outbox ORDER BY id")]
        return [(each["type"], each["subject"], each["data"], each["actor"]) for each in told]


def told(stage: StaffStage, event_type: str) -> list[tuple[str, str, dict[str, Any], str]]:
    """The events of one type that were published, in order."""
    return [each for each in stage.events() if each[0] == event_type]
