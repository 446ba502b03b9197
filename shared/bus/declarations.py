"""What a service declares: the events it hears, the calls it answers, the work it does on time.

A service is composed of features. Each feature is a small class that gets its parts in the constructor; the
decorators attach a frozen specification to its methods and change nothing else, so they can be called in a test
like any other. They import neither nameko nor eventlet.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType, MethodType
from typing import Any, ClassVar, NamedTuple, TypeVar

from shared.calls import Call, Caller
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import Invalid
from shared.events import Event, Received
from shared.privacy.restore_gate import Replayer
from shared.records import Record

S = TypeVar("S", bound="Feature")
C = TypeVar("C", bound=Call[Any])
R = TypeVar("R", bound=Record)
Method = TypeVar("Method", bound=Callable[..., Any])
E = TypeVar("E", bound=Event)

Handler = Callable[[S, Received[E], Transaction], None]

SPEC_ATTRIBUTE = "__vilkar_spec__"
CALL_AND_TRANSACTION = 3
"""So many parameters has a method that answers a command, `self` among them."""


@dataclass(frozen=True, kw_only=True)
class HandlesSpec:
    """One event class heard by one method. `sources` are the exchanges' owners it is heard from."""

    event: type[Event]
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AnswersSpec:
    """One call answered by one method, and what is found out before its transaction is opened."""

    call: type[Call[Any]]
    first: Callable[[Any, Any], Any] | None = None
    takes_found: bool = False
    """Whether the method takes what `first` found, as its third argument."""

    def ahead(self, feature: Any, request: Call[Any]) -> tuple[Any, ...]:
        """Do what comes before the transaction; what the method takes of it, behind the transaction."""
        if self.first is None:
            return ()
        found = self.first(feature, request)
        return (found,) if self.takes_found else ()

    def read(self, given: dict[str, Any]) -> Call[Any]:
        """The call from JSON values. Raises `Invalid`."""
        return self.call.from_json(given)

    def write(self, reply: Any) -> Any:
        """The reply as JSON values. Raises `TypeError` for another one than the call's."""
        if not isinstance(reply, self.call.reply):
            raise TypeError(f"{self.call.method} is answered with {self.call.reply.__name__}")
        try:
            return reply.to_json()
        except Invalid as error:
            raise TypeError(
                f"the reply to {self.call.method} is wrong: {sorted(error.details['fields'])}"
            ) from None


@dataclass(frozen=True, kw_only=True)
class EverySpec:
    """One method that runs on time, in every replica; it must be safe to run in several at once."""

    seconds: float
    irreversible: bool = False
    """Whether it destroys something; then it is left out while the clock cannot be believed."""


class Declared(NamedTuple):
    """One declared method: its name, its specification, and the method of the object that declares it."""

    name: str
    spec: Any
    method: MethodType


class Feature:
    """One thing that a service does, with all it hears, answers and does on time for it.

    Features of one service share no base class of their own and no attributes: what one needs of another it gets in
    the constructor. Several may hear the same event; they do so in one transaction, in the order of the service.
    """

    def sources_of(self, spec: HandlesSpec) -> tuple[str, ...]:
        """Whose exchanges an event is heard from; a feature says so itself where that is configured."""
        return spec.sources

    def declared(self) -> Iterator[Declared]:
        """Every declared method, in order of name."""
        for name, spec in marked(type(self), SPEC_ATTRIBUTE):
            is_heard = isinstance(spec, HandlesSpec)
            configured = replace(spec, sources=self.sources_of(spec)) if is_heard else spec
            yield Declared(name, configured, getattr(self, name))


class Service(Feature):
    """Base of the services, which name their features and do nothing else.

    class Retention(Service):
        name = "retention"
        made_of = (Clocks, Holds)

        def __init__(self, *, database: Database, clock: Clock) -> None:
            self.database, self.clock = database, clock
            self.features = (Clocks(database, clock), Holds(database, clock))
    """

    name: ClassVar[str]
    """The wire name."""
    made_of: ClassVar[tuple[type[Feature], ...]] = ()
    """The classes of its features: what the service declares is known without making one."""
    features: tuple[Feature, ...] = ()
    """One of each of `made_of`, in that order."""
    knows_sessions: ClassVar[bool] = False
    """Whether it can tell whose a customer's session is; if so, no call acts for a customer without one."""
    gathers_seconds: ClassVar[float] = 0.0
    """How long an event waits for more of its kind, so that one transaction takes in all of them. For a service
    that only looks on; 0 for one whose effects somebody waits for."""
    database: Database
    clock: Clock
    waits: Mapping[str, timedelta] = MappingProxyType({})
    """How far ahead each instant (`table.column`) may lie that something of the service waits for."""

    def guarded(self) -> Iterator[tuple[Database, Replayer | None]]:
        """The databases that a restore may set back, each with what makes the facts of the ledger true in it again.

        Nothing is served before they have caught up with it. None as replayer: another service brings that one up
        to date, and this one waits until it has.
        """
        return iter(())

    def actor_of_session(self, token: str) -> str | None:
        """Who acts by this session, `user:<id>`; None for one that is not open. For a service that knows them."""
        raise NotImplementedError

    def ready(self) -> None:
        """Raise where the service cannot serve now; asked by the readiness check, at most every 2 s."""

    def declared(self) -> Iterator[Declared]:
        """Every declared method of the service and of its features.

        Raises `TypeError` where the features are not those of `made_of`: the broker's queues are made for these.
        """
        if tuple(type(each) for each in self.features) != self.made_of:
            raise TypeError(f"the features of {self.name} are not those that its class names")
        yield from super().declared()
        for feature in self.features:
            yield from feature.declared()


