"""Starts the programs of these tests as processes of their own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from tests.integration.relay.support import until

REPOSITORY = Path(__file__).resolve().parents[3]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def program(module, *arguments, folder, environment=None):
    """`python -m module`, with its output in a file; ended at the end of the block."""
    told = folder / f"{module.rsplit('.', 1)[-1]}.log"
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


@contextmanager
def service(module, broker, *, folder, user, settings):
    """A service of ours, waited for until it is ready."""
    port = free_port()
    infrastructure = broker.infrastructure
    environment = {
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
        "VILKAR_BROKER_USER": user,
        "VILKAR_HEALTH_PORT": str(port),
        **settings,
    }

    def ready():
        assert process.poll() is None, process.told.read_text()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.HTTPError, OSError):
            return False

    with program(module, folder=folder, environment=environment) as process:
        until(ready, seconds=120, every=0.1, what=f"{module} to be ready: {process.told.read_text()}")
        yield process
