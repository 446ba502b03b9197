"""The audit service's own process, on databases whose names the test chose.

python -m tests.integration.audit.serve
"""

from __future__ import annotations

from services.audit.__main__ import build  # patches the process, so it comes first

import os  # isort: skip
from typing import Any  # isort: skip

from shared.bus import runner  # isort: skip
from shared.bus.declarations import Parts, Service  # isort: skip
from shared.config import Settings  # isort: skip


class Here(Settings):
    """The settings of the process, with the names of this test's databases."""

    def dsn(self, database: str, **more: Any) -> str:
        return super().dsn(os.environ["TEST_KEYRING"] if database == "keyring" else database, **more)


def build_here(settings: Settings, parts: Parts) -> Service:
    return build(Here(**vars(settings)), parts)


if __name__ == "__main__":
    runner.run(build_here, name="audit", database=os.environ["TEST_DATABASE"])
