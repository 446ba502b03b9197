"""The process of the vendor's people: `python -m services.staff`."""

from shared.bus import monkey_patch

monkey_patch.apply()

from services.staff.service import Staff
from shared.bus import service_process
from shared.bus.declarations import Parts
from shared.config import Settings


def build(_settings: Settings, parts: Parts) -> Staff:
    """Put the service together."""
    return Staff(database=parts.database, clock=parts.clock)


if __name__ == "__main__":
    service_process.run(build)
