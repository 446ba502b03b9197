"""`python -m services.cases`: whatever a person must decide in time."""

from shared.bus import monkey_patch

monkey_patch.apply()

from services.cases.service import Cases
from shared import vendor_imprint
from shared.bus import service_process
from shared.bus.declarations import Parts
from shared.config import Settings


def build(settings: Settings, parts: Parts) -> Cases:
    """Put the service together."""
    imprint = vendor_imprint.read(settings)
    return Cases(database=parts.database, clock=parts.clock, caller=parts.caller, imprint=imprint)


if __name__ == "__main__":
    service_process.run(build)
