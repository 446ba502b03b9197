"""What retention publishes: the course of every erasure, from the first date to the certificate.

`ErasureStepCompleted` is the answer of a participant. Every participant publishes it from an exchange of its
own, so it has no single source.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final, Self
from uuid import UUID

from shared.events import Code, Event
from shared.hold_scope import Held


@dataclass(frozen=True, kw_only=True)
class _AboutAccount:
    """What the events about an account, or about somebody of it, share."""

    source: ClassVar[str | None] = "retention"

    account_id: UUID

    @property
    def subject(self) -> str:
        """The account."""
        return f"account/{self.account_id}"


@dataclass(frozen=True, kw_only=True)
class ErasureScheduled(_AboutAccount, Event):
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
class ErasureCancelled(_AboutAccount, Event):
    """The account or user came back, or a wider erasure took over, before the due date; nothing is erased."""

    type = "erasure.cancelled"
    clock_id: UUID
    user_id: UUID | None = None
    reason: Code


@dataclass(frozen=True, kw_only=True)
class ErasureReminderDue(_AboutAccount, Event):
    """A reminder of the coming erasure is due: at inactivation, 30 and 7 days before."""

    type = "erasure.reminder_due"
    clock_id: UUID
    user_id: UUID | None = None
    due_on: date
    days_left: int


@dataclass(frozen=True, kw_only=True)
class ErasureAnnounced(_AboutAccount, Event):
    """The erasure is about to be carried out: the last letter is written now, while the address is known.

    `trigger` is what began it, as in `erasure.scheduled`; None in events from before it was told.
    """

    type = "erasure.announced"
    erasure_id: UUID
    user_id: UUID | None = None
    certificate_id: UUID
    backups_expire_on: date
    trigger: Code | None = None


class _LeavesHeld:
    """An order that names what is held as two lists of equal length."""

    held_users: list[UUID] | None
    held_categories: list[Code] | None

    @property
    def held(self) -> Held:
        """What is kept."""
        return Held.told(self.held_users, self.held_categories)

    @staticmethod
    def naming(held: Held) -> dict[str, Any]:
        """The two fields that say so."""
        columns = held.columns()
        return {
            "held_users": columns["held_users"] or None,
            "held_categories": [Code(each) for each in columns["held_categories"]] or None,
        }


@dataclass(frozen=True, kw_only=True)
class ErasureOrdered(_AboutAccount, _LeavesHeld, Event):
    """Every participant erases the scope now and answers with `erasure.step_completed`.

    Repeated with a higher `attempt` for participants that have not answered; doing it twice does no harm.
    `held_users` and `held_categories` are pairs: what is kept because it is held or restricted (HOLD-1). The id
    zero stands for everybody and the company itself, `everything` for all categories. Whoever keeps any of it says
    `legal_hold` among what it retained.
    """

    type = "erasure.ordered"
    erasure_id: UUID
    user_id: UUID | None = None
    attempt: int
    held_users: list[UUID] | None = None
    held_categories: list[Code] | None = None


COUNTED: Final = frozenset(
    {
        # account
        "accounts", "users", "credentials", "sessions", "tickets", "login_attempts", "login_brakes",
        "former_addresses", "letter_requests", "agreements", "agreements_unnamed", "notices",
        # audit
        "login_events", "subject_links",
        # billing-sync
        "tripletex_customers", "tripletex_contacts",
        # notification
        "letters", "mailings", "webhooks", "address_cleanups", "suppressions", "opt_outs", "person_tasks",
    }
)  # fmt: skip
"""All that our own participants count: a closed list, for the certificate has words for each."""


def counted(counts: Mapping[str, int]) -> dict[Code, int]:
    """Counts as an answer carries them. Raises `ValueError` for a kind that is not listed."""
    unknown = counts.keys() - COUNTED
    if unknown:
        raise ValueError(f"kinds that a certificate has no words for: {sorted(unknown)}")
    return {Code(kind): count for kind, count in counts.items()}


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

    @classmethod
    def done(
        cls, erasure_id: UUID, participant: str, counts: Mapping[str, int], retained: Iterable[str] = ()
    ) -> Self:
        """The answer of a participant that has done its part; `counts` are rows by kind."""
        return cls(
            erasure_id=erasure_id,
            participant=Code(participant),
            outcome=Code("done"),
            counts=counted(counts),
            retained=[Code(code) for code in retained],
        )


@dataclass(frozen=True, kw_only=True)
class ErasureDryRunOrdered(_AboutAccount, _LeavesHeld, Event):
    """Every participant says what an erasure of the scope would take now, and changes nothing.

    The fields are those of `erasure.ordered`. A participant that does not know this event is shown as silent.
    """

    type = "erasure.dry_run_ordered"
    dry_run_id: UUID
    user_id: UUID | None = None
    held_users: list[UUID] | None = None
    held_categories: list[Code] | None = None


@dataclass(frozen=True, kw_only=True)
class ErasureDryRunAnswered(Event):
    """What a participant would erase and keep, in the words of `erasure.step_completed`; nothing has happened."""

    type = "erasure.dry_run_answered"
    source = None
    dry_run_id: UUID
    participant: Code
    counts: dict[Code, int]
    retained: list[Code]

    @property
    def subject(self) -> str:
        """The dry run."""
        return f"dry_run/{self.dry_run_id}"

    @classmethod
    def foreseen(
        cls, dry_run_id: UUID, participant: str, counts: Mapping[str, int], retained: Iterable[str] = ()
    ) -> Self:
        """The answer of a participant; `counts` are the rows by kind that an erasure would take now."""
        return cls(
            dry_run_id=dry_run_id,
            participant=Code(participant),
            counts=counted(counts),
            retained=[Code(code) for code in retained],
        )


@dataclass(frozen=True, kw_only=True)
class AccountErased(_AboutAccount, Event):
    """Every participant has confirmed, the keys are destroyed, the certificate is issued: lost for ever (L206).

    `partial` where something is held and comes later, with an event and a certificate of its own.
    """

    type = "account.erased"
    certificate_id: UUID
    partial: bool | None = None


@dataclass(frozen=True, kw_only=True)
class UserErased(_AboutAccount, Event):
    """One person of an account is forgotten; the company's account goes on. `partial` where something is held."""

    type = "user.erased"
    user_id: UUID
    certificate_id: UUID
    partial: bool | None = None


