"""What staff answers about acts that take two persons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from marshmallow.validate import OneOf, Range

from services.staff.authentication.calls import Assertion, InSession, RequestOptions
from shared.calls import Call
from shared.errors import Conflict, Forbidden, Invalid, NotFound, TooMany, Unauthenticated
from shared.keyset import Paged, PageShown
from shared.records import Named, Record
from shared.staff import WithoutStatement
from shared.statements import Word

REFUSALS: Final = (Unauthenticated, Forbidden, Conflict, NotFound, Invalid)
REFUSAL_REASONS: Final = ("not_needed", "wrong_scope", "wrong_person", "not_understood", "otherwise_decided")
"""Why a request is refused: codes, for sentences name people."""
IN_SESSION: Final = WithoutStatement("it brings its session, and a passkey signs what it decides")


class ApprovalShown(Record):
    """A request without what is said in it: `waiting`, `approved` or `ended`."""

    approval_id: UUID
    act: str
    state: str
    version: int
    requested_by: str
    edited_by: str
    subject: str | None
    requested_at: datetime
    expires_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    ended_because: str | None
    mine: bool
    """Whether whoever asks has asked for it, or changed it last: then another person approves."""
    approvable: bool = False
    """Whether whoever looks may approve it now; for who has just done something with it that is not looked up."""


class ApprovalWhole(ApprovalShown):
    """A request with the fields of its call."""

    asked: Annotated[Mapping[str, Any], Named("fields")]


class OfApproval(InSession):
    """About one request, in the version that was seen."""

    approval_id: UUID
    version: Annotated[int, Range(min=1)]


class RequestApproval(
    InSession, Call[ApprovalWhole], service="staff", refusals=(*REFUSALS, TooMany), staff=IN_SESSION
):
    """Ask for an act that takes two persons: what is said in it is frozen, and waits for another one.

    `asked` are the call's fields: ids, codes, dates, numbers; no text could name anybody. The caller chooses
    `approval_id`, so that asking twice asks once. `Forbidden` for a command line whose log-in is more than 15
    minutes ago.
    """

    approval_id: UUID
    act: Word
    asked: Annotated[Mapping[str, Any], Named("fields")]


class EditApproval(OfApproval, Call[ApprovalWhole], service="staff", refusals=REFUSALS, staff=IN_SESSION):
    """Change what is asked for. It is another request from then on: an approval that was given is void.

    `Forbidden` for a command line whose log-in is more than 15 minutes ago.
    """

    asked: Annotated[Mapping[str, Any], Named("fields")]


class WithdrawApproval(OfApproval, Call[ApprovalShown], service="staff", refusals=REFUSALS, staff=IN_SESSION):
    """Take back what one has asked for oneself."""


class RefuseApproval(OfApproval, Call[ApprovalShown], service="staff", refusals=REFUSALS, staff=IN_SESSION):
    """Refuse what another person has asked for, and say why."""

    reason: Annotated[str, OneOf(REFUSAL_REASONS)]


class ApprovalOptionsShown(Record):
    """What the browser is given (`publicKey`), so that a key of whoever asks signs just this version."""

    options: RequestOptions


class ApprovalOptions(OfApproval, Call[ApprovalOptionsShown], service="staff", refusals=REFUSALS, staff=IN_SESSION):
    """What one signs to approve. Refused for whoever cannot approve it."""


class Approve(OfApproval, Call[ApprovalShown], service="staff", refusals=(*REFUSALS, TooMany), staff=IN_SESSION):
    """Approve this version with a passkey of one's own.

    `Forbidden` for who asked for it, changed it last, or whom it concerns, and for a key that proves nothing.
    `Conflict` for another version, and where it is approved already, over or ended.
    """

    assertion: Assertion


class ShowApproval(
    InSession,
    Call[ApprovalWhole],
    service="staff",
    refusals=(Unauthenticated, NotFound),
    staff=IN_SESSION,
):
    """A request with what is said in it. `NotFound` also for whom it is no business."""

    approval_id: UUID


class ApprovalsShown(PageShown):
    """A page of them: what has ended the newest first, what is open the oldest first."""

    approvals: tuple[ApprovalShown, ...]


class ListApprovals(
    InSession, Paged, Call[ApprovalsShown], service="staff", refusals=(Unauthenticated,), staff=IN_SESSION
):
    """Requests in one state that whoever asks has a part in, or may have one."""

    state: Annotated[str, OneOf(("waiting", "approved", "ended"))] = "waiting"


class ApprovalDocument(Record):
    """The file that proves the approval, for `vilkar approval verify`."""

    document: str


class ExportApproval(
    InSession,
    Call[ApprovalDocument],
    service="staff",
    refusals=(Unauthenticated, NotFound, Conflict),
    staff=IN_SESSION,
):
    """All that proves an approval, years later and without us. `Conflict` for what nobody has approved."""

    approval_id: UUID
