"""What ends a green thread or the process from outside: nobody may take it for a failure of the work."""

from __future__ import annotations

from typing import Final

from greenlet import GreenletExit

STOPPING: Final = (GreenletExit, KeyboardInterrupt)
