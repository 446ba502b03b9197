"""How many people get in a second while log-ins are watched, beside the same without anybody who watches.

A whole system runs. Four people log in over and over at the gateway, each time from another network address; their
passwords are compared by Argon2 with the parameters of production in both cases. Without monitoring the audit
service stands still: no attempt is heard, no origin asked for, no detector looks. What it missed it catches up with
before the next round.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.benchmarks.figures import Figure, Size, Target
from tests.e2e.people import PASSWORD, Company, Person, a_network_address
from tests.plugins.system import WholeSystem
from tests.waiting import until

if TYPE_CHECKING:
    from deploy.native.infrastructure import Infrastructure

LEAST_OF_BARE: Final = 0.9
PEOPLE: Final = 4
WARM_UP_SECONDS: Final = 3
CATCH_UP_SECONDS: Final = 120.0
OPEN_WORK: Final = "SELECT count(*) FROM login_event WHERE origin = 'pending' OR NOT watched"
HEARD: Final = "SELECT count(*) FROM login_event"
HAPPENED: Final = "SELECT count(*) FROM login_attempt"


def measure(_standing: Infrastructure, _folder: Path, size: Size) -> list[Figure]:
    """Log-ins a second of each round, with and without the audit service, and how long until all are watched."""
    watched, plain, behind = [], [], []
    with at_work() as system:
        people = residents(system)
        log_in_for(people, WARM_UP_SECONDS)
        catch_up(system)
        for number in range(size.rounds):
            for is_watched in (True, False) if number % 2 == 0 else (False, True):
                if is_watched:
                    watched.append(log_in_for(people, size.seconds))
                    behind.append(catch_up(system))
                else:
                    with system.standing_still("audit"):
                        plain.append(log_in_for(people, size.seconds))
                    catch_up(system)
    target = Target(value=LEAST_OF_BARE, of_bare=True)
    return [
        Figure(
            name="log-ins while watched, beside unwatched",
            unit="log-ins/s",
            rounds=watched,
            bare=plain,
            target=target,
        ),
        Figure(name="last log-in → all of them watched", unit="s", rounds=behind),
    ]


@contextmanager
def at_work() -> Iterator[WholeSystem]:
    """A system in a home of its own, all of it ready; ended and deleted afterwards."""
    home = Path(tempfile.mkdtemp(prefix="vilkar-logins-"))
    system = WholeSystem(home)
    try:
        system.start()
        system.wait_ready()
        yield system
    finally:
        system.native.down(volumes=True)
        shutil.rmtree(home, ignore_errors=True)


def residents(system: WholeSystem) -> list[tuple[Company, Person]]:
    """People who can log in, all of one company."""
    company = Company(system, users=PEOPLE - 1).move_in()
    return [(company, person) for person in (company.creator, *company.others)]


def log_in_for(people: list[tuple[Company, Person]], seconds: float) -> float:
    """Everybody logs in again and again for so long, at once; how many a second."""
    end = time.monotonic() + seconds

    def again_and_again(one: tuple[Company, Person]) -> int:
        (company, person), count = one, 0
        body = {"email": person.email, "password": PASSWORD}
        while time.monotonic() < end:
            headers = {"X-Forwarded-For": a_network_address()}
            company.must("POST", "/v1/sessions", 201, json=body, headers=headers, token="")
            count += 1
        return count

    began = time.monotonic()
    with ThreadPoolExecutor(len(people)) as pool:
        count = sum(pool.map(again_and_again, people))
    return count / (time.monotonic() - began)


def catch_up(system: WholeSystem) -> float:
    """Wait until every attempt was heard, and every one of them looked at; the seconds that took."""
    began = time.monotonic()

    def is_done() -> bool:
        ((happened,),), ((heard,),) = system.rows("account", HAPPENED), system.rows("audit", HEARD)
        return bool(heard >= happened and system.rows("audit", OPEN_WORK) == [(0,)])

    until(is_done, what="every log-in heard and watched", seconds=CATCH_UP_SECONDS)
    return time.monotonic() - began
