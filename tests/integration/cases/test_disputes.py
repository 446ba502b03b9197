"""A disagreement with a customer, from either side to its end: what it holds back, and who hears of it."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest

from services.account.nonconformities.events import NonconformityReported
from services.cases.decisions.calls import TakeStep
from services.cases.disputes.calls import DisputeCalled
from services.retention.holds.events import HoldRenewed
from shared.errors import Conflict, Invalid, NotFound
from shared.events import Code, Received
from shared.participation.events import HoldPlaced, HoldReleased
from shared.privacy.ledger_lines import Fact, Kind, instant
from tests.in_process import ask, hear, run
from tests.integration.cases.handling import HOUR, KARI, NOW, OLA, published, report, show, step

pytestmark = [pytest.mark.integration, pytest.mark.clause("DISPUTE-1")]

X, USER = uuid4(), uuid4()
REVIEW = date(2027, 2, 1)


def heard(cases, event, *, source: str = "retention", at=NOW) -> None:
    message = Received(
        id=uuid4(), event=event, source=source, time=at, subject=event.subject, correlation_id=uuid4()
    )
    hear(cases, message)


def disagreed(cases):
    report_id = uuid4()
    event = NonconformityReported(account_id=X, user_id=USER, report_id=report_id, about=Code("disagreement"))
    heard(cases, event, source="account")
    return report_id


def placed(case_id, hold_id) -> HoldPlaced:
    fields = {
        "hold_id": hold_id, "account_id": X, "user_ids": [], "categories": [], "reason": Code("dispute"),
        "starts_on": NOW.date(), "review_on": REVIEW, "postpones": True, "case_id": case_id,
    }  # fmt: skip
    return HoldPlaced(**fields)


def held(cases, case_id):
    return [(each.hold_id, each.review_on) for each in show(cases, case_id).holds]


def called(cases, case_id, account_id=X):
    return ask(cases, DisputeCalled(reference=show(cases, case_id).reference, account_id=account_id)).case_id


def test_a_customer_disagrees_it_is_talked_about_and_ends_once_nothing_is_held_for_it(cases, owner) -> None:
    case_id, hold_id = disagreed(cases), uuid4()
    case = show(cases, case_id)
    assert (case.kind, case.state, case.signal, case.party) == ("dispute", "opened", "disagreement", "controller")
    asked = {"case_id": case_id, "version": case.version, "actor": KARI}
    assert ask(cases, TakeStep(step="begin_dialogue", reason="by_phone", **asked)).state == "dialogue"
    assert called(cases, case_id) == case_id
    with pytest.raises(NotFound):
        called(cases, case_id, uuid4())

    heard(cases, placed(case_id, hold_id))
    heard(cases, placed(None, uuid4()))
    later = {"hold_id": hold_id, "account_id": X, "reason": Code("dispute"), "case_id": case_id}
    heard(cases, HoldRenewed(review_on=REVIEW + timedelta(days=30), **later), at=NOW + 2 * HOUR)
    heard(cases, HoldRenewed(review_on=REVIEW + timedelta(days=5), **later), at=NOW + HOUR)
    assert held(cases, case_id) == [(hold_id, REVIEW + timedelta(days=30))], "what was decided last counts"
    before = show(cases, case_id)
    with pytest.raises(Conflict) as refused:
        step(cases, case_id, "settle", "agreed", actor=OLA)
    assert refused.value.details == {"reason": "hold_stands"}
    assert (show(cases, case_id), published(owner, "nonconformity.answered")) == (before, [])

    heard(cases, HoldReleased(hold_id=hold_id, account_id=X, reason=Code("settled")))
    heard(cases, placed(case_id, hold_id), at=NOW + 3 * HOUR)
    assert held(cases, case_id) == [], "what is heard of a hold after its end begins nothing"
    assert step(cases, case_id, "settle", "agreed", actor=OLA).state == "settled"
    run(cases, "carry_out_effects")
    (answered,) = published(owner, "nonconformity.answered")
    said = {name: answered["data"][name] for name in ("account_id", "user_id", "outcome", "reason")}
    assert said == {"account_id": str(X), "user_id": str(USER), "outcome": "settled", "reason": "agreed"}
    with pytest.raises(Conflict) as ended:
        called(cases, case_id)
    assert ended.value.details == {"reason": "dispute_ended"}


def test_staff_say_that_we_disagree_with_one_customer_and_the_company_hears_how_it_ended(cases, owner) -> None:
    fields = {"kind": "dispute", "source": "staff", "signal": "disagreement"}
    for wrong in ((), (X, uuid4())):
        with pytest.raises(Invalid):
            report(cases, "1", **fields, account_ids=wrong)
    with pytest.raises(Invalid):
        report(cases, "1", **fields | {"source": "host"}, account_ids=(X,))
    case_id = report(cases, "1", **fields, account_ids=(X,)).case_id
    assert step(cases, case_id, "withdraw_dispute", "we_withdrew", actor=OLA).state == "withdrawn"
    run(cases, "carry_out_effects")
    (answered,) = published(owner, "nonconformity.answered")
    assert (answered["data"]["user_id"], answered["data"]["outcome"]) == (None, "withdrawn")


@pytest.mark.clause("FORGET-1")
def test_after_a_restore_no_dispute_ends_while_it_holds_something_back(cases, ledger) -> None:
    case_id, standing, over = disagreed(cases), uuid4(), uuid4()
    for hold_id in (standing, over):
        data = {
            "hold_id": str(hold_id), "user_ids": (), "categories": (), "case_id": str(case_id),
            "review_on": REVIEW.isoformat(), "as_of": instant(NOW),
        }  # fmt: skip
        ledger.writer.append([Fact(kind=Kind.HOLD_PLACED, account_id=X, data=data)], NOW)
    ledger.writer.append([Fact(kind=Kind.HOLD_RELEASED, account_id=X, data={"hold_id": str(over)})], NOW)
    ledger.open()
    assert held(cases, case_id) == [(standing, REVIEW)]
    with pytest.raises(Conflict):
        step(cases, case_id, "withdraw_dispute", "customer_withdrew")
