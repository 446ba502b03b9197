"""What links a piece of work to what caused it: ids only, carried from message to message."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from uuid import UUID

from shared.identifiers import new_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.statements import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """`correlation_id` is the same in all that one request or job set off; `causation_id` is the message before.

    `session` is the secret token by which a customer proved who asks, where it began with a customer's request.
    `signed_statement` is what proves to the next service that is asked who of the staff acts, and `statement` what
    this service has believed of the one that it got.
    """

    correlation_id: UUID
    causation_id: UUID | None = None
    traceparent: str | None = None
    actor: str = "system"
    session: str | None = field(default=None, repr=False)
    signed_statement: str | None = field(default=None, repr=False)
    statement: Statement | None = field(default=None, repr=False)


_current: ContextVar[Context | None] = ContextVar("vilkar_context", default=None)


def current() -> Context:
    """The context of the work at hand; a new one where none was begun."""
    return _current.get() or Context(correlation_id=new_id())


def at_hand() -> Context | None:
    """The context of the work at hand, None outside of any."""
    return _current.get()


@contextmanager
def working_in(context: Context) -> Iterator[Context]:
    """Run the block in `context`."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


def is_rehearsal() -> bool:
    """Whether an act of staff is only tried, to know whether it would be refused: nothing of it stays."""
    context = _current.get()
    return context is not None and context.statement is not None and context.statement.rehearsal is True


_transactions: ContextVar[int] = ContextVar("vilkar_transactions", default=0)


def in_transaction() -> bool:
    """Whether the work at hand holds a transaction of a database open."""
    return _transactions.get() > 0


@contextmanager
def holding_transaction() -> Iterator[None]:
    """Mark the block as one in which a transaction is open."""
    token = _transactions.set(_transactions.get() + 1)
    try:
        yield
    finally:
        _transactions.reset(token)


@contextmanager
def acting_as(actor: str, *, session: str | None = None, signed_statement: str | None = None) -> Iterator[Context]:
    """Run the block on behalf of `actor`, an opaque id with its kind (`user:…`, `staff:…`, `system`).

    `signed_statement` is made for one call; the block makes no other.
    """
    with working_in(replace(current(), actor=actor, session=session, signed_statement=signed_statement)) as context:
        yield context
