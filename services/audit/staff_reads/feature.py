"""Tells a customer how often the vendor's staff looked at its people, and what for."""

from __future__ import annotations

from typing import Final

from services.audit.staff_reads import calls, rules
from shared.bus import Feature, answers
from shared.calendar import OSLO, start_of_day_oslo
from shared.clock import Clock
from shared.database import Database, load_queries

Q: Final = load_queries(__file__)


class PersonalDataReads(Feature):
    """Counts what stands in the trail; it keeps nothing itself."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """The service's own database."""
        self._database = database
        self._clock = clock

    @answers(calls.PersonalDataReads)
    def personal_data_reads(self, call: calls.PersonalDataReads) -> calls.PersonalDataReadsShown:
        """Days, purposes and numbers, the newest day first: at most one row a day and purpose."""
        since = rules.told_since(self._clock.now())
        with self._database.transaction() as tx:
            rows = tx.all(
                Q.reads_by_day,
                account_id=call.account_id,
                user_id=call.user_id,
                since=start_of_day_oslo(since),
                zone=OSLO.key,
            )
        return rules.shown(since, rows)
