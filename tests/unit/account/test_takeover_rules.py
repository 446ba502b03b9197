from __future__ import annotations

from datetime import timedelta

import pytest

from services.account.authentication.rules import PROOF_LASTS, failures_after, has_proved
from services.account.takeover import rules
from services.account.takeover.values import SUSPICION_OF, SUSPICIONS
from services.audit.anomalies.values import DETECTORS
from services.notification.letters.kinds import LETTERS
from tests.unit.account.states import NOW, minutes

pytestmark = pytest.mark.unit


def test_every_suspicion_has_a_detector_and_words_in_the_letter() -> None:
    assert set(SUSPICION_OF.values()) == set(SUSPICIONS) == set(LETTERS["suspicious_attempt"].causes)
    assert not set(SUSPICION_OF) - set(DETECTORS)
    assert rules.suspicion_of("spraying") is rules.suspicion_of("of_tomorrow") is None


@pytest.mark.clause("WATCH-1")
@pytest.mark.parametrize(
    ("suspicion", "changed_minutes_ago", "is_required"),
    [("taken_over", 60, True), ("taken_over", 5, True), ("taken_over", 4, False), ("taken_over", None, False),
     ("guessing", 60, False), ("new_origin", 60, False), ("far_away", 60, False)],
)  # fmt: skip
def test_a_password_that_others_may_know_is_set_anew_unless_it_was(
    suspicion, changed_minutes_ago, is_required
) -> None:
    changed_at = None if changed_minutes_ago is None else NOW - timedelta(minutes=changed_minutes_ago)
    assert rules.is_reset_required(suspicion, changed_at, NOW - timedelta(minutes=5)) is is_required


def test_a_proof_counts_for_a_day_and_one_dated_ahead_does_not() -> None:
    assert has_proved(NOW, NOW)
    assert not has_proved(NOW - PROOF_LASTS, NOW)
    assert not has_proved(NOW + timedelta(hours=1), NOW)
    assert not has_proved(None, NOW)


@pytest.mark.clause("SCAN-1")
def test_a_success_makes_good_what_failed_before_it_and_not_what_began_since() -> None:
    assert failures_after(minutes(5, 3, 1), NOW - timedelta(minutes=3)) == minutes(1)
