"""Places where a test can make a process die at the worst moment: `VILKAR_FAILPOINT=relay.after_publish:kill`.

Allowed in the test environment only; anywhere else the setting is refused at start. Without the setting a
failpoint is one dictionary look-up.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from typing import Final

from shared.config import SettingError

VARIABLE: Final = "VILKAR_FAILPOINT"
ACTIONS: Final = frozenset({"kill"})


class Failpoints:
    """The failpoints that are set, each with the number of passes before it acts."""

    def __init__(self, environment: str, source: Mapping[str, str]) -> None:
        """Read `VILKAR_FAILPOINT`: `place:kill`, or `place:kill@3` for the third pass, several by comma.

        Raises `SettingError` where the environment is not `test` or the setting cannot be read.
        """
        text = source.get(VARIABLE, "")
        if text and environment != "test":
            raise SettingError(f"{VARIABLE} is allowed in the test environment only")
        self._left = dict(_parse(entry) for entry in text.split(",") if entry)

    def hit(self, place: str) -> None:
        """Pass `place`; the process ends here, as by `kill -9`, where the failpoint says so."""
        if place not in self._left:
            return
        self._left[place] -= 1
        if self._left[place] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _parse(entry: str) -> tuple[str, int]:
    place, _, rest = entry.strip().partition(":")
    action, _, count = rest.partition("@")
    if not place or action not in ACTIONS or not (count or "1").isdigit():
        raise SettingError(f"{VARIABLE} must read place:kill or place:kill@number")
    return place, int(count or "1")
