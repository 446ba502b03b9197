"""A plain nameko service that publishes events of its own: `seat.closed` of `nogd`.

    python -m examples.plain_dispatcher AMQP_URI

Call `nogd.close_seat(user_id=…)`. The event goes out as a bare dict, as nameko sends it; a service of ours that
handles the type gets it with an id made from its bytes and its call, so a second delivery is known as one.
"""

from __future__ import annotations

from typing import Any

from nameko.events import EventDispatcher
from nameko.rpc import rpc

from examples.running import run


class Nogd:
    """Closes seats and says so."""

    name = "nogd"

    # `mandatory` makes an event without a listener an error; nameko would drop it silently. With a confirm that
    # may take five seconds at most, a broker under alarm does not hang the worker.
    dispatch = EventDispatcher(mandatory=True, confirm_timeout=5)

    @rpc  # type: ignore[untyped-decorator]  # nameko is untyped
    def close_seat(self, user_id: str) -> dict[str, Any]:
        """Close the seat of a user and publish the event; the reply is the event's data."""
        data = {"user_id": user_id}
        self.dispatch("seat.closed", data)
        return data


if __name__ == "__main__":
    run(Nogd)
