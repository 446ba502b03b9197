"""Words that the test, the probe and the plain service share; imports nothing that waits."""

from __future__ import annotations

from dataclasses import dataclass

from shared.events import Code, Event

SOURCE = "probe-source"
PASSWORD_IN_A_FAULT = "hunter2-must-not-leak"


@dataclass(frozen=True, kw_only=True)
class ProbeHappened(Event):
    """Something for the probe to do."""

    type = "probe.happened"
    version = 1
    source = SOURCE

    number: int
    mood: Code

    @property
    def subject(self) -> str:
        return f"probe/{self.number}"
