"""What becomes of a record, and what of it counts when. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from services.registers.engine.values import END_REASONS, OPEN, Given, Record, Revision, State
from services.registers.kinds.table import BY_VERSION, PRESENT
from services.registers.kinds.values import OF_PEOPLE, PATTERNS, Field, Form, RecordKind
from shared.calendar import add_months, months_before, oslo_date
from shared.errors import Conflict, Forbidden, Invalid
from shared.terms.clauses.incidents import SECURITY_NOTICE_AGREEMENT
from shared.terms.rule_registry import enforces

PEOPLE_MOST: Final = 50
"""So many people one field names."""
YEARS_AHEAD: Final = 10
DIGEST: Final = re.compile(PATTERNS[Form.DIGEST])


def kind_of(record: Record) -> RecordKind:
    """What the record is held to: the version of its kind in which it was drafted."""
    return BY_VERSION[record.kind, record.kind_version]


# ── what is written down ──────────────────────────────────────────────────────────────────────────────────────


def drafted(record_id: UUID, given: Given, *, by: str, now: datetime) -> Record:
    """A new draft. Raises `Invalid` for what its kind does not take."""
    kind = PRESENT[given.kind]
    revision = _revision(kind, given, number=1, by=by, now=now)
    return Record(
        id=record_id,
        kind=kind.code,
        kind_version=kind.version,
        account_id=given.account_id,
        key=key_of(kind, given),
        revisions=(revision,),
    )


def redrafted(record: Record, given: Given, *, number: int, by: str, now: datetime) -> Record:
    """Another wording of a draft. Raises `Conflict` where it is none any more, or another than was seen."""
    _check_seen(record, number, State.DRAFT)
    kind = kind_of(record)
    if (given.kind, given.account_id) != (record.kind, record.account_id):
        raise Invalid("a draft stays of its kind and company", details={"fields": ["kind", "account_id"]})
    changed = _with(record, _revision(kind, given, number=number + 1, by=by, now=now))
    return replace(changed, key=key_of(kind, given))


def submitted(record: Record, *, number: int, by: str, now: datetime) -> Record:
    """The draft as it stands: in force where one person is enough, else it waits for another's approval."""
    _check_seen(record, number, State.DRAFT)
    state = State.SUBMITTED if kind_of(record).two_persons else State.IN_FORCE
    _check_not_over(record.last, now)
    return _with(record, replace(record.last, number=number + 1, state=state, recorded_by=by, recorded_at=now))


@enforces(SECURITY_NOTICE_AGREEMENT)
def put_in_force(
    record: Record, *, number: int, requested_by: str, approved_by: str, approval_id: UUID, now: datetime
) -> Record:
    """What was submitted counts. Raises `Forbidden` where whoever approves has written any of it, or is meant."""
    _check_seen(record, number, State.SUBMITTED)
    _check_not_over(record.last, now)
    writers = {each.recorded_by for each in record.revisions}
    named = {text for field, text in _fields(record) if field.form is Form.STAFF}
    if approved_by in writers | named | {requested_by}:
        details = {"reason": "approved_by_writer"}
        raise Forbidden("whoever wrote it, or is meant, does not approve it", details=details)
    revision = replace(
        record.last,
        number=number + 1,
        state=State.IN_FORCE,
        recorded_at=now,
        recorded_by=requested_by,
        requested_by=requested_by,
        approved_by=approved_by,
        approval_id=approval_id,
    )
    return _with(record, revision)


def ended(record: Record, *, number: int | None, on: date, reason: str, by: str, now: datetime) -> Record:
    """It counts no longer from this day on; a draft never did.

    Whoever has said that it ends on a coming day can still end it sooner: a customer may withdraw at any time. The
    day lies no later than the next review, for after it nobody would look. Raises `Conflict` where it is over.
    """
    last = record.last
    if number is not None:
        _check_seen(record, number, *State)
        _check_end(last, on, oslo_date(now))
    if last.state in OPEN:
        on = last.valid_from
    if reason not in END_REASONS:
        raise Invalid("the reason is not on the list", details={"reason": list(END_REASONS)})
    if on < last.valid_from or (last.valid_to is not None and on > last.valid_to):
        raise Invalid("it ends while it counts", details={"on": ["from its first day to its last"]})
    revision = replace(
        last,
        number=last.number + 1,
        state=State.ENDED,
        valid_to=on,
        review_on=None,
        recorded_at=now,
        recorded_by=by,
        requested_by=None,
        approved_by=None,
        approval_id=None,
        reason=reason,
    )
    return _with(record, revision)


