"""What retention would have written into the ledger of what staff published, and the gate that reads it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.staff.service import replayer
from shared.bus import discovery
from shared.clock import FixedClock
from shared.events import Received
from shared.privacy.ledger import Ledger
from shared.privacy.ledger_lines import Entry, Fact
from shared.privacy.ledger_writer import LedgerWriter
from shared.privacy.restore_gate import Gate, GateState
from tests.integration.staff.staff_stage import StaffStage
from tests.unit.privacy.ledger_samples import KEY

CLASSES = {each.type: each for each in discovery.events()}


@dataclass(kw_only=True)
class KeptFacts:
    """The ledger of one stage."""

    stage: StaffStage
    writer: LedgerWriter
    told: int = 0

    def open(self) -> None:
        """Let the gate bring the database up to date, as at each start and while the service runs."""
        clock = FixedClock(self.stage.clock.now())
        gate = Gate(Ledger(self.writer.path, keys=[KEY.public]), self.stage.database, replayer(), clock=clock)
        assert gate.open() is GateState.OPEN, gate.reason

    def write(self) -> list[str]:
        """Append what was published since; returns the kinds."""
        rows = self.stage.rows("SELECT body FROM outbox ORDER BY id")[self.told :]
        self.told += len(rows)
        facts = [fact for (body,) in rows if (fact := _fact(json.loads(bytes(body)))) is not None]
        self.writer.append(facts, self.stage.clock.now())
        return [fact.kind for fact in facts]

    def entries(self) -> list[Entry]:
        """All that stands in it."""
        return list(Ledger(self.writer.path, keys=[KEY.public]).read())


def _fact(body: dict[str, Any]) -> Fact | None:
    cls = CLASSES[body["type"]]
    if not cls.replayed_by:
        return None
    received = Received(
        id=UUID(body["id"]),
        event=cls.from_data(body["data"]),
        source="staff",
        time=datetime.fromisoformat(body["time"]),
        subject=body["subject"],
        actor=body["actor"],
        correlation_id=UUID(body["correlationid"]),
    )
    return Fact.of_event(received)
