"""Opens cases and tells of it: what every room does that has something for a person to decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from services.cases.engine import rules, store
from services.cases.engine.events import CaseOpened, IncidentOpened
from services.cases.engine.values import CaseFile, Change, Entered, Link
from services.cases.kinds.table import PRESENT
from services.cases.kinds.values import Moment
from shared.database import Transaction
from shared.events import Code

OnDuty = Callable[[Transaction, datetime], str | None]
"""Who answers for what is opened now, `staff:<code>`; None where nobody is on duty."""


def keep_new(tx: Transaction, opened: Change, now: datetime) -> None:
    """Keep a new case, and tell of it."""
    case = opened.after.case
    store.add(tx, opened)
    tx.outbox.add(
        CaseOpened(
            case_id=case.id,
            kind=Code(case.kind),
            kind_version=case.kind_version,
            opened_by=Code(case.opened_by),
            signal=Code(case.signal),
        ),
        now=now,
    )
    if case.kind == "incident":
        detected_at = opened.after.moments[Moment.DETECTED_AT]
        tx.outbox.add(IncidentOpened(case_id=case.id, signal=Code(case.signal), detected_at=detected_at), now=now)


def open_following(tx: Transaction, file: CaseFile, kind: str, *, on_duty: OnDuty, now: datetime) -> Change:
    """Open a case that follows from another one: with its instants, its receipt and those it is about."""
    case, moments = file.case, file.moments
    opened = rules.opened(
        PRESENT[kind],
        opened_by=case.kind,
        signal=case.signal,
        received_at=case.received_at,
        entered=[
            Entered(name=each.name, at=each.at, entered_by=each.entered_by, recorded_at=now)
            for each in file.entered
            if moments[each.name] == each.at
        ],
        owner=case.owner or on_duty(tx, now),
        now=now,
    )
    keep_new(tx, opened, now)
    following = opened.after.case
    store.copy_subjects(tx, case.id, following.id, now)
    store.link(tx, case.id, Link.PROMOTED_TO, following.id, now)
    return opened
