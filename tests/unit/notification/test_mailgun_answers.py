"""What each answer, and each silence, of Mailgun means for a letter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.notification.mailgun.client import (
    Accepted,
    NotSent,
    Refused,
    Throttled,
    Unknown,
    inert,
    outcome_of_answer,
    outcome_of_silence,
    wait_asked,
)
from shared.vendor_http import AnswerTooLarge, ConnectionLost, NotConnected, TimedOut

pytestmark = pytest.mark.unit

NOW = datetime(2021, 12, 20, 20, 33, 0, tzinfo=UTC)


def answer(status, body=b"{}", **headers):
    return outcome_of_answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body, NOW)


def test_an_accepted_letter_has_its_id_without_brackets() -> None:
    assert answer(200, b'{"id": "<1.2@mg.example>", "message": "Queued. Thank you."}') == Accepted("1.2@mg.example")


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'"OK"', b'{"id": null}', b"[" * 100_000])
def test_a_receipt_without_an_id_is_none(body) -> None:
    assert answer(200, body) == Unknown("answer_without_id")


@pytest.mark.parametrize("status", [401, 402, 403, 404, 405, 301, 302])
@pytest.mark.parametrize("body", [b"Forbidden", b'"Forbidden"', b'{"message": "Invalid private key"}', b"\xff\xfe"])
def test_a_refusal_that_every_letter_meets_is_told_apart(status, body) -> None:
    assert answer(status, body) == Refused(status)


def test_a_letter_at_fault_is_given_up() -> None:
    assert answer(400, b'{"message": "from parameter is missing"}') == Refused(400, "letter_refused")
    assert answer(413, b"") == Refused(413, "letter_refused")


def test_a_bad_address_is_no_fault_of_ours() -> None:
    body = b'{"message": "to parameter is not a valid address. please check documentation"}'
    assert answer(400, body) == Refused(400, "address_refused")


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 202, 204, 100])
def test_after_a_server_error_the_letter_may_have_gone_out(status) -> None:
    assert answer(status, b"<html>Bad Gateway</html>") == Unknown(f"answer_{status}")


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"Retry-After": "7", "X-RateLimit-Reset": "1"}, b"", 7),
        ({"Retry-After": "soon", "X-RateLimit-Reset": f"{NOW.timestamp() + 12.5}"}, b"", 12.5),
        ({"Retry-After": "99999999999999"}, b"", 3600),
        ({"X-RateLimit-Reset": f"{NOW.timestamp() - 50}"}, b"", 0),
        ({"X-RateLimit-Reset": "nan"}, b"", None),
        ({"X-RateLimit-Reset": "1e300"}, b"", None),
        ({}, b'{"message": "request limit exceeded, try again after Mon, 20 Dec 2021 20:33:21 UTC"}', 21),
        ({}, b'{"message": "limit exceeded, try again after 120 seconds"}', 120),
        ({}, b'{"message": "try again after lunch"}', None),
        ({}, b'{"message": "no more"}', None),
        ({}, b'{"retry-seconds": 60}', None),
        ({}, b"[]", None),
        ({}, b"slow down", None),
        ({"Retry-After": "86400"}, b"", 3600),
    ],
)
def test_the_wait_asked_for_is_found_where_mailgun_puts_it(headers, body, seconds) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert wait_asked(headers, body, NOW) == expected


def test_too_many_calls_carry_their_wait() -> None:
    assert answer(429, Retry_After="5") == Throttled(timedelta(seconds=5))
    assert answer(429) == Throttled(None)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (NotConnected(), NotSent("not_connected")),
        (ConnectionLost(), Unknown("connection_lost")),
        (AnswerTooLarge(), Unknown("connection_lost")),
        (TimedOut(), Unknown("timed_out")),
    ],
)
def test_silence_before_and_after_the_letter_was_handed_over_differs(error, outcome) -> None:
    assert outcome_of_silence(error) == outcome


@pytest.mark.parametrize(
    "typed",
    ["%unsubscribe_url%", "%Unsubscribe_URL%", "%tag_unsubscribe_url%", "%mailing_list_unsubscribe_url%",
     "%unsubscribe_email%", "%recipient%", "%recipient.name%", "%recipient_fname%", "%%recipient%%"],
)  # fmt: skip
def test_no_variable_of_mailgun_is_left_to_be_filled_in(typed) -> None:
    from sandbox.mailgun.letters import fill_in

    for percent in ("% ", "&#37;"):
        text = inert(f"Hei {typed}, 100 % og 50%", percent)
        letter = {
            "recipients": ["kari@firma.example"],
            "base": "http://x.example",
            "key": "k",
            "domain": "mg.example",
        }
        letter |= {"subject": text, "text": text, "html": text, "amp_html": ""}
        fill_in(letter, '{"kari@firma.example": {"name": "Kari"}}')
        assert letter["filled_in"] == []
        assert letter["text"] == text
        assert text.endswith("100 % og 50%")


def test_other_texts_and_links_stay_as_they_are() -> None:
    for text in ("100 % sikker, 50 % rabatt", "https://x.example/?a=%C3%A5%20b", "%noe annet%"):
        assert inert(text, "% ") == text