@enforces(SECURITY_NOTICE_AGREEMENT)
def ended_by_one(record: Record, *, number: int, on: date, reason: str, by: str, now: datetime) -> Record:
    """`ended`, said by one person. Raises `Conflict` where two put it in force: then two end it."""
    if takes_two_to_end(record):
        raise Conflict("two persons put it in force, and two end it", details={"reason": "ends_by_two"})
    return ended(record, number=number, on=on, reason=reason, by=by, now=now)


@enforces(SECURITY_NOTICE_AGREEMENT)
def ended_by_two(
    record: Record,
    *,
    number: int,
    on: date,
    reason: str,
    requested_by: str,
    approved_by: str,
    approval_id: UUID,
    now: datetime,
) -> Record:
    """`ended`, as two persons have signed. Raises `Conflict` where one person does it, as of a draft."""
    if not takes_two_to_end(record):
        raise Conflict("one person ends it", details={"reason": "ends_by_one"})
    over = ended(record, number=number, on=on, reason=reason, by=requested_by, now=now)
    signed = replace(over.last, requested_by=requested_by, approved_by=approved_by, approval_id=approval_id)
    return replace(over, revisions=(*over.revisions[:-1], signed))


def takes_two_to_end(record: Record) -> bool:
    """Whether two persons end it: what two have put in force. What counts for nobody yet one person takes back."""
    return kind_of(record).two_persons and record.last.state not in OPEN


def reviewed(record: Record, *, number: int, by: str, now: datetime) -> Record:
    """Somebody has looked whether it is still right: it is reviewed again after the usual time."""
    _check_seen(record, number, State.IN_FORCE)
    kind = kind_of(record)
    if kind.review_months is None:
        raise Conflict("records of this kind end before they would be reviewed")
    next_on = add_months(oslo_date(now), kind.review_months)
    revision = replace(record.last, number=number + 1, review_on=next_on, recorded_at=now, recorded_by=by)
    return _with(record, revision)


def replaced(other: Record, by_record: Record, *, by: str, now: datetime) -> Record:
    """The one in force with the same key ends where the new one begins. Raises `Conflict` where that is earlier."""
    start = by_record.last.valid_from
    if start < other.last.valid_from:
        details = {"record_id": str(other.id)}
        raise Conflict("one of the same key counts already from a later day on", details=details)
    until = start if other.last.valid_to is None else min(start, other.last.valid_to)
    return ended(other, number=None, on=until, reason="replaced", by=by, now=now)


def _with(record: Record, revision: Revision) -> Record:
    return replace(record, revisions=(*record.revisions, revision))


def _check_seen(record: Record, number: int, *states: State) -> None:
    last = record.last
    if last.number != number:
        raise Conflict("it has changed since it was looked at", details={"version": last.number})
    if last.state not in states:
        raise Conflict(f"it is {last.state}", details={"state": str(last.state)})


def _check_end(last: Revision, on: date, today: date) -> None:
    """Raise `Conflict` where it is over, or ends by then anyway; `Invalid` for a day after the next review."""
    if last.state is State.ENDED and last.valid_to is not None and last.valid_to <= max(on, today):
        raise Conflict(f"it is {last.state}", details={"state": str(last.state)})
    if last.state is State.IN_FORCE and last.review_on is not None and on > max(last.review_on, today):
        raise Invalid("it ends before it is reviewed again", details={"on": ["no later than the review"]})


def _check_not_over(revision: Revision, now: datetime) -> None:
    if revision.valid_to is not None and revision.valid_to <= oslo_date(now):
        raise Conflict("its time is over already", details={"valid_to": revision.valid_to.isoformat()})


# ── what it says ──────────────────────────────────────────────────────────────────────────────────────────────


def key_of(kind: RecordKind, given: Given) -> str:
    """What tells records of a kind apart: the company, and the fields of its key."""
    return "/".join([str(given.account_id or ""), *(given.fields[name] for name in kind.key)])


def _revision(kind: RecordKind, given: Given, *, number: int, by: str, now: datetime) -> Revision:
    content, people = _content(kind, given)
    valid_to = given.valid_to
    if kind.days is not None:
        valid_to = given.valid_from + timedelta(days=kind.days)
    _check_days(given.valid_from, valid_to, now)
    review_on = given.review_on
    if kind.review_months is not None:
        latest = add_months(oslo_date(now), kind.review_months)
        review_on = review_on or latest
        if not oslo_date(now) < review_on <= latest:
            raise Invalid("it is reviewed in time", details={"review_on": [f"within {kind.review_months} months"]})
    elif review_on is not None:
        raise Invalid("records of this kind are not reviewed", details={"review_on": ["not of this kind"]})
    if kind.needs_evidence and given.evidence is None:
        raise Invalid("it is proved by a document", details={"evidence": ["its SHA-256 and its day"]})
    if given.evidence is not None and given.evidence.on > given.valid_from:
        raise Invalid("it counts before what proves it", details={"evidence_on": ["valid_from or before"]})
    return Revision(
        number=number,
        state=State.DRAFT,
        valid_from=given.valid_from,
        valid_to=valid_to,
        review_on=review_on,
        content=content,
        evidence=given.evidence,
        recorded_at=now,
        recorded_by=by,
        people=people,
    )


