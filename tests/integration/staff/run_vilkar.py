"""`vilkar`, on a database whose name the test chose: python -m tests.integration.staff.run_vilkar staff list"""

from __future__ import annotations

import os

from shared.config import Settings

named = Settings.dsn


def chosen(self, database, *, role=None, instance="db"):
    return named(self, os.environ["TEST_DATABASE"], role=role or database, instance=instance)


Settings.dsn = chosen

if __name__ == "__main__":
    from deploy import vilkar

    vilkar.main()
