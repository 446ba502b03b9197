"""What retention answers: erasures and their certificates, holds and restrictions, early erasures, dry runs.

No field takes free text: persons of staff are codes, a case is a number in a register that lies elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import Length, OneOf, Range, Regexp

from services.retention.early_values import (
    AUTHORITY_CHECKS,
    EVIDENCE,
    IDENTITY_CHECKS,
    REQUESTER_ROLES,
)
from services.retention.holds_values import CASE, CHANNELS, GROUNDS, REASONS, RELEASE_REASONS, USERS_LIMIT
from services.retention.values import State
from shared.actor import Staff
from shared.calls import Call
from shared.errors import Conflict, Invalid, NotFound
from shared.hold_scope import CATEGORIES
from shared.records import Record

ASKING_SECONDS: Final = 10.0
"""Where account is asked first."""

ASKING_OF_EACH_SECONDS: Final = 20.0
"""Where account is asked about each person."""

LIST_LIMIT: Final = 500


# ── erasures and their certificates ──────────────────────────────────────────────────────────────────────────


class ParticipantShown(Record):
    """How far one participant is: `waiting`, `done`, `failed` or `overdue`."""

    participant: str
    state: str
    counts: Mapping[str, int]
    retained: tuple[str, ...]


class HeldShown(Record):
    """A category that is held: on which legal basis, and when a person looks at it again."""

    category: str
    basis: str
    review_on: date | None


class ErasureShown(Record):
    """One erasure from its schedule to its certificate; dates are Oslo dates.

    `suspended` says that nothing of it may be erased now, `held` what is held of it.
    """

    erasure_id: UUID
    account_id: UUID
    user_id: UUID | None
    trigger: str
    state: str
    started_on: date
    due_on: date
    reminders: tuple[date, ...]
    reminded_on: tuple[date, ...]
    entered_at: datetime
    late: bool
    attempt: int
    participants: tuple[ParticipantShown, ...]
    certificate_id: UUID | None
    backups_expire_on: date | None
    cancellation: str | None
    suspended: bool
    held: tuple[HeldShown, ...]
    completes: UUID | None


class ErasuresShown(Record):
    """The oldest first."""

    erasures: tuple[ErasureShown, ...]


class Timeline(Call[ErasuresShown], service="retention"):
    """Every erasure of an account and of its users, oldest first."""

    account_id: UUID


class Erasures(Call[ErasuresShown], service="retention"):
    """Erasures in one state, oldest first."""

    state: Annotated[str, OneOf([state.value for state in State])]
    limit: Annotated[int, Range(min=1, max=1000)] = 100


class Released(Record):
    """How many go on; their eligibility is judged again all the same."""

    released: int


class Release(Call[Released], service="retention", command=True):
    """A person has looked at halted erasures and lets them go on."""

    erasure_ids: Annotated[tuple[UUID, ...], Length(min=1, max=1000)]
    actor: Staff


class CertificateShown(Record):
    """`document` is what was signed, in its one canonical form; `hash` names it in the chain.

    `state` is `issued`, or where the erasure is under way its state, and then there is no document yet.
    `verdict` is what verifying it has just shown: `valid`, `not_valid`, or `not_in_chain` where the certificate
    before it is another one than it names. `public_key`, in PEM, is the key that verifies it, and `key` its id.
    """

    certificate_id: UUID
    state: str
    sequence: int | None = None
    document: str | None = None
    hash: str | None = None
    issued_at: datetime | None = None
    verdict: str | None = None
    key: str | None = None
    public_key: str


class Certificate(Call[CertificateShown], service="retention", refusals=(NotFound,)):
    """A certificate by its id, which stands in the last letter; before it is issued, how far its erasure is."""

    certificate_id: UUID


class LinkShown(Record):
    """One certificate of the chain."""

    sequence: int
    document: str


class ChainShown(Record):
    """Certificates, with the public key that the present ones are signed with: by its id (base64), and in PEM."""

    certificates: tuple[LinkShown, ...]
    public_keys: Mapping[str, str]
    public_key: str


class Certificates(Call[ChainShown], service="retention"):
    """A stretch of the chain of certificates, for checking it."""

    after: Annotated[int, Range(min=0)] = 0
    limit: Annotated[int, Range(min=1, max=500)] = 200


# ── holds and restrictions ───────────────────────────────────────────────────────────────────────────────────


class HoldShown(Record):
    """A hold. `state` is `active`, `overdue` (its review date has passed without a decision) or `released`.

    `not_covered` names persons whose erasure had begun before it was placed, and `age_days` how long it has stood.
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
    not_covered: tuple[UUID, ...] = ()


