"""What retention publishes: the course of every erasure, from the first date to the certificate.

`ErasureStepCompleted` is the answer of a participant. Every participant publishes it from an exchange of its
own, so it has no single source.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class ErasureScheduled(Event):
    """An account or a user was made inactive: the three months of ERASE-1 (L59) or ERASE-2 (L204) run.

    `started_on` and `due_on` are Oslo dates. A `user_id` narrows the scope to one person of the account.
    """

    type = "erasure.scheduled"
    source = "retention"
    clock_id: UUID
    account_id: UUID
    user_id: UUID | None = None
    trigger: Code
    started_on: date
    due_on: date

    @property
    def subject(self) -> str:
        """The account."""
        return f"account/{self.account_id}"


@dataclass(frozen=True, kw_only=True)
class ErasureCancelled(Event):
    """The account or user came back, or a wider erasure took over, before the due date; nothing is erased."""

    type = "erasure.cancelled"
    source = "retention"
    clock_id: UUID
    account_id: UUID
    user_id: UUID | None = None
    reason: Code

    @property
    def subject(self) -> str:
        """The account."""
        return f"account/{self.account_id}"


@dataclass(frozen=True, kw_only=True)
class ErasureReminderDue(Event):
    """A reminder of the coming erasure is due: at inactivation, 30 and 7 days before."""

    type = "erasure.reminder_due"
    source = "retention"
    clock_id: UUID
    account_id: UUID
    user_id: UUID | None = None
    due_on: date
    days_left: int

    @property
    def subject(self) -> str:
        """The account."""
        return f"account/{self.account_id}"


@dataclass(frozen=True, kw_only=True)
class ErasureAnnounced(Event):
    """The erasure is about to be carried out: the last letter is written now, while the address is known."""

    type = "erasure.announced"
    source = "retention"
    erasure_id: UUID
    account_id: UUID
    user_id: UUID | None = None
    certificate_id: UUID
    backups_expire_on: date

    @property
    def subject(self) -> str:
        """The account."""
        return f"account/{self.account_id}"


@dataclass(frozen=True, kw_only=True)
class ErasureOrdered(Event):
    """Every participant erases the scope now and answers with `erasure.step_completed`.

    Repeated with a higher `attempt` for participants that have not answered; doing it twice does no harm.
    """

    type = "erasure.ordered"
    source = "retention"
    erasure_id: UUID
    account_id: UUID
    user_id: UUID | None = None
    attempt: int

    @property
    def subject(self) -> str:
        """The account."""
        return f"account/{self.account_id}"


@dataclass(frozen=True, kw_only=True)
class ErasureStepCompleted(Event):
    """A participant has done its part of an erasure: how many rows of what kind, and what it must keep.

    `outcome` is `done` or `failed`; `retained` names what stays elsewhere and why, such as
    `tripletex_bookkeeping`. Publish it from the participant's own exchange.
    """

    type = "erasure.step_completed"
    source = None
    erasure_id: UUID
    participant: Code
    outcome: Code
    counts: dict[Code, int]
    retained: list[Code]

    @property
    def subject(self) -> str:
        """The erasure."""
        return f"erasure/{self.erasure_id}"


@dataclass(frozen=True, kw_only=True)
class AccountErased(Event):
    """Every participant has confirmed, the keys are destroyed, the certificate is issued: lost for ever (L206)."""

    type = "account.erased"
    source = "retention"
    account_id: UUID
    certificate_id: UUID

    @property
    def subject(self) -> str:
        """The account."""
        return f"account/{self.account_id}"


@dataclass(frozen=True, kw_only=True)
class UserErased(Event):
    """One person of an account is forgotten; the company's account goes on."""

    type = "user.erased"
    source = "retention"
    account_id: UUID
    user_id: UUID
    certificate_id: UUID

    @property
    def subject(self) -> str:
        """The account."""
        return f"account/{self.account_id}"


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
