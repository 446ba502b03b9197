"""Messages that were set aside after failing, in whichever service they are."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from services.desk.client import Desk
from shared.bus.every_service_calls import ParkedList, ParkedMessage, ParkedShow
from shared.errors import DeadlineExceeded, Internal, NotFound, Unavailable, VilkarError
from shared.system import SERVICES


def parked_in(
    at: Desk, services: Iterable[str], state: str
) -> tuple[list[tuple[str, ParkedMessage]], dict[str, str]]:
    """Messages in one state with their services, and why a service did not tell, by its name."""
    messages: list[tuple[str, ParkedMessage]] = []
    away: dict[str, str] = {}
    with at.together() as page:
        asked = {service: page.ask(ParkedList(state=state), of=service) for service in services}
    for service, answer in asked.items():
        try:
            messages += [(service, each) for each in answer.reply.parked]
        except (Unavailable, DeadlineExceeded, Internal) as error:
            away[service] = str(error)
    return messages, away


def service_of(at: Desk, parked_id: UUID) -> str:
    """The service that has a message. Raises `NotFound`, and where a service does not answer what it raises."""
    with at.together() as page:
        asked = {service: page.ask(ParkedShow(parked_id=parked_id), of=service) for service in SERVICES}
    failures = []
    for service, answer in asked.items():
        try:
            _ = answer.reply
        except VilkarError as error:
            failures.append(error)
        else:
            return service
    for failure in failures:
        if not isinstance(failure, NotFound):
            raise failure
    raise NotFound("No service has a parked message with this id.")
