"""`vilkar staff …` as whoever is root on the machine runs it: a process with the secrets of that service."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from tests import forked
from tests.integration import running
from tests.plugins.ledger import begin_ledger

Command = Callable[..., tuple[int, str]]
"""Its exit code, and what it said."""


def machine_command(
    infrastructure: Any,
    broker: Any,
    databases: Any,
    keyring_database: Any,
    *,
    owner: psycopg.Connection[Any],
    folder: Path,
    desk_url: str = "http://desk.localhost:8010",
) -> Command:
    """The command, at the database of staff that a test has; `owner` owns its tables."""
    begin_ledger(infrastructure, folder, keyring_database.owner_dsn())
    owner.execute("UPDATE ledger_position SET position = NULL, hash = NULL, recorded_at = NULL")
    surroundings = running.surroundings(broker, folder=folder, user="staff", port=1)
    surroundings |= {"VILKAR_DESK_PUBLIC_URL": desk_url, "TEST_DATABASE": databases.name("staff")}

    def run(*arguments: str) -> tuple[int, str]:
        env = surroundings | {"PATH": os.environ["PATH"]}
        done = forked.run("tests.integration.staff.run_vilkar", "staff", *arguments, env=env)
        return done.returncode, done.stdout + done.stderr

    return run
