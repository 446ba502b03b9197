"""What waits for a person at retention is told for as long as it waits, and not any longer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from test_retention import (
    DUE,
    accounts,
    answer,
    deactivate,
    farewell,
    ledger,
    run,
    service,
    shown,
    stores,
)
from test_retention_early_erasure import CHECKS
from test_retention_holds import announce, letter_about_lift, lift, restrict, told, wanted

from services.retention.dry_runs.feature import ANSWER_LIMIT
from services.retention.early_erasure.feature import BEGIN_LIMIT
from services.retention.erasure.values import limits_on
from services.retention.restrictions.feature import TELLING_LIMIT
from shared import calendar
from shared.bus.alarms import open_alarms
from shared.system import PARTICIPANTS
from tests import in_process
from tests.in_process import invoke
from tests.staff_statements import decide

__all__ = ["accounts", "ledger", "service", "stores"]
pytestmark = [pytest.mark.integration]

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _nothing_there(service, databases) -> None:
    with psycopg.connect(databases.owner_dsn("retention"), autocommit=True) as owner:
        owner.execute(
            "TRUNCATE erasure, answer, certificate, hold, restriction, restricted, restriction_over, dry_run,"
            " dry_run_answer, early_request CASCADE"
        )


def waiting(service: Any) -> dict[str, tuple[int, datetime]]:
    return {each.spec.code: (each.waiting.count, each.waiting.since) for each in open_alarms((service,))}


def test_nothing_waits_where_nothing_is_wrong(service, accounts, stores):
    deactivate(service, accounts, stores)
    assert waiting(service) == {}


@pytest.mark.clause("HOLD-2")
def test_the_review_of_a_hold_is_told_until_somebody_decides_ten_months_later_too(service, accounts, stores):
    account_id = deactivate(service, accounts, stores)
    hold = decide(service, "place_hold", **wanted(service, account_id))
    review = service.clock.at + 60 * DAY
    service.clock.at = review
    assert waiting(service) == {}
    service.clock.at = review + DAY
    standing = waiting(service)["hold_reviews"]
    assert standing == (1, calendar.start_of_day_oslo((review + DAY).date()))
    service.clock.at = review + 300 * DAY
    in_process.run(service, "report_overdue_reviews")
    assert waiting(service)["hold_reviews"] == standing
    invoke(service, "release_hold", hold_id=hold["hold_id"], reason="settled", actor="staff:jurist")
    assert "hold_reviews" not in waiting(service)


def test_a_restriction_is_told_once_its_person_was_told_that_it_is_over(service, accounts, stores):
    account_id = deactivate(service, accounts, stores)
    restriction = restrict(service, account_id)
    announce(service, restriction, channel="phone")
    first = calendar.start_of_day_oslo(service.clock.at.date() + 7 * DAY)
    service.clock.at = first
    assert waiting(service) == {}
    service.clock.at = first + DAY
    assert waiting(service)["restrictions_to_lift"] == (1, first)
    lift(service, restriction)
    assert waiting(service) == {}


def test_a_person_whom_the_letter_did_not_reach_is_told_otherwise_or_stands_on_the_list(service, accounts, stores):
    restriction = restrict(service, deactivate(service, accounts, stores))
    begun = service.clock.at
    announce(service, restriction)
    service.clock.at = begun + TELLING_LIMIT
    assert waiting(service) == {}
    service.clock.at += SECOND
    assert waiting(service)["restrictions_not_told"] == (1, begun)
    letter_about_lift(service, restriction, told(service, "restriction.lift_announced")[-1]["_id"])
    assert waiting(service) == {}


def test_a_restriction_without_a_decision_is_looked_at_as_often_as_a_hold(service, accounts, stores):
    restrict(service, deactivate(service, accounts, stores))
    begun = service.clock.at
    service.clock.at = begun + 90 * DAY
    assert waiting(service) == {}
    service.clock.at += SECOND
    assert waiting(service)["restrictions_long"] == (1, begun)


def dry_run(service, account_id: UUID) -> None:
    invoke(service, "order_dry_run", account_id=account_id, actor="staff:ola")


def test_a_dry_run_that_somebody_is_silent_about_is_told_and_forgotten_with_it(service, accounts, stores):
    dry_run(service, deactivate(service, accounts, stores))
    begun = service.clock.at
    service.clock.at = begun + ANSWER_LIMIT
    assert waiting(service) == {}
    service.clock.at += SECOND
    assert waiting(service) == {"dry_runs_silent": (1, begun)}
    service.clock.at = begun + 8 * DAY
    in_process.run(service, "purge_dry_runs")
    assert waiting(service) == {}


def test_an_early_erasure_that_does_not_begin_is_told(service, accounts, stores):
    account_id = deactivate(service, accounts, stores)
    service.clock.at = calendar.start_of_day_oslo((service.clock.at + 30 * DAY).date())
    decide(service, "request_early_erasure", account_id=account_id, **CHECKS)
    begun = service.clock.at
    service.clock.at = begun + BEGIN_LIMIT
    assert waiting(service) == {}
    service.clock.at += SECOND
    assert waiting(service) == {"early_requests_stuck": (1, begun)}


@pytest.mark.clause("ERASE-1")
def test_an_erasure_is_told_while_a_participant_is_silent_and_once_it_is_late(service, accounts, stores):
    account_id = deactivate(service, accounts, stores)
    limits = limits_on(service.clock.at.date())
    service.clock.at = DUE
    run(service)
    farewell(service, account_id)
    run(service)
    (erasure,) = shown(service, account_id)
    asked = service.clock.at
    service.clock.at = asked + limits.step_limit - SECOND
    assert waiting(service) == {}
    service.clock.at = asked + limits.step_limit
    assert waiting(service) == {"participants_overdue": (1, asked)}
    late = calendar.start_of_day_oslo(erasure["due_on"] + 8 * DAY)
    service.clock.at = late - SECOND
    assert "erasures_late" not in waiting(service)
    service.clock.at = late
    assert waiting(service)["erasures_late"] == (1, late)
    for participant in PARTICIPANTS:
        answer(service, erasure["erasure_id"], participant)
    run(service, 2)
    assert waiting(service) == {}


def test_a_halted_erasure_is_told_until_a_person_releases_it(service, accounts, stores):
    account_id = deactivate(service, accounts, stores)
    accounts.gone.add(str(account_id))
    service.clock.at = DUE
    run(service)
    assert waiting(service) == {"erasures_halted": (1, DUE)}
    (erasure,) = shown(service, account_id)
    decide(service, "release", erasure_ids=[erasure["erasure_id"]])
    assert waiting(service) == {}
