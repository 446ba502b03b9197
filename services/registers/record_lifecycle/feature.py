"""Drafts, submits, puts in force, reviews and ends records of every kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID

from services.registers.board.calls import RecordShown
from services.registers.engine import publishing, rules, showing, store
from services.registers.engine.values import Evidence, Given, Record
from services.registers.record_lifecycle import calls
from shared.bus import Feature, answers
from shared.bus.statement_check import two_persons
from shared.calendar import oslo_date
from shared.clock import Clock
from shared.database import Transaction
from shared.identifiers import new_id


@dataclass(kw_only=True, eq=False)
class RecordLifecycle(Feature):
    """What staff do with records; the rules say what becomes of one."""

    clock: Clock

    @answers(calls.DraftRecord)
    def draft_record(self, call: calls.DraftRecord, tx: Transaction) -> RecordShown:
        """A new draft, or another wording of one."""
        now, by, given = self.clock.now(), str(call.actor), _given(call)
        if call.record_id is None or call.version is None:
            record = rules.drafted(new_id(), given, by=by, now=now)
            store.add(tx, record)
            return _shown(record, now)
        become = partial(rules.redrafted, given=given, number=call.version, by=by, now=now)
        return self._change(tx, call.record_id, become, by=by, now=now)

    @answers(calls.SubmitRecord)
    def submit_record(self, call: calls.SubmitRecord, tx: Transaction) -> RecordShown:
        """A draft is finished."""
        now, by = self.clock.now(), str(call.actor)
        become = partial(rules.submitted, number=call.version, by=by, now=now)
        return self._change(tx, call.record_id, become, by=by, now=now)

    @answers(calls.PutRecordInForce)
    def put_record_in_force(self, call: calls.PutRecordInForce, tx: Transaction) -> RecordShown:
        """What was submitted counts, as two persons have signed."""
        now, persons = self.clock.now(), two_persons()
        become = partial(rules.put_in_force, number=call.version, **persons._asdict(), now=now)
        return self._change(tx, call.record_id, become, by=persons.approved_by, now=now)

    @answers(calls.EndRecord)
    def end_record(self, call: calls.EndRecord, tx: Transaction) -> RecordShown:
        """It counts no more: from the day that is said, else from today or its first day, whichever is later."""
        now, by = self.clock.now(), str(call.actor)

        def end(record: Record) -> Record:
            on = _last_day(call, record, now)
            return rules.ended_by_one(record, number=call.version, on=on, reason=call.reason, by=by, now=now)

        return self._change(tx, call.record_id, end, by=by, now=now)

    @answers(calls.EndRecordInForce)
    def end_record_in_force(self, call: calls.EndRecordInForce, tx: Transaction) -> RecordShown:
        """It counts no more, as two persons have signed."""
        now, persons = self.clock.now(), two_persons()

        def end(record: Record) -> Record:
            on = _last_day(call, record, now)
            return rules.ended_by_two(
                record, number=call.version, on=on, reason=call.reason, **persons._asdict(), now=now
            )

        return self._change(tx, call.record_id, end, by=persons.approved_by, now=now)

    @answers(calls.ReviewRecord)
    def review_record(self, call: calls.ReviewRecord, tx: Transaction) -> RecordShown:
        """Somebody has looked at it, and it is right."""
        now, by = self.clock.now(), str(call.actor)
        become = partial(rules.reviewed, number=call.version, by=by, now=now)
        return self._change(tx, call.record_id, become, by=by, now=now)

    @staticmethod
    def _change(
        tx: Transaction, record_id: UUID, become: Callable[[Record], Record], *, by: str, now: datetime
    ) -> RecordShown:
        store.lock_all(tx)
        before = store.get(tx, record_id)
        after = become(before)
        publishing.keep(tx, before, after, by=by, now=now)
        return _shown(after, now)


def _last_day(call: calls.EndRecord | calls.EndRecordInForce, record: Record, now: datetime) -> date:
    return call.on or rules.within(record.last, oslo_date(now))


def _given(call: calls.DraftRecord) -> Given:
    evidence = None
    if call.evidence_sha256 is not None and call.evidence_on is not None:
        evidence = Evidence(sha256=call.evidence_sha256, on=call.evidence_on)
    names = ("kind", "account_id", "valid_from", "valid_to", "review_on", "fields")
    return Given(**{name: getattr(call, name) for name in names}, evidence=evidence)


def _shown(record: Record, now: datetime) -> RecordShown:
    return showing.shown(record, on=oslo_date(now), now=now)
