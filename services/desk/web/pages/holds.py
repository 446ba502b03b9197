"""Holds and restrictions."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from flask import Response

from services.desk.call_codes import codes_of
from services.desk.web import paging, purposes
from services.desk.web.act_forms import Asks
from services.desk.web.visit import Visit
from services.retention.holds.calls import Hold, Holds, HoldShown
from services.retention.restrictions.calls import Restrictions, RestrictionShown
from shared.web.visit import ident

STATES: Final = codes_of(Holds, "state")
RESTRICTION_STATES: Final = codes_of(Restrictions, "state")
HOLDS_FILE: Final = "/holds.csv"
RESTRICTIONS_FILE: Final = "/restrictions.csv"


@purposes.asked_first("retention.holds", asks=Asks.CUSTOMERS)
def listed(visit: Visit) -> Response:
    """Holds in one state, the next review first."""
    asked = _holds(visit)
    shown = paging.page(visit, asked)
    return visit.page(
        "holds",
        holds=shown.holds,
        state=asked.state,
        states=STATES,
        account_id=asked.account_id,
        pages=paging.around(visit, shown.next_after, table=HOLDS_FILE),
        purpose=visit.desk.purpose,
    )


@purposes.asked_first("retention.holds", asks=Asks.CUSTOMERS)
def holds_as_csv(visit: Visit) -> Response:
    """All of them as a table."""
    return paging.whole(visit, _holds(visit), "holds", HoldShown)


@purposes.asked_first("retention.hold")
def show(visit: Visit, hold_id: str) -> Response:
    """One hold with everybody who decided about it."""
    shown = visit.desk.ask(Hold(hold_id=ident(hold_id)))
    return visit.page("hold", hold=shown, purpose=visit.desk.purpose)


@purposes.asked_first("retention.restrictions", asks=Asks.CUSTOMERS)
def restrictions(visit: Visit) -> Response:
    """Restrictions in force, or lifted, the oldest first."""
    asked = _restrictions(visit)
    shown = paging.page(visit, asked)
    return visit.page(
        "restrictions",
        restrictions=shown.restrictions,
        state=asked.state,
        states=RESTRICTION_STATES,
        account_id=asked.account_id,
        pages=paging.around(visit, shown.next_after, table=RESTRICTIONS_FILE),
        purpose=visit.desk.purpose,
    )


@purposes.asked_first("retention.restrictions", asks=Asks.CUSTOMERS)
def restrictions_as_csv(visit: Visit) -> Response:
    """All of them as a table."""
    return paging.whole(visit, _restrictions(visit), "restrictions", RestrictionShown)


def _holds(visit: Visit) -> Holds:
    return Holds(state=visit.chosen("state", STATES), account_id=_of_one(visit))


def _restrictions(visit: Visit) -> Restrictions:
    return Restrictions(state=visit.chosen("state", RESTRICTION_STATES), account_id=_of_one(visit))


def _of_one(visit: Visit) -> UUID | None:
    """The customer whose list the address asks for; None for that of all."""
    account_id = visit.request.args.get("account_id")
    return ident(account_id) if account_id else None
