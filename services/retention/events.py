"""What retention publishes: the course of every erasure, from the first date to the certificate.

What it says to the participants of an erasure, and they to it, is in `shared/participation/events.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.events import Code, Event
from shared.participation.events import AboutAccount


@dataclass(frozen=True, kw_only=True)
class ErasureScheduled(AboutAccount, Event):
    """An account or a user was made inactive: the three months of ERASE-1 (L59) or ERASE-2 (L204) run.

    `started_on` and `due_on` are Oslo dates. A `user_id` narrows the scope to one person of the account.
    """

    type = "erasure.scheduled"
    clock_id: UUID
    user_id: UUID | None = None
    trigger: Code
    started_on: date
    due_on: date


@dataclass(frozen=True, kw_only=True)
class ErasureCancelled(AboutAccount, Event):
    """The account or user came back, or a wider erasure took over, before the due date; nothing is erased."""

    type = "erasure.cancelled"
    clock_id: UUID
    user_id: UUID | None = None
    reason: Code


@dataclass(frozen=True, kw_only=True)
class ErasureReminderDue(AboutAccount, Event):
    """A reminder of the coming erasure is due: at inactivation, 30 and 7 days before."""

    type = "erasure.reminder_due"
    clock_id: UUID
    user_id: UUID | None = None
    due_on: date
    days_left: int


@dataclass(frozen=True, kw_only=True)
class ErasureAnnounced(AboutAccount, Event):
    """The erasure is about to be carried out: the last letter is written now, while the address is known.

    `trigger` is what began it, as in `erasure.scheduled`; None in events from before it was told.
    """

    type = "erasure.announced"
    erasure_id: UUID
    user_id: UUID | None = None
    certificate_id: UUID
    backups_expire_on: date
    trigger: Code | None = None


@dataclass(frozen=True, kw_only=True)
class AccountErased(AboutAccount, Event):
    """Every participant has confirmed, the keys are destroyed, the certificate is issued: lost for ever (L206).

    `partial` where something is held and comes later, with an event and a certificate of its own.
    """

    type = "account.erased"
    certificate_id: UUID
    partial: bool | None = None


@dataclass(frozen=True, kw_only=True)
class UserErased(AboutAccount, Event):
    """One person of an account is forgotten; the company's account goes on. `partial` where something is held."""

    type = "user.erased"
    user_id: UUID
    certificate_id: UUID
    partial: bool | None = None


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


@dataclass(frozen=True, kw_only=True)
class ErasureHalted(Event):
    """More erasures fell due in one run than the brake allows; none is begun until a person has looked."""

    type = "erasure.halted"
    source = "retention"
    run_id: UUID
    count: int
    limit: int

    @property
    def subject(self) -> str:
        """The run."""
        return f"run/{self.run_id}"


@dataclass(frozen=True, kw_only=True)
class HoldRenewed(AboutAccount, Event):
    """A hold was reviewed, is still needed, and stands until the new review date (HOLD-2)."""

    type = "hold.renewed"
    hold_id: UUID
    reason: Code
    review_on: date


@dataclass(frozen=True, kw_only=True)
class HoldReviewOverdue(AboutAccount, Event):
    """The review date of a hold has passed without a decision: told weekly, and nothing else happens (HOLD-2)."""

    type = "hold.review_overdue"
    hold_id: UUID
    review_on: date
    times: int


@dataclass(frozen=True, kw_only=True)
class RestrictionLiftAnnounced(AboutAccount, Event):
    """A restriction is to be lifted: the person is told first, by letter (RIGHTS-4, GDPR article 18(3)).

    `ground` and `requested_on` are those of `restriction.set`; None in events from before they were told.
    """

    type = "restriction.lift_announced"
    restriction_id: UUID
    user_id: UUID | None = None
    lift_from: date
    ground: Code | None = None
    requested_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class LedgerAccepted(Event):
    """A named person let the system go on although the ledger does not tell everything any more.

    `way` is `kept` (the file as it is), `copy` (the newest copy was put in its place) or `new` (a new one begins).
    Facts after `lost_after_position` may be missing in the ledger or in one of the databases.
    """

    type = "ledger.accepted"
    source = "retention"
    acceptance_id: UUID
    by: Code
    reason: Code
    way: Code
    lost_after_position: int

    @property
    def subject(self) -> str:
        """The acceptance: there is one ledger, and each has a story of its own."""
        return f"acceptance/{self.acceptance_id}"
