"""Free TCP ports on the loopback address."""

from __future__ import annotations

import random
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

LOOPBACK = "127.0.0.1"
BEYOND_LAST = 65_536

# Below the range from which Linux takes the local ports of outgoing connections (32768 and up): a port found free
# here is not taken by somebody's connection between the finding and the use.
_LOWEST = 20_000
_HIGHEST = 32_000
_TRIES = 500
_CHANCE = random.SystemRandom()
"""Not the seeded one: tests that run beside each other seed it alike, and all would choose the same ports."""


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


def _any_free(taken: set[int]) -> int:
    for _ in range(_TRIES):
        port = _CHANCE.randint(_LOWEST, _HIGHEST)
        if port not in taken and is_free(port):
            return port
    raise NoFreePortError(f"no free port between {_LOWEST} and {_HIGHEST} in {_TRIES} tries")
