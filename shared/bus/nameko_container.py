"""Turns a service's declarations into nameko entrypoints and hosts them in a nameko container."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NoReturn

from nameko.containers import ServiceContainer
from nameko.extensions import Entrypoint, register_entrypoint

from shared.bus import admin_watch, alarms, housekeeping, vendor_standing, wait_bound_watch, wire
from shared.bus.actor_claims import Claims
from shared.bus.clock_jump_brake import ClockBrake
from shared.bus.consumer import EventQueue, Inbound, QueueReader, postponing
from shared.bus.dead_letter_queue import DeadLetterQueue
from shared.bus.declarations import AnswersSpec, EverySpec, HandlesSpec, Service
from shared.bus.delivery import DeliveryHandler, Listener
from shared.bus.every_service import EveryService
from shared.bus.idempotency import digest_secret
from shared.bus.pace import Pace
from shared.bus.publisher import Publisher
from shared.bus.refusal_tally import SECONDS as TELL_REFUSALS_SECONDS
from shared.bus.rpc_dispatch import RpcDispatcher
from shared.bus.rpc_server import RpcMethod
from shared.bus.sender_check import SenderCheck
from shared.bus.statement_check import Statements
from shared.bus.timer import Timer
from shared.bus.topology import Topology, sources_of, topology_of
from shared.system import SERVICES

CALLS_AT_ONCE: Final = 10


class DeclarationError(TypeError):
    """A service's declarations contradict each other."""


@dataclass(frozen=True, kw_only=True)
class Hosting:
    """What the entrypoints need to know of where they are."""

    service: Service
    broker_url: str
    publisher: Publisher
    topology: Topology
    sender_check: SenderCheck
    start_seconds: float
    pace: Pace
    statements: Statements


class Host(ServiceContainer):  # type: ignore[misc]  # nameko is untyped
    """A nameko container around one instance of one of our services."""

    def __init__(
        self,
        service: Service,
        *,
        broker_url: str,
        tiers: Sequence[wire.Tier] = wire.TIERS,
        outside: Sequence[str] = (),
        calls_at_once: int = CALLS_AT_ONCE,
        start_seconds: float = 60.0,
        statements: Statements,
        barred: Callable[[], NoReturn] | None = None,
    ) -> None:
        """`outside` names services of others from which an event without a source of its own is heard too.

        `start_seconds` is how long `start` waits for the broker. `statements` looks at what staff have signed of
        who calls. With `barred` no queue of events is read and nothing is done on time, and `barred` raises what
        every call is answered with.
        """
        publisher = Publisher(broker_url, name=f"{service.name}.writes")
        sender_check = SenderCheck(service=service.name, user=publisher.connection.user, ours=frozenset(SERVICES))
        self.hosting = Hosting(
            service=service,
            broker_url=broker_url,
            publisher=publisher,
            topology=topology_of([type(service)], tiers=tiers, outside=outside),
            sender_check=sender_check,
            start_seconds=start_seconds,
            pace=Pace(service.clock),
            statements=statements,
        )
        service.database.on_change(self.hosting.pace.note_change)
        entrypoints = list(
            _barred(self.hosting, barred) if barred else _entrypoints(self.hosting, tiers=tiers, outside=outside)
        )
        super().__init__(_nameko_class(service.name, entrypoints), {"max_workers": calls_at_once})

    @property
    def inbound(self) -> Inbound:
        """The connection the queues are read on."""
        (found,) = (extension for extension in self.subextensions if isinstance(extension, Inbound))
        return found

    @property
    def died(self) -> bool:
        """Whether the container has ended, by itself or because it was stopped."""
        return bool(self._died.ready())

    def cause_of_death(self) -> BaseException | None:
        """What ended the container; None where it was stopped."""
        try:
            self.wait()
        except Exception as error:  # noqa: BLE001  # it is handed on
            return error
        return None

    def why_not_ready(self) -> list[str]:
        """Machine words for what is missing; empty where the host reads and writes."""
        reasons = []
        if not self.inbound.connection.ready:
            reasons.append("broker_not_read")
        if not self.hosting.publisher.connection.ready:
            reasons.append("broker_not_written")
        if self.hosting.publisher.connection.blocked:
            reasons.append("broker_takes_nothing")
        if any(isinstance(e, EventQueue) and e.handler.paused for e in self.entrypoints):
            reasons.append("queues_paused")
        return reasons


