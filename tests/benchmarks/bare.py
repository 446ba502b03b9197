"""What nameko does by itself: a service with one event handler that writes one row, and one call.

Ten workers, a pool of ten connections in autocommit and one INSERT an event. psycopg is made cooperative; without
that it is slower still.
"""

from __future__ import annotations

import os
import signal
import sys
import warnings

os.environ["PSYCOPG_WAIT_FUNC"] = "wait_select"
warnings.simplefilter("ignore")

import eventlet  # noqa: E402

eventlet.monkey_patch()

import psycopg_pool  # noqa: E402
from nameko.containers import ServiceContainer  # noqa: E402
from nameko.events import event_handler  # noqa: E402
from nameko.rpc import rpc  # noqa: E402

from shared import config  # noqa: E402

SETTINGS = config.load()
POOL = psycopg_pool.ConnectionPool(
    SETTINGS.dsn(os.environ["PROBE_DATABASE"], role="account"),
    min_size=10,
    max_size=10,
    open=False,
    kwargs={"autocommit": True},
)


class Bare:
    """One event handler and one call."""

    name = "bare"

    @event_handler("bare-source", "bare.happened")
    def note(self, body: dict) -> None:
        """Write one row."""
        with POOL.connection() as connection:
            connection.execute(
                "INSERT INTO probe_effect (message_id, number, attempt, correlation_id, pid)"
                " VALUES (%s, %s, 1, %s, %s)",
                (body["id"], body["data"]["number"], body["correlationid"], os.getpid()),
            )

    @rpc
    def echo(self, text: str) -> dict:
        """Say it back."""
        return {"text": text}


def main() -> None:
    """Run until SIGTERM."""
    POOL.open(wait=True)
    container = ServiceContainer(Bare, {"AMQP_URI": SETTINGS.broker_url(), "max_workers": 10})
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    container.start()
    while True:
        eventlet.sleep(0.2)


if __name__ == "__main__":
    main()
