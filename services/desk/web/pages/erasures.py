"""Erasures: what is due, what was halted, what is done."""

from __future__ import annotations

from typing import Final

from flask import Response

from services.desk.call_codes import codes_of
from services.desk.web import paging, purposes
from services.desk.web.act_forms import Asks
from services.desk.web.visit import Visit
from services.retention.early_erasure.calls import EarlyRequests
from services.retention.monitoring.calls import Erasures, ErasureShown
from shared.web.visit import ident

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


@purposes.asked_first("retention.early_requests")
def early_of_customer(visit: Visit, account_id: str) -> Response:
    """The requests of one customer for an erasure without waiting, the newest first, page by page."""
    known = ident(account_id)
    shown = paging.page(visit, EarlyRequests(account_id=known))
    return visit.page(
        "customer_early_requests",
        account_id=known,
        requests=shown.requests,
        pages=paging.around(visit, shown.next_after),
        purpose=visit.desk.purpose,
    )


def _erasures(visit: Visit) -> Erasures:
    return Erasures(state=visit.chosen("state", STATES))
