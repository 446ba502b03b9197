"""A service of ours that writes down what it hears of others: `python -m tests.integration.wire.run_listener`."""

from shared.bus import monkey_patch

monkey_patch.apply()

import os  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from uuid import UUID  # noqa: E402

from shared.bus import Service, handles, service_process  # noqa: E402
from shared.events import Event  # noqa: E402
from shared.participation.events import ErasureStepCompleted  # noqa: E402


@dataclass(frozen=True, kw_only=True)
class SeatClosed(Event):
    """A service of somebody else closed a seat."""

    type = "seat.closed"
    source = "nogd"
    user_id: UUID

    @property
    def subject(self):
        return f"user/{self.user_id}"


class Retention(Service):
    name = "retention"

    def __init__(self, parts):
        self.database = parts.database
        self.clock = parts.clock

    @handles(SeatClosed)
    def note_seat(self, message, tx):
        self.note(message, tx, str(message.event.user_id))

    @handles(ErasureStepCompleted, sources=("account",))
    def note_step(self, message, tx):
        self.note(message, tx, f"{message.event.participant} {message.event.erasure_id} {message.event.counts}")

    def note(self, message, tx, told):
        tx.run(
            "INSERT INTO heard (message_id, source, type, told) VALUES (%(id)s, %(source)s, %(type)s, %(told)s)",
            id=message.id,
            source=message.source,
            type=message.event.type,
            told=told,
        )


if __name__ == "__main__":
    service_process.run(
        lambda _settings, parts: Retention(parts), name="retention", database=os.environ["TEST_DATABASE"]
    )
