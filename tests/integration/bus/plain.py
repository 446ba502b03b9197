"""A service of plain nameko 2.14.1: what a third party writes, and what ours is measured against.

python -m tests.integration.bus.plain
"""

from __future__ import annotations

import os
import signal
import sys
import warnings

warnings.simplefilter("ignore")

import eventlet  # noqa: E402

eventlet.monkey_patch()

from nameko.containers import ServiceContainer  # noqa: E402
from nameko.events import EventDispatcher, event_handler  # noqa: E402
from nameko.rpc import RpcProxy, rpc  # noqa: E402

from shared import config  # noqa: E402
from tests.integration.bus.constants import PASSWORD_IN_A_FAULT, SOURCE  # noqa: E402


class Plain:
    """Hears, calls and dispatches without any of our code."""

    name = SOURCE

    dispatch = EventDispatcher()
    account = RpcProxy("account")

    @event_handler("plain-source", "plain.happened")
    def hear(self, body: dict) -> None:
        """Fail as told."""
        if body.get("mood") == "boom":
            raise ValueError(PASSWORD_IN_A_FAULT)
        if body.get("mood") == "timeout":
            raise eventlet.Timeout(1)
        with open(os.environ["PLAIN_NOTES"], "a") as notes:  # noqa: PTH123
            notes.write(f"{body['number']}\n")

    @rpc
    def tell(self, event_type: str, data: dict) -> None:
        """Dispatch an event the plain way."""
        self.dispatch(event_type, data)

    @rpc
    def ask(self, text: str) -> dict:
        """Call our service the plain way."""
        return self.account.echo(text=text)

    @rpc
    def boom(self) -> None:
        """Fail the plain way."""
        raise ValueError(PASSWORD_IN_A_FAULT)


def main() -> None:
    """Run until SIGTERM, or until nameko's container dies."""
    settings = config.load()
    container = ServiceContainer(Plain, {"AMQP_URI": settings.broker_url(), "max_workers": 2})
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    container.start()
    container.wait()


if __name__ == "__main__":
    main()
