"""`python -m services.relay`: empties the outboxes of all services onto the bus."""

from __future__ import annotations

from shared import config, log
from shared.bus.relay_process import RelayProcess


def main() -> int:
    """Run until told to stop; the exit status says whether everything ended in order."""
    settings = config.load_to_start("relay")
    log.configure(service="relay", level=settings.log_level)
    return RelayProcess(settings).run()


if __name__ == "__main__":
    raise SystemExit(main())
