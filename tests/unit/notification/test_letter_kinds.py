"""Every kind of letter: which may go by Mailgun, and to whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sandbox.mailgun import letters as sandbox_letters
from services.notification.letters.kinds import KINDS, LETTERS
from services.notification.letters.rules import copy_by, expires, plain_name
from services.notification.letters.values import LetterKind
from services.notification.mailgun.rules import MAILGUN_PURPOSES, PurposeRefused, assert_mailgun_may_carry
from services.notification.recipients.rules import is_known_reader
from services.notification.recipients.values import Person
from shared.calendar import oslo_date

pytestmark = pytest.mark.unit

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # see timezones
DAYS = st.integers(-400, 400).map(lambda days: timedelta(days=days))


@pytest.mark.clause("PARTY-5")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_every_letter_there_is_may_go_by_mailgun(kind: LetterKind) -> None:
    assert_mailgun_may_carry(kind.letter_class, kind.purpose, {"marketing"} if kind.of_campaign else ())


@pytest.mark.clause("PARTY-5", "MAIL-3")
@pytest.mark.parametrize(
    ("letter_class", "purpose"),
    [
        ("marketing", "support"),
        ("product_news", "account_registration"),
        ("service", "newsletter"),
        ("", ""),
        ("legal", "account_registration"),
        ("service", "legal_notice"),
        ("marketing", "legal_notice"),
    ],
)
def test_marketing_and_purposes_the_terms_do_not_name_are_refused(letter_class: str, purpose: str) -> None:
    with pytest.raises(PurposeRefused):
        assert_mailgun_may_carry(letter_class, purpose, {"marketing"})


@pytest.mark.clause("PARTY-5", "MAIL-1", "MAIL-3")
@pytest.mark.parametrize("letter_class", ["marketing", "product_news"])
def test_what_one_may_decline_is_carried_once_the_register_names_the_purpose_and_only_as_that(letter_class) -> None:
    for named in ((), {"support"}):
        with pytest.raises(PurposeRefused):
            assert_mailgun_may_carry(letter_class, "marketing", named)
    assert_mailgun_may_carry(letter_class, "marketing", {"marketing"})
    for necessary in ("service", "legal"):
        with pytest.raises(PurposeRefused):
            assert_mailgun_may_carry(necessary, "marketing", {"marketing"})


@pytest.mark.clause("PARTY-5")
def test_the_terms_name_three_purposes_legal_notices_and_calls_to_staff_and_no_more() -> None:
    purposes = {"account_registration", "password_change", "support", "legal_notice", "staff_alert"}
    assert set(MAILGUN_PURPOSES) == purposes == sandbox_letters.PURPOSES - {"marketing"}


def test_each_letter_is_there_once() -> None:
    assert len(LETTERS) == len(KINDS)


@pytest.mark.clause("EGRESS-1")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_an_address_that_nobody_confirmed_is_asked_and_answered_and_no_more(kind: LetterKind) -> None:
    values = {"email": "x@y.example", "name": "", "company_name": "", "language": "nb"}
    asks = kind.code in {
        "email_confirmation",
        "invitation",
        "password_reset",
        "sign_up_repeated",
        "return_by_staff",
    }
    assert is_known_reader(kind, Person(**values, confirmed=True))
    assert is_known_reader(kind, Person(**values, confirmed=False)) is asks


def test_a_reset_is_not_worth_sending_after_an_hour() -> None:
    assert expires(LETTERS["password_reset"], NOW) == NOW + timedelta(hours=1)


@pytest.mark.clause("EGRESS-1")
@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "http://evil.example",
        "Click www.evil",
        "me@evil",
        "evil.example now",
        "x" * 61,
        "\u200b\n\x07",
        "evil\u3002com",
        "evil\uff0ecom",
        "\uff45vil.com",
        "%unsubscribe_url%",
        "Kari \uff05recipient.email\uff05",
        "{{name}}",
        "${name}",
        "\u3164\u2800",
        "\u0301\u0302",
        "«»",
    ],
)
def test_a_name_that_could_carry_a_message_is_left_out(name) -> None:
    assert plain_name(name, spare="spare") == "spare"


@pytest.mark.clause("EGRESS-1")
@pytest.mark.parametrize(
    ("name", "plain"),
    [("Kari Nordmann", "Kari Nordmann"), (" Åse\n\tØ. ", "Åse Ø."), ("A\u202eB", "A B"), ("O'Neil-Å", "O'Neil-Å")],
)
def test_a_name_stays_a_name(name, plain) -> None:
    assert plain_name(name) == plain


@pytest.mark.clause("RIGHTS-2")
@given(now=MOMENTS, ahead=DAYS)
@example(now=datetime(2027, 3, 4, 22, 59, tzinfo=UTC), ahead=timedelta(days=1))
@example(now=datetime(2027, 3, 4, 23, 0, tzinfo=UTC), ahead=timedelta(0))
@example(now=datetime(2027, 3, 5, 22, 59, tzinfo=UTC), ahead=timedelta(0))
def test_the_last_day_to_ask_for_a_copy_is_never_over_and_is_before_the_erasure(now, ahead) -> None:
    today = oslo_date(now)
    erased_on = today + ahead
    last = copy_by(erased_on, now)
    assert (last is None) == (erased_on <= today)
    assert last is None or today <= last == erased_on - timedelta(days=1)
