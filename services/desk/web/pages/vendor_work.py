"""Work towards vendors that waits for a person."""

from __future__ import annotations

from flask import Response

from services.billing_sync.worker.calls import Failed
from services.desk.web.visit import Visit


def show(visit: Visit) -> Response:
    """Work towards Tripletex that will not succeed by itself, the oldest first."""
    return visit.page("vendor_work", jobs=visit.desk.ask(Failed()).jobs)
