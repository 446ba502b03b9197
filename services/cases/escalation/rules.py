"""How long the file of a case is kept once it has ended. Pure."""

from __future__ import annotations

from datetime import datetime

from services.cases.kinds.values import CaseKind
from shared.calendar import months_before, oslo_date, start_of_day_oslo
from shared.terms.parameters import in_force


def forgotten_before(kind: CaseKind, now: datetime) -> datetime:
    """Files of this kind that ended before then are forgotten: whole months, never fewer days than promised."""
    today = oslo_date(now)
    return start_of_day_oslo(months_before(today, in_force(kind.kept, today).default))
