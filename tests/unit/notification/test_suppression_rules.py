"""For how long an address gets no letters."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.notification.letters.kinds import KINDS, LETTERS
from services.notification.letters.values import LetterKind
from services.notification.suppressions.rules import bounce_ends_at, suppressed_for
from services.notification.suppressions.values import Suppression, SuppressionKind

pytestmark = pytest.mark.unit

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.clause("CONFIDE-1")
def test_a_bounce_silences_an_address_for_a_while_that_grows_to_a_bound() -> None:
    lengths = [(bounce_ends_at(times, NOW) - NOW).days for times in (1, 2, 3, 4, 5, 400)]
    assert lengths == [1, 7, 30, 90, 90, 90]


@pytest.mark.clause("MAIL-4")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_a_bounce_has_an_end_and_a_complaint_has_none(kind: LetterKind) -> None:
    bounce = Suppression(kind=SuppressionKind.BOUNCE, ends_at=NOW + DAY, tried_at=NOW)
    complaint = Suppression(kind=SuppressionKind.COMPLAINT, ends_at=None, tried_at=NOW)
    assert suppressed_for(kind, [bounce, complaint], NOW) == set(SuppressionKind)
    assert suppressed_for(kind, [bounce], NOW + DAY) == set()
    later = set() if kind.asked_for else {SuppressionKind.COMPLAINT}
    assert suppressed_for(kind, [complaint], NOW + 10_000 * DAY) == later


@pytest.mark.clause("MAIL-4")
def test_whoever_asks_for_a_letter_gets_it_within_minutes_whatever_bounced() -> None:
    asked, told = LETTERS["password_reset"], LETTERS["password_changed"]
    fresh = Suppression(kind=SuppressionKind.BOUNCE, ends_at=NOW + DAY)
    assert suppressed_for(asked, [fresh], NOW) == set()
    assert suppressed_for(told, [fresh], NOW) == {SuppressionKind.BOUNCE}
    tried = replace(fresh, tried_at=NOW)
    assert suppressed_for(asked, [tried], NOW + timedelta(minutes=4)) == {SuppressionKind.BOUNCE}
    assert suppressed_for(asked, [tried], NOW + timedelta(minutes=5)) == set()
    assert {kind.code for kind in KINDS if kind.asked_for} == {
        "email_confirmation", "sign_up_repeated", "password_reset",
        "return_by_link", "return_by_company", "return_by_staff",
    }  # fmt: skip


@pytest.mark.clause("MAIL-4")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_no_wrong_clock_silences_an_address_for_longer_than_a_bounce_may(kind: LetterKind) -> None:
    absurd = Suppression(kind=SuppressionKind.BOUNCE, ends_at=NOW + 3650 * DAY)
    assert suppressed_for(kind, [absurd], NOW) == set()
    longest = replace(absurd, ends_at=bounce_ends_at(9, NOW), tried_at=NOW)
    assert suppressed_for(kind, [longest], NOW) == {SuppressionKind.BOUNCE}
    tried = Suppression(kind=SuppressionKind.COMPLAINT, ends_at=None, tried_at=NOW + 3650 * DAY)
    assert suppressed_for(kind, [tried], NOW) == (set() if kind.asked_for else {SuppressionKind.COMPLAINT})
