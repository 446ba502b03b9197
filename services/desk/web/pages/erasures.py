"""Erasures: what is due, what was halted, what is done."""

from __future__ import annotations

from typing import Final

from flask import Response

from services.desk.call_codes import codes_of
from services.desk.web import paging, purposes
from services.desk.web.act_forms import Asks
from services.desk.web.visit import Visit
from services.retention.monitoring.calls import Erasures, ErasureShown

STATES: Final = codes_of(Erasures, "state")
FILE: Final = "/erasures.csv"


@purposes.asked_first("retention.erasures", asks=Asks.CUSTOMERS)
def listed(visit: Visit) -> Response:
    """Erasures in one state, the oldest first."""
    asked = _erasures(visit)
    shown = paging.page(visit, asked)
    return visit.page(
        "erasures",
        erasures=shown.erasures,
        state=asked.state,
        states=STATES,
        pages=paging.around(visit, shown.next_after, table=FILE),
        purpose=visit.desk.purpose,
    )


@purposes.asked_first("retention.erasures", asks=Asks.CUSTOMERS)
def as_csv(visit: Visit) -> Response:
    """All of them as a table."""
    return paging.whole(visit, _erasures(visit), "erasures", ErasureShown)


def _erasures(visit: Visit) -> Erasures:
    return Erasures(state=visit.chosen("state", STATES))
