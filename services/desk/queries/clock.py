"""Saying that the clock is right after it jumped, to every service that had stopped destroying what is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from services.desk.client import Desk
from services.desk.queries import alarms
from shared.bus.every_service_calls import ConfirmClock
from shared.errors import DeadlineExceeded, Forbidden, Refused, Unauthenticated, Unavailable
from shared.system import SERVICES

JUMPED: Final = "clock_jumped"
GOES_ON, NEVER_STOPPED, AWAY, REFUSED = "goes_on", "never_stopped", "away", "refused"


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """What came of it at one service: one of the four codes, from when on it goes on, or why it was refused."""

    service: str
    outcome: str
    from_at: datetime | None = None
    why: str | None = None


def stopped(at: Desk) -> tuple[str, ...]:
    """The services that have stopped."""
    waiting = alarms.of_services(at, SERVICES)
    return tuple(dict.fromkeys(str(each["service"]) for each in waiting if each["code"] == JUMPED))


def confirm(at: Desk, *, last_ran: date, today: date) -> list[Confirmed]:
    """Tell every service that had stopped when the system last ran and what day it is, both in UTC.

    What one refuses keeps the others waiting for nothing. Raises `Forbidden` for whoever may not.
    """
    confirmation = ConfirmClock(last_ran=last_ran, today=today)
    return [_confirmed(at, service, confirmation) for service in SERVICES]


def _confirmed(at: Desk, service: str, confirmation: ConfirmClock) -> Confirmed:
    codes = {each["code"] for each in alarms.of_services(at, [service])}
    if alarms.NOT_KNOWN in codes:
        return Confirmed(service=service, outcome=AWAY)
    if JUMPED not in codes:
        return Confirmed(service=service, outcome=NEVER_STOPPED)
    try:
        return Confirmed(service=service, outcome=GOES_ON, from_at=at.ask(confirmation, of=service).from_at)
    except (Forbidden, Unauthenticated):
        raise  # of whoever acts: the same at every service
    except Refused as refused:
        return Confirmed(service=service, outcome=REFUSED, why=refused.message)
    except (Unavailable, DeadlineExceeded):
        return Confirmed(service=service, outcome=AWAY)
