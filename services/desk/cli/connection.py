"""How a command reaches the services: over the bus, on behalf of whoever typed it."""

from __future__ import annotations

import getpass
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from services.desk.callers import DeskCaller, Outcome, PlainCall
from services.desk.client import CALL_SECONDS, Desk
from shared import config, log
from shared.actor import Actor
from shared.bus.rpc_client import BusCaller
from shared.errors import Refused
from shared.staff import Purpose

CONNECT_SECONDS: Final = 10.0


def actor_of(settings: config.Settings) -> Actor:
    """Whom VILKAR_STAFF names of the staff; in demo and test else the login name of the operating system.

    Raises `Refused` where production is not told: a login name that many share says nothing of who decided.
    """
    name = settings.raw.get("VILKAR_STAFF")
    if not name and settings.environment == "production":
        raise Refused("say who you are: production wants VILKAR_STAFF, the code of a person")
    name = name or getpass.getuser()
    plain = re.sub(r"[^a-z0-9-]", "-", name.lower()).strip("-")
    if not plain or not plain[0].isalpha():
        raise Refused("say who you are: VILKAR_STAFF must begin with a letter")
    return Actor("staff", name=plain[:50].strip("-"))


class Unsigned(DeskCaller):
    """Makes calls one after the other, by the word of whoever typed the command."""

    def __init__(self, caller: BusCaller) -> None:
        """`caller` is the desk's own at the broker."""
        self._caller = caller

    @property
    def token(self) -> str:
        """A command has no session yet."""
        raise Refused("this takes a session, which the command line does not have")

    def call_many(
        self,
        calls: Sequence[PlainCall],
        *,
        purpose: Purpose | None = None,  # noqa: ARG002  # the word of a command has none
    ) -> list[Outcome]:
        """See `DeskCaller.call_many`."""
        return [self._outcome(each) for each in calls]

    def _outcome(self, call: PlainCall) -> Outcome:
        try:
            reply = self._caller.call(
                call.service, call.method, timeout_seconds=call.timeout_seconds, **call.fields
            )
        except Exception as error:  # noqa: BLE001  # raised where the reply is looked at
            return Outcome(error=error)
        return Outcome(reply=reply)


@contextmanager
def desk() -> Iterator[Desk]:
    """Connect, and disconnect at the end of the block. Raises `Unavailable` where the broker does not answer."""
    settings = config.load()
    log.configure(service="desk", level="ERROR")
    caller = BusCaller(settings.broker_url(), name="desk", default_seconds=CALL_SECONDS)
    caller.open(wait_seconds=CONNECT_SECONDS)
    try:
        yield Desk(settings, Unsigned(caller), who=lambda: actor_of(settings))
    finally:
        caller.close()
