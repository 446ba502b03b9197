"""What becomes a dispute, for which one something may be held, and when it may end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from services.account.nonconformities.values import ABOUT
from services.cases.disputes.rules import check_ending, check_may_hold
from services.cases.engine import rules as engine
from services.cases.intake.rules import check_dispute, kind_reported
from services.cases.kinds.dispute import DISPUTE
from services.cases.kinds.nonconformity import NONCONFORMITY_2
from services.notification.triggers.rules import answer_letter, receipt_letter
from shared.errors import Conflict, Invalid, NotFound

pytestmark = [pytest.mark.unit, pytest.mark.clause("DISPUTE-1")]

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


def opened(kind=DISPUTE, **changes):
    file = engine.opened(
        kind, opened_by="customer", signal="disagreement", received_at=NOW, entered=(), owner=None, now=NOW
    ).after
    return replace(file.case, **changes)


def test_a_disagreement_is_talked_about_and_anything_else_is_examined() -> None:
    assert {each for each in ABOUT if kind_reported(each) == "dispute"} == {"disagreement"}
    assert {each for each in ABOUT if receipt_letter(each) == "dispute_received"} == {"disagreement"}
    ends = {*DISPUTE.ends, *NONCONFORMITY_2.ends}
    assert {each for each in ends if answer_letter(each) == "dispute_ended"} == set(DISPUTE.ends)


def test_a_disagreement_is_with_one_customer() -> None:
    check_dispute("dispute", [uuid4()])
    check_dispute("alarm", [])
    for wrong in ([], [uuid4(), uuid4()]):
        with pytest.raises(Invalid) as refused:
            check_dispute("dispute", wrong)
        assert list(refused.value.details) == ["account_ids"]


def test_something_is_held_for_a_dispute_that_lasts_and_for_nothing_else() -> None:
    lasting = opened()
    assert check_may_hold(lasting) is lasting
    for none in (None, opened(NONCONFORMITY_2)):
        with pytest.raises(NotFound):
            check_may_hold(none)
    with pytest.raises(Conflict) as ended:
        check_may_hold(opened(state="settled", ended_at=NOW))
    assert ended.value.details == {"reason": "dispute_ended"}


@pytest.mark.parametrize("end", DISPUTE.ends)
def test_a_dispute_ends_once_it_holds_nothing_back(end) -> None:
    after = opened(state=end, ended_at=NOW)
    check_ending(after, 0)
    check_ending(opened(), 1)
    check_ending(opened(NONCONFORMITY_2, state="corrected", ended_at=NOW), 1)
    with pytest.raises(Conflict) as refused:
        check_ending(after, 1)
    assert refused.value.details == {"reason": "hold_stands"}
