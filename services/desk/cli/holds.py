"""Holds and restrictions as staff decide about them. What takes two persons is asked for here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

import typer

from services.desk.call_codes import codes_of
from services.desk.cli.approvals import requested
from services.desk.cli.arguments import (
    After,
    Id,
    Limit,
    Matching,
    code_argument,
    code_option,
    day_option,
    id_option,
    pattern_of,
    staff_option,
)
from services.desk.cli.connection import desk
from services.desk.cli.looks import WhatFor, WhatForReading, looking
from services.desk.cli.output import Json, Yes, ask_as_page, facts, more, spoken, table
from services.desk.client import Desk
from services.desk.queries.purposes import OF_READING
from services.retention.holds.calls import Hold, Holds, PlaceHold, ReleaseHold, RenewHold
from services.retention.restrictions.calls import AnnounceLift, LiftRestriction, Restrictions, SetRestriction
from shared.actor import Actor
from shared.calendar import oslo_date
from shared.case_references import REFERENCE
from shared.identifiers import new_id

holds = typer.Typer(no_args_is_help=True)
restrictions = typer.Typer(no_args_is_help=True)

HOLD_COLUMNS = ("hold_id", "state", "account_id", "user_ids", "categories", "reason", "case_ref", "review_on")
RESTRICTION_COLUMNS = ("restriction_id", "state", "account_id", "user_id", "ground", "requested_on", "lift_from")

Day = Annotated[date | None, day_option("Today where not given.")]
Review = Annotated[date, day_option("When a person looks again; 90 days at most.", "--review")]


def _day(given: date | None, at: Desk) -> date:
    return given or oslo_date(at.clock.now())


@dataclass(frozen=True)
class CaseCalled(Matching):
    """Reads what a case is called, of which capitals and blanks around do not matter."""

    def __call__(self, text: str) -> str:
        """What it is called. Raises `ValueError`."""
        plain = text.strip()
        named = plain.upper() if REFERENCE.fullmatch(plain.upper()) else plain.lower()
        if not re.fullmatch(self.pattern, named, re.ASCII):
            raise ValueError(f"not of the form of {self.example} or tvist-2026-12")
        return named


# ── holds ─────────────────────────────────────────────────────────────────────────────────────────────────


@holds.command("place")
@spoken
def place(
    account_id: Id,
    reason: Annotated[str, code_option(*codes_of(PlaceHold, "reason"))],
    case: Annotated[
        str,
        typer.Option(
            parser=CaseCalled(pattern_of(PlaceHold, "case_ref"), "V-7K3M-92"),
            metavar="NUMBER",
            help="What a dispute is called, as V-7K3M-92; or sak-, tvist-, krav- or palegg-, year, number.",
        ),
    ],
    owner: Annotated[Actor, staff_option("Whoever answers for the hold.")],
    review: Review,
    user: Annotated[list[UUID] | None, id_option("Only this user; repeat for more.")] = None,
    category: Annotated[
        list[str] | None,
        code_option(*codes_of(PlaceHold, "categories"), says="Only this category of data; repeat for more:"),
    ] = None,
    starts: Day = None,
    json: Json = False,
) -> None:
    """Ask to keep what a dispute needs: it is neither erased nor changed until the hold is released.

    Another person approves it at the desk.
    """
    with desk() as at:
        hold = PlaceHold(
            hold_id=new_id(),
            account_id=account_id,
            user_ids=tuple(user or ()),
            categories=tuple(category or ()),
            reason=reason,
            case_ref=case,
            owner=owner,
            starts_on=_day(starts, at),
            review_on=review,
        )
        requested(at, hold, json=json)


@holds.command("renew")
@spoken
def renew(
    hold_id: Id,
    reason: Annotated[str, code_option(*codes_of(RenewHold, "reason"), says="Why it is still needed:")],
    review: Review,
    owner: Annotated[Actor | None, staff_option("Whoever takes it over.")] = None,
    account_id: Annotated[
        UUID | None, id_option("Whose hold it is; without, that is looked up first.", "--account")
    ] = None,
    purpose: WhatFor = None,
    json: Json = False,
) -> None:
    """Ask to let a hold stand until a new review date, after you have reviewed it; another person approves it."""
    with looking(purpose, "retention.renew_hold") as at:
        # Who may approve it, and who may ask, can depend on whose it is: both persons are held to the customer.
        whose = account_id or at.ask(Hold(hold_id=hold_id)).account_id
        hold = RenewHold(hold_id=hold_id, account_id=whose, reason=reason, review_on=review, owner=owner)
        requested(at, hold, json=json)


@holds.command("release")
@spoken
def release(
    hold_id: Id,
    reason: Annotated[str, code_option(*codes_of(ReleaseHold, "reason"))],
    yes: Yes = False,
    purpose: WhatFor = None,
    json: Json = False,
) -> None:
    """End a hold: what it kept is erased at once where its date has passed."""
    ask_as_page("release-hold", f"Hold {hold_id}", yes=yes)
    with looking(purpose, "retention.release_hold") as at:
        released = at.ask(ReleaseHold(hold_id=hold_id, reason=reason, actor=at.who))
    facts(released, json_too=json, title="Hold")


@holds.command("list")
@spoken
def list_holds(
    state: Annotated[str, code_argument(*codes_of(Holds, "state"))] = "active",
    account_id: Annotated[UUID | None, id_option("Of one account.", "--account")] = None,
    purpose: WhatForReading = None,
    limit: Limit = 100,
    after: After = None,
    json: Json = False,
) -> None:
    """Holds, the next review first; overdue ones wait for a decision that nobody else takes.

    That you looked is recorded.
    """
    with looking(purpose, "retention.holds", known=OF_READING) as at:
        listed = at.ask(Holds(state=state, account_id=account_id, limit=limit, after=after))
    more(listed.next_after)
    table(listed.holds, HOLD_COLUMNS, title=f"Holds: {state}", json_too=json)


@holds.command("show")
@spoken
def show(hold_id: Id, purpose: WhatFor = None, json: Json = False) -> None:
    """One hold with everybody who decided about it. That you looked is recorded."""
    with looking(purpose, "retention.hold") as at:
        facts(at.ask(Hold(hold_id=hold_id)), json_too=json, title="Hold")


# ── restrictions ──────────────────────────────────────────────────────────────────────────────────────────


@restrictions.command("set")
@spoken
def set_restriction(
    account_id: Id,
    ground: Annotated[str, code_option(*codes_of(SetRestriction, "ground"), says="Of GDPR article 18(1):")],
    user: Annotated[UUID | None, id_option("The person; without, the whole account.")] = None,
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
            actor=at.who,
        )
        made = at.ask(restriction)
    facts(made, json_too=json, title="Restriction")


@restrictions.command("announce-lift")
@spoken
def announce_lift(
    restriction_id: Id,
    told_by: Annotated[
        str | None, code_option(*codes_of(AnnounceLift, "channel"), says="Where you have told the person yourself:")
    ] = None,
    purpose: WhatFor = None,
    json: Json = False,
) -> None:
    """Have the person told that the restriction ends; it can be lifted some days after."""
    with looking(purpose, "retention.announce_lift") as at:
        announced = at.ask(AnnounceLift(restriction_id=restriction_id, channel=told_by, actor=at.who))
    facts(announced, json_too=json, title="Restriction")


@restrictions.command("lift")
@spoken
def lift(restriction_id: Id, yes: Yes = False, purpose: WhatFor = None, json: Json = False) -> None:
    """Lift a restriction whose person was told; an erasure that is due goes on at once."""
    ask_as_page("lift-restriction", f"Restriction {restriction_id}", yes=yes)
    with looking(purpose, "retention.lift_restriction") as at:
        lifted = at.ask(LiftRestriction(restriction_id=restriction_id, actor=at.who))
    facts(lifted, json_too=json, title="Restriction")


@restrictions.command("list")
@spoken
def list_restrictions(
    state: Annotated[str, code_argument(*codes_of(Restrictions, "state"))] = "set",
    account_id: Annotated[UUID | None, id_option("Of one account.", "--account")] = None,
    purpose: WhatForReading = None,
    limit: Limit = 100,
    after: After = None,
    json: Json = False,
) -> None:
    """Restrictions in force, or lifted, oldest first. That you looked is recorded."""
    with looking(purpose, "retention.restrictions", known=OF_READING) as at:
        listed = at.ask(Restrictions(state=state, account_id=account_id, limit=limit, after=after))
    more(listed.next_after)
    table(listed.restrictions, RESTRICTION_COLUMNS, title=f"Restrictions: {state}", json_too=json)
