"""A figure that nobody knows is absent from the metrics, and never 0."""

from __future__ import annotations

import pytest
from prometheus_client import REGISTRY, generate_latest

from shared.bus import metrics

pytestmark = pytest.mark.unit


def test_a_figure_is_absent_until_it_is_known_and_when_it_is_not_any_more() -> None:
    figure = metrics.Figure("vilkar_test_figure", "Of this test")
    try:
        assert b"vilkar_test_figure " not in generate_latest(REGISTRY)
        figure.set(0)
        assert REGISTRY.get_sample_value("vilkar_test_figure") == 0
        figure.clear()
        assert b"vilkar_test_figure " not in generate_latest(REGISTRY)
    finally:
        REGISTRY.unregister(figure)


def test_what_a_process_may_not_know_of_ledger_gate_and_suppressions_is_such_a_figure() -> None:
    figures = (
        metrics.LEDGER_ENTRIES,
        metrics.LEDGER_HEAD,
        metrics.LEDGER_COPY_AGE,
        metrics.GATE,
        metrics.PARKED,
        metrics.SUPPRESSED,
    )
    assert all(isinstance(each, metrics.Figure) for each in figures)