@dataclass(frozen=True, kw_only=True)
class EarlyErasureRequested(_AboutAccount, Event):
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
class EarlyErasureDropped(_AboutAccount, Event):
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
class HoldPlaced(_AboutAccount, Event):
    """Two persons decided that something must be kept for a dispute: it may only be stored, and is not erased.

    Without `user_ids` the hold covers the whole account, without `categories` everything (HOLD-1, L59, L204).
    """

    type = "hold.placed"
    hold_id: UUID
    user_ids: list[UUID]
    categories: list[Code]
    reason: Code
    starts_on: date
    review_on: date


@dataclass(frozen=True, kw_only=True)
class HoldRenewed(_AboutAccount, Event):
    """A hold was reviewed, is still needed, and stands until the new review date (HOLD-2)."""

    type = "hold.renewed"
    hold_id: UUID
    reason: Code
    review_on: date


@dataclass(frozen=True, kw_only=True)
class HoldReleased(_AboutAccount, Event):
    """A named person ended a hold: what it kept is erased at once where its date has passed (HOLD-1, HOLD-2)."""

    type = "hold.released"
    hold_id: UUID
    reason: Code


@dataclass(frozen=True, kw_only=True)
class HoldReviewOverdue(_AboutAccount, Event):
    """The review date of a hold has passed without a decision: told weekly, and nothing else happens (HOLD-2)."""

    type = "hold.review_overdue"
    hold_id: UUID
    review_on: date
    times: int


@dataclass(frozen=True, kw_only=True)
class RestrictionSet(_AboutAccount, Event):
    """A person had the processing restricted: the data may only be stored (RIGHTS-4, GDPR article 18).

    `ground` is the letter of article 18(1). Without a `user_id` it is about the whole account.
    """

    type = "restriction.set"
    restriction_id: UUID
    user_id: UUID | None = None
    ground: Code
    requested_on: date


@dataclass(frozen=True, kw_only=True)
class RestrictionLiftAnnounced(_AboutAccount, Event):
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
class RestrictionLifted(_AboutAccount, Event):
    """A restriction is over, after the person was told: processing goes on, and so does an erasure that is due."""

    type = "restriction.lifted"
    restriction_id: UUID
    user_id: UUID | None = None


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
