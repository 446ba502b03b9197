from __future__ import annotations

import pytest

from tests.attack.__main__ import plot, shortcomings
from tests.attack.measuring import Figures, measure
from tests.attack.traffic import scene

pytestmark = pytest.mark.unit


@pytest.mark.clause("WATCH-1")
def test_every_attack_of_a_generated_day_is_found_and_ordinary_people_are_not() -> None:
    figures = measure(scene(seed=7, users=1000))
    assert all(each.expected for each in figures.values())
    assert shortcomings(figures, days=1, users=1000) == []
    assert plot(figures, 1).count("<rect") == len(figures)


def test_a_missed_attack_and_a_wrong_suspicion_are_named() -> None:
    failing = shortcomings({"stuffing": Figures(2, 1, 1)}, days=1, users=2000)
    assert failing == ["stuffing: 1 attacks were missed", "stuffing: 1.0 a day were suspected wrongly, 0 may be"]
