"""`vilkar`, on a database whose name the test chose."""

from __future__ import annotations

import os

from deploy import vilkar
from shared.config import Settings

named = Settings.dsn


def chosen(self, database, *, role=None, instance="db"):
    return named(self, os.environ["TEST_DATABASE"], role=role or database, instance=instance)


Settings.dsn = chosen
main = vilkar.main
