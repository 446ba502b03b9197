"""Whom a message is from: believed only where the broker vouches for it.

RabbitMQ refuses a message whose property `user_id` is not the user that publishes it, and keeps the property when
it moves a dead letter on. Where a message came from last says less: a queue's dead letters go on without anybody's
rights being asked, and the relay may write to every queue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared.bus import wire
from shared.errors import Permanent

RELAY: Final = "relay"
"""The one user that writes to our services' exchanges of events."""


class SenderNotBelieved(Permanent):
    """The message claims to be from somebody the broker does not name; it is never handled, also not later."""

    def __init__(self, reason: str) -> None:
        """`reason` is a machine code."""
        super().__init__(f"its sender is not believed: {reason}")
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class SenderCheck:
    """Whom one service believes.

    `service` is its wire name, `user` its user at the broker, `ours` the wire names of all our services. Services
    of others publish without a name: whoever may write to their exchange is them.
    """

    service: str
    user: str
    ours: frozenset[str]

    @property
    def believed(self) -> frozenset[str]:
        """The users that bring this service what is ours."""
        return frozenset({RELAY, self.user})

    def check(self, *, user_id: str | None, exchange: str, headers: Mapping[str, Any]) -> None:
        """Raise `SenderNotBelieved` for a message that arrived over `exchange` as published by `user_id`.

        What came back is what this service had wait, and what the relay brings from this service's parked list. The
        relay says from whose: else what it brings to one service could be moved on to another one by a queue's
        dead letters.
        """
        if wire.came_back(exchange):
            replayed_here = user_id == RELAY and headers.get(wire.HEADER_OUTBOX) == self.service
            if user_id != self.user and not replayed_here:
                raise SenderNotBelieved("not_put_back_by_this_service")
        elif exchange.removesuffix(wire.EVENTS_SUFFIX) in self.ours and user_id != RELAY:
            raise SenderNotBelieved("not_brought_by_the_relay")
