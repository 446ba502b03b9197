"""`vilkar` for `tests.forked`: what every command needs is made before the fork, by one that is refused."""

from __future__ import annotations

import contextlib
import io

from deploy.vilkar import main
from services.desk.__main__ import run

__all__ = ["main"]

with contextlib.redirect_stderr(io.StringIO()):
    run(["account", "show", "no id"])
