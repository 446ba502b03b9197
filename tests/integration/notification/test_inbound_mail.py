"""Alarms by mail, from Mailgun's stand-in over HTTP to the event that cases hears: each once, and no forgery."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import pytest
from notification_env import KEY, PATH_SECRET

from sandbox.mailgun import inbound
from sandbox.mailgun.webhooks import sign
from services.notification.inbound_mail.calls import NAMES, MailField, ReceiveMail
from services.notification.webhooks.calls import WebhookVerdict
from tests.plugins.sandbox_clients import Receiver

pytestmark = [pytest.mark.integration, pytest.mark.clause("WATCH-3")]

LETTER = {
    "recipient": "alarm@mg.example.no",
    "sender": "vakt@host.example",
    "subject": "Trafikk",
    "body-plain": "Se!",
}


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.stop()


def mail(house, receiver: Receiver, **changes) -> list[MailField]:
    """The fields of the form that the stand-in posts for a letter, as the gateway would pass them on."""
    inbound.post(house.sandbox.sandbox.mailgun.state, {"url": receiver.url, **LETTER} | changes)
    pairs = parse_qsl(receiver.received[-1].body.decode(), keep_blank_values=True)
    return [MailField(name=name, value=value) for name, value in pairs if name.lower() in NAMES]


def receive(house, fields: list[MailField], *, path_secret: str = PATH_SECRET) -> WebhookVerdict:
    return house.ask(ReceiveMail(path_secret=path_secret, fields=tuple(fields)))


def replaced(fields: list[MailField], **values: str) -> list[MailField]:
    return [MailField(name=each.name, value=values.get(each.name, each.value)) for each in fields]


def again(house, fields: list[MailField], *, token: str, age: timedelta = timedelta(), key: str = KEY):
    """The same form with another signature, of so long ago."""
    timestamp = str(int((house.clock.now() - age).timestamp()))
    return replaced(fields, timestamp=timestamp, token=token, signature=sign(key, timestamp=timestamp, token=token))


def alarms_told(house) -> list[dict]:
    return [data for kind, data in house.told() if kind == "alarm_mail.received"]


def counted(house) -> list[tuple[str, int]]:
    return [
        (row["kind"], row["times"]) for row in house.rows("SELECT kind, times FROM alarm WHERE closed_at IS NULL")
    ]


def test_an_alarm_mail_is_told_once_with_the_signed_instant_and_nothing_that_it_says(house, receiver) -> None:
    fields = mail(house, receiver)
    assert {each.name for each in fields} & {"subject", "body-plain"} == set()
    assert receive(house, fields) == WebhookVerdict(accepted=True, verdict="alarm")
    (told,) = alarms_told(house)
    assert (told["sent_by"], told["signal"]) == ("host", "traffic")
    (signed_at,) = (int(each.value) for each in fields if each.name == "timestamp")
    assert datetime.fromisoformat(told["received_at"]) == datetime.fromtimestamp(signed_at, UTC)
    assert "Trafikk" not in str(house.told())
    assert receive(house, fields) == WebhookVerdict(accepted=True, verdict="repeated"), "Mailgun says it again"
    other = again(house, fields, token="b" * 50, age=timedelta(hours=3))
    assert receive(house, other) == WebhookVerdict(accepted=True, verdict="repeated"), "the same mail, signed anew"
    assert len(alarms_told(house)) == 1
    assert counted(house) == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"path_secret": "guess"}, "wrong_path"),
        ({"key": "another"}, "wrong_signature"),
        ({"age": timedelta(hours=10)}, "untimely"),
        ({"age": timedelta(minutes=-10)}, "untimely"),
    ],
)
def test_what_mailgun_did_not_sign_or_signs_for_another_time_is_refused(house, receiver, change, word) -> None:
    fields = mail(house, receiver)
    signed = again(house, fields, token="c" * 50, age=change.get("age", timedelta()), key=change.get("key", KEY))
    reply = receive(house, signed, path_secret=change.get("path_secret", PATH_SECRET))
    assert reply == WebhookVerdict(accepted=False, verdict=word)
    assert (alarms_told(house), house.rows("SELECT * FROM webhook")) == ([], [])


def test_a_forgery_is_refused_counted_and_keeps_the_true_mail_from_nothing(house, receiver) -> None:
    number = "<77@host.example>"
    forged = mail(house, receiver, spf="Fail", dkim="Fail", **{"Message-Id": number})
    assert receive(house, forged) == WebhookVerdict(accepted=False, verdict="not_authenticated")
    spoofed = mail(house, receiver, sender="x@evil.example", **{"from": "vakt@host.example", "Message-Id": number})
    assert receive(house, spoofed).verdict == "not_authenticated"
    assert receive(house, mail(house, receiver, sender="x@evil.example")).verdict == "unknown_sender"
    assert counted(house) == [("mail_refused", 3)]
    assert alarms_told(house) == []
    true = mail(house, receiver, **{"Message-Id": number})
    assert receive(house, true) == WebhookVerdict(accepted=True, verdict="alarm")
    signed = {each.name: each.value for each in true if each.name in ("timestamp", "token", "signature")}
    replay = replaced(mail(house, receiver), **signed)
    assert receive(house, replay) == WebhookVerdict(accepted=False, verdict="replayed")
    assert len(alarms_told(house)) == 1
