"""The spelling in which names are compared: what is the same name has one, and others have others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.account.field_encryption.rules import FORMS, compared_name

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("written", "also"),
    [
        ("Kåre Østby", "østby,  KÅRE"),
        ("Kåre Østby", "Ka\u030are Østby"),
        ("Fjøsåker Bakeri AS", "fjøsåker bakeri"),
        ("Fjøsåker Bakeri AS", "FJØSÅKER BAKERI ASA"),
        ("Anne-Grete Hol", "Anne Grete Hol"),
        ("Finn.no AS", "finn no"),
        ("Grossmann", "Großmann"),
    ],
)
def test_one_name_is_compared_alike_however_it_is_written(written, also) -> None:
    assert compared_name(written) == compared_name(also)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kåre Østby", "Kåre"),
        ("Kåre Østby", "Kare Ostby"),
        ("Bakeri 1", "Bakeri 2"),
        ("Asbjørn Moe", "Bjørn Moe"),
        ("Hol Hol", "Hol"),
    ],
)
def test_other_names_are_others(one, other) -> None:
    assert compared_name(one) != compared_name(other)


def test_what_has_nothing_but_a_legal_form_or_signs_is_compared_by_these() -> None:
    assert compared_name("AS") == "as"
    assert compared_name("!!!") == "!!!"


@given(st.text(min_size=1, max_size=60))
def test_what_is_compared_stays_as_it_is_when_it_is_compared_again(text) -> None:
    once = compared_name(text)
    assert compared_name(once) == once
    assert not FORMS & set(once.split(" ")) or set(once.split(" ")) <= FORMS
