"""What the world is told of a decision about a hold or a restriction, made from its row alone.

So it can be told again by whoever finds the decision in the ledger and not in the database.
"""

from __future__ import annotations

from services.retention.events import HoldRenewed
from services.retention.holds_values import Hold, Restriction
from shared.events import Code
from shared.participation.events import HoldPlaced, HoldReleased, RestrictionLifted, RestrictionSet


def of_hold(hold: Hold) -> HoldPlaced | HoldRenewed:
    """It was placed; or renewed, where the decision is younger than the hold."""
    return of_placing(hold) if hold.as_of == hold.placed_at else of_renewal(hold)


def of_renewal(hold: Hold) -> HoldRenewed:
    """It stands until a new review date."""
    return HoldRenewed(
        hold_id=hold.id, account_id=hold.account_id, reason=Code(hold.reason), review_on=hold.review_on
    )


def of_placing(hold: Hold) -> HoldPlaced:
    """It was placed."""
    return HoldPlaced(
        hold_id=hold.id,
        account_id=hold.account_id,
        user_ids=list(hold.user_ids),
        categories=[Code(each) for each in hold.categories],
        reason=Code(hold.reason),
        starts_on=hold.starts_on,
        review_on=hold.review_on,
    )


def of_release(hold: Hold) -> HoldReleased:
    """It is over. Raises `ValueError` for one that is not."""
    if hold.release_reason is None:
        raise ValueError("the hold is not released")
    return HoldReleased(hold_id=hold.id, account_id=hold.account_id, reason=Code(hold.release_reason))


def of_restriction(restriction: Restriction) -> RestrictionSet:
    """It was set."""
    return RestrictionSet(
        restriction_id=restriction.id,
        account_id=restriction.account_id,
        user_id=restriction.user_id,
        ground=Code(restriction.ground),
        requested_on=restriction.requested_on,
    )


def of_lift(restriction: Restriction) -> RestrictionLifted:
    """It is over."""
    return RestrictionLifted(
        restriction_id=restriction.id, account_id=restriction.account_id, user_id=restriction.user_id
    )
