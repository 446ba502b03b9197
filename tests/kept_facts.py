"""What retention would have written into the ledger of what a service published, and the gate that reads it."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import psycopg

from shared.bus import discovery
from shared.clock import Clock, FixedClock
from shared.database import Database
from shared.events import Received
from shared.privacy.ledger import Ledger
from shared.privacy.ledger_lines import Entry, Fact
from shared.privacy.ledger_writer import LedgerWriter
from shared.privacy.restore_gate import BATCH, Gate, GateState, Replayer
from tests.unit.privacy.ledger_samples import KEY, writer_at

CLASSES = {each.type: each for each in discovery.events()}


@dataclass(kw_only=True)
class KeptFacts:
    """The ledger of one service in a test's own process."""

    database: Database
    replayer: Replayer
    clock: Clock
    writer: LedgerWriter
    written: set[str] = field(default_factory=set)
    mixed: bool = False
    """Whether facts come in any order, as by queues of their own; those of one kind keep theirs."""
    chance: random.Random = field(default_factory=lambda: random.Random(9))  # noqa: S311  # the same in every run

    @classmethod
    def begun(
        cls,
        owner: psycopg.Connection,
        *,
        database: Database,
        replayer: Replayer,
        clock: Clock,
        folder: Path,
        mixed: bool = False,
    ) -> Self:
        """A new ledger, and the gate before a database that was never at any other; `owner` owns its tables."""
        owner.execute("UPDATE ledger_position SET position = NULL, hash = NULL, recorded_at = NULL")
        writer = writer_at(folder / "ledger.jsonl")
        kept = cls(database=database, replayer=replayer, clock=clock, writer=writer, mixed=mixed)
        kept.open()
        return kept

    def open(self, *, replayer: Replayer | None = None, batch: int = BATCH) -> None:
        """Let the gate bring the database up to date, as at each start and while the service runs."""
        ledger, clock = Ledger(self.writer.path, keys=[KEY.public]), FixedClock(self.clock.now())
        gate = Gate(ledger, self.database, replayer or self.replayer, clock=clock, batch=batch)
        assert gate.open() is GateState.OPEN, gate.reason

    def write(self) -> list[str]:
        """Append what was published since; returns the kinds as they were published."""
        with self.database.transaction() as tx:
            bodies = [json.loads(bytes(row["body"])) for row in tx.all("SELECT body FROM outbox ORDER BY id")]
        new = [body for body in bodies if body["id"] not in self.written]
        self.written |= {body["id"] for body in new}
        facts = [fact for body in new if (fact := _fact(body, self.database.source)) is not None]
        self.writer.append(self._in_any_order(facts) if self.mixed else facts, self.clock.now())
        return [fact.kind for fact in facts]

    def _in_any_order(self, facts: list[Fact]) -> list[Fact]:
        queues: dict[str, list[Fact]] = {}
        for fact in facts:
            queues.setdefault(fact.kind, []).append(fact)
        order = [fact.kind for fact in facts]
        self.chance.shuffle(order)
        return [queues[kind].pop(0) for kind in order]

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
