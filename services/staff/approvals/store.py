"""Requests that take two persons, in the database. Functions work in the transaction they are given."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.types.json import Jsonb

from services.staff.approvals.values import Approval, ApprovalEnding, Business
from shared.approvals import FrozenRequest, Signed
from shared.database import Row, Transaction, load_queries
from shared.keyset import Paged, bounds
from shared.wait_bounds import AHEAD

Q: Final = load_queries(__file__)


def add(tx: Transaction, approval: Approval) -> bool:
    """Keep a request; False where there is one with its id."""
    request = approval.request
    return bool(
        tx.run(
            Q.add,
            id=request.id,
            act=request.act,
            document=approval.document,
            version=request.version,
            requested_by=request.requested_by,
            now=approval.edited_at,
            expires_at=request.expires_at,
        )
    )


def lock(tx: Transaction, approval_id: UUID) -> Approval | None:
    """One, which nobody else changes until the transaction ends."""
    row = tx.one(Q.lock, id=approval_id)
    return _approval(row) if row else None


def get(tx: Transaction, approval_id: UUID) -> Approval | None:
    """One."""
    row = tx.one(Q.get, id=approval_id)
    return _approval(row) if row else None


def listed(
    tx: Transaction, *, state: str, business: Business, code: str, now: datetime, page: Paged
) -> list[Approval]:
    """Those in one state that are somebody's business, or in which this person has a part.

    What has ended comes the newest first, what is open the oldest first, and nothing of it whose time is over: a
    page, and one more where another follows.
    """
    of_some = {"acts": sorted(business.acts), "about": [f"{act} {each}" for act, each in sorted(business.about)]}
    rows = tx.all(Q.listed, state=state, **of_some, code=code, now=now, **bounds(page))
    return [_approval(row) for row in rows]


def count_open(tx: Transaction, code: str) -> int:
    """How many requests of a person have not ended."""
    row = tx.one(Q.count_open, code=code)
    return int(row["count"]) if row else 0


def equal(tx: Transaction, request: FrozenRequest, chosen: str, now: datetime) -> UUID | None:
    """The open request for just this, of whomever; nobody else asks for the act until the transaction ends.

    `chosen` is the field with an id that whoever asks makes up, which may differ.
    """
    tx.run(Q.one_asker, act=request.act)
    asked = Jsonb(request.to_json()["fields"])
    row = tx.one(Q.equal, act=request.act, asked=asked, chosen=chosen, but=request.id, now=now)
    return row["id"] if row else None


def edit(tx: Transaction, approval: Approval) -> None:
    """What is asked for is another thing, which nobody has approved."""
    request = approval.request
    tx.run(Q.edit, id=request.id, document=approval.document, version=request.version, now=approval.edited_at)


def approve(
    tx: Transaction,
    approval_id: UUID,
    *,
    code: str,
    passkey_id: UUID,
    signed: Signed,
    enrolment: bytes,
    now: datetime,
) -> None:
    """Another person has approved it."""
    tx.run(
        Q.approve,
        id=approval_id,
        code=code,
        passkey_id=passkey_id,
        public_key=signed.public_key,
        client_data=signed.client_data,
        authenticator_data=signed.authenticator_data,
        signature=signed.signature,
        enrolment=enrolment,
        now=now,
    )


def clear(tx: Transaction, approval_id: UUID, now: datetime) -> None:
    """It was signed that it is carried out."""
    tx.run(Q.clear, id=approval_id, now=now)


def done_after_all(tx: Transaction, approval_id: UUID, *, by: str) -> bool:
    """It was carried out before it ended in another way; False where that is known."""
    return bool(tx.run(Q.done_after_all, id=approval_id, by=by))


def end(tx: Transaction, approval_id: UUID, reason: ApprovalEnding, *, by: str, now: datetime) -> bool:
    """It is over; False where it was."""
    return bool(tx.run(Q.end, id=approval_id, reason=reason.value, by=by, now=now))


def end_again(tx: Transaction, approval_id: UUID, reason: ApprovalEnding, at: datetime, *, by: str) -> None:
    """It is over since then. Facts come in any order: what was carried out was, however else it had ended."""
    tx.run(Q.end_again, id=approval_id, reason=reason.value, by=by, at=at)


def end_older(tx: Transaction, approval_id: UUID, since: datetime, *, by: str) -> None:
    """It is over where it stands as it did before this instant, unless it is known how it ended."""
    tx.run(Q.end_older, id=approval_id, since=since, by=by)


def expired(tx: Transaction, now: datetime, *, done_by: datetime, limit: int) -> list[UUID]:
    """The ids of those whose time is over and that have not ended.

    What was last signed after `done_by` may be carried out at this moment, and is left out; but not what a wrong
    clock has dated ahead.
    """
    rows = tx.all(Q.expired, now=now, done_by=done_by, ahead=now + AHEAD, limit=limit)
    return [row["id"] for row in rows]


def waiting(tx: Transaction, now: datetime) -> Row | None:
    """How many wait for another person, and since when the oldest."""
    return tx.one(Q.waiting, now=now)


def approved_by_themselves(tx: Transaction) -> Row | None:
    """How many were approved by somebody who is not another person."""
    return tx.one(Q.approved_by_themselves)


def forget(tx: Transaction, before: datetime, *, limit: int) -> int:
    """Forget what ended before then; how many."""
    return tx.run(Q.forget, before=before, limit=limit)


def _approval(row: Row) -> Approval:
    signed = None
    if row["signature"] is not None:
        names = ("public_key", "client_data", "authenticator_data", "signature")
        signed = Signed(**{name: row[name] for name in names})
    ending = row["ended_because"]
    return Approval(
        document=bytes(row["document"]),
        edited_at=row["edited_at"],
        approved_by=row["approved_by"],
        approved_at=row["approved_at"],
        passkey_id=row["passkey_id"],
        signed=signed,
        enrolment=bytes(row["enrolment"]) if row["enrolment"] is not None else None,
        cleared_at=row["cleared_at"],
        ended_at=row["ended_at"],
        ended_by=row["ended_by"],
        ended_because=ApprovalEnding(ending) if ending else None,
    )
