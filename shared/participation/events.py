"""The conversation about forgetting and about copies: what is ordered of every service, and what each answers.

`ErasureStepCompleted` and `ErasureDryRunAnswered` are the answers of a participant. Each publishes them from an
exchange of its own, so they have no single source.
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
class AboutAccount:
    """What the events about an account, or about somebody of it, share."""

    source: ClassVar[str | None] = "retention"

    account_id: UUID

    @property
    def subject(self) -> str:
        """The account."""
        return f"account/{self.account_id}"


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
class ErasureOrdered(AboutAccount, _LeavesHeld, Event):
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
        "reports", "reports_unnamed", "support_messages",
        # cases
        "case_subjects",
        # registers
        "register_people", "register_records",
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
class ErasureDryRunOrdered(AboutAccount, _LeavesHeld, Event):
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
class HoldPlaced(AboutAccount, Event):
    """Two persons decided that something must be kept for a dispute: it may only be stored, and is not erased.

    Without `user_ids` the hold covers the whole account, without `categories` everything (HOLD-1, L59, L204).
    `postpones` says whether an erasure was planned that may have to wait for it, `case_id` which dispute it is for,
    where that is a case.
    """

    type = "hold.placed"
    hold_id: UUID
    user_ids: list[UUID]
    categories: list[Code]
    reason: Code
    starts_on: date
    review_on: date
    postpones: bool | None = None
    case_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class HoldReleased(AboutAccount, Event):
    """A named person ended a hold: what it kept is erased at once where its date has passed (HOLD-1, HOLD-2)."""

    type = "hold.released"
    hold_id: UUID
    reason: Code


@dataclass(frozen=True, kw_only=True)
class RestrictionSet(AboutAccount, Event):
    """A person had the processing restricted: the data may only be stored (RIGHTS-4, GDPR article 18).

    `ground` is the letter of article 18(1). Without a `user_id` it is about the whole account.
    """

    type = "restriction.set"
    restriction_id: UUID
    user_id: UUID | None = None
    ground: Code
    requested_on: date


@dataclass(frozen=True, kw_only=True)
class RestrictionLifted(AboutAccount, Event):
    """A restriction is over, after the person was told: processing goes on, and so does an erasure that is due."""

    type = "restriction.lifted"
    restriction_id: UUID
    user_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class ExportOrdered(AboutAccount, Event):
    """Somebody asked for a copy of what is held: every service hands out its part to whoever makes it.

    Without a `user_id` it is the copy of the company. `kind` is `access`, which is all that is held, or
    `portability`, which is what was provided or observed. With `with_company` it is that of an owner whose company
    is a person's, and has what is held on the company too. What is held is fetched with the call `export_part` and
    goes over no event.
    """

    source: ClassVar[str | None] = "account"
    type = "export.ordered"
    export_id: UUID
    user_id: UUID | None = None
    kind: Code
    with_company: bool | None = None