class PlaceHold(
    Call[HoldShown], service="retention", refusals=(Invalid, Conflict, NotFound), seconds=ASKING_OF_EACH_SECONDS
):
    """Hold an account, persons of it, or categories: nothing of that is erased or changed until the release.

    Everything must be said; the caller may choose `hold_id`, so that asking twice places one.

    Without `user_ids` the hold covers the whole account, without `categories` everything.  `approved_by` is who
    decides, and another than who asks.
    """

    hold_id: UUID | None = None
    account_id: UUID
    user_ids: Annotated[tuple[UUID, ...], Length(max=USERS_LIMIT)] = ()
    categories: Annotated[tuple[Annotated[str, OneOf(CATEGORIES)], ...], Length(max=len(CATEGORIES))] = ()
    reason: Annotated[str, OneOf(REASONS)]
    case_ref: Annotated[str, Regexp(f"{CASE}\\Z", error="sak-, tvist-, krav- or palegg-, year, number")]
    owner: Staff
    requested_by: Staff
    approved_by: Staff
    starts_on: date
    review_on: date


class RenewHold(Call[HoldShown], service="retention", refusals=(Invalid, Conflict, NotFound)):
    """Let a hold stand until a new review date: a person has reviewed it and says why it is still needed."""

    hold_id: UUID
    reason: Annotated[str, OneOf(REASONS)]
    requested_by: Staff
    approved_by: Staff
    review_on: date


class ReleaseHold(Call[HoldShown], service="retention", refusals=(Conflict, NotFound)):
    """End a hold: where the date has passed, what it kept is erased with the next run."""

    hold_id: UUID
    reason: Annotated[str, OneOf(RELEASE_REASONS)]
    actor: Staff


class Hold(Call[HoldShown], service="retention", refusals=(NotFound,)):
    """One hold."""

    hold_id: UUID


class HoldsShown(Record):
    """The next review first."""

    holds: tuple[HoldShown, ...]


class Holds(Call[HoldsShown], service="retention"):
    """Holds of one account or of all that are active, overdue or released; the next review first."""

    account_id: UUID | None = None
    state: Annotated[str, OneOf(("active", "overdue", "released"))] = "active"
    limit: Annotated[int, Range(min=1, max=LIST_LIMIT)] = 100


class RestrictionShown(Record):
    """A restriction. `state` is `set`, `announced`, `told` or `lifted`; `lift_from` the first day to lift it."""

    restriction_id: UUID
    state: str
    account_id: UUID
    user_id: UUID | None
    ground: str
    requested_on: date
    set_by: str
    set_at: datetime
    announced_at: datetime | None
    told_at: datetime | None
    told_by: str | None
    lift_from: date | None
    lifted_at: datetime | None
    lifted_by: str | None


class SetRestriction(
    Call[RestrictionShown],
    service="retention",
    refusals=(Invalid, Conflict, NotFound),
    seconds=ASKING_OF_EACH_SECONDS,
):
    """From now on the data of this person, or of the account, may only be stored.

    It is a person's right under article 18(1); `ground` is its letter, a to d.

    Without `user_id` the whole account, for a company that is a person.  The caller may choose `restriction_id`.
    """

    restriction_id: UUID | None = None
    account_id: UUID
    user_id: UUID | None = None
    ground: Annotated[str, OneOf(GROUNDS)]
    requested_on: date
    actor: Staff


