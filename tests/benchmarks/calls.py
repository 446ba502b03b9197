"""How long a call takes: one after the other over one connection, ours and nameko's in turn."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

from nameko.standalone.rpc import ServiceRpcProxy

from shared.bus.rpc_client import BusCaller
from tests.benchmarks import ground
from tests.benchmarks.figures import Figure, Size, Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.bus.harness import Bench

LIMIT_SECONDS = 10
WARM_UP_CALLS = 100


def measure(bench: Bench, size: Size) -> list[Figure]:
    """The median call of each round, in milliseconds."""
    ours, bare = [], []
    for _ in range(size.rounds):
        bare.append(_bare(bench, size.calls) * 1000)
        ours.append(_ours(bench, size.calls) * 1000)
    target = Target(value=1.3, at_least=False, of_bare=True)
    return [Figure(name="call, median", unit="ms", rounds=ours, bare=bare, target=target)]


def _ours(bench: Bench, calls: int) -> float:
    with ground.running(bench, ground.OURS):
        caller = BusCaller(bench.broker.uri("gateway"), name="gateway")
        try:
            return _median(
                lambda: caller.call("account", "echo", text="hello", timeout_seconds=LIMIT_SECONDS), calls
            )
        finally:
            caller.close()


def _bare(bench: Bench, calls: int) -> float:
    uri = bench.broker.uri("gateway")
    with (
        ground.running(bench, ground.BARE, queue="rpc-bare"),
        ServiceRpcProxy("bare", {"AMQP_URI": uri}, timeout=LIMIT_SECONDS) as proxy,
    ):
        return _median(lambda: proxy.echo(text="hello"), calls)


def _median(call: Callable[[], object], calls: int) -> float:
    taken = []
    for number in range(WARM_UP_CALLS + calls):
        begin = time.perf_counter()
        call()
        if number >= WARM_UP_CALLS:
            taken.append(time.perf_counter() - begin)
    return statistics.median(taken)
