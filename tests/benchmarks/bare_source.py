"""What nameko does by itself: a service that dispatches events, from up to ten workers at once."""

from __future__ import annotations

import signal
import sys
import warnings

warnings.simplefilter("ignore")

import eventlet  # noqa: E402

eventlet.monkey_patch()

from nameko.containers import ServiceContainer  # noqa: E402
from nameko.events import EventDispatcher  # noqa: E402
from nameko.rpc import rpc  # noqa: E402

from shared import config  # noqa: E402
from tests.integration.bus.harness import envelope  # noqa: E402


class Source:
    """Dispatches on request."""

    name = "bare-source"

    dispatch = EventDispatcher()

    @rpc
    def send(self, first: int, count: int) -> None:
        """Dispatch events, each confirmed before the next, as nameko does it."""
        for number in range(first, first + count):
            self.dispatch("bare.happened", envelope(number))


def main() -> None:
    """Run until SIGTERM."""
    container = ServiceContainer(Source, {"AMQP_URI": config.load().broker_url(), "max_workers": 10})
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    container.start()
    while True:
        eventlet.sleep(0.2)


if __name__ == "__main__":
    main()
