"""Letters of which it is not known what became of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.notification.letter_lifecycle.values import GiveUp, Resend, State, Wait
from services.notification.reconciliation.rules import next_reconciliation, on_lost_lease, on_not_found
from tests.unit.notification.letter_samples import NOW, letter

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(("minutes", "checks", "until"), [(1, 0, 3), (5, 2, 13), (20, 9, 30), (29, 30, 30)])
def test_nothing_found_proves_nothing_for_half_an_hour(minutes, checks, until) -> None:
    now = NOW + timedelta(minutes=minutes)
    decision = on_not_found(letter(checks=checks), NOW, now)
    assert decision == Wait(NOW + timedelta(minutes=until))


def test_a_letter_mailgun_does_not_know_after_half_an_hour_is_sent() -> None:
    assert on_not_found(letter(), NOW, NOW + timedelta(minutes=30)) == Resend()


def test_a_letter_that_may_have_left_before_a_restore_is_asked_for_twice_half_an_hour_apart() -> None:
    late = NOW + timedelta(hours=5)
    assert on_not_found(letter(begun_at=None), NOW, late) == Wait(late + timedelta(minutes=30))
    assert on_not_found(letter(begun_at=None, checks=1), NOW, late + timedelta(minutes=30)) == Resend()


def test_a_letter_too_old_is_not_sent_even_where_it_never_left() -> None:
    old = letter(expires_at=NOW + timedelta(minutes=10))
    assert on_not_found(old, NOW, NOW + timedelta(minutes=30)) == GiveUp("expired")


def test_a_lost_letter_goes_back_unless_its_call_had_begun() -> None:
    assert on_lost_lease(letter(begun_at=None)) is State.PENDING
    assert on_lost_lease(letter()) is State.UNKNOWN


def test_mailgun_is_asked_again_for_silent_letters_a_few_times() -> None:
    assert next_reconciliation(NOW, 4) == NOW + timedelta(hours=12)
    assert next_reconciliation(NOW, 5) is None
