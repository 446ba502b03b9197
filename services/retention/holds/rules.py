"""Who may stop an erasure, of what and for how long, and what a person must be told before it goes on.

Nothing here releases or lengthens a hold by itself; that takes a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from services.retention.erasure.values import FINISHED, Erasure
from services.retention.holds.events import HoldRenewed, HoldReviewOverdue
from services.retention.holds.values import Hold
from services.retention.suspended_erasures.rules import check_not_begun, has_begun
from shared.actor import Actor
from shared.calendar import oslo_date
from shared.errors import Conflict, Invalid
from shared.events import Code
from shared.participation.events import HoldPlaced, HoldReleased
from shared.terms.clauses.erasure import HOLD_IN_DISPUTE, HOLD_NO_LONGER_THAN_NEEDED
from shared.terms.parameters import in_force
from shared.terms.rule_registry import enforces

ACTIVE_LIMIT: Final = 10
"""Holds on one account at a time; more would be a sign that nobody ends them."""

OVERDUE_AGAIN: Final = timedelta(days=7)
OVERDUE_TOLD_LIMIT: Final = 52
"""After a year of weekly reminders no more events; the desk shows it for as long as it lasts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldDecided:
    """A hold after a decision, and what the world is told."""

    hold: Hold
    event: HoldPlaced | HoldRenewed | HoldReleased | HoldReviewOverdue


@enforces(HOLD_IN_DISPUTE, HOLD_NO_LONGER_THAN_NEEDED)
def place(hold: Hold, *, known: Sequence[Erasure], active: Sequence[Hold], now: datetime) -> HoldDecided:
    """Place a hold, or raise `Invalid` where it lacks anything and `Conflict` where it comes too late.

    `known` holds every erasure of the account, and `active` the holds already there: what one of them covers for
    the same case is not held twice, for whoever released the one would leave the other.
    """
    _check_persons(hold.requested_by, hold.approved_by)
    _check_review(hold.review_on, now)
    if hold.starts_on > oslo_date(now):
        raise Invalid("a hold begins at once", details={"starts_on": ["must not lie ahead"]})
    if (same := next((each for each in active if _is_same(each, hold)), None)) is not None:
        raise Conflict(
            "this is held already for this case", details={"reason": "hold_exists", "hold_id": str(same.id)}
        )
    if len(active) >= ACTIVE_LIMIT:
        raise Conflict(f"an account has at most {ACTIVE_LIMIT} holds at a time", details={"reason": "hold_limit"})
    check_not_begun(known, set(hold.user_ids))
    return HoldDecided(hold=hold, event=placed_event(hold, known))


@enforces(HOLD_NO_LONGER_THAN_NEEDED)
def renew(
    hold: Hold,
    *,
    reason: str,
    requested_by: str,
    approved_by: str,
    review_on: date,
    owner: str | None = None,
    now: datetime,
) -> HoldDecided:
    """Let a hold stand until a new review date, with a reason given anew by one person and approved by another.

    `owner` answers for it from then on; None: whoever did.
    """
    _check_active(hold)
    _check_persons(requested_by, approved_by)
    _check_review(review_on, now)
    after = replace(
        hold,
        reason=reason,
        owner=owner or hold.owner,
        requested_by=requested_by,
        approved_by=approved_by,
        review_on=review_on,
        as_of=now,
        overdue_told_on=None,
        overdue_told=0,
    )
    return HoldDecided(hold=after, event=renewed_event(after))


@enforces(HOLD_IN_DISPUTE, HOLD_NO_LONGER_THAN_NEEDED)
def release(hold: Hold, *, reason: str, actor: Actor, now: datetime) -> HoldDecided:
    """End a hold: a named person says why. What it kept is erased at once where its date has passed."""
    _check_active(hold)
    after = replace(hold, as_of=now, released_at=now, released_by=str(actor), release_reason=reason)
    return HoldDecided(hold=after, event=released_event(after))


@enforces(HOLD_NO_LONGER_THAN_NEEDED)
def is_overdue(hold: Hold, today: date) -> bool:
    """Whether the day of its review has passed without a decision."""
    return hold.released_at is None and today > hold.review_on


@enforces(HOLD_NO_LONGER_THAN_NEEDED)
def report_overdue(hold: Hold, today: date) -> HoldDecided | None:
    """Say that a review is overdue, every week; the hold stays, for what it keeps cannot be brought back."""
    reported_on = hold.overdue_told_on
    recently = reported_on is not None and today < reported_on + OVERDUE_AGAIN
    if not is_overdue(hold, today) or recently or hold.overdue_told >= OVERDUE_TOLD_LIMIT:
        return None
    after = replace(hold, overdue_told_on=today, overdue_told=hold.overdue_told + 1)
    event = HoldReviewOverdue(
        hold_id=hold.id, account_id=hold.account_id, review_on=hold.review_on, times=after.overdue_told
    )
    return HoldDecided(hold=after, event=event)


def not_covered(hold: Hold, known: Iterable[Erasure]) -> tuple[UUID, ...]:
    """The persons whose own erasure had begun before a hold on the whole account came."""
    if hold.user_ids:
        return ()
    return tuple(each.scope.user_id for each in known if has_begun(each) and each.scope.user_id is not None)


def _is_same(one: Hold, other: Hold) -> bool:
    return (one.held, one.case_ref) == (other.held, other.case_ref)


def _check_active(hold: Hold) -> None:
    if hold.released_at is not None:
        raise Conflict("the hold is released already", details={"reason": "hold_released"})


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


# ── what the world is told, made from the rows alone, so that whoever finds the fact can tell it again ────────


def event_of(hold: Hold, known: Iterable[Erasure]) -> HoldPlaced | HoldRenewed:
    """It was placed; or renewed, where the decision is younger than the hold."""
    return placed_event(hold, known) if hold.as_of == hold.placed_at else renewed_event(hold)


@enforces(HOLD_IN_DISPUTE)
def postpones(hold: Hold, known: Iterable[Erasure]) -> bool:
    """Whether an erasure is planned that the hold may keep waiting: of the account, or of somebody it covers."""
    concerned = (each for each in known if not hold.user_ids or each.scope.user_id in (None, *hold.user_ids))
    return any(each.state not in FINISHED for each in concerned)


def placed_event(hold: Hold, known: Iterable[Erasure]) -> HoldPlaced:
    """It was placed."""
    return HoldPlaced(
        hold_id=hold.id,
        account_id=hold.account_id,
        user_ids=list(hold.user_ids),
        categories=[Code(each) for each in hold.categories],
        reason=Code(hold.reason),
        starts_on=hold.starts_on,
        review_on=hold.review_on,
        postpones=postpones(hold, known),
        case_id=hold.case_id,
    )


def renewed_event(hold: Hold) -> HoldRenewed:
    """It stands until a new review date."""
    return HoldRenewed(
        hold_id=hold.id,
        account_id=hold.account_id,
        reason=Code(hold.reason),
        review_on=hold.review_on,
        case_id=hold.case_id,
    )


def released_event(hold: Hold) -> HoldReleased:
    """It is over. Raises `ValueError` for one that is not."""
    if hold.release_reason is None:
        raise ValueError("the hold is not released")
    return HoldReleased(hold_id=hold.id, account_id=hold.account_id, reason=Code(hold.release_reason))
