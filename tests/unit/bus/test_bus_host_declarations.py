"""From a service's declarations to queues and listeners; nothing is connected."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from shared.bus.declarations import Feature, HandlesSpec, Service, answers, every, handles, specifications
from shared.bus.topology import topology_of
from shared.bus.wire import Tier
from shared.calls import Call, Done
from shared.events import Event, Received

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # eventlet's deprecation, told at the first import; nothing is patched here
    from shared.bus.nameko_container import DeclarationError, _check_names, _listeners

if TYPE_CHECKING:
    from shared.database import Transaction

pytestmark = pytest.mark.unit


@dataclass(frozen=True, kw_only=True)
class StoneTurned(Event):
    """A stone was turned."""

    type = "stone.turned"
    source = "quarry"
    number: int


@dataclass(frozen=True, kw_only=True)
class StoneTurned2(StoneTurned):
    """The same, version 2."""

    version = 2


@dataclass(frozen=True, kw_only=True)
class StepDone(Event):
    """A shape that several publish."""

    type = "step.done"
    source = None
    number: int


class Mason(Service):
    name = "mason"

    @handles(StoneTurned)
    def one(self, message: Received[StoneTurned], tx: Transaction) -> None: ...

    @handles(StoneTurned2)
    def two(self, message: Received[StoneTurned2], tx: Transaction) -> None: ...

    @handles(StepDone, sources=("quarry", "kiln"))
    def step(self, message: Received[StepDone], tx: Transaction) -> None: ...


class Renamed(Service):
    name = "mason"

    @handles(StoneTurned)
    def another_name(self, message: Received[StoneTurned], tx: Transaction) -> None: ...


class Doubled(Service):
    name = "mason"

    @handles(StoneTurned)
    def one(self, message: Received[StoneTurned], tx: Transaction) -> None: ...

    @handles(StoneTurned)
    def also_one(self, message: Received[StoneTurned], tx: Transaction) -> None: ...


class Turning(Feature):
    @handles(StoneTurned)
    def turn(self, message: Received[StoneTurned], tx: Transaction) -> None: ...

    @every(seconds=1)
    def rest(self) -> None: ...


class Counting(Feature):
    @handles(StoneTurned)
    def count(self, message: Received[StoneTurned], tx: Transaction) -> None: ...


class Resting(Feature):
    @every(seconds=1)
    def rest(self) -> None: ...


class Choosing(Feature):
    @handles(StepDone, sources=("quarry", "kiln"))
    def step(self, message: Received[StepDone], tx: Transaction) -> None: ...

    def sources_of(self, spec: HandlesSpec) -> tuple[str, ...]:
        return ("kiln", "mill")


class Choice(Service):
    name = "mason"
    made_of = (Choosing,)

    def __init__(self) -> None:
        self.features = (Choosing(),)


class Composed(Service):
    name = "mason"
    made_of = (Turning, Counting)

    def __init__(self, *features: Feature) -> None:
        self.features = features


def listeners(service: Service, **kwargs: Any) -> dict[str, Any]:
    return _listeners(service, **{"outside": (), **kwargs})


def test_versions_of_an_event_share_its_queue() -> None:
    found = listeners(Mason())
    assert set(found["evt-quarry-stone.turned--mason"]) == {1, 2}


def test_an_event_of_several_services_has_a_queue_for_each() -> None:
    queues = set(listeners(Mason(), outside=("stranger",)))
    assert {f"evt-{source}-step.done--mason" for source in ("quarry", "kiln", "stranger")} <= queues
    assert "evt-stranger-stone.turned--mason" not in queues


def test_a_feature_says_whom_an_event_is_heard_from_where_that_is_configured() -> None:
    assert set(listeners(Choice())) == {f"evt-{source}-step.done--mason" for source in ("kiln", "mill")}


def test_trap_18_the_name_of_the_method_is_no_part_of_the_queues() -> None:
    assert set(listeners(Renamed())) == {"evt-quarry-stone.turned--mason"}


def test_two_methods_that_hear_the_same_are_a_contradiction() -> None:
    with pytest.raises(DeclarationError, match=r"hears stone\.turned of quarry twice"):
        listeners(Doubled())


def test_several_features_hear_the_same_in_the_order_of_the_service() -> None:
    turning, counting = Turning(), Counting()
    (versions,) = listeners(Composed(turning, counting)).values()
    assert versions[1].handle == (turning.turn, counting.count)


def test_what_is_declared_by_features_is_known_without_making_the_service() -> None:
    assert {name for name, _ in specifications(Composed)} == {"turn", "count", "rest"}
    assert {queue.name for queue in topology_of([Composed]).queues} >= {"evt-quarry-stone.turned--mason"}


@pytest.mark.parametrize(
    "features", [(), (Turning(),), (Counting(), Turning()), (Turning(), Counting(), Resting())]
)
def test_features_other_than_those_that_the_class_names_are_a_contradiction(features: tuple[Feature, ...]) -> None:
    with pytest.raises(TypeError, match="features of mason"):
        listeners(Composed(*features))


def test_two_works_of_one_name_are_a_contradiction() -> None:
    class Tired(Composed):
        made_of = (Turning, Resting)

    with pytest.raises(DeclarationError, match=r"mason declares these twice: rest"):
        _check_names(Tired(Turning(), Resting()))


def test_a_service_needs_the_tiers_it_was_given_and_no_others() -> None:
    topology = topology_of([Mason], tiers=(Tier(seconds=1),))
    tier = "retry.mason.1s"
    assert {queue.name for queue in topology.queues if queue.name.startswith("retry.")} == {tier}
    assert {exchange.name for exchange in topology.exchanges if exchange.name.startswith("retry.")} == {tier}
    assert {binding.queue for binding in topology.bindings if binding.exchange == tier} == {tier}


def test_what_asks_before_a_transaction_is_for_calls_that_open_one() -> None:
    class Weigh(Call[Done], service="mason"):
        """How heavy the stone is."""

    def weigh(_feature: Feature, _call: Weigh) -> Done:
        return Done()

    with pytest.raises(TypeError, match="opens no transaction"):
        answers(Weigh, first=lambda _feature, _call: None)(weigh)


def test_a_method_takes_what_was_found_out_before_its_transaction_where_something_finds_it_out() -> None:
    class Lift(Call[Done], service="mason", command=True):
        """Lift a stone."""

    def lift(_feature: Feature, _call: Lift, _tx: Transaction, _weight: int) -> Done:
        return Done()

    with pytest.raises(TypeError, match="nothing finds it out"):
        answers(Lift)(lift)
