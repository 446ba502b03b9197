"""Looking into queues without taking anything out: for counting, and for the search after an erasure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from amqp.exceptions import NotFound as NoSuchQueue

from shared.bus.connection import FAULTS, BrokerRefusedError, BrokerTrouble, SingleThreadConnection, body_of
from shared.config import SettingError, Settings
from shared.errors import Unavailable

MOST_A_QUEUE: Final = 10_000
CONNECT_SECONDS: Final = 5.0
SEARCH_USER: Final = "VILKAR_SEARCH_USER_FILE"
"""The setting that names a file of two lines: a broker user that may look into queues, and its password."""


def search_url(settings: Settings) -> str | None:
    """The broker's address for whoever may look into queues; None where nobody may from here.

    No process of ours reads another's queues. The user is made for a search and removed after it
    (`deploy.provision.search_user`). Raises `SettingError` for a file that cannot be read.
    """
    path = settings.raw.get(SEARCH_USER)
    if not path:
        return None
    try:
        user, password = Path(path).read_text(encoding="utf-8").split()
    except (OSError, ValueError):
        raise SettingError(f"{SEARCH_USER} names no file of two lines") from None
    return settings.broker_url(user=user, password=password)


def waiting(url: str, queues: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Everything of every message that lies in the queues, as (queue, properties and body).

    At most 10,000 a queue. The messages go back to their place when the look is over; a queue that does not exist
    is passed over. Raises `Unavailable` where the broker does not answer or refuses the look.
    """
    connection = SingleThreadConnection(url, name="search")
    try:
        connection.open(wait_seconds=CONNECT_SECONDS)
        for queue in queues:
            # What was taken and not acknowledged goes back when the channel is closed.
            with suppress(NoSuchQueue), connection.channel() as channel:
                yield from _look(channel, queue)
    except (*FAULTS, BrokerRefusedError, BrokerTrouble) as error:
        raise Unavailable(f"the broker does not let us look: {type(error).__name__}") from None
    finally:
        connection.close()


def _look(channel: Any, queue: str) -> Iterator[tuple[str, bytes]]:
    for _ in range(MOST_A_QUEUE):
        message = channel.basic_get(queue, no_ack=False)
        if message is None:
            return
        yield queue, str(message.properties).encode() + b"\x00" + body_of(message)
