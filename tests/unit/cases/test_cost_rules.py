"""Who pays for a deviation: nobody outside, unless what counts says so."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases.costs.rules import counting, told
from services.cases.costs.values import CUSTOMER, CUSTOMER_REASONS, VENDOR, VENDOR_REASONS, CostDecision

pytestmark = [pytest.mark.unit, pytest.mark.clause("COST-1")]

NOW = datetime(2026, 11, 27, 16, tzinfo=UTC)
CASE, X, Y = uuid4(), uuid4(), uuid4()


def decided(bearer, account_id, *, erased=False) -> CostDecision:
    by_two = bearer == CUSTOMER
    return CostDecision(
        id=uuid4(), case_id=CASE, account_id=None if erased else account_id, customer_erased=erased, bearer=bearer,
        reason=(CUSTOMER_REASONS if by_two else VENDOR_REASONS)[0], evidence_sha256="ab" * 32 if by_two else None,
        decided_by="staff:kari", decided_at=NOW, approved_by="staff:ola" if by_two else None,
        approval_id=uuid4() if by_two else None,
    )  # fmt: skip


def pays(newest_first, account_id) -> bool:
    counts = counting(newest_first)
    return any(
        each.id in counts and each.account_id == account_id and each.bearer == CUSTOMER for each in newest_first
    )


decisions = st.lists(
    st.one_of(
        st.builds(decided, st.just(CUSTOMER), st.sampled_from((X, Y))),
        st.builds(decided, st.just(VENDOR), st.sampled_from((X, Y, None))),
        st.builds(decided, st.just(CUSTOMER), st.just(X), erased=st.just(True)),
    ),
    max_size=7,
)


@given(decisions)
def test_the_newest_decision_about_a_part_or_about_all_of_it_says_who_pays(newest_first) -> None:
    for account_id in (X, Y):
        standing = [each for each in newest_first if not each.customer_erased]
        about = [each for each in standing if each.account_id in (None, account_id)]
        assert pays(newest_first, account_id) is (bool(about) and about[0].bearer == CUSTOMER)


def test_where_nobody_has_decided_it_is_free() -> None:
    assert not pays([], X)
    assert not pays([decided(CUSTOMER, Y)], X)


def test_a_decision_about_all_of_it_takes_back_every_claim_before_it() -> None:
    all_of_it, of_x, of_y = decided(VENDOR, None), decided(CUSTOMER, X), decided(CUSTOMER, Y)
    assert counting([all_of_it, of_x, of_y]) == {all_of_it.id}
    assert counting([of_x, all_of_it, of_y]) == {of_x.id, all_of_it.id}


@given(decisions.filter(bool))
def test_whoever_begins_or_ceases_to_pay_is_told_and_nobody_else(newest_first) -> None:
    now, before = newest_first[0], newest_first[1:]
    for customer in (X, Y):
        paid, pays_now = pays(before, customer), pays(newest_first, customer)
        is_charged = now.bearer == CUSTOMER and now.account_id == customer
        assert (customer in told(before, now)) == (is_charged or (paid and not pays_now))
