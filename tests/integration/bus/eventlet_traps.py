"""Single traps of the stack, each in a fresh process: with the cure, or as the stack comes.

    python -m tests.integration.bus.eventlet_traps <trap> <cured|bare> [DSN]

Prints one JSON value: what was measured.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

warnings.simplefilter("ignore")
TRAP, CURED, ARGUMENTS = sys.argv[1], sys.argv[2] == "cured", sys.argv[3:]

if CURED:
    from shared.bus import monkey_patch

    if TRAP == "late":
        importlib.import_module("psycopg")
    monkey_patch.apply()
else:
    import eventlet

    eventlet.monkey_patch()

import eventlet  # noqa: E402


def _ticks_during(work: Any) -> int:
    """How often another green thread had its turn while `work` ran; 20 a second if nothing holds it up."""
    ticks = 0

    def tick() -> None:
        nonlocal ticks
        while True:
            eventlet.sleep(0.05)
            ticks += 1

    ticking = eventlet.spawn(tick)
    eventlet.sleep(0)
    work()
    ticking.kill()
    return ticks


def waiting() -> int:
    """Trap 5: a second of waiting for PostgreSQL."""
    import psycopg

    with psycopg.connect(ARGUMENTS[0]) as connection:
        return _ticks_during(lambda: connection.execute("SELECT pg_sleep(1)"))


def naming() -> int:
    """A second of waiting for a name server that does not answer, at the first name that is looked up."""
    import socket

    from eventlet.support import greendns

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        server = greendns.ResolverProxy(hosts_resolver=None, filename=None)
        server._resolver = greendns.dns.resolver.Resolver(configure=False)
        server._resolver.nameservers, server._resolver.port = ["127.0.0.1"], silent.getsockname()[1]
        server._resolver.lifetime = 1.0
        greendns.resolver = server
        return _ticks_during(lambda: _fails_to_look_up("nobody.example"))


def _fails_to_look_up(name: str) -> None:
    import socket

    try:
        socket.getaddrinfo(name, 80, socket.AF_INET)
    except socket.gaierror:
        return
    raise AssertionError(f"{name} was found")


def leaking() -> bool:
    """Trap 4: whether a pool of one connection still gives it after a waiter was timed out."""
    import psycopg_pool

    pool = psycopg_pool.ConnectionPool(ARGUMENTS[0], min_size=1, max_size=1, open=True, timeout=2)
    pool.wait()
    holder = pool.getconn()
    with eventlet.Timeout(0.3, False):
        pool.getconn()
    pool.putconn(holder)
    try:
        with pool.connection(timeout=2) as connection:
            connection.execute("SELECT 1")
    except psycopg_pool.PoolTimeout:
        return False
    return True


def limiting() -> int:
    """How often a process wakes in a second after twenty waits that ended before their limits."""
    from eventlet import hubs

    hub, slept = hubs.get_hub(), 0
    wait = hub.wait

    def counted(seconds: float | None = None) -> Any:
        nonlocal slept
        slept += 1
        return wait(seconds)

    for number in range(20):
        with eventlet.Timeout(0.2 + number / 30):
            eventlet.sleep(0)
    hub.wait = counted
    eventlet.sleep(1)
    return slept


def typed() -> str:
    """Trap 15: the kind of thing that a dict with two special keys is read as."""
    from kombu import serialization

    body = json.dumps({"__type__": "uuid", "__value__": {"hex": "0" * 32}})
    return type(serialization.loads(body, "application/json", "utf-8")).__name__


def hashing() -> int:
    """Trap 30: a second of hashing passwords."""
    from argon2.low_level import Type, hash_secret_raw

    from shared.bus.offload import offload

    def work() -> None:
        until = time.monotonic() + 1
        while time.monotonic() < until:
            arguments = (b"x" * 16, b"y" * 16, 8, 65536, 1, 32, Type.ID)
            if CURED:
                offload(hash_secret_raw, *arguments)
            else:
                hash_secret_raw(*arguments)

    return _ticks_during(work)


def growing() -> dict[str, int]:
    """What a process keeps after 100 password hashes that twenty people asked for at once."""
    from argon2 import PasswordHasher
    from eventlet import tpool

    from shared.bus.offload import offload

    hasher = PasswordHasher(time_cost=1, memory_cost=19 * 1024, parallelism=1)
    run = offload if CURED else tpool.execute
    before = _memory()
    for _ in eventlet.GreenPool(20).imap(lambda number: run(hasher.hash, f"password {number}"), range(100)):
        pass
    after = _memory()
    return {
        "threads": after["Threads"],
        "grown_mib": (after["VmRSS"] - before["VmRSS"]) // 1024,
        "peak_mib": (after["VmHWM"] - before["VmRSS"]) // 1024,
    }


def _memory() -> dict[str, int]:
    with Path("/proc/self/status").open() as file:
        fields = dict(line.split(":", 1) for line in file)
    return {name: int(fields[name].split()[0]) for name in ("VmRSS", "VmHWM", "Threads")}


def late() -> None:
    """Nothing: `monkey_patch.apply` has refused before."""


print(
    json.dumps({f.__name__: f for f in (waiting, naming, leaking, limiting, typed, hashing, growing, late)}[TRAP]())
)
