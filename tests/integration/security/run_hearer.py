"""Stands in for retention at a broker with the system's rights: writes down what it believes.

python -m tests.integration.security.run_hearer
"""

from shared.bus import monkey_patch

monkey_patch.apply()

import os  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from uuid import UUID  # noqa: E402

from services.account.deactivation.events import AccountDeactivated  # noqa: E402
from shared.bus import Service, answers, handles, service_process  # noqa: E402
from shared.calls import Call, Done  # noqa: E402
from shared.errors import Permanent, Transient  # noqa: E402
from shared.events import Event  # noqa: E402
from shared.staff import WithoutStatement  # noqa: E402


@dataclass(frozen=True, kw_only=True)
class SeatClosed(Event):
    """A service of somebody else closed a seat; `failures` is how often hearing it fails at first."""

    type = "seat.closed"
    source = "nogd"
    seat_id: UUID
    failures: int

    @property
    def subject(self):
        return f"seat/{self.seat_id}"


class Release(
    Call[Done], service="retention", command=True, staff=WithoutStatement("whoever may send it is examined here")
):
    """Release something."""

    what: str


class Retention(Service):
    name = "retention"

    def __init__(self, parts):
        self.database = parts.database
        self.clock = parts.clock

    @handles(AccountDeactivated)
    def start_the_clock(self, message, tx):
        note(tx, message.event.type, str(message.event.account_id))

    @handles(SeatClosed)
    def close(self, message, tx):
        if message.event.failures < 0 and not tx.all("SELECT told FROM heard WHERE type = 'mended'"):
            raise Permanent("it is not mended yet")
        if message.attempt <= message.event.failures:
            raise Transient("not now")
        note(tx, message.event.type, str(message.event.seat_id))

    @answers(Release)
    def release(self, call, tx):
        note(tx, "release", call.what)
        return Done()


def note(tx, kind, told):
    tx.run("INSERT INTO heard (type, told) VALUES (%(kind)s, %(told)s)", kind=kind, told=told)


if __name__ == "__main__":
    service_process.run(
        lambda _settings, parts: Retention(parts), name="retention", database=os.environ["TEST_DATABASE"]
    )
