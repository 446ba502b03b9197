"""How many rows a second the sequencer appends, by size of batch (target 5,000), and verification reads (100,000).

    pytest tests/benchmarks/audit.py -s

Rows wait in the intake beforehand; the time runs until the last is committed, chained, in the tree and signed.
Beside the rate by the clock on the wall stands what the process itself used of a processor: on a machine shared
with others the two differ.
"""

from __future__ import annotations

import json
from datetime import timedelta
from time import monotonic, process_time

import pytest

from services.audit import rules
from tests.integration.audit.conftest import keyrings, stage  # noqa: F401  # fixtures

pytestmark = pytest.mark.integration

APPENDED = {10: 2_000, 100: 10_000, 1000: 40_000}
VERIFIED_ROWS = 200_000
FILLED_AT_ONCE = 20_000
TARGET_APPENDED_PER_SECOND = 5_000
TARGET_VERIFIED_PER_SECOND = 100_000


def report(**figures) -> None:
    print(json.dumps(figures))


@pytest.mark.parametrize("batch", APPENDED)
def test_rate_of_the_sequencer(stage, monkeypatch, batch):  # noqa: F811
    monkeypatch.setattr(rules, "SEQUENCE_BATCH_ROWS", batch)
    rows = APPENDED[batch]
    stage.fill(rows, step=100)
    started, used = monotonic(), process_time()
    while stage.service.trail_head({})["size"] < rows:
        stage.service.sequence()
    seconds, used = monotonic() - started, process_time() - used
    report(
        appended_rows=rows,
        batch=batch,
        rows_per_second=round(rows / seconds),
        rows_per_processor_second=round(rows / used),
        target=TARGET_APPENDED_PER_SECOND,
    )
    assert stage.verify().ok


def test_rate_of_verification(stage):  # noqa: F811
    for _ in range(VERIFIED_ROWS // FILLED_AT_ONCE):
        stage.fill(FILLED_AT_ONCE, step=100)
    while stage.service.trail_head({})["size"] < VERIFIED_ROWS:
        stage.service.sequence()
    stage.clock.move(timedelta(seconds=61))
    stage.service.sequence()
    for _ in range(3):
        started, used = monotonic(), process_time()
        found = stage.verify()
        seconds, used = monotonic() - started, process_time() - used
        assert found.ok
        report(
            verified_rows=found.rows,
            checkpoints=found.checkpoints,
            rows_per_second=round(found.rows / seconds),
            rows_per_processor_second=round(found.rows / used),
            target=TARGET_VERIFIED_PER_SECOND,
        )
