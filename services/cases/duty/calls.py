"""Who is on duty."""

from __future__ import annotations

from datetime import date
from typing import Final

from services.cases.board.calls import SEES
from shared.actor import Staff
from shared.calls import Call
from shared.records import Record
from shared.staff import Act, Role

WATCH: Final = (Role.INCIDENT_LEAD, Role.PRIVACY_LEAD, Role.MANAGEMENT)


class DutyWeek(Record):
    """Who answers in the week that begins on this Monday for what is opened, and who is next."""

    week_on: date
    person: str
    deputy: str


class SetDuty(Call[DutyWeek], service="cases", command=True, staff=Act(roles=WATCH)):
    """Say who is on duty in a week, and who is next; it replaces what was said before.

    `week_on` is a Monday, of this week or half a year ahead at most.
    """

    week_on: date
    person: Staff
    deputy: Staff
    actor: Staff


class DutyShown(Record):
    """This week and those after it; a week that nobody has said anything about is missing."""

    weeks: tuple[DutyWeek, ...]


class Duty(Call[DutyShown], service="cases", staff=Act(roles=SEES)):
    """Who is on duty, from this week on."""
