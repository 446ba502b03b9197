"""`python -m sandbox`: all three vendors on one port, until interrupted."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import structlog

from sandbox.server import start
from sandbox.settings import load
from shared import started
from shared.config import SettingError

if TYPE_CHECKING:
    from types import FrameType


def main() -> int:
    """Serve until SIGINT or SIGTERM; 2 when the settings do not allow it."""
    started.loaded()
    try:
        settings = load()
    except SettingError as error:
        sys.stderr.write(f"sandbox: {error}\n")
        return 2
    running = start(settings.port, settings=settings)

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    structlog.get_logger("sandbox").info("sandbox_ready", url=running.url, remembers=settings.state_dir is not None)
    try:
        running.wait()
    except KeyboardInterrupt:
        running.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
