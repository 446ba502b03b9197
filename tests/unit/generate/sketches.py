"""A call for the page of calls."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shared.calls import Call
from shared.records import ABSENT, Absent, Record


class Once(Record):
    at: datetime | Absent = ABSENT


class Heard(Record):
    rung: tuple[Once, ...] | Absent = ABSENT


class Ask(Call[Heard], service="ear"):
    """What was heard.

    The rest of the sentence.
    """

    bell_id: UUID
