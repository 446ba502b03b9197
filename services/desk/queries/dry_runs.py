"""Waiting for a dry run, which every service answers by itself."""

from __future__ import annotations

import time
from typing import Final

from services.desk.client import Desk
from services.retention.dry_runs.calls import DryRun, DryRunShown

LOOK_AGAIN_SECONDS: Final = 0.2


def answered(at: Desk, run: DryRunShown, *, until: float) -> DryRunShown:
    """The run once every service has answered, or as it stands at this instant of the monotonic clock."""
    while not run.complete and time.monotonic() < until:
        time.sleep(LOOK_AGAIN_SECONDS)
        run = at.ask(DryRun(dry_run_id=run.dry_run_id))
    return run
