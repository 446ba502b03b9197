"""What retention would have written into the ledger of what a service published, and the gate that reads it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.bus import discovery
from shared.clock import Clock, FixedClock
from shared.database import Database
from shared.events import Received
from shared.privacy.ledger import Ledger
from shared.privacy.ledger_lines import Entry, Fact
from shared.privacy.ledger_writer import LedgerWriter
from shared.privacy.restore_gate import BATCH, Gate, GateState, Replayer
from tests.unit.privacy.ledger_samples import KEY

CLASSES = {each.type: each for each in discovery.events()}


@dataclass(kw_only=True)
class KeptFacts:
    """The ledger of one service in a test's own process."""

    database: Database
    replayer: Replayer
    clock: Clock
    writer: LedgerWriter
    written: set[str] = field(default_factory=set)

    def open(self, *, replayer: Replayer | None = None, batch: int = BATCH) -> None:
        """Let the gate bring the database up to date, as at each start and while the service runs."""
        ledger, clock = Ledger(self.writer.path, keys=[KEY.public]), FixedClock(self.clock.now())
        gate = Gate(ledger, self.database, replayer or self.replayer, clock=clock, batch=batch)
        assert gate.open() is GateState.OPEN, gate.reason

    def write(self) -> list[str]:
        """Append what was published since; returns the kinds."""
        with self.database.transaction() as tx:
            bodies = [json.loads(bytes(row["body"])) for row in tx.all("SELECT body FROM outbox ORDER BY id")]
        new = [body for body in bodies if body["id"] not in self.written]
        self.written |= {body["id"] for body in new}
        facts = [fact for body in new if (fact := _fact(body, self.database.source)) is not None]
        self.writer.append(facts, self.clock.now())
        return [fact.kind for fact in facts]

    def entries(self) -> list[Entry]:
        """All that stands in it."""
        return list(Ledger(self.writer.path, keys=[KEY.public]).read())


def _fact(body: dict[str, Any], source: str) -> Fact | None:
    cls = CLASSES[body["type"]]
    if not cls.replayed_by:
        return None
    received = Received(
        id=UUID(body["id"]),
        event=cls.from_data(body["data"]),
        source=source,
        time=datetime.fromisoformat(body["time"]),
        subject=body["subject"],
        sequence=body.get("sequence"),
        actor=body["actor"],
        correlation_id=UUID(body["correlationid"]),
    )
    return Fact.of_event(received)
