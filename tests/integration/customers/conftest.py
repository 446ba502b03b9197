"""The customers' pages in a browser: Debian's Chromium, driven by playwright."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from shared.http import server
from tests import customer_stage
from tests.customer_stage import Services
from tests.integration.desk.conftest import THREADS, chromium, stop
from tests.integration.running import free_port

__all__ = ["chromium"]


@dataclass(frozen=True)
class Address:
    """Where the pages are, and what answers behind them."""

    url: str
    services: Services


@pytest.fixture(scope="module")
def customers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    """All that customers reach, served as in a process of its own; one a file."""
    services, port = Services(), free_port()
    url = f"http://127.0.0.1:{port}"
    application = customer_stage.site(services, tmp_path_factory.mktemp("customers"), public_url=url)
    listening = server.listen(application, host="127.0.0.1", port=port, threads=THREADS)
    thread = threading.Thread(target=listening.run)
    thread.start()
    yield Address(url, services)
    stop(listening, thread)
