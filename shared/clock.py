"""The only module that reads a clock.

In demo and test environments the clock can be moved: the file `clock` in the state directory holds the
offset in seconds, and every process of the system follows it within a tenth of a second. In production a
clock file is refused, at start and later.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from shared.errors import Refused

MOVABLE_ENVIRONMENTS: Final = frozenset({"demo", "test"})
RECHECK_SECONDS: Final = 0.1


class ClockMovedInProductionError(RuntimeError):
    """A clock file exists although this environment does not allow the clock to be moved."""


class Clock:
    """The present instant in UTC, shifted by the offset in the state directory where that is allowed."""

    def __init__(self, state_dir: Path | None = None, *, environment: str = "production") -> None:
        """`state_dir` is shared by all processes; without one the clock cannot be moved."""
        self._file = state_dir / "clock" if state_dir else None
        self._movable = environment in MOVABLE_ENVIRONMENTS
        self._checked_at = float("-inf")
        self._offset = timedelta()
        if not self._movable and self._file is not None and self._file.exists():
            raise ClockMovedInProductionError(
                f"the clock file is not allowed in the environment {environment!r}; remove it and start again"
            )

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC) + self.offset()  # noqa: TID251  # the one place that reads the clock

    def unmoved(self) -> datetime:
        """The present instant by the machine's own clock, whatever a demo's clock was moved to."""
        return datetime.now(UTC)  # noqa: TID251  # the one place that reads the clock

    def offset(self) -> timedelta:
        """How far the clock has been moved; zero in production."""
        if not self._movable or self._file is None:
            return timedelta()
        tick = time.monotonic()
        if tick - self._checked_at >= RECHECK_SECONDS:
            self._checked_at = tick
            self._offset = self._read()
        return self._offset

    def move(self, by: timedelta) -> timedelta:
        """Move the clock of the whole system by `by` and return the new offset.

        Raises `Refused` where the environment is not demo or test, or the clock would run backwards.
        """
        if not self._movable or self._file is None:
            raise Refused("the clock can be moved in demo and test environments only")
        if by < timedelta():
            raise Refused("the clock moves forwards only")
        self._offset = self._read() + by
        temporary = self._file.with_suffix(f".{os.getpid()}")
        temporary.write_text(f"{self._offset.total_seconds()}\n", encoding="ascii")
        temporary.replace(self._file)
        return self._offset

    def _read(self) -> timedelta:
        assert self._file is not None  # noqa: S101  # callers checked
        try:
            return timedelta(seconds=float(self._file.read_text(encoding="ascii")))
        except FileNotFoundError:
            return timedelta()


class FixedClock(Clock):
    """A clock that stands where it was put; for rules under test."""

    def __init__(self, at: datetime) -> None:
        """`at` must be aware."""
        super().__init__(None, environment="test")
        self.at = at
        self._unmoved = at

    def now(self) -> datetime:
        """The instant the clock was put to."""
        return self.at

    def unmoved(self) -> datetime:
        """The instant the clock was made with: that it was put elsewhere since is known."""
        return self._unmoved

    def move(self, by: timedelta) -> timedelta:
        """Put the clock `by` further on."""
        self.at += by
        return by
