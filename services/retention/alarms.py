"""What of an erasure waits for a person: it is late, it stands still, or somebody who must confirm does not."""

from __future__ import annotations

from datetime import datetime

from services.retention import rules, store
from services.retention.values import limits_on
from shared import calendar
from shared.bus import Service
from shared.bus.alarms import Waiting, alarm
from shared.database import Transaction


class ErasureAlarms(Service):
    """The alarms about erasures; those about holds, restrictions and requests are where these are."""

    @alarm("erasures_late", says="erasures past the days they may take", act="vilkar retention list ordered")
    def late_erasures(self, tx: Transaction, now: datetime) -> Waiting | None:
        """What was promised for a date has not been done."""
        today = calendar.oslo_date(now)
        erasures = [kept.erasure for kept in store.unfinished(tx, today)]
        late = [(each, limits_on(each.promised_on)) for each in erasures]
        days = [rules.late_from(each, limits) for each, limits in late if rules.is_late(each, now, limits)]
        return Waiting(len(days), calendar.start_of_day_oslo(min(days))) if days else None

    @alarm("erasures_halted", says="erasures that were halted", act="vilkar retention list halted")
    def halted_erasures(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """A person looks at why, and releases them."""
        return Waiting.of(store.halted(tx))

    @alarm(
        "participants_overdue",
        says="erasures that a participant has not confirmed in its time",
        act="vilkar retention list ordered",
    )
    def overdue_participants(self, tx: Transaction, now: datetime) -> Waiting | None:
        """They are asked again by themselves; somebody has to look at who does not answer."""
        found = [kept.erasure for kept in store.unfinished(tx, calendar.oslo_date(now))]
        asked = [each.entered_at for each in found if rules.is_overdue(each, now, limits_on(each.promised_on))]
        return Waiting(len(asked), min(asked)) if asked else None
