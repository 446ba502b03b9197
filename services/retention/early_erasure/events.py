"""What retention publishes of a written request not to wait for the date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.events import Code, Event
from shared.participation.events import AboutAccount


@dataclass(frozen=True, kw_only=True)
class EarlyErasureRequested(AboutAccount, Event):
    """It was asked for in writing not to wait for the date; two persons checked and approved it (L59, L204).

    A customer asked for its account (ERASE-4), or a person for their own user of it, `user_id` (ERASE-3).
    `evidence` is the number under which the request is kept. The erasure follows as `erasure.scheduled` with the
    trigger `early_request`, or `erasure.early_dropped`.
    """

    type = "erasure.early_requested"
    request_id: UUID
    requester_role: Code
    evidence: Code
    identity_check: Code
    authority_check: Code
    received_on: date
    export_offered_on: date
    user_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class EarlyErasureDropped(AboutAccount, Event):
    """An early erasure is not carried out: the notice was taken back, or account or user came back or is gone.

    Nor is that of a user who has become the last owner meanwhile.
    """

    type = "erasure.early_dropped"
    request_id: UUID
    reason: Code
    user_id: UUID | None = None
