"""The fixture `sandbox`: all three vendors over real HTTP on a free loopback port, fresh for every test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.server import RunningSandbox, start

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    """A running sandbox that nobody has written to yet; it is stopped after the test."""
    running = start(port=0)
    try:
        yield running
    finally:
        running.stop()
