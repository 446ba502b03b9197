"""What every test run shares: psycopg waits cooperatively, and the plugins of the suite are loaded."""

from __future__ import annotations

import gc
import importlib.util
import os
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings

from shared import started

os.environ.setdefault("PSYCOPG_WAIT_FUNC", "wait_select")

# A slow machine is not a fault: how long one example takes says nothing about what is tested.
settings.register_profile("vilkar", deadline=None)
settings.load_profile("vilkar")

# Tests let things go wrong many times, and each is logged. As structlog comes it draws a picture of each traceback,
# with every local variable, which takes half a second.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)

OBJECTS_BETWEEN_COLLECTIONS = 10_000
"""As in a service (shared.bus.monkey_patch): the usual 700 are a seventh of what tests do in their own process."""

PLUGINS = ("infrastructure", "sandbox", "terms", "parallel", "system", "progress")
pytest_plugins = [
    f"tests.plugins.{name}" for name in PLUGINS if importlib.util.find_spec(f"tests.plugins.{name}") is not None
]


@pytest.hookimpl(trylast=True)
@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Of what is collected next to nothing is garbage, and each worker collects all tests."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """Thirteen thousand tests and all modules stay to the end; of what a test makes little is garbage in a ring."""
    started.loaded()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
