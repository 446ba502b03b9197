"""Free TCP ports on the loopback address."""

from __future__ import annotations

import os
import random
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

LOOPBACK = "127.0.0.1"
BEYOND_LAST = 65_536

# Below the range from which Linux takes the local ports of outgoing connections (32768 and up): a port found free
# here is not taken by somebody's connection between the finding and the use.
_LOWEST = 20_000
_WINDOWS, _EACH = 100, 120
_HIGHEST = _LOWEST + _WINDOWS * _EACH
_TRIES = 500
_CHANCE = random.SystemRandom()
"""Not the seeded one: tests that run beside each other seed it alike, and all would choose the same ports."""
_given: set[int] = set()
"""What this process was given, and may not listen on yet."""


class NoFreePortError(Exception):
    """No free port was found on this machine within the tries allowed."""


def is_free(port: int) -> bool:
    """Say whether nobody listens on a port of the loopback address, nor on every address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a port whose last connections linger in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def choose(
    names: list[str], *, preferred: dict[str, int] | None = None, taken: Collection[int] = ()
) -> dict[str, int]:
    """Return a free port per name: the preferred one where it is free, none twice and none that is `taken`."""
    chosen: dict[str, int] = {}
    for name in names:
        wanted, given = (preferred or {}).get(name), {*taken, *chosen.values()}
        chosen[name] = (
            wanted if wanted is not None and wanted not in given and is_free(wanted) else _any_free(given)
        )
    return chosen


def window(process: int) -> range:
    """Return the ports that the process of this id chooses from first.

    What is chosen is listened on seconds later, and seen as taken only then. Of four systems of tests that begin at
    the same moment, with up to thirty ports each out of the same twelve thousand, two want the same one in every
    tenth run.
    """
    first = _LOWEST + process % _WINDOWS * _EACH
    return range(first, first + _EACH)


def _any_free(taken: set[int]) -> int:
    for port in _in_turn():
        if port not in taken and port not in _given and is_free(port):
            _given.add(port)
            return port
    raise NoFreePortError(f"no free port between {_LOWEST} and {_HIGHEST} in {_TRIES} tries")


def _in_turn() -> Iterator[int]:
    own = window(os.getpid())
    yield from _CHANCE.sample(own, len(own))
    for _ in range(_TRIES):
        yield _CHANCE.randrange(_LOWEST, _HIGHEST)
