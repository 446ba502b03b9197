from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from notification_env import TABLES, Doorway, FakeAccount, House, build

from sandbox import server as sandbox_server
from shared.clock import Clock
from shared.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def letter_database(databases) -> Iterator[Database]:
    database = Database(databases.dsn("notification"), source="notification", size=12)
    database.open()
    yield database
    database.close()


@pytest.fixture
def house(databases, letter_database, tmp_path) -> Iterator[House]:
    clock = Clock(tmp_path, environment="test")
    running = sandbox_server.start(port=0, clock=clock)
    account = FakeAccount()
    service = build(database=letter_database, clock=clock, caller=account, mailgun_url=running.mailgun_url)
    house = House(service, letter_database, databases.owner_dsn("notification"), clock, running, account)
    house.change(f"TRUNCATE {TABLES}")
    house.change("UPDATE provider_budget SET tokens = 0, refilled_at = 'epoch', paused_until = NULL")
    try:
        yield house
    finally:
        running.stop()


@pytest.fixture
def doorway(house) -> Iterator[Doorway]:
    door = Doorway(house.service)
    house.sandbox.configure("mailgun", webhook_url=f"{door.url}/sandbox-path-secret")
    try:
        yield door
    finally:
        door.close()
