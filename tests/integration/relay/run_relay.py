"""The relay's process as `python -m services.relay` starts it, on the account database of one test module."""

from __future__ import annotations

import dataclasses
import os

from shared import config, log
from shared.bus.relay_process import RelayProcess


class Elsewhere(config.Settings):
    def dsn(self, database, *, role=None, instance="db"):
        real = os.environ[f"TEST_DATABASE_{database.upper()}"]
        return super().dsn(real, role=role, instance=instance)


if __name__ == "__main__":
    log.configure(service="relay")
    loaded = config.load()
    settings = Elsewhere(**{field.name: getattr(loaded, field.name) for field in dataclasses.fields(loaded)})
    raise SystemExit(RelayProcess(settings, databases=("account",)).run())
