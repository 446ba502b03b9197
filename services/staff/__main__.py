"""The process of the vendor's people: `python -m services.staff`."""

from shared.bus import bootstrap

bootstrap.patch()

from services.staff.service import Staff
from shared.bus import runner
from shared.bus.declarations import Parts
from shared.config import Settings


def build(_settings: Settings, parts: Parts) -> Staff:
    """Put the service together."""
    return Staff(database=parts.database, clock=parts.clock)


if __name__ == "__main__":
    runner.run(build)
