"""`python -m services.registers`: what must be kept in order and reviewed."""

from shared.bus import monkey_patch

monkey_patch.apply()

from services.registers.service import Registers
from shared.bus import service_process
from shared.bus.declarations import Parts
from shared.config import Settings


def build(_settings: Settings, parts: Parts) -> Registers:
    """Put the service together."""
    return Registers(database=parts.database, clock=parts.clock, caller=parts.caller)


if __name__ == "__main__":
    service_process.run(build)
