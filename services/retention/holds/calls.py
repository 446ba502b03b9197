"""What retention answers about holds. Persons of staff are codes, a case is a number kept elsewhere."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import Length, OneOf, Regexp

from services.retention.holds.values import CASE, REASONS, RELEASE_REASONS, USERS_LIMIT
from shared.actor import Staff
from shared.calls import Call
from shared.errors import Conflict, Invalid, NotFound
from shared.hold_scope import CATEGORIES
from shared.keyset import Paged, PageShown
from shared.records import Record
from shared.staff import DECIDERS, READERS, Act

ASKING_OF_EACH_SECONDS: Final = 20.0
"""Where account is asked about each person."""


class HoldShown(Record):
    """A hold. `state` is `active`, `overdue` (its review date has passed without a decision) or `released`.

    `not_covered` names persons whose erasure had begun before it was placed, and `age_days` how long it has stood.
    `case_id` is the dispute that it is for, where that is a case here.
    """

    hold_id: UUID
    state: str
    account_id: UUID
    user_ids: tuple[UUID, ...]
    categories: tuple[str, ...]
    reason: str
    case_ref: str
    owner: str
    requested_by: str
    approved_by: str
    starts_on: date
    review_on: date
    age_days: int
    placed_at: datetime
    overdue_told: int
    released_at: datetime | None
    released_by: str | None
    release_reason: str | None
    case_id: UUID | None
    not_covered: tuple[UUID, ...] = ()


class PlaceHold(
    Call[HoldShown],
    service="retention",
    refusals=(Invalid, Conflict, NotFound),
    seconds=ASKING_OF_EACH_SECONDS,
    staff=Act(roles=DECIDERS, two_persons=True, changes=True, chosen="hold_id"),
):
    """Hold an account, persons of it, or categories: nothing of that is erased or changed until the release.

    Everything must be said; the caller may choose `hold_id`, so that asking twice places one.

    Without `user_ids` the hold covers the whole account, without `categories` everything. Who asks and who approves
    is in the signed statement; `owner` answers for the hold. `case_ref` is what an open dispute with the
    customer is called, and the hold has to be released before that ends; or the number of a case kept elsewhere.
    `NotFound` where no dispute with the customer is called so, `Conflict` where it has ended.
    """

    hold_id: UUID | None = None
    account_id: UUID
    user_ids: Annotated[tuple[UUID, ...], Length(max=USERS_LIMIT)] = ()
    categories: Annotated[tuple[Annotated[str, OneOf(CATEGORIES)], ...], Length(max=len(CATEGORIES))] = ()
    reason: Annotated[str, OneOf(REASONS)]
    case_ref: Annotated[
        str, Regexp(rf"({CASE})\Z", error="V-7K3M-92; or sak-, tvist-, krav- or palegg-, year, number")
    ]
    owner: Staff
    starts_on: date
    review_on: date


class RenewHold(
    Call[HoldShown],
    service="retention",
    refusals=(Invalid, Conflict, NotFound),
    staff=Act(roles=DECIDERS, two_persons=True, changes=True),
):
    """Let a hold stand until a new review date: a person has reviewed it and says why it is still needed.

    `owner` takes it over, as from somebody who leaves; without it whoever answers for the hold still does.
    `account_id` is whose hold it is: whoever may decide about some customers only says it. `NotFound` where the
    hold is another's.
    """

    hold_id: UUID
    account_id: UUID | None = None
    reason: Annotated[str, OneOf(REASONS)]
    review_on: date
    owner: Staff | None = None


class ReleaseHold(
    Call[HoldShown],
    service="retention",
    refusals=(Conflict, NotFound),
    staff=Act(roles=DECIDERS, changes=True, resolves=True),
):
    """End a hold: where the date has passed, what it kept is erased with the next run."""

    hold_id: UUID
    reason: Annotated[str, OneOf(RELEASE_REASONS)]
    actor: Staff


class Hold(
    Call[HoldShown], service="retention", refusals=(NotFound,), staff=Act(roles=READERS, finds=True, resolves=True)
):
    """One hold."""

    hold_id: UUID


class HoldsShown(PageShown):
    """A page of them, the next review first."""

    holds: tuple[HoldShown, ...]


class Holds(Paged, Call[HoldsShown], service="retention", staff=Act(roles=READERS, shows="account_id", finds=True)):
    """Holds of one account or of all that are active, overdue or released; the next review first."""

    account_id: UUID | None = None
    state: Annotated[str, OneOf(("active", "overdue", "released"))] = "active"


class OverdueHoldsCounted(Record):
    """How many holds nobody has reviewed in time, and when the first of them should have been."""

    count: int
    first_review_on: date | None


class CountOverdueHolds(Call[OverdueHoldsCounted], service="retention", staff=Act(roles=READERS)):
    """How many holds wait for a review whose date has passed; it names none of them."""
