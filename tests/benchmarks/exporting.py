"""What the copy of a large company costs: seconds from the wish to the file, and how much memory it takes."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from services.account.accounts import store as accounts
from services.account.export_collecting.feature import ExportCollecting
from services.account.users.calls import Person
from shared.database import Database
from shared.identifiers import new_id
from shared.privacy import Keyring
from tests.benchmarks.erasing import databases, keyrings, world_of
from tests.benchmarks.figures import Figure, Size, Target
from tests.in_process import feature
from tests.plugins.account_world import KEK

if TYPE_CHECKING:
    from deploy.native.infrastructure import Infrastructure
    from tests.plugins.account_world import Member, World

MEGABYTE: Final = 2**20
MOST: Final = 200.0
"""Megabytes that a process which makes the copy of ten thousand users may have, all it had before included."""
TURNS: Final = 2_000
LOOK_SECONDS: Final = 0.02


def measure(standing: Infrastructure, _folder: Path, size: Size) -> list[Figure]:
    """A company of as many users as one breach is told to customers, with its copy made over and over."""
    with keyrings(standing) as keyring_access, databases(standing) as access:
        database = Database(access.dsn("account"), source="account", size=4)
        keyring = Keyring(keyring_access.dsn("account"), kek=KEK)
        database.open()
        keyring.open()
        try:
            world = world_of(database, keyring, access.owner_dsn("account"))
            owner = peopled(world, size.told)
            made = [copied(world, owner) for _ in range(size.rounds)]
        finally:
            keyring.close()
            database.close()
    return [
        Figure(name=f"copy of a company of {size.told:,} users", unit="s", rounds=[took for took, _ in made]),
        Figure(
            name="memory of the process that makes it, at most",
            unit="MB",
            rounds=[most for _, most in made],
            target=Target(value=MOST, at_least=False),
        ),
    ]


def peopled(world: World, count: int) -> Member:
    """The owner of a company of so many users."""
    owner = world.sign_up()
    sealing, now = world.service.sealing, world.clock.now()
    for number in range(count):
        user_id = new_id()
        person = Person(name=f"Ola Sletten {number}", email=f"ola{number}@firma.example", phone="+4790012345")
        columns = sealing.new_user_columns(owner.account_id, user_id, person, now)
        ids = {"id": user_id, "account_id": owner.account_id, "language": "nb", "category": "employee"}
        with world.database.transaction() as tx:
            accounts.insert_user(tx, columns | ids, role="user", now=now)
    return owner


def copied(world: World, owner: Member) -> tuple[float, float]:
    """Seconds until a copy is ready, and the megabytes that the process had meanwhile at most.

    Not by how many it grew: what was given free before is taken again, and would hide what the copy takes.
    """
    with world.database.transaction() as tx:
        tx.run("DELETE FROM export")
    began = time.perf_counter()
    asked = {"account_id": owner.account_id, "actor": owner.actor}
    export = world.call("request_export", **asked, whose="company")
    collecting = feature(world.service, ExportCollecting)
    with Peak() as peak:
        for _ in range(TURNS):
            collecting.collect_exports()
            (shown,) = world.call("exports", **asked)["exports"]
            if shown["state"] == "ready":
                break
        else:
            raise AssertionError("the copy was not made")
    assert shown["export_id"] == export["export_id"]
    assert shown["parts"][0]["rows"] > 1
    return time.perf_counter() - began, peak.most / MEGABYTE


def resident() -> int:
    """Bytes of memory that this process has now."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise OSError("this system does not say how much memory a process has")


class Peak:
    """Looks again and again how much memory the process has, beside the work."""

    def __init__(self) -> None:
        self.most = resident()
        self._ended = threading.Event()
        self._looking = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._looking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._looking.join()

    def _look(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            self.most = max(self.most, resident())
