"""Where a page of the trail begins: the number of a row, in an address."""

from __future__ import annotations

from typing import Final

from services.audit.trail.calls import SEQ_MOST
from shared.web.visit import not_found

NUMBER_MOST: Final = len(str(SEQ_MOST))


def row_number(text: str) -> int:
    """The number of a row of the trail in an address. Raises `NotFound` for what is none."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= NUMBER_MOST else 0
    return number if 0 < number <= SEQ_MOST else not_found()
