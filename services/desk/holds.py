"""Holds and restrictions as staff decide about them. Whoever is at the desk approves; somebody else has asked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import typer

from services.desk.client import Desk, desk
from services.desk.output import Json, facts, spoken, table
from services.retention.calls import (
    AnnounceLift,
    Hold,
    Holds,
    LiftRestriction,
    PlaceHold,
    ReleaseHold,
    RenewHold,
    Restrictions,
    SetRestriction,
)
from shared.calendar import oslo_date
from shared.errors import Invalid
from shared.identifiers import new_id

holds = typer.Typer(no_args_is_help=True)
restrictions = typer.Typer(no_args_is_help=True)

HOLD_COLUMNS = ("hold_id", "state", "account_id", "user_ids", "categories", "reason", "case_ref", "review_on")
RESTRICTION_COLUMNS = ("restriction_id", "state", "account_id", "user_id", "ground", "requested_on", "lift_from")

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Today where not given.")]
Review = Annotated[
    datetime, typer.Option("--review", formats=["%Y-%m-%d"], help="When a person looks again; 90 days at most.")
]
AskedBy = Annotated[str, typer.Option("--requested-by", help="staff:<code> of whoever asks; you approve.")]


def _day(given: datetime | None, at: Desk) -> date:
    return given.date() if given else oslo_date(at.clock.now())


# ── holds ─────────────────────────────────────────────────────────────────────────────────────────────────


@holds.command("place")
@spoken
def place(
    account_id: UUID,
    reason: Annotated[str, typer.Option(help="dispute, legal_claim, authority_order or statutory_duty.")],
    case: Annotated[str, typer.Option(help="Number of the case: sak-, tvist-, krav- or palegg-, year, number.")],
    owner: Annotated[str, typer.Option(help="staff:<code> of whoever answers for the hold.")],
    requested_by: AskedBy,
    review: Review,
    user: Annotated[list[UUID] | None, typer.Option(help="Only this user; repeat for more.")] = None,
    category: Annotated[list[str] | None, typer.Option(help="Only this category of data; repeat for more.")] = None,
    starts: Day = None,
    json: Json = False,
) -> None:
    """Keep what a dispute needs: it is neither erased nor changed until the hold is released."""
    with desk() as at:
        hold = PlaceHold(
            hold_id=new_id(),
            account_id=account_id,
            user_ids=tuple(user or ()),
            categories=tuple(category or ()),
            reason=reason,
            case_ref=case.lower(),
            owner=owner,
            requested_by=requested_by,
            approved_by=at.actor,
            starts_on=_day(starts, at),
            review_on=review.date(),
        )
        placed = at.ask(hold)
    facts(placed, json_too=json, title="Hold")


@holds.command("renew")
@spoken
def renew(
    hold_id: UUID,
    reason: Annotated[str, typer.Option(help="Why it is still needed.")],
    requested_by: AskedBy,
    review: Review,
    json: Json = False,
) -> None:
    """Let a hold stand until a new review date, after you have reviewed it."""
    with desk() as at:
        renewal = RenewHold(
            hold_id=hold_id,
            reason=reason,
            requested_by=requested_by,
            approved_by=at.actor,
            review_on=review.date(),
        )
        renewed = at.ask(renewal)
    facts(renewed, json_too=json, title="Hold")


@holds.command("release")
@spoken
def release(
    hold_id: UUID,
    reason: Annotated[
        str, typer.Option(help="settled, time_barred, order_withdrawn, no_longer_needed or placed_in_error.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """End a hold: what it kept is erased at once where its date has passed."""
    if not yes:
        typer.confirm("Release the hold? What is erased then cannot be brought back.", abort=True)
    with desk() as at:
        released = at.ask(ReleaseHold(hold_id=hold_id, reason=reason, actor=at.actor))
    facts(released, json_too=json, title="Hold")


@holds.command("list")
@spoken
def list_holds(
    state: Annotated[str, typer.Argument(help="active, overdue or released.")] = "active",
    account_id: Annotated[UUID | None, typer.Option("--account", help="Of one account.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 100,
    json: Json = False,
) -> None:
    """Holds, the next review first; overdue ones wait for a decision that nobody else takes."""
    with desk() as at:
        listed = at.ask(Holds(state=state, account_id=account_id, limit=limit)).holds
    table(listed, HOLD_COLUMNS, title=f"Holds: {state}", json_too=json)


@holds.command("show")
@spoken
def show(hold_id: UUID, json: Json = False) -> None:
    """One hold with everybody who decided about it."""
    with desk() as at:
        facts(at.ask(Hold(hold_id=hold_id)), json_too=json, title="Hold")


# ── restrictions ──────────────────────────────────────────────────────────────────────────────────────────


@restrictions.command("set")
@spoken
def set_restriction(
    account_id: UUID,
    ground: Annotated[str, typer.Option(help="a, b, c or d of GDPR article 18(1).")],
    user: Annotated[UUID | None, typer.Option(help="The person; without, the whole account.")] = None,
    requested: Day = None,
    json: Json = False,
) -> None:
    """Restrict: from now on the data may only be stored."""
    with desk() as at:
        restriction = SetRestriction(
            restriction_id=new_id(),
            account_id=account_id,
            user_id=user,
            ground=ground,
            requested_on=_day(requested, at),
            actor=at.actor,
        )
        made = at.ask(restriction)
    facts(made, json_too=json, title="Restriction")


@restrictions.command("announce-lift")
@spoken
def announce_lift(
    restriction_id: UUID,
    told_by: Annotated[
        str | None, typer.Option(help="phone, post or in_person, where you have told the person yourself.")
    ] = None,
    json: Json = False,
) -> None:
    """Have the person told that the restriction ends; it can be lifted some days after."""
    with desk() as at:
        announced = at.ask(AnnounceLift(restriction_id=restriction_id, channel=told_by, actor=at.actor))
    facts(announced, json_too=json, title="Restriction")


@restrictions.command("lift")
@spoken
def lift(restriction_id: UUID, json: Json = False) -> None:
    """Lift a restriction whose person was told; an erasure that is due goes on at once."""
    with desk() as at:
        lifted = at.ask(LiftRestriction(restriction_id=restriction_id, actor=at.actor))
    facts(lifted, json_too=json, title="Restriction")


@restrictions.command("list")
@spoken
def list_restrictions(
    state: Annotated[str, typer.Argument(help="set or lifted.")] = "set",
    account_id: Annotated[UUID | None, typer.Option("--account", help="Of one account.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 100,
    json: Json = False,
) -> None:
    """Restrictions in force, or lifted, oldest first."""
    if state not in ("set", "lifted"):
        raise Invalid("A restriction is set or lifted.")
    with desk() as at:
        listed = at.ask(Restrictions(state=state, account_id=account_id, limit=limit)).restrictions
    table(listed, RESTRICTION_COLUMNS, title=f"Restrictions: {state}", json_too=json)
