"""Messages that were set aside after failing."""

from __future__ import annotations

from typing import Final

from flask import Response

from services.desk.queries.parked import parked_in
from services.desk.web.visit import Visit, ident, not_found
from shared.bus.every_service_calls import ParkedShow
from shared.system import SERVICES

STATES: Final = ("parked", "replayed", "discarded")


def listed(visit: Visit) -> Response:
    """Messages in one state, of all services; a service that does not answer is named."""
    state = visit.chosen("state", STATES)
    found, away = parked_in(visit.desk, SERVICES, state)
    return visit.page("parked", found=found, away=list(away), state=state, states=STATES)


def show(visit: Visit, service: str, parked_id: str) -> Response:
    """One message with what is known of it. What it says stays out of pages: it may be about people."""
    if service not in SERVICES:
        not_found()
    message = visit.desk.ask(ParkedShow(parked_id=ident(parked_id)), of=service)
    return visit.page("parked_message", service=service, message=message)
