"""A confirmed clock is told to every service that stopped; one that refuses or is away is said to be so."""

from __future__ import annotations

from typing import Any

import pytest

from services.desk import system
from shared.calls import Caller
from shared.errors import Conflict, Unavailable

pytestmark = pytest.mark.unit
TOLD = {"last_ran": "2026-11-20", "today": "2026-12-04"}


class Answering(Caller):
    """A desk whose services answer as they are told to; it notes what was confirmed where."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.caller = self
        self.confirmed: list[str] = []

    def call(self, service: str, method: str, **fields: Any) -> Any:
        answer = self.answers[service]
        if isinstance(answer, Unavailable):
            raise answer
        if method == "open_alarms":
            return {"alarms": [{"code": code} for code in (["clock_jumped"] if answer is not None else [])]}
        assert (method, fields) == ("confirm_clock", TOLD)
        if isinstance(answer, Exception):
            raise answer
        self.confirmed.append(service)
        return answer


def test_each_service_says_what_came_of_it():
    at = Answering(
        {
            "account": Conflict("it did not last run on that day"),
            "retention": {"from_at": "2026-12-04T00:00:00Z"},
            "notification": None,
            "audit": Unavailable("nobody answers"),
        }
    )
    rows = {service: system._confirm_clock(at, service, TOLD) for service in at.answers}
    assert rows["account"]["state"] == "it did not last run on that day"
    assert rows["retention"]["state"] == system.GOES_ON
    assert rows["notification"]["state"] == system.NEVER_STOPPED
    assert rows["audit"]["state"] == "away"
    assert at.confirmed == ["retention"]
