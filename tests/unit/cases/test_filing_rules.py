"""For whom the authority is notified by us: by mandates that cover it and count on the day, or for nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases.filings.rules import check_state, named_in
from services.cases.filings.values import FIRST, FULL, Filing, Mandate
from services.desk.wording.refusals import lacks
from shared.errors import Conflict

pytestmark = [pytest.mark.unit, pytest.mark.clause("BREACH-1")]

NOW = datetime(2026, 11, 27, 16, tzinfo=UTC)
TODAY = date(2026, 11, 27)
DAY = timedelta(days=1)
FILING = Filing(
    id=uuid4(), case_id=uuid4(), asked_by="staff:kari", asked_at=NOW, looked_up_at=NOW, extent=None,
    decision_id=None, notified_at=None,
)  # fmt: skip


def mandate(scope: str, valid_from: date = TODAY, valid_to: date | None = None) -> Mandate:
    return Mandate(
        account_id=uuid4(), mandate_id=uuid4(), scope=scope, valid_from=valid_from, valid_to=valid_to, persons=1
    )


mandates = st.lists(
    st.builds(
        mandate,
        scope=st.sampled_from((FIRST, FULL)),
        valid_from=st.dates(TODAY - 5 * DAY, TODAY + 2 * DAY),
        valid_to=st.none() | st.dates(TODAY - 2 * DAY, TODAY + 5 * DAY),
    ),
    max_size=6,
)


@given(mandates, st.sampled_from((FIRST, FULL)))
def test_whoever_is_named_gave_a_mandate_for_it_that_counts_on_each_day(found, extent) -> None:
    covering = [each for each in found if extent == FIRST or each.scope == FULL]
    over = [each for each in covering if not (each.counts_on(TODAY) and each.counts_on(TODAY - DAY))]
    if covering and not over:
        assert named_in(FILING, found, extent=extent, days=(TODAY, TODAY - DAY), given=(FIRST,)) == covering
        return
    with pytest.raises(Conflict) as refused:
        named_in(FILING, found, extent=extent, days=(TODAY, TODAY - DAY))
    assert refused.value.details["reason"] == ("mandate_over" if over else "mandate_lacking")


def test_the_first_notice_comes_before_the_full_one_for_whoever_gave_a_mandate_for_it_alone() -> None:
    full, first, over = mandate(FULL), mandate(FIRST), mandate(FIRST, TODAY - 9 * DAY, TODAY)
    with pytest.raises(Conflict) as refused:
        named_in(FILING, [full, first], extent=FULL, days=(TODAY,))
    assert refused.value.details == {"reason": "first_notice_lacking"}
    assert lacks(refused.value)
    assert named_in(FILING, [full, first], extent=FIRST, days=(TODAY,)) == [full, first]
    assert named_in(FILING, [full, first], extent=FULL, days=(TODAY,), given=(FIRST, None)) == [full]
    assert named_in(FILING, [full, over], extent=FULL, days=(TODAY,)) == [full]


@pytest.mark.parametrize("valid_to", [TODAY, TODAY - DAY])
def test_the_day_on_which_a_mandate_ends_is_too_late(valid_to) -> None:
    assert not mandate(FULL, TODAY - 9 * DAY, valid_to).counts_on(TODAY)
    assert mandate(FULL, TODAY, TODAY + DAY).counts_on(TODAY)


@pytest.mark.parametrize(
    "filing",
    [None, replace(FILING, looked_up_at=None), replace(FILING, decision_id=uuid4(), extent=FULL, notified_at=NOW)],
    ids=["never-asked", "not-looked-up-yet", "given-already"],
)
def test_nobody_is_named_by_what_nobody_has_looked_up(filing) -> None:
    with pytest.raises(Conflict) as refused:
        named_in(filing, [mandate(FULL)], extent=FULL, days=(TODAY,))
    assert refused.value.details["reason"] == "mandates_not_looked_up"


def test_mandates_are_looked_up_once_it_is_settled_whom_it_concerns() -> None:
    for state in ("telling", "supporting"):
        check_state("breach_processor", state)
    for kind, state in (("breach_processor", "assessing"), ("breach_processor", "closed"), ("incident", "triage")):
        with pytest.raises(Conflict):
            check_state(kind, state)
