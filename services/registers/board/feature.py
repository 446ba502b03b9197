"""Shows what records there are, how each stands, and what counted on a day by what was known then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.registers.board import calls
from services.registers.engine import rules, showing, store
from shared.bus import Feature, answers
from shared.calendar import oslo_date
from shared.clock import Clock
from shared.database import Database
from shared.keyset import Place, cut

PAGE: Final = 100
"""Records that are looked at for one answer: each has up to 2.1 kB, with fifty people, and an answer 256 KiB."""


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
            found = store.listed(tx, kind=call.kind, account_id=call.account_id, recorded_at=at, page=call)
        page, following = cut(found, call.limit, lambda each: Place(each.revisions[0].recorded_at, each.id))
        standing = ((each, rules.as_recorded(each, at)) for each in page)
        records = tuple(
            calls.RecordShown(**showing.of_record(record, revision, on=on, now=now))
            for record, revision in standing
            if revision is not None and (call.every or rules.is_valid(revision, on))
        )
        return calls.RecordsShown(records=records, next_after=following)

    @answers(calls.CountingRecords)
    def counting_records(self, call: calls.CountingRecords) -> calls.CountingRecordsShown:
        """Which records count on a day, a page of them."""
        with self.database.transaction() as tx:
            found = store.of_accounts(tx, call.kind, call.account_ids, after=call.after, limit=PAGE + 1)
        records = tuple(
            calls.CountingRecord(
                record_id=each.id,
                account_id=each.account_id,
                valid_from=each.last.valid_from,
                valid_to=each.last.valid_to,
                fields=showing.facts(each.last)["fields"],
            )
            for each in found[:PAGE]
            if rules.is_valid(each.last, call.on)
        )
        return calls.CountingRecordsShown(records=records, next_after=found[PAGE - 1].id if found[PAGE:] else None)

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
