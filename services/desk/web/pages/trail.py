"""How long the audit trail is and what is signed of it."""

from __future__ import annotations

from flask import Response

from services.audit.trail.calls import TrailHead
from services.desk.web.visit import Visit


def show(visit: Visit) -> Response:
    """The head of the trail, and whether it grows."""
    return visit.page("trail", head=visit.desk.ask(TrailHead()))
