"""Notices of breaches as a customer is shown them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.cases.incidents_told.rules import NOTICES_MOST, TOLD_MOMENTS, incidents_shown
from shared import breach_words
from shared.bus.rpc_client import encode
from shared.events import BODY_LIMIT_BYTES

pytestmark = [pytest.mark.unit, pytest.mark.clause("BREACH-1")]

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


def notice(number: int) -> dict:
    """One that says all that a notice can say."""
    return {
        "case_id": uuid4(), "reference": "V-7K3M-92", "number": number, "audience": "customers",
        **{name: list(words) for name, words in breach_words.OF_NOTICE.items()},
        "records": 10**6, "late_reason": next(iter(breach_words.LATE)), "list_id": uuid4(),
        "sent_at": NOW + timedelta(days=number), "told_at": NOW + timedelta(days=number),
    }  # fmt: skip


def test_one_answer_holds_the_newest_notices_whatever_they_say_and_tells_that_there_are_more() -> None:
    rows = [notice(number) for number in range(NOTICES_MOST + 1)]
    instants = [
        {"case_id": row["case_id"], "name": name.value, "at": NOW, "recorded_at": NOW}
        for row in rows
        for name in TOLD_MOMENTS
    ]
    shown = incidents_shown(rows, instants, {row["list_id"]: 12 for row in rows})
    assert [len(each.notices[0].measures) for each in shown.incidents] == [
        len(breach_words.MEASURES)
    ] * NOTICES_MOST
    assert not shown.complete
    assert incidents_shown(rows[:-1], instants, {}).complete
    assert len(encode(shown.to_json())) < BODY_LIMIT_BYTES
