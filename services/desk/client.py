"""How the desk reaches the services, on behalf of a member of staff: what pages and commands ask with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from shared.actor import Actor
from shared.calls import Call, Caller
from shared.clock import Clock
from shared.config import Settings
from shared.records import Record

R = TypeVar("R", bound=Record)

CALL_SECONDS: Final = 15.0
"""A person waits longer than a program."""


class Desk:
    """The services, asked by one member of staff."""

    def __init__(self, settings: Settings, caller: Caller, *, who: Callable[[], Actor]) -> None:
        """`caller` reaches the services; `who` says who is at the desk, and may refuse where that is not known."""
        self.settings = settings
        self.caller = caller
        self.clock = Clock(settings.state_dir, environment=settings.environment)
        self._who = who

    def ask(self, call: Call[R], *, of: str = "", timeout_seconds: float = CALL_SECONDS) -> R:
        """Make a call; `of` names the service for one that every service answers."""
        return self.caller.ask(call, of=of, timeout_seconds=timeout_seconds)

    @property
    def who(self) -> Actor:
        """Who is at the desk."""
        return self._who()
