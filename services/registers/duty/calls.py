"""Who is on duty."""

from __future__ import annotations

from datetime import date
from typing import Final

from services.registers.board.calls import SEES
from shared.actor import Staff
from shared.calls import Call
from shared.errors import Conflict, Invalid
from shared.records import Record
from shared.staff import Act, Role

WATCH: Final = (Role.INCIDENT_LEAD, Role.PRIVACY_LEAD, Role.MANAGEMENT)
EVERYBODY: Final = tuple(dict.fromkeys((*SEES, Role.SUPPORT, Role.DEVELOPER)))


class DutyWeek(Record):
    """Who answers in the week that begins on this Monday for what is opened, and who is next."""

    week_on: date
    person: str
    deputy: str


class SetDuty(
    Call[DutyWeek],
    service="registers",
    refusals=(Conflict, Invalid),
    seconds=5.0,
    staff=Act(roles=WATCH, changes=True),
):
    """Say who is on duty in a week, and who is next; the record of before ends. Said twice it is said once.

    `week_on` is a Monday, of this week or half a year ahead at most. One of the two has a role by which they may be
    shown a case, at the latest as the week begins: what is opened would else be shown to nobody who is called.
    """

    week_on: date
    person: Staff
    deputy: Staff
    actor: Staff


class DutyShown(Record):
    """This week and those after it; a week that nobody has said anything about is missing."""

    weeks: tuple[DutyWeek, ...]


class Duty(Call[DutyShown], service="registers", staff=Act(roles=EVERYBODY, besides=("cases",))):
    """Who is on duty, from this week on."""
