"""Opens cases and tells of it: what every room does that has something for a person to decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from services.cases.engine import rules, store
from services.cases.engine.events import CaseInstantEntered, CaseOpened, CaseStepTaken, IncidentOpened
from services.cases.engine.values import CaseFile, Change, Entered, Link
from services.cases.kinds.table import PRESENT
from services.cases.kinds.values import Moment, Step
from shared import actor as actors
from shared.context import acting_as
from shared.database import Transaction
from shared.events import Code, Digest

OnDuty = Callable[[Transaction, datetime], str | None]
"""Who answers for what is opened now, `staff:<code>`; None where nobody is on duty."""


def keep_new(
    tx: Transaction,
    opened: Change,
    now: datetime,
    *,
    digest: bytes | None = None,
    telling: bytes | None = None,
    from_case_id: UUID | None = None,
) -> None:
    """Keep a new case, and tell of it. See `CaseOpened` for `digest`, `telling` and `from_case_id`."""
    case = opened.after.case
    store.add(tx, opened)
    tx.outbox.add(
        CaseOpened(
            case_id=case.id,
            kind=Code(case.kind),
            kind_version=Code(f"v{case.kind_version}"),
            opened_by=Code(case.opened_by),
            signal=Code(case.signal),
            received_at=case.received_at,
            staff_code=staff_code(case.owner),
            join_key=Code(case.join_key) if case.join_key else None,
            digest=Digest(digest.hex()) if digest else None,
            from_case_id=from_case_id,
            telling=Digest(telling.hex()) if telling else None,
        ),
        now=now,
        sequence=case.version,
    )
    tell_instants(tx, opened, now)
    if case.kind == "incident":
        detected_at = opened.after.moments[Moment.DETECTED_AT]
        tx.outbox.add(IncidentOpened(case_id=case.id, signal=Code(case.signal), detected_at=detected_at), now=now)


def tell_instants(tx: Transaction, change: Change, now: datetime) -> None:
    """Tell of the instants that are new in a case."""
    case = change.after.case
    for each in change.entered:
        by_staff = staff_code(each.entered_by)
        tx.outbox.add(
            CaseInstantEntered(
                case_id=case.id,
                instant=Code(each.name),
                at=each.at,
                staff_code=by_staff,
                told_by=None if by_staff else Code(each.entered_by),
            ),
            now=now,
            sequence=case.version,
        )


def tell_step(tx: Transaction, change: Change, now: datetime, *, other: CaseFile | None = None) -> None:
    """Tell the world of a step, in the name of who took it."""
    case, decision = change.after.case, change.decision
    if decision is None:
        return
    taken = CaseStepTaken(
        case_id=case.id,
        decision_id=decision.id,
        step=Code(decision.step),
        reason=Code(decision.reason),
        state=Code(decision.to_state),
        timing=Code("late" if decision.is_late else "in_time"),
        late_reason=Code(decision.late_reason) if decision.late_reason else None,
        other_case_id=other.case.id if other else None,
        approved_by=staff_code(decision.approved_by),
        approval_id=decision.approval_id,
    )
    with acting_as(decision.decided_by):
        tx.outbox.add(taken, now=now, sequence=case.version)


def staff_code(actor: str | None) -> Code | None:
    """The code in `staff:<code>`; None for anybody else."""
    return Code(actors.staff_code(actor)) if actor and actors.is_staff(actor) else None


def open_following(
    tx: Transaction, file: CaseFile, kind: str, *, signal: str, on_duty: OnDuty, now: datetime
) -> Change:
    """Open a case that follows from another one: with its instants, its receipt and those it is about."""
    case, moments = file.case, file.moments
    opened = rules.opened(
        PRESENT[kind],
        opened_by=case.kind,
        signal=signal,
        received_at=case.received_at,
        entered=[
            Entered(name=each.name, at=each.at, entered_by=each.entered_by, recorded_at=now)
            for each in file.entered
            if moments[each.name] == each.at
        ],
        owner=case.owner or on_duty(tx, now),
        now=now,
    )
    keep_new(tx, opened, now, from_case_id=case.id)
    tie(tx, case.id, opened.after.case.id, now)
    return opened


def tie(tx: Transaction, case_id: UUID, following_id: UUID, now: datetime) -> None:
    """A case follows from another one and is about the same; what else followed from that decision is its twin."""
    store.copy_subjects(tx, case_id, following_id, now)
    store.link(tx, case_id, Link.PROMOTED_TO, following_id, now)
    for twin_id in store.twins(tx, case_id, following_id):
        store.link(tx, twin_id, Link.TWIN, following_id, now)


def join(
    tx: Transaction, file: CaseFile, other: CaseFile, kind: Link, now: datetime, *, confirmed: bool = True
) -> Change:
    """Another case takes this one in: the earliest receipt counts, and nothing begins anew. It is not kept yet.

    Raises `Conflict` where this one was noticed earlier, and nobody has `confirmed` that.
    """
    case = file.case
    change = rules.joined(
        other,
        received_at=case.received_at,
        detected_at=file.moments[Moment.DETECTED_AT],
        signals=case.signals,
        source=f"case:{case.reference.lower()}",
        now=now,
        confirmed=confirmed,
    )
    store.copy_subjects(tx, case.id, other.case.id, now)
    store.link(tx, case.id, kind, other.case.id, now)
    return change


def link_of(file: CaseFile, step: Step) -> Link:
    """How a case belongs to the one that takes it in by this step."""
    return Link.MERGED_INTO if step.joins == file.case.kind else Link.PROMOTED_TO
