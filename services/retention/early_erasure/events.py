"""What retention publishes of a customer's written request not to wait for the date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.events import Code, Event
from shared.participation.events import AboutAccount


@dataclass(frozen=True, kw_only=True)
class EarlyErasureRequested(AboutAccount, Event):
    """A customer asked in writing not to wait for the date; two persons checked and approved it (ERASE-4, L204).

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


@dataclass(frozen=True, kw_only=True)
class EarlyErasureDropped(AboutAccount, Event):
    """An early erasure is not carried out: the notice was taken back, or the customer came back or is gone."""

    type = "erasure.early_dropped"
    request_id: UUID
    reason: Code
