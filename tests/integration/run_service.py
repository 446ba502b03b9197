"""A service as its own main runs it, on databases whose names the test chose.

python -m tests.integration.run_service NAME
"""

from __future__ import annotations

import importlib
import sys

main = importlib.import_module(f"services.{sys.argv[1]}.__main__")  # patches before anything else is imported

import dataclasses  # noqa: E402
import os  # noqa: E402

from shared.bus import service_process  # noqa: E402
from shared.config import Settings  # noqa: E402
from shared.system import wire_name  # noqa: E402


class Elsewhere(Settings):
    """The settings of the process, with the names of this test's databases."""

    def dsn(self, database, *, role=None, instance="db"):
        real = os.environ["TEST_DATABASE"] if instance == "db" else os.environ["TEST_KEYRING"]
        return super().dsn(real, role=role or database, instance=instance)


def elsewhere(settings, parts):
    fields = {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}
    return main.build(Elsewhere(**fields), parts)


if __name__ == "__main__":
    service_process.run(elsewhere, name=wire_name(sys.argv[1]), database=os.environ["TEST_DATABASE"])
