"""The relay's process as `python -m services.relay` starts it, on the outbox of a benchmark's database."""

from __future__ import annotations

import dataclasses
import os

from shared import config, log
from shared.bus.relay_process import RelayProcess
from tests.integration.bus.constants import SOURCE


class Elsewhere(config.Settings):
    """Settings whose only database is the benchmark's."""

    def dsn(self, database, *, role=None, instance="db"):
        return super().dsn(os.environ["PROBE_DATABASE"], role=role, instance=instance)


if __name__ == "__main__":
    log.configure(service="relay")
    loaded = config.load()
    settings = Elsewhere(**{field.name: getattr(loaded, field.name) for field in dataclasses.fields(loaded)})
    raise SystemExit(RelayProcess(settings, databases=(SOURCE.replace("-", "_"),)).run())
