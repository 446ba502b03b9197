"""Erasures: what is due, what was halted, what is done."""

from __future__ import annotations

from typing import Final

from flask import Response

from services.desk.call_codes import codes_of
from services.desk.web import purposes
from services.desk.web.act_forms import Asks
from services.desk.web.visit import Visit
from services.retention.monitoring.calls import Erasures

STATES: Final = codes_of(Erasures, "state")


@purposes.asked_first("retention.erasures", asks=Asks.CUSTOMERS)
def listed(visit: Visit) -> Response:
    """Erasures in one state, the oldest first."""
    state = visit.chosen("state", STATES)
    shown = visit.desk.ask(Erasures(state=state)).erasures
    return visit.page("erasures", erasures=shown, state=state, states=STATES, purpose=visit.desk.purpose)
