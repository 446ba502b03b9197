"""Work towards vendors that waits for a person."""

from __future__ import annotations

from flask import Response

from services.billing_sync.worker.calls import Failed
from services.desk.web import paging
from services.desk.web.visit import Visit


def show(visit: Visit) -> Response:
    """Work towards Tripletex that will not succeed by itself, the oldest first."""
    shown = visit.desk.ask(Failed(after=paging.after(visit)))
    return visit.page("vendor_work", jobs=shown.jobs, pages=paging.around(visit, shown.next_after))
