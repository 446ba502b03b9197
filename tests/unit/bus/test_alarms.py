"""Alarms as they are declared and counted: every kind has one code and a way, and what is unknown is not nought."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from shared.bus import alarms, metrics
from shared.bus.alarms import Waiting, alarm
from shared.bus.declarations import Service
from shared.bus.discovery import services
from shared.bus.every_service import EveryService
from shared.clock import FixedClock

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Nowhere:
    """A database of which nothing is read."""

    def transaction(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Sample(Service):
    name = "sample"

    def __init__(self) -> None:
        self.database, self.clock = Nowhere(), FixedClock(NOW)
        self.first = self.second = None

    @alarm("first", says="of the first kind", act="vilkar ping")
    def look_at_first(self, _tx, _now):
        return self.first

    @alarm("second", says="of the second kind", act="vilkar ping")
    def look_at_second(self, _tx, _now):
        if isinstance(self.second, Exception):
            raise self.second
        return self.second


def gauge(code):
    samples = [s for metric in metrics.ALARMS.collect() for s in metric.samples if s.labels["alarm"] == code]
    ages = [s for metric in metrics.ALARM_AGE.collect() for s in metric.samples if s.labels["alarm"] == code]
    return [s.value for s in samples], [s.value for s in ages]


def test_the_one_that_has_waited_longest_comes_first_and_none_is_not_named():
    service = Sample()
    service.first = Waiting(2, NOW - timedelta(hours=1))
    assert [each.spec.code for each in alarms.open_alarms((service,))] == ["first"]
    service.second = Waiting(1, NOW - timedelta(days=300))
    assert [each.spec.code for each in alarms.open_alarms((service,))] == ["second", "first"]
    assert Waiting.of({"count": 0, "since": None}) is Waiting.of(None) is None


def test_it_is_counted_and_what_cannot_be_looked_at_is_absent():
    service = Sample()
    service.first = Waiting(2, NOW - timedelta(hours=1))
    alarms.measure((service,))
    assert gauge("first") == ([2.0], [3600.0])
    assert gauge("second") == ([0.0], [0.0])
    service.second = RuntimeError("the database is away")
    with pytest.raises(RuntimeError):
        alarms.measure((service,))
    assert gauge("first") == gauge("second") == ([], [])


def test_every_alarm_has_a_code_of_its_own_and_a_command_that_exists():
    common = EveryService(SimpleNamespace(name="x", database=None, clock=None))
    specs = [spec for service in services() for spec in alarms.declared_by(service)]
    specs += alarms.declared_by(type(common))
    codes = [spec.code for spec in specs]
    assert len(specs) > 10
    assert len(set(codes)) == len(codes)
    for spec in specs:
        assert re.fullmatch("[a-z][a-z_]{2,40}", spec.code)
        assert spec.says[0].islower()
        assert spec.act.startswith(("vilkar ", "make "))