class AnnounceLift(Call[RestrictionShown], service="retention", refusals=(Conflict, NotFound)):
    """Have the person told by letter that the restriction ends, or say by which other `channel` that was done.

    Article 18(3).
    """

    restriction_id: UUID
    channel: Annotated[str, OneOf(CHANNELS)] | None = None
    actor: Staff


class LiftRestriction(Call[RestrictionShown], service="retention", refusals=(Conflict, NotFound)):
    """End a restriction whose person was told; an erasure that is due goes on with the next run.

    Refused before the person was told, and for some days after.
    """

    restriction_id: UUID
    actor: Staff


class RestrictionsShown(Record):
    """The oldest first."""

    restrictions: tuple[RestrictionShown, ...]


class Restrictions(Call[RestrictionsShown], service="retention"):
    """Restrictions of one account or of all, in force or lifted; oldest first."""

    account_id: UUID | None = None
    state: Annotated[str, OneOf(("set", "lifted"))] = "set"
    limit: Annotated[int, Range(min=1, max=LIST_LIMIT)] = 100


# ── early erasures ───────────────────────────────────────────────────────────────────────────────────────────


class EarlyShown(Record):
    """An early request and what became of it; `course` is `accepted`, `begun` or `dropped`."""

    request_id: UUID
    account_id: UUID
    course: str
    requester_role: str
    evidence: str
    received_on: date
    identity_check: str
    authority_check: str
    checked_by: str
    approved_by: str
    export_offered_on: date
    registered_at: datetime
    erasure_id: UUID | None


class RequestEarlyErasure(
    Call[EarlyShown], service="retention", refusals=(Invalid, Conflict, NotFound), seconds=ASKING_SECONDS
):
    """Accept a customer's written request; the account is made inactive and erased without waiting.

    Every field is needed, and one that is missing or cannot be true refuses all of it.

    `request_id` makes a repeated call harmless. `Conflict` where the account is active without notice of
    termination, or is being erased; `NotFound` where there is none.
    """

    request_id: UUID | None = None
    account_id: UUID
    actor: Staff
    requester_role: Annotated[str, OneOf(REQUESTER_ROLES)]
    evidence: Annotated[str, Regexp(f"{EVIDENCE}\\Z", error="sak-, brev-, epost- or signert-<year>-<number>")]
    received_on: date
    identity_check: Annotated[str, OneOf(IDENTITY_CHECKS)]
    authority_check: Annotated[str, OneOf(AUTHORITY_CHECKS)]
    checked_by: Staff
    approved_by: Staff
    export_offered_on: date


class EarlyRequestsShown(Record):
    """The newest first."""

    requests: tuple[EarlyShown, ...]


class EarlyRequests(Call[EarlyRequestsShown], service="retention"):
    """The requests for an early erasure of one account, newest first."""

    account_id: UUID


# ── dry runs ─────────────────────────────────────────────────────────────────────────────────────────────────


class WouldErase(Record):
    """What one participant would erase, by kind, and what it would keep and why; `silent` until it has answered."""

    participant: str
    state: Annotated[str, OneOf(("answered", "silent"))]
    counts: Mapping[str, int]
    retained: tuple[str, ...]


class DryRunShown(Record):
    """How far a dry run is. `held` says that all of it is held: an erasure would wait."""

    dry_run_id: UUID
    account_id: UUID
    user_id: UUID | None
    ordered_at: datetime
    held: bool
    complete: bool
    participants: tuple[WouldErase, ...]


class OrderDryRun(Call[DryRunShown], service="retention", refusals=(Conflict, NotFound), seconds=ASKING_SECONDS):
    """Ask every participant what it would erase and keep if the account, or one user of it, were erased now.

    Holds and restrictions count as they stand. A repeated call with the same `dry_run_id` asks nobody again.
    `NotFound` where there is no such account or user, `Conflict` where the id is that of another dry run.
    """

    dry_run_id: UUID | None = None
    account_id: UUID
    user_id: UUID | None = None
    actor: Staff


class DryRun(Call[DryRunShown], service="retention", refusals=(NotFound,)):
    """What was answered so far. `NotFound` where there is no such dry run, or it is a week old."""

    dry_run_id: UUID
