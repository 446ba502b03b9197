"""Who is on duty."""

from __future__ import annotations

from typing import NamedTuple


class OnDutyPair(NamedTuple):
    """Who answers in a week, and who is next, each as `staff:<code>`."""

    person: str
    deputy: str
