"""Whether a letter may go at the moment of sending."""

from __future__ import annotations

import pytest

from services.notification.delivery.rules import reason_not_to_send
from services.notification.letters.rules import LOCKED_CLASSES, can_be_declined
from services.notification.letters.values import LetterClass
from services.notification.suppressions.values import SuppressionKind

pytestmark = pytest.mark.unit


@pytest.mark.clause("RIGHTS-4")
@pytest.mark.parametrize("letter_class", list(LetterClass))
def test_s27_who_is_restricted_gets_necessary_letters_and_no_others(letter_class: LetterClass) -> None:
    reason = reason_not_to_send(letter_class, set(), set(), restricted=True)
    assert reason == (None if letter_class in LOCKED_CLASSES else "restricted")


@pytest.mark.clause("MAIL-1", "MAIL-4")
@pytest.mark.parametrize("letter_class", list(LetterClass))
def test_an_objection_stops_optional_letters_and_no_others(letter_class: LetterClass) -> None:
    reason = reason_not_to_send(letter_class, set(), set(LetterClass))
    optional = letter_class in (LetterClass.MARKETING, LetterClass.PRODUCT_NEWS)
    assert reason == ("opted_out" if optional else None)
    assert can_be_declined(letter_class) is optional


def test_an_objection_to_one_class_leaves_the_other() -> None:
    news = {LetterClass.PRODUCT_NEWS}
    assert reason_not_to_send(LetterClass.MARKETING, set(), news, {LetterClass.MARKETING}) is None
    assert reason_not_to_send(LetterClass.PRODUCT_NEWS, set(), news, {LetterClass.MARKETING}) == "opted_out"


@pytest.mark.clause("MAIL-1", "MAIL-3")
@pytest.mark.parametrize("letter_class", list(LetterClass))
def test_what_one_may_decline_goes_to_nobody_who_has_not_agreed_to_just_that(letter_class: LetterClass) -> None:
    others = set(LetterClass) - {letter_class}
    reason = reason_not_to_send(letter_class, set(), set(), others)
    assert reason == (None if letter_class in LOCKED_CLASSES else "not_agreed_to")
    assert reason_not_to_send(letter_class, set(), set(), {letter_class}) is None


@pytest.mark.parametrize(
    ("suppressed", "reason"),
    [
        (set(), None),
        ({SuppressionKind.BOUNCE}, "suppressed_bounce"),
        ({SuppressionKind.COMPLAINT}, "suppressed_complaint"),
        (set(SuppressionKind), "suppressed_complaint"),
    ],
)
def test_an_address_that_bounced_or_complained_gets_no_letter(suppressed, reason) -> None:
    assert reason_not_to_send(LetterClass.SERVICE, suppressed, set()) == reason
