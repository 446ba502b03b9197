"""When a restriction of article 18 is set, and when it may be lifted: only after the person was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.retention.erasure.values import Erasure
from services.retention.restrictions.events import RestrictionLiftAnnounced
from services.retention.restrictions.values import Restriction
from services.retention.suspended_erasures.rules import check_not_begun
from shared.actor import Actor
from shared.calendar import oslo_date
from shared.errors import Conflict, Invalid
from shared.events import Code
from shared.participation.events import RestrictionLifted, RestrictionSet
from shared.terms.clauses.rights import RIGHT_TO_OBJECT_OR_RESTRICT
from shared.terms.parameters import in_force
from shared.terms.rule_registry import enforces


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionDecided:
    """A restriction after a decision, and what the world is told; nothing where it only came nearer to its end."""

    restriction: Restriction
    event: RestrictionSet | RestrictionLiftAnnounced | RestrictionLifted | None


@enforces(RIGHT_TO_OBJECT_OR_RESTRICT)
def restrict(restriction: Restriction, *, known: Sequence[Erasure], now: datetime) -> RestrictionDecided:
    """Restrict a person's data, or raise `Invalid`, and `Conflict` where their erasure has begun."""
    if restriction.requested_on > oslo_date(now):
        raise Invalid("nobody asks tomorrow", details={"requested_on": ["must not lie ahead"]})
    check_not_begun(known, {restriction.user_id} if restriction.user_id else set())
    return RestrictionDecided(restriction=restriction, event=set_event(restriction))


@enforces(RIGHT_TO_OBJECT_OR_RESTRICT)
def announce_lift(
    restriction: Restriction, *, channel: str | None, actor: Actor, now: datetime
) -> RestrictionDecided:
    """Have the person told that the restriction will be lifted, or note that somebody told them otherwise."""
    _check_set(restriction)
    after = replace(restriction, announced_at=now, announcement_id=None)
    if channel is not None:
        return RestrictionDecided(
            restriction=replace(after, told_at=now, told_by=f"{channel}.{actor.name}"), event=None
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
def lift(restriction: Restriction, *, actor: Actor, now: datetime) -> RestrictionDecided:
    """Lift a restriction; raise `Conflict` unless the person was told long enough before (article 18(3))."""
    _check_set(restriction)
    if restriction.told_at is None:
        raise Conflict("the person must be told before the restriction is lifted: announce it first")
    first = lift_from(restriction.told_at)
    if oslo_date(now) < first:
        raise Conflict("the person was told too short a while ago", details={"lift_from": first.isoformat()})
    after = replace(restriction, lifted_at=now, lifted_by=str(actor))
    return RestrictionDecided(restriction=after, event=lifted_event(after))


def _check_set(restriction: Restriction) -> None:
    if restriction.lifted_at is not None:
        raise Conflict("the restriction is lifted already")


# ── what the world is told, made from the row alone, so that whoever finds the fact can tell it again ─────────


def set_event(restriction: Restriction) -> RestrictionSet:
    """It was set."""
    return RestrictionSet(
        restriction_id=restriction.id,
        account_id=restriction.account_id,
        user_id=restriction.user_id,
        ground=Code(restriction.ground),
        requested_on=restriction.requested_on,
    )


def lifted_event(restriction: Restriction) -> RestrictionLifted:
    """It is over."""
    return RestrictionLifted(
        restriction_id=restriction.id, account_id=restriction.account_id, user_id=restriction.user_id
    )
