"""How fast the bus is beside bare nameko, on the same machine, broker and database.

    python -m tests.benchmarks.bus [--servers FOLDER] [--events 5000] [--calls 1000] [--rounds 3]

Events: a queue is filled, then one process empties it; counted is from the first row to the last. Bare nameko is
`@event_handler` with ten workers, a pool of ten connections in autocommit and one INSERT an event, and psycopg
made cooperative (without that it is slower still). Calls: one after the other over one connection, median.
Rounds alternate between the two and the best of each counts, so that neighbours on the machine harm neither.
`--servers` names a folder of `python -m deploy.native infra-up FOLDER`, whose disks are real (fsync on).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

from kombu import Connection, Exchange, Queue
from nameko.standalone.rpc import ServiceRpcProxy

from deploy.native.infrastructure import Infrastructure
from shared.bus.rpc_client import BusCaller
from tests.integration.bus.harness import QUEUE, Bench, envelope, eventually
from tests.integration.bus.moods import SOURCE
from tests.plugins.infrastructure import BrokerAccess

BARE_QUEUE = "evt-probe-source-probe.happened--bare.note"
WARM_UP_CALLS = 100


def fill(bench: Bench, count: int) -> None:
    """Publish `count` events without waiting for each."""
    exchange = Exchange(f"{SOURCE}.events", type="topic", durable=True)
    with Connection(bench.broker.uri("account")) as connection:
        producer = connection.Producer()
        for number in range(count):
            producer.publish(
                json.dumps(envelope(number)).encode(),
                exchange=exchange,
                routing_key="probe.happened",
                content_type="application/json",
                content_encoding="utf-8",
                delivery_mode=2,
            )


def bind_bare(bench: Bench) -> None:
    """Declare the queue as nameko's event handler does."""
    exchange = Exchange(f"{SOURCE}.events", type="topic", durable=True)
    with Connection(bench.broker.uri("account")) as connection:
        Queue(BARE_QUEUE, exchange=exchange, routing_key="probe.happened", durable=True)(connection).declare()


def empty(bench: Bench, module: str, queue: str, count: int) -> float:
    """Events a second that one process takes out of a full queue."""
    bench.clear()
    with Connection(bench.broker.uri("account")) as connection:
        for name in (QUEUE, BARE_QUEUE):
            connection.default_channel.queue_purge(name)
    fill(bench, count)
    eventually(lambda: bench.depth(queue) == count, seconds=120, what="a full queue")
    process = bench.start(module)
    try:
        query = "SELECT count(*) AS n, extract(epoch FROM max(at) - min(at)) AS seconds FROM probe_effect"
        eventually(lambda: bench.rows(query)[0]["n"] == count, seconds=120, what="an empty queue")
        return count / float(bench.rows(query)[0]["seconds"])
    finally:
        process.terminate()


def median_ours(bench: Bench, calls: int) -> float:
    """Seconds a call takes through our caller and our server."""
    process = bench.start().wait_ready()
    caller = BusCaller(bench.broker.uri("gateway"), name="gateway")
    try:
        return _median(lambda: caller.call("account", "echo", text="hello", timeout_seconds=10), calls)
    finally:
        caller.close()
        process.terminate()


def median_bare(bench: Bench, calls: int) -> float:
    """Seconds a call takes through nameko's own."""
    process = bench.start("tests.benchmarks.bare")
    uri = bench.broker.uri("gateway")
    eventually(lambda: bench.depth("rpc-bare") == 0, seconds=30, what="a bare service")
    try:
        with ServiceRpcProxy("bare", {"AMQP_URI": uri}, timeout=10) as proxy:
            return _median(lambda: proxy.echo(text="hello"), calls)
    finally:
        process.terminate()


def _median(call: Any, calls: int) -> float:
    taken = []
    for number in range(WARM_UP_CALLS + calls):
        begin = time.perf_counter()
        call()
        if number >= WARM_UP_CALLS:
            taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def measure(bench: Bench, options: argparse.Namespace) -> None:
    """Measure in turns and print the ratios."""
    bench.start().wait_ready().terminate()  # declares our queue and what it is bound to
    bind_bare(bench)
    rates: dict[str, list[float]] = {"ours": [], "bare": []}
    medians: dict[str, list[float]] = {"ours": [], "bare": []}
    for _ in range(options.rounds):
        rates["bare"].append(empty(bench, "tests.benchmarks.bare", BARE_QUEUE, options.events))
        rates["ours"].append(empty(bench, "tests.integration.bus.probe", QUEUE, options.events))
        medians["bare"].append(median_bare(bench, options.calls))
        medians["ours"].append(median_ours(bench, options.calls))
    fastest = {name: max(values) for name, values in rates.items()}
    quickest = {name: min(values) for name, values in medians.items()}
    print(f"events a second: ours {fastest['ours']:.0f}, bare nameko {fastest['bare']:.0f}, ", end="")
    print(f"ratio {fastest['ours'] / fastest['bare']:.2f} (wanted: 1.00 or more)")
    print(
        f"median call: ours {quickest['ours'] * 1000:.2f} ms, bare nameko {quickest['bare'] * 1000:.2f} ms, ",
        end="",
    )
    print(f"ratio {quickest['ours'] / quickest['bare']:.2f} (wanted: 1.30 or less)")


def main() -> int:
    """Measure on standing servers, or on own ones that are removed at the end."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bus", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--servers", type=Path, metavar="FOLDER")
    parser.add_argument("--events", type=int, default=5000)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vilkar-benchmark-") as folder:
        standing = Infrastructure(options.servers or Path(folder) / "servers")
        if options.servers is None:
            standing.start()
        vhost = f"benchmark-{uuid.uuid4().hex[:8]}"
        standing.broker.create_vhost(vhost)
        database = f"benchmark_{uuid.uuid4().hex[:8]}"
        bench = Bench(BrokerAccess(standing, vhost), standing.db, database, Path(folder))
        bench.prepare()
        try:
            measure(bench, options)
        except (AssertionError, subprocess.SubprocessError):
            for process in bench.processes[-1:]:
                print(process.log.read_text()[-2000:])
            raise
        finally:
            bench.close()
            standing.broker.delete_vhost(vhost)
            if options.servers is None:
                standing.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
