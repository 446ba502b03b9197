"""How far back looks by staff are told, and what is told of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from services.audit.staff_reads.calls import PersonalDataReadsShown, ReadsOfDay
from shared.calendar import months_before, oslo_date
from shared.terms import enforces
from shared.terms.clauses import protection, rights

MONTHS: Final = 12


def told_since(now: datetime) -> date:
    """The first day in Oslo whose looks are told: that of the month a year ago."""
    return months_before(oslo_date(now), MONTHS)


@enforces(protection.AUTHORISED_STAFF_ONLY, rights.RIGHT_OF_ACCESS)
def shown(since: date, rows: Iterable[Mapping[str, Any]]) -> PersonalDataReadsShown:
    """Days, purposes, numbers and who was seen; who of the staff looked is not told (CJEU C-579/21, Pankki S)."""
    days = (ReadsOfDay(**{**row, "user_ids": tuple(row["user_ids"])}) for row in rows)
    return PersonalDataReadsShown(since=since, days=tuple(days))
