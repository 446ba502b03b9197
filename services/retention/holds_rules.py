"""Who may stop an erasure, of what, for how long, and what a person must be told before it goes on.

A hold suspends execution, never the clock: the due date stays what it was, and when the hold is released an erasure
whose date has passed goes on at once.  Nothing here releases or lengthens a hold by itself; that takes a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from services.retention import holds_told
from services.retention.events import HoldRenewed, HoldReviewOverdue, RestrictionLiftAnnounced
from services.retention.holds_values import REASONS, RESTRICTION_BASIS, Hold, Restriction
from services.retention.values import REVOCABLE, Erasure, HeldPart, Scope, State
from shared.calendar import oslo_date
from shared.errors import Conflict, Invalid
from shared.events import Code
from shared.hold_scope import EVERYBODY, EVERYTHING, LEGAL_HOLD, Held
from shared.participation.events import HoldPlaced, HoldReleased, RestrictionLifted, RestrictionSet
from shared.terms.erasure import HOLD_IN_DISPUTE, HOLD_NO_LONGER_THAN_NEEDED
from shared.terms.parameters import in_force
from shared.terms.registry import enforces
from shared.terms.rights import RIGHT_TO_OBJECT_OR_RESTRICT

ACTIVE_LIMIT: Final = 10
"""Holds on one account at a time; more would be a sign that nobody ends them."""

PARTS_LIMIT: Final = 1000
"""More persons and categories than this are not erased around: the whole account waits."""

OVERDUE_AGAIN: Final = timedelta(days=7)
OVERDUE_TOLD_LIMIT: Final = 52
"""After a year of weekly reminders no more events; the desk shows it for as long as it lasts."""

KEPT_KEYS_LIMIT: Final = 32

COMPANY_KEY: Final = frozenset({"company", EVERYTHING})
PERSON_KEY: Final = frozenset({"profile", "login_events", "agreements", EVERYTHING})
"""Categories with fields sealed under the key of the company, and of the person."""


class TooLate(Conflict):
    """The erasure has begun and cannot be called off."""

    code = "conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldDecided:
    """A hold after a decision, and what the world is told."""

    hold: Hold
    event: HoldPlaced | HoldRenewed | HoldReleased | HoldReviewOverdue


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionDecided:
    """A restriction after a decision, and what the world is told; nothing where it only came nearer to its end."""

    restriction: Restriction
    event: RestrictionSet | RestrictionLiftAnnounced | RestrictionLifted | None


# ── holds ─────────────────────────────────────────────────────────────────────────────────────────────────


@enforces(HOLD_IN_DISPUTE, HOLD_NO_LONGER_THAN_NEEDED)
def place(hold: Hold, *, known: Sequence[Erasure], active: int, now: datetime) -> HoldDecided:
    """Place a hold, or raise `Invalid` where it lacks anything and `Conflict` where it comes too late.

    `known` holds every erasure of the account, and `active` counts the holds already there.
    """
    _check_persons(hold.requested_by, hold.approved_by)
    _check_review(hold.review_on, now)
    if hold.starts_on > oslo_date(now):
        raise Invalid("a hold begins at once", details={"starts_on": ["must not lie ahead"]})
    if active >= ACTIVE_LIMIT:
        raise Conflict(f"an account has at most {ACTIVE_LIMIT} holds at a time")
    _check_not_begun(known, set(hold.user_ids))
    return HoldDecided(hold=hold, event=holds_told.of_placing(hold))


@enforces(HOLD_NO_LONGER_THAN_NEEDED)
def renew(
    hold: Hold, *, reason: str, requested_by: str, approved_by: str, review_on: date, now: datetime
) -> HoldDecided:
    """Let a hold stand until a new review date, with a reason given anew by one person and approved by another."""
    _check_active(hold)
    _check_persons(requested_by, approved_by)
    _check_review(review_on, now)
    after = replace(
        hold,
        reason=reason,
        requested_by=requested_by,
        approved_by=approved_by,
        review_on=review_on,
        as_of=now,
        overdue_told_on=None,
        overdue_told=0,
    )
    return HoldDecided(hold=after, event=holds_told.of_renewal(after))


@enforces(HOLD_IN_DISPUTE, HOLD_NO_LONGER_THAN_NEEDED)
def release(hold: Hold, *, reason: str, actor: str, now: datetime) -> HoldDecided:
    """End a hold: a named person says why. What it kept is erased at once where its date has passed."""
    _check_active(hold)
    after = replace(hold, as_of=now, released_at=now, released_by=actor, release_reason=reason)
    return HoldDecided(hold=after, event=holds_told.of_release(after))


@enforces(HOLD_NO_LONGER_THAN_NEEDED)
def is_overdue(hold: Hold, today: date) -> bool:
    """Whether the day of its review has passed without a decision."""
    return hold.released_at is None and today > hold.review_on


@enforces(HOLD_NO_LONGER_THAN_NEEDED)
def tell_overdue(hold: Hold, today: date) -> HoldDecided | None:
    """Tell that a review is overdue, every week; the hold stays, for what it keeps cannot be brought back."""
    told = hold.overdue_told_on
    recently = told is not None and today < told + OVERDUE_AGAIN
    if not is_overdue(hold, today) or recently or hold.overdue_told >= OVERDUE_TOLD_LIMIT:
        return None
    after = replace(hold, overdue_told_on=today, overdue_told=hold.overdue_told + 1)
    event = HoldReviewOverdue(
        hold_id=hold.id, account_id=hold.account_id, review_on=hold.review_on, times=after.overdue_told
    )
    return HoldDecided(hold=after, event=event)


def _check_active(hold: Hold) -> None:
    if hold.released_at is not None:
        raise Conflict("the hold is released already")


def _check_persons(requested_by: str, approved_by: str) -> None:
    if requested_by == approved_by:
        raise Invalid(
            "whoever asks for a hold does not approve it", details={"approved_by": ["must be another person"]}
        )


def _check_review(review_on: date, now: datetime) -> None:
    today = oslo_date(now)
    days = in_force("hold.review", today).default
    if not today < review_on <= today + timedelta(days=days):
        raise Invalid(
            "a hold is reviewed after today, and soon",
            details={"review_on": [f"must lie 1 to {days} days ahead"]},
        )


# ── restrictions ──────────────────────────────────────────────────────────────────────────────────────────


@enforces(RIGHT_TO_OBJECT_OR_RESTRICT)
def restrict(restriction: Restriction, *, known: Sequence[Erasure], now: datetime) -> RestrictionDecided:
    """Restrict a person's data, or raise `Invalid`, and `Conflict` where their erasure has begun."""
    if restriction.requested_on > oslo_date(now):
        raise Invalid("nobody asks tomorrow", details={"requested_on": ["must not lie ahead"]})
    _check_not_begun(known, {restriction.user_id} if restriction.user_id else set())
    return RestrictionDecided(restriction=restriction, event=holds_told.of_restriction(restriction))


