"""One replica of the sender, for tests: works until it is told to stop, or killed.

With `--green` first it runs as the service does, on green threads.
"""

from __future__ import annotations

import sys

if sys.argv[1] == "--green":
    from shared.bus import monkey_patch

    monkey_patch.apply()
    sys.argv.pop(1)

import os
import signal
import time
from pathlib import Path
from uuid import UUID

os.environ.setdefault("PSYCOPG_WAIT_FUNC", "wait_select")

from notification_env import FakeAccount, build

from shared.clock import Clock
from shared.database import Database
from tests.in_process import run


class SlowAccount(FakeAccount):
    """Takes a moment to answer, so that a kill finds letters in every stage."""

    def _facts(self, user_id: UUID, ticket_id: str | None) -> dict:
        time.sleep(0.002)
        return super()._facts(user_id, ticket_id)


def main() -> None:
    dsn, state_dir, mailgun_url = sys.argv[1:]
    stopping: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopping.append(number))
    database = Database(dsn, source="notification", size=8)
    database.open()
    service = build(
        database=database,
        clock=Clock(Path(state_dir), environment="test"),
        caller=SlowAccount(),
        mailgun_url=mailgun_url,
    )
    parent = os.getppid()
    while not stopping and os.getppid() == parent:  # a test run that was killed leaves nobody behind
        run(service, "deliver_letters")
        run(service, "resolve_unknown_letters")
        time.sleep(0.05)
    database.close()


if __name__ == "__main__":
    main()
