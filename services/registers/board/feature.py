"""Shows what records there are, how each stands, and what counted on a day by what was known then."""

from __future__ import annotations

from dataclasses import dataclass

from services.registers.board import calls
from services.registers.engine import rules, showing, store
from shared.bus import Feature, answers
from shared.calendar import oslo_date
from shared.clock import Clock
from shared.database import Database


@dataclass(kw_only=True, eq=False)
class Board(Feature):
    """Reads, and changes nothing."""

    database: Database
    clock: Clock

    @answers(calls.ListRecords)
    def list_records(self, call: calls.ListRecords) -> calls.RecordsShown:
        """Records, the newest first."""
        now = self.clock.now()
        at, on = call.recorded_at or now, call.valid_on or oslo_date(now)
        with self.database.transaction() as tx:
            found = store.listed(
                tx, kind=call.kind, account_id=call.account_id, recorded_at=at, limit=call.limit + 1
            )
        standing = ((each, rules.as_recorded(each, at)) for each in found[: call.limit])
        records = tuple(
            calls.RecordShown(**showing.of_record(record, revision, on=on, now=now))
            for record, revision in standing
            if revision is not None and (call.every or rules.is_valid(revision, on))
        )
        return calls.RecordsShown(records=records, complete=len(found) <= call.limit)

    @answers(calls.ShowRecord)
    def show_record(self, call: calls.ShowRecord) -> calls.RecordWhole:
        """One record."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            record = store.get(tx, call.record_id)
        return calls.RecordWhole(
            **showing.of_record(record, record.last, on=oslo_date(now), now=now),
            revisions=tuple(calls.RevisionShown(**showing.facts(each)) for each in record.revisions),
        )
