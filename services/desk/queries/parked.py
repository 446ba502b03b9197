"""Messages that were set aside after failing, in whichever service they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from services.desk.client import Desk
from shared.bus.every_service_calls import ParkedList, ParkedMessage, ParkedShow
from shared.errors import DeadlineExceeded, Internal, NotFound, Unavailable, VilkarError
from shared.keyset import Place
from shared.system import SERVICES


@dataclass(kw_only=True)
class Parked:
    """Messages with their services; why a service did not tell, and after which of its messages more follow."""

    messages: list[tuple[str, ParkedMessage]] = field(default_factory=list)
    away: dict[str, str] = field(default_factory=dict)
    more: dict[str, Place] = field(default_factory=dict)


def parked_in(at: Desk, services: Iterable[str], state: str, after: Place | None = None) -> Parked:
    """A page of the messages in one state of each service, the first one or what follows `after`."""
    found = Parked()
    with at.together() as page:
        asked = {service: page.ask(ParkedList(state=state, after=after), of=service) for service in services}
    for service, answer in asked.items():
        try:
            reply = answer.reply
        except (Unavailable, DeadlineExceeded, Internal) as error:
            found.away[service] = str(error)
            continue
        found.messages += [(service, each) for each in reply.parked]
        if reply.next_after is not None:
            found.more[service] = reply.next_after
    return found


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