@enforces(RIGHT_TO_OBJECT_OR_RESTRICT)
def announce_lift(
    restriction: Restriction, *, channel: str | None, actor: str, now: datetime
) -> RestrictionDecided:
    """Have the person told that the restriction will be lifted, or note that somebody told them otherwise."""
    _check_set(restriction)
    after = replace(restriction, announced_at=now, announcement_id=None)
    if channel is not None:
        return RestrictionDecided(
            restriction=replace(after, told_at=now, told_by=f"{channel}.{actor.partition(':')[2]}"), event=None
        )
    event = RestrictionLiftAnnounced(
        restriction_id=restriction.id,
        account_id=restriction.account_id,
        user_id=restriction.user_id,
        lift_from=lift_from(now),
        ground=Code(restriction.ground),
        requested_on=restriction.requested_on,
    )
    return RestrictionDecided(restriction=replace(after, told_at=None, told_by=None), event=event)


@enforces(RIGHT_TO_OBJECT_OR_RESTRICT)
def told_by_letter(restriction: Restriction, at: datetime) -> Restriction:
    """Note that the letter about the lifting has left."""
    if restriction.lifted_at is not None or restriction.told_at is not None:
        return restriction
    return replace(restriction, told_at=at, told_by="letter")


@enforces(RIGHT_TO_OBJECT_OR_RESTRICT)
def not_told(restriction: Restriction) -> Restriction:
    """Note that the letter did not arrive: the person has not been told, and must be told otherwise."""
    if restriction.lifted_at is not None or restriction.told_by != "letter":
        return restriction
    return replace(restriction, told_at=None, told_by=None)


@enforces(RIGHT_TO_OBJECT_OR_RESTRICT)
def lift_from(told_at: datetime) -> date:
    """The first day on which a restriction may be lifted whose person is told at this instant."""
    told_on = oslo_date(told_at)
    return told_on + timedelta(days=in_force("restriction.lift_notice", told_on).default)


@enforces(RIGHT_TO_OBJECT_OR_RESTRICT)
def lift(restriction: Restriction, *, actor: str, now: datetime) -> RestrictionDecided:
    """Lift a restriction; raise `Conflict` unless the person was told long enough before (article 18(3))."""
    _check_set(restriction)
    if restriction.told_at is None:
        raise Conflict("the person must be told before the restriction is lifted: announce it first")
    first = lift_from(restriction.told_at)
    if oslo_date(now) < first:
        raise Conflict("the person was told too short a while ago", details={"lift_from": first.isoformat()})
    after = replace(restriction, lifted_at=now, lifted_by=actor)
    return RestrictionDecided(restriction=after, event=holds_told.of_lift(after))


def _check_set(restriction: Restriction) -> None:
    if restriction.lifted_at is not None:
        raise Conflict("the restriction is lifted already")


# ── what they mean for an erasure ─────────────────────────────────────────────────────────────────────────


def has_begun(erasure: Erasure) -> bool:
    """Whether it is past the point up to which it can be stopped, and is not over."""
    fixed = erasure.held is not None and erasure.state is State.ANNOUNCED
    return fixed or erasure.state in {State.FENCED, State.ORDERED, State.DESTROYED}


