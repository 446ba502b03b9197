"""How the commands of operations end: their exit codes, and what went wrong in words."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from shared.config import SettingError
from shared.errors import Refused, VilkarError

if TYPE_CHECKING:
    from collections.abc import Callable

FAILED: Final = 1
"""It did not work out."""

REFUSED: Final = 2
"""It was refused; the message says why."""


def exit_code_of(command: Callable[[], object], *others: type[Exception]) -> int:
    """Run a command and return its exit code; what went wrong is told in words, without a traceback.

    `others` are what may go wrong with it besides our own errors.
    """
    expected: tuple[type[Exception], ...] = (VilkarError, SettingError, *others)
    try:
        command()
    except Refused as error:
        sys.stderr.write(f"refused: {error.message}\n")
        return REFUSED
    except expected as error:
        sys.stderr.write(f"failed: {error}\n")
        return FAILED
    return 0
