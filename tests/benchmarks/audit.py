"""How many rows a second the sequencer appends, and verification reads.

Rows wait in the intake beforehand; the time runs until the last is committed, chained, in the tree and signed.
Rounds append to one trail, which grows as a real one does; the last rounds verify all of it.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from deploy.provision import postgres
from services.audit.trail import rules
from services.audit.trail.calls import TrailHead
from tests.benchmarks.figures import Figure, Size, Target
from tests.integration.audit.audit_stage import Stage, open_keyrings, staged
from tests.plugins.infrastructure import KeyringAccess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from deploy.native.infrastructure import Infrastructure

ROWS_PER_SUBJECT = 100
SMALL_BATCH = 100
SMALL_BATCH_SHARE = 10
"""Small batches get a tenth of the rows: they take longer."""


def measure(standing: Infrastructure, folder: Path, size: Size) -> list[Figure]:
    """Append by batches as in production, by small ones, and verify."""
    instance = postgres.keyring_instance(standing.secrets_root)
    access = KeyringAccess(standing, standing.keyring, instance, "keyring_password")
    try:
        with open_keyrings(access) as keyrings, staged(standing, keyrings, folder) as stage:
            return _measure(stage, size)
    finally:
        access.drop()


def _measure(stage: Stage, size: Size) -> list[Figure]:
    usual = rules.SEQUENCE_BATCH_ROWS
    small = [_appended(stage, size.appended // SMALL_BATCH_SHARE, batch=SMALL_BATCH) for _ in range(size.rounds)]
    large = [_appended(stage, size.appended, batch=usual) for _ in range(size.rounds)]
    stage.clock.move(timedelta(seconds=61))
    stage.run("sequence")  # makes the checkpoint that covers the last rows
    verified = [_verified(stage) for _ in range(size.rounds)]
    return [
        _figure(f"audit append, batches of {usual:,}", large, Target(value=5_000)),
        _figure(f"audit append, batches of {SMALL_BATCH:,}", small),
        _figure("audit verify", verified, Target(value=100_000)),
    ]


def _figure(name: str, rounds: list[tuple[float, float]], target: Target | None = None) -> Figure:
    rates, processor = (list(values) for values in zip(*rounds, strict=True))
    return Figure(name=name, unit="rows/s", rounds=rates, processor=processor, target=target)


def _appended(stage: Stage, rows: int, *, batch: int) -> tuple[float, float]:
    stage.fill(rows, step=ROWS_PER_SUBJECT)
    wanted = stage.ask(TrailHead()).size + rows

    def append() -> None:
        while stage.ask(TrailHead()).size < wanted:
            stage.run("sequence")

    with _batches_of(batch):
        return _timed(append, rows)


@contextmanager
def _batches_of(rows: int) -> Iterator[None]:
    usual = rules.SEQUENCE_BATCH_ROWS
    rules.SEQUENCE_BATCH_ROWS = rows
    try:
        yield
    finally:
        rules.SEQUENCE_BATCH_ROWS = usual


def _verified(stage: Stage) -> tuple[float, float]:
    rows = stage.ask(TrailHead()).size

    def verify() -> None:
        found = stage.verify()
        assert found.ok
        assert found.rows == rows

    return _timed(verify, rows)


def _timed(work: Callable[[], None], rows: int) -> tuple[float, float]:
    """Rows a second, and processor microseconds a row of this process."""
    began, used = time.monotonic(), time.process_time()
    work()
    seconds, used = time.monotonic() - began, time.process_time() - used
    return rows / seconds, used / rows * 1e6