def _check_not_begun(known: Iterable[Erasure], users: set[UUID]) -> None:
    begun = [each.scope for each in known if has_begun(each)]
    if any(scope.is_account or scope.user_id in users for scope in begun):
        raise TooLate


def not_covered(hold: Hold, known: Iterable[Erasure]) -> tuple[UUID, ...]:
    """The persons whose own erasure had begun before a hold on the whole account came."""
    if hold.user_ids:
        return ()
    return tuple(each.scope.user_id for each in known if has_begun(each) and each.scope.user_id is not None)


@enforces(HOLD_IN_DISPUTE, RIGHT_TO_OBJECT_OR_RESTRICT)
def parts_of(scope: Scope, holds: Iterable[Hold], restrictions: Iterable[Restriction]) -> tuple[HeldPart, ...]:
    """What of the scope of an erasure is held now, each part with its legal basis and review date."""
    parts = [
        HeldPart(user_id=user, category=category, basis=REASONS[each.reason], review_on=each.review_on, by=each.id)
        for each in holds
        if each.released_at is None
        for user, category in each.held.pairs
    ]
    parts += [
        HeldPart(user_id=each.user_id, category=EVERYTHING, basis=RESTRICTION_BASIS, review_on=None, by=each.id)
        for each in restrictions
        if each.lifted_at is None
    ]
    concerned = [part for part in parts if scope.is_account or part.user_id in (None, scope.user_id)]
    return tuple(sorted(concerned, key=lambda part: (str(part.by), str(part.user_id), part.category)))


def held_in(parts: Iterable[HeldPart] | None) -> Held:
    """The same without bases and dates."""
    return Held(frozenset((part.user_id, part.category) for part in parts or ()))


@enforces(HOLD_IN_DISPUTE, RIGHT_TO_OBJECT_OR_RESTRICT)
def is_suspended(scope: Scope, parts: Sequence[HeldPart]) -> bool:
    """Whether nothing of the scope may be erased now."""
    return held_in(parts).whole(scope.user_id) or len(parts) > PARTS_LIMIT


@enforces(HOLD_IN_DISPUTE)
def completes(erasure: Erasure, parts: Sequence[HeldPart], *, new_id: UUID, now: datetime) -> Erasure | None:
    """The erasure of what an earlier one kept, or None where all of that is still held.

    It is due on the same day as the one that it completes: there are no fresh three months.  A person's decision
    has led to it, so it passes the brake.  One that kept something and does not know what held it was brought back
    from the ledger after the end of that hold.
    """
    if erasure.held and held_in(parts).includes(held_in(erasure.held)):
        return None
    return replace(
        erasure,
        id=new_id,
        state=State.SCHEDULED,
        entered_at=now,
        released=True,
        certificate_id=None,
        backups_expire_on=None,
        letter_done=False,
        participants=(),
        attempt=0,
        ordered_at=None,
        answers=MappingProxyType({}),
        key_fingerprints=(),
        destroyed_at=None,
        held=None,
        kept_back=False,
        resumed_on=oslo_date(now),
        completes=erasure.certificate_id,
    )


@enforces(HOLD_IN_DISPUTE)
def resume(erasure: Erasure, today: date) -> Erasure:
    """Note since when a suspended erasure may go on, so that the days it has for that count from then."""
    if erasure.state not in REVOCABLE or today <= erasure.due_on:
        return erasure
    return replace(erasure, resumed_on=today)


@enforces(HOLD_IN_DISPUTE)
def kept_keys(erasure: Erasure) -> tuple[UUID, ...]:
    """The subjects whose keys are spared, because what they open was kept: companies by account, persons by user.

    `EVERYBODY` stands for all persons of the account.  Where no participant kept anything no key is spared.
    """
    if not kept_back(erasure):
        return ()
    return spared(erasure)


@enforces(HOLD_IN_DISPUTE)
def spared(erasure: Erasure) -> tuple[UUID, ...]:
    """The same while the participants have not answered: whatever may be needed for what is held."""
    pairs = held_in(erasure.held).pairs
    everybody = any(user is None and category in PERSON_KEY for user, category in pairs)
    persons = {user for user, category in pairs if user is not None and category in PERSON_KEY}
    company = any(user is None and category in COMPANY_KEY for user, category in pairs)
    kept = {erasure.scope.account_id} if company else set[UUID]()
    if everybody or len(persons | kept) > KEPT_KEYS_LIMIT - 1:
        return (*sorted(kept), EVERYBODY)
    return tuple(sorted(persons | kept))


def kept_back(erasure: Erasure) -> bool:
    """Whether a participant of the erasure kept something that is held."""
    said = (answer.retained for answer in erasure.answers.values())
    return bool(erasure.held) and any(LEGAL_HOLD in retained for retained in said)


def shown_parts(parts: Iterable[HeldPart]) -> list[dict[str, Any]]:
    """What is held as it is told outside: categories, bases and review dates, nobody's id."""
    distinct = {(part.category, part.basis, part.review_on) for part in parts}
    ordered = sorted(distinct, key=lambda each: (each[0], each[1], str(each[2])))
    return [{"category": category, "basis": basis, "review_on": day} for category, basis, day in ordered]
