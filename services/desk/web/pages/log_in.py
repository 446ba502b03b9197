"""Where a person comes in."""

from __future__ import annotations

from flask import Response

from services.desk.web.preferences import local
from services.desk.web.visit import Visit


def show(visit: Visit) -> Response:
    """The page to log in at; it says where one goes on afterwards."""
    return visit.page("log_in", next=local(visit.request.args.get("next", "/")))
