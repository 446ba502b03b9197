from __future__ import annotations

import pytest

from services.audit.anomalies.values import DETECTORS
from services.audit.unusual_use.values import USE_DETECTORS
from tests.attack.__main__ import of_all_detectors, plot, shortcomings, told_of_brakes
from tests.attack.measuring import Figures

pytestmark = pytest.mark.unit


@pytest.mark.clause("WATCH-1")
def test_every_attack_of_a_generated_day_is_found_and_ordinary_people_are_not() -> None:
    figures = of_all_detectors(seed=7, users=1000)
    assert figures.keys() == DETECTORS.keys() | USE_DETECTORS.keys()
    assert all(each.expected for each in figures.values())
    assert shortcomings(figures, days=1, users=1000) == []
    assert plot(figures, 1).count("<rect") == len(figures)


@pytest.mark.clause("WATCH-1", "SCAN-1")
def test_nobody_who_mistypes_waits_long_and_no_attacker_keeps_out_whoever_used_the_reset_letter(capsys) -> None:
    assert told_of_brakes(seeds=1, users=300) == []
    ordinary, without, with_letter = [
        [int(word) for word in line.split()[-3:]] for line in capsys.readouterr().out.splitlines()[1:]
    ]
    assert ordinary[0] > 300
    assert without[1] > 0, "the attack is one"
    assert with_letter[1:] == [0, 0]


def test_a_missed_attack_and_a_wrong_suspicion_are_named() -> None:
    failing = shortcomings({"stuffing": Figures(2, 1, 1)}, days=1, users=2000)
    assert failing == ["stuffing: 1 attacks were missed", "stuffing: 1.0 a day were suspected wrongly, 0 may be"]