def _check_days(valid_from: date, valid_to: date | None, now: datetime) -> None:
    if valid_to is not None and valid_to <= valid_from:
        raise Invalid("it ends before it counts", details={"valid_to": ["after valid_from"]})
    if not valid_from <= add_months(oslo_date(now), 12 * YEARS_AHEAD):
        raise Invalid("that is too far ahead", details={"valid_from": [f"within {YEARS_AHEAD} years"]})


def _content(kind: RecordKind, given: Given) -> tuple[Mapping[str, str], Mapping[str, tuple[UUID, ...]]]:
    if kind.of_account != (given.account_id is not None):
        raise Invalid("a company where the kind is about one", details={"account_id": ["as the kind has it"]})
    if unknown := given.fields.keys() - {each.name for each in kind.fields}:
        raise Invalid("the kind has no such field", details={"fields": sorted(unknown)})
    if lacking := [each.name for each in kind.fields if each.is_needed and each.name not in given.fields]:
        raise Invalid("the kind needs more", details={"fields": lacking})
    texts = {each.name: (each, given.fields[each.name]) for each in kind.fields if each.name in given.fields}
    wrong = [name for name, (field, text) in texts.items() if not _fits(field, text, given.valid_from)]
    staff = [text for field, text in texts.values() if field.form is Form.STAFF]
    if wrong or len(set(staff)) != len(staff):
        raise Invalid("fields are not as the kind has them", details={"fields": wrong or ["two persons"]})
    content = {name: text for name, (field, text) in texts.items() if field.form not in OF_PEOPLE}
    people = {
        name: tuple(dict.fromkeys(map(UUID, text.split())))
        for name, (field, text) in texts.items()
        if field.form in OF_PEOPLE
    }
    return content, people


def _fits(field: Field, text: str, valid_from: date) -> bool:
    if field.form is Form.CODE:
        return text in field.codes
    if field.form in OF_PEOPLE:
        ids = text.split()
        most = 1 if field.form is Form.USER else PEOPLE_MOST
        return 1 <= len(ids) <= most and all(map(_is_id, ids))
    if re.fullmatch(PATTERNS[field.form], text) is None:
        return False
    return field.form is not Form.MONDAY or (_is_monday(text) and text == valid_from.isoformat())


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _is_monday(text: str) -> bool:
    try:
        return date.fromisoformat(text).weekday() == 0
    except ValueError:
        return False


def _fields(record: Record) -> Iterable[tuple[Field, str]]:
    kind = kind_of(record)
    for name, text in record.last.content.items():
        if (field := kind.field(name)) is not None:
            yield field, text


# ── what counts when ──────────────────────────────────────────────────────────────────────────────────────────


def as_recorded(record: Record, at: datetime) -> Revision | None:
    """How it stood by what was written down until then; None where nothing was."""
    return next((each for each in reversed(record.revisions) if each.recorded_at <= at), None)


@enforces(SECURITY_NOTICE_AGREEMENT)
def is_valid(revision: Revision, on: date) -> bool:
    """Whether it counts on that day. What is over counts no more: readers refuse."""
    if revision.state not in (State.IN_FORCE, State.ENDED):
        return False
    return revision.valid_from <= on and (revision.valid_to is None or on < revision.valid_to)


def within(revision: Revision, day: date) -> date:
    """The day, or the nearest one on which the revision could end: from its first day to its last."""
    latest = day if revision.valid_to is None else min(day, revision.valid_to)
    return max(latest, revision.valid_from)


def owner(revision: Revision) -> str:
    """Who of staff answers for a record as it stands in this revision: whoever has written it."""
    return revision.recorded_by


def is_review_overdue(revision: Revision, now: datetime) -> bool:
    """Whether it should have been looked at before today."""
    today = oslo_date(now)
    return revision.review_on is not None and is_valid(revision, today) and revision.review_on < today


def forgotten_before(kind: RecordKind, now: datetime) -> date:
    """Records of the kind that ended before then are forgotten."""
    return months_before(oslo_date(now), kind.kept_months)