def specifications(kind: type[Feature]) -> Iterator[tuple[str, Any]]:
    """Every declared method of a class as (method name, specification), in order of name.

    Those of a service's features are among them.
    """
    for part in (kind, *kind.made_of) if issubclass(kind, Service) else (kind,):
        yield from marked(part, SPEC_ATTRIBUTE)


_marked: dict[tuple[type[Feature], str], tuple[tuple[str, Any], ...]] = {}


def marked(kind: type[Feature], attribute: str) -> tuple[tuple[str, Any], ...]:
    """Every method of this very class that bears `attribute`, as (method name, its value), in order of name."""
    if (kind, attribute) not in _marked:
        methods = inspect.getmembers(kind, inspect.isfunction)
        bearing = ((name, getattr(method, attribute, None)) for name, method in methods)
        _marked[kind, attribute] = tuple((name, value) for name, value in bearing if value is not None)
    return _marked[kind, attribute]


def handles(event: type[E], *, sources: tuple[str, ...] = ()) -> Callable[[Handler[S, E]], Handler[S, E]]:
    """Hear `event`: the method gets the received event and an open transaction.

    The message's id is recorded in the inbox in that same transaction, so effects happen once. `Permanent`
    parks the message, anything else is tried again with growing delay and then parked. `sources` is needed
    for an event that several services publish; else the event's own source is taken.
    """
    heard = sources or ((event.source,) if event.source else ())
    if not heard:
        raise TypeError(f"{event.__name__} has no source of its own: name the sources to hear it from")

    def mark(method: Handler[S, E]) -> Handler[S, E]:
        setattr(method, SPEC_ATTRIBUTE, HandlesSpec(event=event, sources=heard))
        return method

    return mark


def answers(call: type[Call[R]], *, first: Callable[[Any, Any], Any] | None = None) -> Callable[[Method], Method]:
    """Answer a call: the method gets the checked call and returns its reply.

    Unknown, missing or wrong fields are answered with `Invalid` before the method runs. For a command the method
    also gets an open transaction, in which the reply is kept with the caller's `idempotency_key`: a repeated call
    gets the first reply and changes nothing. The key counts for the process that calls, who acts through it and the
    call's `account_id`; with other fields it is refused with `Conflict`.

    Nobody else is asked while a transaction is open, and no password compared. What a command must know before it
    `first` finds out, a method of the same feature: it gets the call while no transaction is open, and refuses it
    or lets it pass. What it returns is the third argument of a method that takes three. It is not asked for a call
    that is repeated.

    Raises `TypeError` where the method is called otherwise than the call: nobody would ever reach it; for `first`
    where the call is no command; and for a third argument that nothing finds out.
    """

    def mark(method: Method) -> Method:
        if method.__name__ != call.method:
            raise TypeError(f"{call.__name__} is asked for as {call.method}, not {method.__name__}")
        if first is not None and not call.is_command:
            raise TypeError(f"{call.__name__} opens no transaction that anything could come before")
        takes_found = len(inspect.signature(method).parameters) > CALL_AND_TRANSACTION
        if takes_found and first is None:
            raise TypeError(f"{call.__name__} takes what is found out first, and nothing finds it out")
        setattr(method, SPEC_ATTRIBUTE, AnswersSpec(call=call, first=first, takes_found=takes_found))
        return method

    return mark


def every(*, seconds: float, irreversible: bool = False) -> Callable[[Callable[[S], None]], Callable[[S], None]]:
    """Run the method again and again, `seconds` after it last ended, until the process stops.

    What is `irreversible` is left out where the clock has jumped, until a person has confirmed it.
    """
    if seconds <= 0:
        raise ValueError("the pause must be longer than nothing")

    def mark(method: Callable[[S], None]) -> Callable[[S], None]:
        setattr(method, SPEC_ATTRIBUTE, EverySpec(seconds=seconds, irreversible=irreversible))
        return method

    return mark


@dataclass
class Parts:
    """What the runner hands to a service's constructor."""

    database: Database
    clock: Clock
    caller: Caller
    extras: dict[str, Any] = field(default_factory=dict)
