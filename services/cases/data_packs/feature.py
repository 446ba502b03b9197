"""Gives a customer what it needs to notify the authority by itself, and nothing about any other customer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.cases.data_packs import calls, rules
from services.cases.engine import store as cases
from services.cases.kinds.values import Moment
from services.cases.notices.values import Notice
from shared.bus import Feature, answers
from shared.clock import Clock
from shared.database import Database, Row, Transaction
from shared.errors import NotFound

SHOWN = (Moment.OCCURRED_FROM, Moment.OCCURRED_TO, Moment.DETECTED_AT, Moment.AWARE_AT)


@dataclass(kw_only=True, eq=False)
class DataPacks(Feature):
    """Reads, and changes nothing. Lists, notices and filings are asked of their rooms."""

    database: Database
    clock: Clock
    notices_of: Callable[[Transaction, UUID], list[Notice]]
    told_to: Callable[[Transaction, UUID, UUID], Mapping[UUID, Row]]
    persons_of: Callable[[Transaction, UUID, UUID], int]
    filed_for: Callable[[Transaction, UUID, UUID], list[Row]]
    authority_due: Callable[[datetime], datetime]

    @answers(calls.DataPack)
    def data_pack(self, call: calls.DataPack) -> calls.DataPackShown:
        """What one customer was told of a breach, with its own figures."""
        with self.database.transaction() as tx:
            told = self.told_to(tx, call.case_id, call.account_id)
            notices = [each for each in self.notices_of(tx, call.case_id) if each.id in told]
            if not notices or notices[-1].list_id is None:
                raise NotFound("this customer was told of no such breach")
            file = cases.get(tx, call.case_id)
            persons = self.persons_of(tx, notices[-1].list_id, call.account_id)
            filed = self.filed_for(tx, call.case_id, call.account_id)
        first = min((row["told_at"] for row in told.values() if row["told_at"] is not None), default=None)
        return calls.DataPackShown(
            case_id=call.case_id,
            reference=file.case.reference,
            prepared_at=self.clock.now(),
            **{each.value: file.moments.get(each) for each in SHOWN},
            told_at=first,
            authority_due=self.authority_due(first) if first is not None else None,
            persons=persons,
            notices=tuple(
                calls.NoticeInPack.of(each, **{name: told[each.id][name] for name in ("sent_at", "told_at")})
                for each in notices
            ),
            filed=tuple(calls.FiledFor(**row) for row in filed),
            unanswered=rules.unanswered(file, notices, persons=persons),
        )
