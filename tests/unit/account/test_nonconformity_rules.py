"""When a report of a customer is taken, and what its text may be."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from services.account.nonconformities import rules
from services.account.nonconformities.calls import ReportNonconformity, ReportShown
from services.account.nonconformities.values import ABOUT, TEXT_LIMIT
from services.cases.engine.values import Signal
from services.cases.kinds.dispute import DISPUTE
from services.cases.kinds.nonconformity import NONCONFORMITY
from services.notification.letters.figures import FIGURES
from shared.bus.rpc_client import encode
from shared.errors import Invalid, TooMany
from shared.events import BODY_LIMIT_BYTES
from shared.terms.parameters import parameter
from tests.examples import example

pytestmark = [pytest.mark.unit, pytest.mark.clause("COST-1")]

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def report(**changes) -> ReportNonconformity:
    given = {"account_id": str(uuid4()), "actor": f"user:{uuid4()}", "about": "outage", "text": "Ingenting virker."}
    return ReportNonconformity.from_json(given | changes)


def test_one_user_is_bounded_in_a_day_and_told_when_the_next_one_is_taken_and_whom_to_ask() -> None:
    limit = rules.daily_limit(NOW)
    earlier = [NOW - number * HOUR / 2 for number in range(limit)]
    rules.check_often(earlier[1:], NOW)
    with pytest.raises(TooMany) as refused:
        rules.check_often(earlier, NOW)
    assert refused.value.details["retry_after_seconds"] == (24 * HOUR - (limit - 1) * HOUR / 2).total_seconds()
    assert refused.value.details["ask"] == "vendor"
    rules.check_often([at - 25 * HOUR for at in earlier], NOW)
    rules.check_often([NOW + HOUR] * limit, NOW)  # by a clock that was wrong


@pytest.mark.parametrize("at", [NOW + MINUTE, datetime(1999, 12, 31, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_nothing_is_noticed_in_the_future_or_before_there_was_anything(at) -> None:
    with pytest.raises(Invalid):
        rules.check_noticed(at, NOW)


def test_what_was_noticed_just_now_or_at_no_stated_time_is_taken() -> None:
    rules.check_noticed(None, NOW)
    rules.check_noticed(NOW, NOW)


@pytest.mark.parametrize(
    "text", ["", " \n\t ", "\u200b\u3164", "x" * (TEXT_LIMIT + 1), "a\x00b", "a\x1b[2J", "a\ud800b", None, 7, ["a"]]
)
def test_a_text_that_cannot_be_read_is_refused_without_being_repeated(text) -> None:
    with pytest.raises(Invalid) as refused:
        report(text=text)
    assert set(refused.value.details["fields"]) == {"text"}
    assert "[2J" not in str(refused.value.details)


def test_lines_stay_lines_and_a_letter_has_one_spelling() -> None:
    assert report(text=" Først\r\nsa\u030a dette\t.\n ").text == "Først\nså dette\t."


def test_cases_has_every_code_that_a_report_can_be_about() -> None:
    assert set(ABOUT) <= {each.value for each in Signal}


def test_the_letter_tells_the_time_that_the_case_has() -> None:
    assert NONCONFORMITY.first.limit is not None
    assert FIGURES.report_days == NONCONFORMITY.first.limit.amount
    assert DISPUTE.first.limit is not None
    assert FIGURES.dispute_days == DISPUTE.first.limit.amount
    assert parameter(DISPUTE.kept).default == FIGURES.report_months, "its text ends when its file does"


@pytest.mark.parametrize("letter", ["x", "\n", "\U0001f642"])
def test_one_reply_holds_some_of_the_longest_reports_and_never_more_than_the_bus_takes(letter) -> None:
    texts = [letter * TEXT_LIMIT] * rules.SHOWN_MOST
    fitting = texts[: rules.fitting(texts)]
    assert 10 < len(fitting) < len(texts)
    reports = [example(ReportShown, text=text) for text in fitting]
    rest = [example(ReportShown, text="")] * (rules.SHOWN_MOST - len(fitting))
    assert len(encode({"reports": reports + rest})) < BODY_LIMIT_BYTES


def test_a_reply_holds_as_many_short_reports_as_are_shown() -> None:
    assert rules.fitting([None, "kort"] * 50) == rules.SHOWN_MOST


def test_reports_are_forgotten_after_whole_months() -> None:
    assert rules.expires_on(datetime(2026, 11, 30, 23, 30, tzinfo=UTC)) == date(2029, 12, 1), "1 December in Oslo"
