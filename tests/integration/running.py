"""Starts the programs of these tests as processes of their own, and speaks to them from outside."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from kombu import Connection, Exchange, Producer

from shared.bus import wire
from shared.clock import Clock
from shared.database.outbox import encode
from shared.identifiers import new_id
from shared.system import wire_name
from tests.log_lines import faults_in
from tests.waiting import until

REPOSITORY = Path(__file__).resolve().parents[2]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def surroundings(broker, *, folder, user, port):
    """What a service's process is told from outside."""
    infrastructure = broker.infrastructure
    return {
        "PATH": os.environ["PATH"],
        "VILKAR_ENVIRONMENT": "test",
        "VILKAR_SECRETS_DIR": str(infrastructure.secrets_root / user),
        "VILKAR_STATE_DIR": str(folder),
        "VILKAR_DB_HOST": "127.0.0.1",
        "VILKAR_DB_PORT": str(infrastructure.db.port),
        "VILKAR_KEYRING_HOST": "127.0.0.1",
        "VILKAR_KEYRING_PORT": str(infrastructure.keyring.port),
        "VILKAR_BROKER_HOST": broker.host,
        "VILKAR_BROKER_PORT": str(broker.port),
        "VILKAR_BROKER_VHOST": broker.vhost,
        "VILKAR_BROKER_USER": wire_name(user),
        "VILKAR_HEALTH_PORT": str(port),
    }


@contextmanager
def program(module, *arguments, folder, environment=None, name=None):
    """`python -m module`, with its output in a file of that name; ended at the end of the block."""
    told = folder / f"{name or module.rsplit('.', 1)[-1]}.log"
    with told.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", module, *arguments],
            cwd=REPOSITORY,
            env=environment or {"PATH": os.environ["PATH"]},
            stdout=log,
            stderr=log,
        )
    try:
        process.told = told
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        finally:
            process.kill()
        assert not (wrong := faults_in(told)), wrong


@contextmanager
def service(module, broker, *arguments, folder, user, settings):
    """A service of ours, waited for until it is ready; it must end in order when the block does."""
    port = free_port()
    environment = surroundings(broker, folder=folder, user=user, port=port) | settings

    def ready():
        assert process.poll() is None, process.told.read_text()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                return answer.status == 200
        except urllib.error.HTTPError as error:
            error.close()
            return False
        except OSError:
            return False

    with program(module, *arguments, folder=folder, environment=environment, name=user) as process:
        until(ready, seconds=120, every=0.1, what=f"{module} to be ready: {process.told}")
        yield process
        process.terminate()
        assert process.wait(40) == 0, process.told.read_text()


def publish(broker, *events):
    """What the relay would publish for the services whose events these are."""
    with Connection(broker.uri("relay"), transport_options={"confirm_publish": True}) as connection:
        producer = Producer(connection)
        for event in events:
            producer.publish(
                encode(event, event_id=new_id(), source=event.source, now=Clock().now(), sequence=None),
                exchange=Exchange(wire.events_exchange(event.source), type="topic", durable=True),
                routing_key=event.type,
                content_type="application/json",
                content_encoding="utf-8",
                delivery_mode=2,
                mandatory=True,
                user_id="relay",
            )
