"""A record as it is shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from services.registers.board import calls
from services.registers.engine import rules
from services.registers.engine.values import Record, Revision


def facts(revision: Revision) -> dict[str, Any]:
    """A revision by the names of `RevisionShown`."""
    names = (
        "valid_from", "valid_to", "review_on", "recorded_at", "recorded_by", "requested_by", "approved_by",
        "approval_id", "reason",
    )  # fmt: skip
    people = {name: " ".join(map(str, ids)) for name, ids in revision.people.items()}
    return {
        **{name: getattr(revision, name) for name in names},
        "version": revision.number,
        "state": str(revision.state),
        "fields": {**revision.content, **people},
        "evidence_sha256": revision.evidence.sha256 if revision.evidence else None,
        "evidence_on": revision.evidence.on if revision.evidence else None,
    }


def of_record(record: Record, revision: Revision, *, on: date, now: datetime) -> dict[str, Any]:
    """A record as one of its revisions has it, by the names of `RecordShown`."""
    return facts(revision) | {
        "record_id": record.id,
        "kind": record.kind,
        "owner": rules.owner(revision),
        "account_id": record.account_id,
        "is_valid": rules.is_valid(revision, on),
        "is_review_overdue": rules.is_review_overdue(revision, now),
        "ends_by_two": rules.takes_two_to_end(record),
    }


def shown(record: Record, *, on: date, now: datetime) -> calls.RecordShown:
    """A record as it stands now."""
    return calls.RecordShown(**of_record(record, record.last, on=on, now=now))
