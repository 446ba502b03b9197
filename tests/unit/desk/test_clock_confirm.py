"""A confirmed clock is told to every service that stopped; one that refuses or is away is said to be so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.desk.callers import DeskCaller, Outcome, PlainCall
from services.desk.client import Desk
from services.desk.queries import clock
from shared import config
from shared.actor import Actor
from shared.bus.every_service_calls import AlarmShown, ConfirmClock
from shared.errors import Conflict, Refused, Unavailable
from shared.staff import Purpose
from tests.desk_stage import settings_in
from tests.examples import example

pytestmark = pytest.mark.unit
CONFIRMATION = ConfirmClock(last_ran=date(2026, 11, 20), today=date(2026, 12, 4))


class AnswersAsTold(DeskCaller):
    """Services that answer as they are told to; it notes what was confirmed where."""

    token = "of no session"

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.confirmed: list[str] = []

    def call_many(
        self, calls: Sequence[PlainCall], *, purpose: Purpose | None = None, visit_id: UUID | None = None
    ) -> list[Outcome]:
        return [self._outcome(each) for each in calls]

    def _outcome(self, call: PlainCall) -> Outcome:
        try:
            return Outcome(reply=self._reply(call.service, call.method, call.fields))
        except (Refused, Unavailable) as error:
            return Outcome(error=error)

    def _reply(self, service: str, method: str, fields: Mapping[str, Any]) -> Any:
        answer = self.answers[service]
        if isinstance(answer, Unavailable):
            raise answer
        if method == "open_alarms":
            codes = ["clock_jumped"] if answer is not None else []
            return {"alarms": [example(AlarmShown, code=code) for code in codes]}
        assert (method, fields) == ("confirm_clock", CONFIRMATION.to_json())
        if isinstance(answer, Exception):
            raise answer
        self.confirmed.append(service)
        return answer


def test_each_service_says_what_came_of_it(monkeypatch, tmp_path):
    caller = AnswersAsTold(
        {
            "account": Conflict("it did not last run on that day"),
            "retention": {"from_at": "2026-12-04T00:00:00Z"},
            "notification": None,
            "audit": Unavailable("nobody answers"),
        }
    )
    monkeypatch.setattr(clock, "SERVICES", tuple(caller.answers))
    at = Desk(config.load(settings_in(tmp_path)), caller, who=lambda: Actor("staff", name="kari"))
    confirmed = clock.confirm(at, last_ran=CONFIRMATION.last_ran, today=CONFIRMATION.today)
    came_of_it = {each.service: each.outcome for each in confirmed}
    assert came_of_it == {
        "account": clock.REFUSED,
        "retention": clock.GOES_ON,
        "notification": clock.NEVER_STOPPED,
        "audit": clock.AWAY,
    }
    assert [each.why for each in confirmed if each.why] == ["it did not last run on that day"]
    assert caller.confirmed == ["retention"]
