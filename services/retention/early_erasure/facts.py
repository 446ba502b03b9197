"""The facts that the ledger keeps of early erasures."""

from __future__ import annotations

from services.retention.early_erasure.values import EarlyRequest
from services.retention.erasure.values import Erasure
from shared.privacy.ledger_lines import Fact, Kind, Value, instant


def requested(request: EarlyRequest) -> Fact:
    """A customer need not wait: every check of the written request, and which number it is kept under."""
    data: dict[str, Value] = {
        "request_id": str(request.id),
        "requester_role": request.requester_role,
        "evidence": request.evidence,
        "received_on": request.received_on.isoformat(),
        "identity_check": request.identity_check,
        "authority_check": request.authority_check,
        "checked_by": request.checked_by,
        "approved_by": request.approved_by,
        "actor": request.actor,
        "export_offered_on": request.export_offered_on.isoformat(),
        "registered_at": instant(request.registered_at),
    }
    return Fact(kind=Kind.EARLY_REQUESTED, account_id=request.account_id, data=data)


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
    return Fact(kind=Kind.EARLY_BEGUN, account_id=request.account_id, data=data)


def dropped(request: EarlyRequest, reason: str) -> Fact:
    """A request came to nothing."""
    data: dict[str, Value] = {"request_id": str(request.id), "reason": reason}
    return Fact(kind=Kind.EARLY_DROPPED, account_id=request.account_id, data=data)
