"""Retention looks after the ledger: a copy in time, and figures that show when there is none."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from services.retention.ledger.feature import Ledger as LedgerFeature
from shared.errors import Restoring
from shared.privacy.ledger import Ledger
from shared.privacy.ledger_copy import last_copy
from shared.privacy.ledger_errors import LedgerAltered
from tests import in_process
from tests.plugins.account_world import START
from tests.unit.privacy.ledger_samples import erased

pytestmark = [pytest.mark.integration, pytest.mark.clause("FORGET-1")]

HOUR = timedelta(hours=1)


def figure(name):
    return REGISTRY.get_sample_value(f"vilkar_ledger_{name}")


@pytest.fixture
def retention(two, tmp_path):
    in_process.feature(two.retention, LedgerFeature).copies = tmp_path / "copies"
    return two.retention


def test_figures_tell_how_many_facts_there_are_and_how_old_the_copy_is(retention):
    retention.ledger.append([erased(number) for number in range(4)], START)
    in_process.run(retention, "copy_ledger")
    retention.clock.move(HOUR / 2)
    in_process.run(retention, "measure_ledger")
    assert (figure("entries"), figure("head"), figure("copy_age_seconds")) == (4, 4, 1800)


def test_a_copy_that_is_old_by_the_clock_is_made_at_once(retention, tmp_path):
    in_process.run(retention, "copy_ledger")
    retention.ledger.append([erased(1)], START)
    retention.clock.move(90 * 24 * HOUR)
    in_process.run(retention, "measure_ledger")
    assert figure("copy_age_seconds") == 0
    copy = Ledger(tmp_path / "copies" / retention.ledger.path.name, keys=retention.ledger.keys)
    assert copy.verify().head == retention.ledger.verify().head


def test_a_copy_that_fails_shows_in_its_age(retention, tmp_path):
    in_process.run(retention, "copy_ledger")
    before = last_copy(retention.ledger)
    copy = tmp_path / "copies" / retention.ledger.path.name
    copy.write_bytes(copy.read_bytes().replace(b"ledger_id", b"ledger_xx"))
    retention.clock.move(25 * HOUR)
    with pytest.raises(LedgerAltered):
        in_process.run(retention, "measure_ledger")
    assert figure("copy_age_seconds") == 25 * 3600
    assert last_copy(retention.ledger) == before


def test_nothing_is_forgotten_while_a_service_is_restoring_and_that_is_no_fault(two, retention, monkeypatch):
    def restoring(*_, **__):
        raise Restoring

    retention.ledger.append([erased(1)], START)
    retention.clock.move(90 * 24 * HOUR)
    monkeypatch.setattr(two.caller, "call", restoring)
    in_process.run(retention, "purge_ledger")
    assert retention.ledger.verify().entries == 1


def test_without_a_folder_for_copies_the_age_is_infinite(retention):
    in_process.feature(retention, LedgerFeature).copies = None
    in_process.run(retention, "measure_ledger")
    assert math.isinf(figure("copy_age_seconds"))
