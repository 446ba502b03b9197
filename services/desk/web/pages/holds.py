"""Holds and restrictions."""

from __future__ import annotations

from typing import Final

from flask import Response

from services.desk.call_codes import codes_of
from services.desk.web import purposes
from services.desk.web.act_forms import Asks
from services.desk.web.visit import Visit
from services.retention.holds.calls import Hold, Holds
from services.retention.restrictions.calls import Restrictions
from shared.web.visit import ident

STATES: Final = codes_of(Holds, "state")
RESTRICTION_STATES: Final = codes_of(Restrictions, "state")


@purposes.asked_first("retention.holds", asks=Asks.CUSTOMERS)
def listed(visit: Visit) -> Response:
    """Holds in one state, the next review first."""
    state = visit.chosen("state", STATES)
    shown = visit.desk.ask(Holds(state=state)).holds
    return visit.page("holds", holds=shown, state=state, states=STATES, purpose=visit.desk.purpose)


@purposes.asked_first("retention.hold")
def show(visit: Visit, hold_id: str) -> Response:
    """One hold with everybody who decided about it."""
    shown = visit.desk.ask(Hold(hold_id=ident(hold_id)))
    return visit.page("hold", hold=shown, purpose=visit.desk.purpose)


@purposes.asked_first("retention.restrictions", asks=Asks.CUSTOMERS)
def restrictions(visit: Visit) -> Response:
    """Restrictions in force, or lifted, the oldest first."""
    state = visit.chosen("state", RESTRICTION_STATES)
    shown = visit.desk.ask(Restrictions(state=state)).restrictions
    return visit.page(
        "restrictions",
        restrictions=shown,
        state=state,
        states=RESTRICTION_STATES,
        purpose=visit.desk.purpose,
    )
