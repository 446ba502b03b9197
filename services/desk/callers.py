"""How calls are made in the name of one member of staff: several at once, by an approval where one is needed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from shared.calls import Caller
from shared.staff import Purpose


@dataclass(frozen=True, kw_only=True)
class PlainCall:
    """A call as it is sent: its fields as JSON values, the idempotency key of a command among them.

    `approval_id` names what another person has approved, for an act that takes two. In a `rehearsal` such an act is
    only tried, to know whether it would be refused: nothing of it stays, and the reply says nothing.
    """

    service: str
    method: str
    fields: Mapping[str, Any] = field(repr=False)
    timeout_seconds: float
    approval_id: UUID | None = None
    rehearsal: bool = False


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a call: the reply as JSON values, or what was raised instead."""

    reply: Any = field(default=None, repr=False)
    error: Exception | None = None

    def result(self) -> Any:
        """The reply. Raises what was raised."""
        if self.error is not None:
            raise self.error
        return self.reply


class DeskCaller(Caller):
    """Makes calls in the name of whoever holds a session."""

    @property
    @abstractmethod
    def token(self) -> str:
        """The secret of the session, for calls that bring it themselves."""

    @abstractmethod
    def call_many(
        self, calls: Sequence[PlainCall], *, purpose: Purpose | None = None, visit_id: UUID | None = None
    ) -> list[Outcome]:
        """Make these calls for one purpose; what came of each, in their order. One failure ends no other call.

        Without a purpose it is that of the grant by which each is made. What is looked at again with the same
        `visit_id`, as a form does that is shown again, is told once. Raises `Unauthenticated` where the session is
        over.
        """

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        """See `Caller.call`; a time limit must be given."""
        if timeout_seconds is None:
            raise TypeError("a call of the desk has a time limit")
        made = PlainCall(service=service, method=method, fields=fields, timeout_seconds=timeout_seconds)
        (outcome,) = self.call_many([made])
        return outcome.result()
