"""Mail of Mailgun's route: read as far as it can be, and believed only where who sent it is proved."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.cases.engine.values import Signal
from services.notification.inbound_mail.calls import MailField
from services.notification.inbound_mail.form import read_form
from services.notification.inbound_mail.rules import (
    ALARM,
    NOT_AUTHENTICATED,
    NOT_FOR_US,
    SIGNALS,
    UNKNOWN_SENDER,
    identity_of,
    judge,
    parse_senders,
)
from services.notification.inbound_mail.values import AlarmMailbox
from shared.errors import Invalid

pytestmark = [pytest.mark.unit, pytest.mark.clause("WATCH-3")]

BOX = AlarmMailbox(address="alarm@mg.example.no", senders=parse_senders("host.example=host:traffic"))
MAIL = {
    "recipient": "alarm@mg.example.no",
    "sender": "bounce@mail.host.example",
    "from": '"Vakt" <vakt@host.example>',
    "Message-Id": "<1.2@host.example>",
    "timestamp": "1795000000",
    "token": "t" * 50,
    "signature": "0" * 64,
}
HEADERS = {
    "X-Mailgun-Spf": "Pass",
    "X-Mailgun-Dkim-Check-Result": "Pass",
    "Dkim-Signature": "v=1; a=rsa-sha256; d=host.example; s=mx; b=abc",
    "From": '"Vakt" <vakt@host.example>',
}


def form(changes: dict[str, Any] | None = None, headers: Any = None) -> list[MailField]:
    """The form, with fields changed, left out (None), or given twice (a list)."""
    listed = [[name, value] for name, value in HEADERS.items()] if headers is None else headers
    given = MAIL | {"message-headers": listed if isinstance(listed, str) else json.dumps(listed)} | (changes or {})
    return [
        MailField(name=name, value=each)
        for name, value in given.items()
        for each in (value if isinstance(value, list) else [value])
        if each is not None
    ]


def headers(*left_out: str, **changes: str) -> list[list[str]]:
    named = {name.replace("_", "-"): value for name, value in changes.items()}
    return [[name, value] for name, value in (HEADERS | named).items() if name not in left_out]


RECEIVED = ["Received", "from mail.evil.example by mxa.mailgun.example with ESMTP"]
ONLY_SPF = headers("Dkim-Signature", "X-Mailgun-Dkim-Check-Result")


def verdict(fields: list[MailField]) -> str:
    return judge(read_form(fields), BOX)[0]


def test_an_alarm_of_the_host_is_one() -> None:
    word, sender = judge(read_form(form()), BOX)
    assert (word, sender) == (ALARM, BOX.senders[0])


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        (form({"recipient": "post@mg.example.no"}), NOT_FOR_US),
        (form({"recipient": None}), NOT_FOR_US),
        (form({"from": "vakt@evil.example"}, headers("From")), UNKNOWN_SENDER),
        (form({"from": "host.example <vakt@evil.example>"}, headers("From")), UNKNOWN_SENDER),
        (form({"from": "vakt@nothost.example"}, headers("From")), UNKNOWN_SENDER),
        (form({"from": "vakt@host.example.evil.example"}, headers("From")), UNKNOWN_SENDER),
        (form({"from": "vakt@host.example, x@evil.example"}), UNKNOWN_SENDER),
        (form({"from": ["vakt@host.example", "x@evil.example"]}), UNKNOWN_SENDER),
        (form(headers=headers(From="x@evil.example")), UNKNOWN_SENDER),
        (form({"from": None}, headers("From")), UNKNOWN_SENDER),
        (form(headers=headers("X-Mailgun-Spf", "X-Mailgun-Dkim-Check-Result")), NOT_AUTHENTICATED),
        (form(headers=headers(X_Mailgun_Spf="Fail", X_Mailgun_Dkim_Check_Result="Fail")), NOT_AUTHENTICATED),
        # SPF passes, but for a sender of somebody else, and the signature is of somebody else too
        (form({"sender": "x@evil.example"}, headers(Dkim_Signature="d=evil.example; b=x")), NOT_AUTHENTICATED),
        # a header that the mail brought stands beside the one that Mailgun made
        (
            form({"sender": "x@evil.example"}, [*headers(X_Mailgun_Spf="Fail", X_Mailgun_Dkim_Check_Result="Fail"),
                                               ["X-Mailgun-Dkim-Check-Result", "Pass"]]),
            NOT_AUTHENTICATED,
        ),
        # one signature of theirs, one of the host that nobody checked
        (
            form({"sender": "x@evil.example"}, [*headers(), ["DKIM-Signature", "v=1; d=evil.example; b=x"]]),
            NOT_AUTHENTICATED,
        ),
        # the same behind so many of the host that nobody reads them all
        (
            form({"sender": "x@evil.example"}, [*headers(), *[["DKIM-Signature", "d=host.example; b=x"]] * 25,
                                               ["DKIM-Signature", "v=1; d=evil.example; b=x"]]),
            NOT_AUTHENTICATED,
        ),
        # a signature that names two domains
        (
            form({"sender": "x@evil.example"}, headers(Dkim_Signature="d=host.example; d=evil.example; b=x")),
            NOT_AUTHENTICATED,
        ),
        (
            form({"sender": "x@evil.example"}, headers(Dkim_Signature="d=evil.example (x); d=host.example; b=x")),
            NOT_AUTHENTICATED,
        ),
        # a header Sender, which becomes a field as well, in front of the envelope's and behind it
        (form({"sender": ["x@evil.example", "x@host.example"]}, ONLY_SPF), NOT_AUTHENTICATED),
        (form({"sender": ["x@host.example", "x@evil.example"]}, ONLY_SPF), NOT_AUTHENTICATED),
        (form({"Sender": "x@host.example", "sender": "x@evil.example"}, ONLY_SPF), NOT_AUTHENTICATED),
        # Mailgun has checked nothing, and the mail brings results of its own
        (form(headers=[RECEIVED, *headers()]), NOT_AUTHENTICATED),
        (form({"X-Mailgun-Spf": "Pass"}, [RECEIVED, ["X-Mailgun-Spf", "Pass"]]), NOT_AUTHENTICATED),
        (form({"from": "(" * 50_000}), UNKNOWN_SENDER),
        (form({"sender": "a:" * 30_000}, ONLY_SPF), NOT_AUTHENTICATED),
        # authors of whom the last one is beyond what is read
        (form({"from": ", ".join(["x@host.example"] * 30 + ["x@evil.example"])}), UNKNOWN_SENDER),
        # all headers are in the list; one field may stand for several of a name
        *[
            (form({"X-Mailgun-Spf": "Pass", "X-Mailgun-Dkim-Check-Result": "Pass",
                   "Dkim-Signature": "d=host.example; b=x", "message-headers": unread}), NOT_AUTHENTICATED)
            for unread in (None, "", "not json", '{"From": "x"}', json.dumps(headers())[:-9], "[" * 100_000)
        ],
    ],
)  # fmt: skip
def test_a_from_header_is_no_evidence(fields, word) -> None:
    assert verdict(fields) == word


@pytest.mark.parametrize(
    "fields",
    [
        form({"recipient": "Alarm@MG.example.no"}),
        form(headers=headers(X_Mailgun_Spf="pass", X_Mailgun_Dkim_Check_Result="None")),
        form(headers=[*ONLY_SPF, RECEIVED, ["Subject", "Trafikk"]]),
        form({"sender": "x@relay.example"}),  # passed on by somebody: the signature still holds
        form({"sender": "x@relay.example"}, headers(Dkim_Signature="v=1;\r\n\td=host.example;\r\n\tb=x")),
        form({"from": "VAKT@Alarm.Host.Example"}, headers("From")),
        # its own header names another sender, as that of a list does: the signature still holds
        form({"Sender": "list@relay.example"}),
    ],
)
def test_other_spellings_of_a_true_alarm_are_one(fields) -> None:
    assert verdict(fields) == ALARM


def test_names_of_fields_count_in_any_spelling_and_others_do_not() -> None:
    spelt = [MailField(name=each.name.upper(), value=each.value) for each in form()]
    assert verdict([*spelt, MailField(name="subject", value="x"), MailField(name="body-plain", value="y")]) == ALARM


@pytest.mark.parametrize("name", ["timestamp", "token", "signature"])
@pytest.mark.parametrize("value", [None, "", "x y", "\u0661", ["1", "2"], "9" * 200])
def test_without_a_signature_nothing_is_read(name, value) -> None:
    with pytest.raises(Invalid) as refused:
        read_form(form({name: value}))
    assert refused.value.details == {"fields": [name]}


def test_a_signature_in_the_headers_of_the_mail_is_none() -> None:
    with pytest.raises(Invalid):
        read_form(form({"token": None}, [["token", "t" * 50]]))
    with_another = form(headers=[*headers(), ["recipient", "alarm@mg.example.no"], ["sender", "x@host.example"]])
    assert read_form(with_another).recipients == ("alarm@mg.example.no",)


def test_the_same_mail_is_known_and_a_forgery_does_not_stand_for_the_true_one() -> None:
    mail = read_form(form())
    again = read_form(form({"token": "u" * 50, "timestamp": "1795000300"}))
    assert identity_of(mail, ALARM) == identity_of(again, ALARM)
    assert identity_of(mail, ALARM) != identity_of(mail, NOT_AUTHENTICATED)
    without = [read_form(form({"Message-Id": None, "token": token})) for token in ("a" * 50, "b" * 50)]
    assert identity_of(without[0], ALARM) != identity_of(without[1], ALARM)


def test_who_may_send_alarms_is_said_by_domain() -> None:
    first, second = parse_senders(" Host.example=host:traffic,vendor.example=vendor:vendor_notice , ")
    assert (first.domain, first.source, second.signal) == ("host.example", "host", "vendor_notice")
    assert parse_senders("") == ()
    for wrong in (
        "host.example",
        "host=host:traffic",
        "a.b=customer:traffic",
        "a.b=host:nonsense",
        "a@b.c=host:other",
    ):
        with pytest.raises(ValueError, match="domain=source:signal"):
            parse_senders(wrong)


def test_cases_has_every_code_that_a_sender_can_be_about() -> None:
    assert set(SIGNALS) <= {each.value for each in Signal}


def test_without_an_address_no_mail_is_for_us() -> None:
    assert judge(read_form(form({"recipient": ""})), AlarmMailbox())[0] == NOT_FOR_US
