"""What a customer reports: anything that is not as agreed (L178), or that it disagrees about with us (L162)."""

from __future__ import annotations

from typing import Final

ABOUT: Final = (
    "agreement_not_kept",
    "disagreement",
    "data_exposed",
    "wrong_recipient",
    "data_lost",
    "unusual_use",
    "outage",
    "device_lost",
    "other",
)
"""What a report is about, as whoever reports sees it; cases opens what it says in the same codes."""
TEXT_LIMIT: Final = 4000
"""So many characters one report holds; who has more to say sends another one, or writes to the vendor."""
TEXT: Final = ("nonconformity_report", "text")
"""The table and the column that a text is sealed for."""
EARLIEST_YEAR: Final = 2000
"""Nothing is noticed before that."""
