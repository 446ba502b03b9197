"""How the desk reaches the services: the bus, on behalf of a member of staff."""

from __future__ import annotations

import getpass
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from shared import config, log
from shared.actor import Actor
from shared.bus.rpc_client import BusCaller
from shared.calls import Call
from shared.clock import Clock
from shared.errors import Refused
from shared.records import Record

R = TypeVar("R", bound=Record)

CALL_SECONDS: Final = 15.0
CONNECT_SECONDS: Final = 10.0


class Desk:
    """An open connection to the services."""

    def __init__(self, settings: config.Settings, caller: BusCaller) -> None:
        """Use `desk()` to make one."""
        self.settings = settings
        self.caller = caller
        self.clock = Clock(settings.state_dir, environment=settings.environment)

    def ask(self, call: Call[R], *, of: str = "", timeout_seconds: float = CALL_SECONDS) -> R:
        """Make a call; `of` names the service for one that every service answers. A person waits longer."""
        return self.caller.ask(call, of=of, timeout_seconds=timeout_seconds)

    @property
    def who(self) -> Actor:
        """Who is at the desk."""
        return Actor.parse(self.actor)

    @property
    def actor(self) -> str:
        """Who is at the desk, as it stands in the audit trail."""
        return actor_of(self.settings)


def actor_of(settings: config.Settings) -> str:
    """`staff:<name>` from VILKAR_STAFF; in demo and test else the login name of the operating system.

    Raises `Refused` where production is not told: a login name that many share says nothing of who decided.
    """
    name = settings.raw.get("VILKAR_STAFF")
    if not name and settings.environment == "production":
        raise Refused("say who you are: production wants VILKAR_STAFF, the code of a person")
    name = name or getpass.getuser()
    plain = re.sub(r"[^a-z0-9-]", "-", name.lower()).strip("-")
    if not plain or not plain[0].isalpha():
        raise Refused("say who you are: VILKAR_STAFF must begin with a letter")
    return f"staff:{plain[:50].strip('-')}"


@contextmanager
def desk() -> Iterator[Desk]:
    """Connect, and disconnect at the end of the block. Raises `Unavailable` where the broker does not answer."""
    settings = config.load()
    log.configure(service="desk", level="ERROR")
    caller = BusCaller(settings.broker_url(), name="desk", default_seconds=CALL_SECONDS)
    caller.open(wait_seconds=CONNECT_SECONDS)
    try:
        yield Desk(settings, caller)
    finally:
        caller.close()