def _entrypoints(hosting: Hosting, *, tiers: Sequence[wire.Tier], outside: Sequence[str]) -> Iterator[Entrypoint]:
    service = hosting.service
    common = EveryService(service)
    _check_names(service, common)
    claims, brake = _claims(service), ClockBrake(service.database, service.clock)
    timer = partial(Timer, pace=hosting.pace)
    for owner in (service, common):
        yield from _answering(owner, hosting, claims)
        for name, spec, work in owner.declared():
            if isinstance(spec, EverySpec):
                yield timer(name, spec.seconds, brake.guarded(work) if spec.irreversible else work)
    yield timer("measure_alarms", alarms.SECONDS, partial(alarms.measure, (service, common)))
    keep_house = partial(housekeeping.keep_house, service.database, service.clock)
    yield timer("keep_house", housekeeping.SECONDS, brake.guarded(keep_house))
    for name, tell in (("claims", claims.tell), ("statements", hosting.statements.tell)):
        tell_refused = partial(tell, service.database, service.clock)
        yield timer(f"tell_refused_{name}", TELL_REFUSALS_SECONDS, tell_refused)
    watch_admin = partial(admin_watch.watch_admin, service.database, service.clock, service.name)
    yield timer("watch_admin", admin_watch.SECONDS, watch_admin)
    yield timer(
        "keep_vendors", vendor_standing.SECONDS, vendor_standing.VendorKeeper(service.database, service.clock).keep
    )
    watch_waits = partial(wait_bound_watch.watch, service.database, service.clock, service.waits)
    yield timer("watch_waits", wait_bound_watch.SECONDS, watch_waits)
    for queue, listeners in _listeners(service, outside=outside).items():
        handler = DeliveryHandler(
            queue=queue,
            listeners=listeners,
            database=service.database,
            clock=service.clock,
            postpone=postponing(hosting.publisher, service.name, queue),
            sender_check=hosting.sender_check,
            tiers=tiers,
        )
        yield EventQueue(queue, handler, gathers_seconds=service.gathers_seconds)
    yield DeadLetterQueue(wire.dead_queue(service.name))


def _check_names(*owners: Service) -> None:
    """Raises `DeclarationError` where two calls, or two of the works done on time, have one name."""
    named = [
        (type(spec), name)
        for owner in owners
        for name, spec, _ in owner.declared()
        if isinstance(spec, AnswersSpec | EverySpec)
    ]
    twice = sorted(name for (_, name), count in Counter(named).items() if count > 1)
    if twice:
        raise DeclarationError(f"{owners[0].name} declares these twice: {', '.join(twice)}")


def _claims(service: Service) -> Claims:
    return Claims(actor_of_session=service.actor_of_session if service.knows_sessions else None)


def _answering(
    owner: Service, hosting: Hosting, claims: Claims, barred: Callable[[], NoReturn] | None = None
) -> Iterator[Entrypoint]:
    secret = digest_secret(hosting.broker_url)
    for name, spec, method in owner.declared():
        if isinstance(spec, AnswersSpec):
            dispatcher = RpcDispatcher(
                name,
                spec,
                method,
                database=owner.database,
                clock=owner.clock,
                secret=secret,
                claims=claims,
                statements=hosting.statements,
                barred=barred,
            )
            yield RpcMethod(dispatcher)


def _barred(hosting: Hosting, barred: Callable[[], NoReturn]) -> Iterator[Entrypoint]:
    service = hosting.service
    common = EveryService(service)
    for owner in (service, common):
        yield from _answering(owner, hosting, _claims(service), barred)


def _listeners(service: Service, *, outside: Sequence[str]) -> dict[str, dict[int, Listener]]:
    """Who hears what, by queue and version; several features may hear the same.

    Raises `DeclarationError` where two methods of one feature do.
    """
    by_queue: dict[str, dict[int, Listener]] = {}
    heard: set[tuple[object, str, int]] = set()
    for name, spec, method in service.declared():
        if not isinstance(spec, HandlesSpec):
            continue
        for source in sources_of(spec, outside=outside):
            queue, version = wire.event_queue(source, spec.event.type, service.name), spec.event.version
            if (method.__self__, queue, version) in heard:
                raise DeclarationError(f"{service.name} hears {spec.event.type} of {source} twice: {name}")
            heard.add((method.__self__, queue, version))
            versions = by_queue.setdefault(queue, {})
            before = versions[version].handle if version in versions else ()
            versions[version] = Listener(event=spec.event, handle=(*before, method))
    return by_queue


def _nameko_class(name: str, entrypoints: Sequence[Entrypoint]) -> type:
    """A class as nameko wants it: a method for each entrypoint, which hands the work back to the entrypoint."""
    members: dict[str, Any] = {"name": name}
    for entrypoint in entrypoints:
        method = _method()
        register_entrypoint(method, entrypoint)
        members[_member_name(entrypoint, len(members))] = method
    return type("Hosted", (), members)


def _method() -> Callable[..., None]:
    def carry_out(_self: Any, entrypoint: RpcMethod, *args: Any) -> None:
        entrypoint.carry_out(*args)

    return carry_out


def _member_name(entrypoint: Entrypoint, number: int) -> str:
    """What nameko calls it; for calls the method's own name."""
    if isinstance(entrypoint, RpcMethod):
        return entrypoint.dispatcher.name
    return f"{entrypoint.queue if isinstance(entrypoint, QueueReader) else 'round'} {number}"
