from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.account.fields.rules import name_words
from services.account.register.rules import (
    REGISTER_ASKED_AGAIN,
    WAITS,
    register_outcome,
    register_retry_at,
    review_reasons,
    same_company_name,
)
from services.account.register.values import REGISTER_OUTCOMES, RegisterAnswer
from shared.wait_bounds import is_due
from tests.unit.account.states import NOW

pytestmark = pytest.mark.unit


def found(**changes) -> RegisterAnswer:
    return RegisterAnswer(**{"kind": "found", "name": "SOLØR TØMMER OG BYGG AS", "org_form": "AS"} | changes)


def test_no_company_is_asked_about_before_its_week_is_over() -> None:
    week = NOW + REGISTER_ASKED_AGAIN
    assert not is_due(week, NOW, WAITS["account.register_retry_at"])
    assert is_due(week, week, WAITS["account.register_retry_at"])


@pytest.mark.clause("SUSPECT-1")
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (found(), "matched"),
        (found(name="NOE ANNET AS"), "name_mismatch"),
        (found(name=None), "name_mismatch"),
        (found(org_form="ENK"), "sole_proprietorship"),
        (found(org_form="ENK", name="ANNET"), "name_mismatch"),
        (found(bankrupt=True, winding_up=True), "bankrupt"),
        (found(winding_up=True), "winding_up"),
        (RegisterAnswer(kind="deleted", org_form="AS"), "deleted"),
        (RegisterAnswer(kind="removed"), "removed"),
        (RegisterAnswer(kind="sub_entity"), "sub_entity"),
        (RegisterAnswer(kind="not_found"), "not_found"),
    ],
)
def test_the_gravest_finding_of_the_register_counts(answer, outcome) -> None:
    assert register_outcome(answer, "Solør Tømmer & Bygg") == outcome
    assert outcome in REGISTER_OUTCOMES


def test_a_finding_asks_for_a_review_and_never_for_more() -> None:
    for outcome in REGISTER_OUTCOMES:
        remarkable = outcome not in ("matched", "sole_proprietorship", "provisional", "no_number")
        assert review_reasons(outcome, number_is_shared=False) == ([outcome] if remarkable else [])
    assert review_reasons("deleted", number_is_shared=True) == ["deleted", "number_is_shared"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("SOLØR TØMMER OG BYGG AS", "Solør Tømmer & Bygg", True),
        ("SMÅSKÆR SHIPPING A/S NUF", "småskær shipping", True),
        ("Tømrer Åsmund Bråtånes", "TØMRER AASMUND BRAATAANES", True),
        ("Blåtind-prosjekt, AS", "BLÅTIND PROSJEKT AS", True),
        ("Ås", "ås as", True),
        ("AS", "AS", True),
        ("Nordåsen Elektro", "Nordåsen Bygg", False),
        ("", "", False),
        ("  - ", "&", False),
    ],
)
def test_names_are_compared_as_people_read_them(one, other, same) -> None:
    assert same_company_name(one, other) is same


WORDS = st.text("bcdefghijklmnopqrtuvwxyzæøå", min_size=4, max_size=12).filter(
    lambda word: len(name_words(f"x {word}")) == 2
)


@given(st.lists(WORDS, min_size=1, max_size=4))
def test_case_blanks_and_legal_form_never_matter(words) -> None:
    name = " ".join(words)
    assert same_company_name(name, f"  {'   '.join(words).upper()} AS")
    assert not same_company_name(name, f"{name} filial")


def test_the_register_is_asked_again_ever_more_seldom_and_never_given_up() -> None:
    waits = [register_retry_at(attempts, NOW) - NOW for attempts in (0, 1, 2, 3, 9, 10, 1000)]
    expected = [1, 1, 2, 4, 256, 360, 360]
    assert waits == [timedelta(minutes=each) for each in expected]
