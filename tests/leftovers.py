"""What test runs left behind that were killed before they could clear away themselves."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def remove_leftovers(prefix: str, remove: Callable[[Path], None]) -> None:
    """Let `remove` look at each folder of ours below the temporary folder whose name begins so.

    The workers of a run begin together: the first does it, and the others go on without.
    """
    temporary = Path(tempfile.gettempdir())
    with (temporary / f"vilkar-leftovers-{os.geteuid()}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        for folder in sorted(temporary.glob(f"{prefix}*")):
            # Not there any more: its run came to its end meanwhile and cleared away itself.
            with contextlib.suppress(FileNotFoundError):
                if folder.stat().st_uid == os.geteuid():
                    remove(folder)
