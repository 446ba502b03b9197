"""What one customer was told of breaches, from what stands in the tables. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from services.cases.clocks.rules import deadline, limit_of
from services.cases.incidents_told.calls import IncidentsShown, IncidentTold, NoticeTold, SaidWords
from services.cases.kinds.breach import AUTHORITY
from services.cases.kinds.values import Moment
from shared import breach_words
from shared.terms.clauses.incidents import CONTROLLERS_ARE_TOLD
from shared.terms.rule_registry import enforces
from shared.words import Words

OWNER: Final = "owner"
NOTICES_MOST: Final = 36
"""So many notices one answer holds, also where each says all that one can say: the bus takes 256 KiB."""
TOLD_MOMENTS: Final = (Moment.OCCURRED_FROM, Moment.OCCURRED_TO, Moment.AWARE_AT)


@enforces(CONTROLLERS_ARE_TOLD)
def incidents_shown(
    rows: Sequence[Mapping[str, Any]], instants: Iterable[Mapping[str, Any]], persons: Mapping[UUID, int]
) -> IncidentsShown:
    """The notices of `rows` (the newest first), by their cases.

    `instants` are what was entered in these cases, in the order of it; `persons` counts by list the users of the
    company that are on it.
    """
    entered = list(instants)
    complete, kept = len(rows) <= NOTICES_MOST, rows[:NOTICES_MOST]
    order = {case_id: place for place, case_id in enumerate(dict.fromkeys(row["case_id"] for row in kept))}
    by_case = groupby(sorted(kept, key=lambda row: order[row["case_id"]]), key=lambda row: row["case_id"])
    shown = [
        _incident(list(of_it), [each for each in entered if each["case_id"] == case_id], persons)
        for case_id, of_it in by_case
    ]
    return IncidentsShown(incidents=tuple(shown), complete=complete)


def _incident(
    rows: Sequence[Mapping[str, Any]], entered: Sequence[Mapping[str, Any]], persons: Mapping[UUID, int]
) -> IncidentTold:
    told = [row["told_at"] for row in rows if row["audience"] == "customers" and row["told_at"] is not None]
    first = min(told, default=None)
    ordered = sorted(rows, key=lambda row: (row["audience"], row["number"]))
    return IncidentTold(
        id=rows[0]["case_id"],
        reference=rows[0]["reference"],
        told_at=first,
        authority_due=None if first is None else deadline(first, limit_of(AUTHORITY, first)).statutory_due,
        notices=tuple(_notice(row, as_of(entered, row["sent_at"]), persons.get(row["list_id"])) for row in ordered),
    )


def as_of(entered: Iterable[Mapping[str, Any]], at: datetime) -> dict[str, datetime]:
    """The instants of a case as they were known then: what was found later, the letter did not say."""
    return {each["name"]: each["at"] for each in entered if each["recorded_at"] <= at}


def _notice(row: Mapping[str, Any], moments: Mapping[str, datetime], persons: int | None) -> NoticeTold:
    late = row["late_reason"]
    facts: dict[str, Any] = {name: row[name] for name in ("number", "audience", "sent_at", "told_at", "records")}
    facts |= {
        name: tuple(said(table, code) for code in row[name]) for name, table in breach_words.OF_NOTICE.items()
    }
    facts |= {name.value: moments.get(name.value) for name in TOLD_MOMENTS}
    return NoticeTold(
        **facts,
        is_partial=bool(row["unknown"]),
        persons=(persons or 0) if row["audience"] == "customers" else None,
        late_reason=None if late is None else said(breach_words.LATE, late),
    )


def said(table: Words, code: str) -> SaidWords:
    """A code in both languages, in the words of the letter."""
    return SaidWords(**breach_words.in_both(table, code))
