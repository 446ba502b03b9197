"""Replies to letters of support: read as far as they can be, and no further than one person's own words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.account.support.values import DECLINED_BECAUSE
from services.notification.inbound_mail.calls import MailField
from services.notification.inbound_mail.form import read_reply
from services.notification.inbound_mail.rules import (
    AUTOMATIC,
    NOT_FOR_US,
    REPLY,
    UNKNOWN_SENDER,
    identity_of_reply,
    is_proved,
    name_of_reply,
)
from services.notification.letters.kinds import LETTERS
from shared.errors import Invalid

pytestmark = [pytest.mark.unit, pytest.mark.clause("SUPPORT-1")]

DOMAIN = "mg.example.no"
MAIL = {
    "recipient": f"reply+abc@{DOMAIN}",
    "sender": "kari@firma.example",
    "from": "Kari <kari@firma.example>",
    "Message-Id": "<1.2@firma.example>",
    "body-plain": "Takk!\n> Hei",
    "stripped-text": "Takk!",
    "timestamp": "1795000000",
    "token": "t" * 50,
    "signature": "0" * 64,
}
HEADERS = {
    "X-Mailgun-Spf": "Pass",
    "X-Mailgun-Dkim-Check-Result": "Pass",
    "Dkim-Signature": "v=1; d=firma.example; b=abc",
    "From": "Kari <kari@firma.example>",
}


def form(changes: dict[str, Any] | None = None, **headers: str) -> list[MailField]:
    """The form, with fields changed or left out (None), and headers added to the list."""
    listed = HEADERS | {name.replace("_", "-"): value for name, value in headers.items()}
    given = (
        MAIL | {"message-headers": json.dumps([[name, value] for name, value in listed.items()])} | (changes or {})
    )
    return [MailField(name=name, value=value) for name, value in given.items() if value is not None]


def test_a_reply_is_one_persons_words_at_one_address_of_ours() -> None:
    reply = read_reply(form())
    assert name_of_reply(reply, DOMAIN) == (REPLY, "reply+abc")
    assert (reply.text, reply.attachments) == ("Takk!", 0)
    assert is_proved(reply.mail, "firma.example")
    assert not is_proved(reply.mail, "evil.example")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"stripped-text": None}, "Takk!\n> Hei"),
        ({"stripped-text": "  "}, "Takk!\n> Hei"),
        ({"stripped-text": None, "body-plain": None}, ""),
    ],
)
def test_what_mailgun_cut_off_may_be_absent(changes, text) -> None:
    assert read_reply(form(changes)).text == text


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        (form({"recipient": "post@other.example"}), NOT_FOR_US),
        (form({"recipient": None}), NOT_FOR_US),
        (form({"recipient": f"reply+a@{DOMAIN}, reply+b@{DOMAIN}"}), NOT_FOR_US),
        (form({"from": "a@firma.example, b@firma.example"}), UNKNOWN_SENDER),
        (form(Auto_Submitted="auto-replied"), AUTOMATIC),
        (form({"Auto-Submitted": "auto-generated"}), AUTOMATIC),
        (form(Precedence="bulk"), AUTOMATIC),
        (form(List_Id="<list.firma.example>"), AUTOMATIC),
        (form(X_Autoreply="yes"), AUTOMATIC),
        (form({"sender": ""}), AUTOMATIC),
        (form({"sender": "<>"}), AUTOMATIC),
        (form({"sender": "MAILER-DAEMON@firma.example"}), AUTOMATIC),
        (form(Auto_Submitted="no"), REPLY),
    ],
)
def test_what_a_machine_wrote_or_came_elsewhere_goes_no_further(fields, verdict) -> None:
    word, name = name_of_reply(read_reply(fields), DOMAIN)
    assert (word, name is not None) == (verdict, verdict == REPLY)
    assert name_of_reply(read_reply(form()), "") == (NOT_FOR_US, None), "where no replies are taken"


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({"attachment-count": "2"}, 2),
        ({"attachment-count": "-1"}, 0),
        ({"attachment-count": "9" * 30}, 1000),
        ({"attachment-count": "9" * 5000}, 1000),
        ({"attachments": json.dumps([{"name": "a"}, {"name": "b"}, {"name": "c"}])}, 3),
        ({"attachments": "not json"}, 1),
        ({"attachments": "[" * 50_000}, 1),
    ],
)
def test_attachments_are_counted_however_the_route_tells_them(changes, count) -> None:
    assert read_reply(form(changes)).attachments == count


def test_the_same_mail_is_known_and_another_with_its_number_is_another() -> None:
    first = identity_of_reply(read_reply(form()), "reply+abc")
    assert identity_of_reply(read_reply(form({"token": "u" * 50})), "reply+abc") == first
    for changes in ({"stripped-text": "Nei."}, {"sender": "x@evil.example"}, {"Message-Id": "<9@x.example>"}):
        assert identity_of_reply(read_reply(form(changes)), "reply+abc") != first
    assert identity_of_reply(read_reply(form()), "reply+abd") != first


def test_what_is_not_signed_is_none() -> None:
    with pytest.raises(Invalid):
        read_reply(form({"signature": None}))


def test_the_letter_has_words_for_each_reason() -> None:
    assert set(LETTERS["support_mail_declined"].causes) == set(DECLINED_BECAUSE)
