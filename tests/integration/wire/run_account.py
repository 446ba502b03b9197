"""The real account service, on the databases of one test module: `python -m tests.integration.wire.run_account`."""

from services.account.__main__ import build  # isort: skip  # patches before anything else is imported

import dataclasses
import os

from shared.bus import runner
from shared.config import Settings


class Elsewhere(Settings):
    def dsn(self, database, *, role=None, instance="db"):
        real = os.environ["TEST_DATABASE"] if instance == "db" else os.environ["TEST_KEYRING"]
        return super().dsn(real, role=role or database, instance=instance)


def elsewhere(settings, parts):
    fields = {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}
    return build(Elsewhere(**fields), parts)


if __name__ == "__main__":
    runner.run(elsewhere, name="account", database=os.environ["TEST_DATABASE"])
