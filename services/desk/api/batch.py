"""Calls of one page that a program has made together: signed together, and told as one act of looking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from marshmallow.validate import Length, Range

from services.staff.statements.calls import MOST
from shared.records import Record
from shared.statements import Word

SHORTEST_SECONDS = 1
LONGEST_SECONDS = 60
"""As long as a call may take at the bus."""


class BatchedCall(Record):
    """A call as it is sent, and for how many seconds whoever asks waits at most."""

    service: Word
    method: Word
    fields: Mapping[str, Any]
    seconds: Annotated[int, Range(min=SHORTEST_SECONDS, max=LONGEST_SECONDS)]


class Batch(Record):
    """What is asked; what comes of it has the same order."""

    calls: Annotated[tuple[BatchedCall, ...], Length(min=1, max=MOST)]


class CallOutcome(Record):
    """The reply to a call, or the problem document that says why there is none."""

    reply: Mapping[str, Any] | None = None
    problem: Mapping[str, Any] | None = None


class BatchOutcome(Record):
    """One for each call, in their order."""

    outcomes: tuple[CallOutcome, ...]
