"""What the ledger keeps of early erasures, and what that means after a restore: requests and dates.

It was asked for once, in writing. No backup makes anybody ask again, wait for the date they need not wait for, or
lose what they took back. What the database did not know is published under the id by which it is known.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from uuid import UUID

from services.retention.early_erasure import outcome, rules, store
from services.retention.early_erasure.values import DATA_SUBJECT, SELF, Course, EarlyRequest
from services.retention.erasure import event_ids
from services.retention.erasure import store as erasures
from services.retention.erasure.values import Erasure, Scope, Trigger
from shared.context import acting_as
from shared.database import Transaction
from shared.keyset import Paged
from shared.privacy.ledger_lines import Entry, Fact, Kind, Value, instant

NO_NOTICE: Final = "none"
"""None was in force. What is said of no notice was accepted under one, or of an inactive account."""


def requested(request: EarlyRequest) -> Fact:
    """Nobody need wait: every check of the written request, and which number it is kept under.

    Of a person's own wish it leaves out what follows from that. A process from before such wishes stops at the
    line, and does not take it for the wish of the whole account.
    """
    data: dict[str, Value] = {
        "request_id": str(request.id),
        "evidence": request.evidence,
        "received_on": request.received_on.isoformat(),
        "identity_check": request.identity_check,
        "checked_by": request.checked_by,
        "approved_by": request.approved_by,
        "actor": request.actor,
        "export_offered_on": request.export_offered_on.isoformat(),
        "registered_at": instant(request.registered_at),
    }
    if request.scope.is_account:
        data |= {"requester_role": request.requester_role, "authority_check": request.authority_check}
    if request.without_notice:
        data["notice"] = NO_NOTICE
    return _fact(Kind.EARLY_REQUESTED, request, data)


def begun(request: EarlyRequest, planned: Erasure | None) -> Fact:
    """A request was carried out: the erasure that it began, with its dates; None where one was past its fence."""
    data: dict[str, Value] = {"request_id": str(request.id)}
    if planned is not None:
        data |= {
            "erasure_id": str(planned.id),
            "since": instant(planned.started_at),
            "started_on": planned.started_on.isoformat(),
            "due_on": planned.due_on.isoformat(),
        }
        if planned.inactive_on is not None:
            data["inactive_on"] = planned.inactive_on.isoformat()
    return _fact(Kind.EARLY_BEGUN, request, data)


def dropped(request: EarlyRequest, reason: str) -> Fact:
    """A request came to nothing."""
    data: dict[str, Value] = {"request_id": str(request.id), "reason": reason}
    return _fact(Kind.EARLY_DROPPED, request, data)


def _fact(kind: Kind, request: EarlyRequest, data: dict[str, Value]) -> Fact:
    return Fact(kind=kind, account_id=request.account_id, user_id=request.user_id, data=data)


# ── after a restore ──────────────────────────────────────────────────────────────────────────────────────


RETURNED: Final = frozenset({Kind.ACCOUNT_REACTIVATED, Kind.USER_REACTIVATED})


class EarlyReplay:
    """Makes early requests and their outcomes true again."""

    facts = RETURNED | {Kind.EARLY_REQUESTED, Kind.EARLY_BEGUN, Kind.EARLY_DROPPED}

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make the fact true, unless a later one about the same request is."""
        match entry.kind:
            case Kind.EARLY_REQUESTED:
                _requested(tx, entry)
            case Kind.EARLY_BEGUN:
                _begun(tx, entry)
            case Kind.EARLY_DROPPED:
                _dropped(tx, entry)
            case _:
                outcome.overtake(tx, _scope(entry), entry.instant("since"), entry.at)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether the request is known, or another of the account; and does not wait any more where it ended."""
        if entry.kind in RETURNED:
            return True
        request = store.find(tx, entry.uuid("request_id"))
        if entry.kind == Kind.EARLY_REQUESTED:
            return request is not None or bool(store.of_account(tx, entry.account_id, Paged(limit=1)))
        return request is None or request.course is not Course.ACCEPTED


def _scope(entry: Entry) -> Scope:
    return Scope(account_id=entry.account_id, user_id=entry.user_id)


def _requested(tx: Transaction, entry: Entry) -> None:
    request = EarlyRequest(
        id=entry.uuid("request_id"),
        account_id=entry.account_id,
        user_id=entry.user_id,
        requester_role=entry.text("requester_role") if entry.user_id is None else DATA_SUBJECT,
        evidence=entry.text("evidence"),
        received_on=entry.day("received_on"),
        identity_check=entry.text("identity_check"),
        authority_check=entry.text("authority_check") if entry.user_id is None else SELF,
        checked_by=entry.text("checked_by"),
        approved_by=entry.text("approved_by"),
        actor=entry.text("actor"),
        export_offered_on=entry.day("export_offered_on"),
        registered_at=entry.instant("registered_at"),
        without_notice=entry.data.get("notice") == NO_NOTICE,
    )
    if store.add(tx, request):
        with acting_as(request.approved_by):
            event_ids.publish(tx, rules.requested_event(request), request.registered_at)


def _begun(tx: Transaction, entry: Entry) -> None:
    request = store.find(tx, entry.uuid("request_id"))
    erasure_id = entry.uuid("erasure_id") if "erasure_id" in entry.data else None
    if request is None or not store.settle(tx, replace(request, course=Course.BEGUN, erasure_id=erasure_id)):
        return
    scope = _scope(entry)
    known = {stored.erasure.id: stored for stored in erasures.of_scope(tx, scope)}
    if erasure_id is None or erasure_id in known:
        return
    planned, returned_at = _planned(entry, scope, erasure_id), erasures.last_return(tx, scope)
    if returned_at is not None and returned_at > planned.started_at:
        return
    moves = rules.instead(planned, [stored.erasure for stored in known.values()], entry.at)
    with acting_as(request.approved_by):
        erasures.apply_all(tx, known, moves, entry.at)


def _planned(entry: Entry, scope: Scope, erasure_id: UUID) -> Erasure:
    return Erasure(
        id=erasure_id,
        scope=scope,
        trigger=Trigger.EARLY_REQUEST,
        started_at=entry.instant("since"),
        started_on=entry.day("started_on"),
        due_on=entry.day("due_on"),
        inactive_on=entry.day("inactive_on") if "inactive_on" in entry.data else None,
        entered_at=entry.at,
    )


def _dropped(tx: Transaction, entry: Entry) -> None:
    request = store.find(tx, entry.uuid("request_id"))
    if request is not None:
        outcome.drop(tx, request, entry.text("reason"), entry.at)
