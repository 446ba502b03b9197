"""A request that takes two persons, and what became of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.approvals import FrozenRequest, Signed, challenge_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """Which requests are somebody's business: for these acts, or for an act about one of some customers."""

    acts: frozenset[str] = frozenset()
    about: frozenset[tuple[str, UUID]] = frozenset()


class ApprovalState(StrEnum):
    """Where a request stands. One that has ended stays as it is."""

    WAITING = "waiting"
    APPROVED = "approved"
    ENDED = "ended"


class ApprovalEnding(StrEnum):
    """Why a request is over."""

    CARRIED_OUT = "carried_out"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    RESTORED = "restored"
    """A backup came back in which it stood as it does no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A frozen request. `document` is its canonical JSON, which is what is signed, `edited_at` when it became so.

    The members from `approved_by` on are those of the approval, null while it waits. `cleared_at` is when it was
    last signed that it is carried out.
    """

    document: bytes
    edited_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
    passkey_id: UUID | None = None
    signed: Signed | None = None
    enrolment: bytes | None = None
    cleared_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    ended_because: ApprovalEnding | None = None

    @property
    def request(self) -> FrozenRequest:
        """What is asked for."""
        return FrozenRequest.from_json(json.loads(self.document))

    @property
    def challenge(self) -> bytes:
        """What is signed of it."""
        return challenge_of(json.loads(self.document))

    @property
    def state(self) -> ApprovalState:
        """Where it stands; that its time is over is for whoever looks."""
        if self.ended_at is not None:
            return ApprovalState.ENDED
        return ApprovalState.WAITING if self.approved_by is None else ApprovalState.APPROVED
