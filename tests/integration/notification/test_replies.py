"""Replies to support: from the letter's own address over Mailgun's stand-in to account, with nothing kept."""

from __future__ import annotations

from urllib.parse import parse_qsl
from uuid import UUID, uuid4

import pytest
from notification_env import DOMAIN, PATH_SECRET

from sandbox.mailgun import inbound
from services.account.support.events import SupportAnswered
from services.notification.inbound_mail.calls import REPLY_NAMES, MailField, ReceiveReply
from services.notification.webhooks.calls import WebhookVerdict
from shared.errors import Unavailable
from tests.plugins.sandbox_clients import Receiver

pytestmark = [pytest.mark.integration, pytest.mark.clause("SUPPORT-1")]

THREAD = UUID("0192f6c0-0000-7000-8000-0000000000aa")
REPLY_TO = f"reply+{THREAD.hex}@{DOMAIN}"
LETTER = {
    "recipient": REPLY_TO,
    "sender": "kari@firma.example",
    "subject": "Re: Svar",
    "body-plain": "Takk!\n> Hei",
    "stripped-text": "Takk!",
}


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.stop()


def reply(house, receiver: Receiver, **changes) -> list[MailField]:
    inbound.post(house.sandbox.sandbox.mailgun.state, {"url": receiver.url, **LETTER} | changes)
    pairs = parse_qsl(receiver.received[-1].body.decode(), keep_blank_values=True)
    return [MailField(name=name, value=value) for name, value in pairs if name.lower() in REPLY_NAMES]


def receive(house, fields: list[MailField], *, path_secret: str = PATH_SECRET) -> WebhookVerdict:
    return house.ask(ReceiveReply(path_secret=path_secret, fields=tuple(fields)))


def taken(house) -> list[dict]:
    return [fields for method, fields in house.account.asked if method == "take_support_mail"]


def test_the_letter_has_an_address_of_its_own_to_reply_to_and_not_the_answer(house) -> None:
    house.hear(SupportAnswered(account_id=uuid4(), user_id=uuid4(), thread_id=THREAD))
    house.deliver()
    (sent,) = house.sent()
    assert dict(house.form())["h:Reply-To"] == REPLY_TO
    assert "svare på denne e-posten" in sent["text"]


def test_a_reply_is_handed_to_account_as_often_as_mailgun_says_it_and_nothing_of_it_is_kept(
    house, receiver
) -> None:
    fields = reply(house, receiver)
    assert receive(house, fields) == WebhookVerdict(accepted=True, verdict="taken")
    (asked,) = taken(house)
    assert (asked["name"], asked["author"], asked["is_proved"], asked["text"], asked["attachments"]) == (
        REPLY_TO.partition("@")[0], "kari@firma.example", True, "Takk!", 0,
    )  # fmt: skip
    house.account.verdict = "repeated"
    assert receive(house, fields).accepted
    assert taken(house)[1]["key"] == asked["key"], "by which account knows it"
    forged = [
        MailField(name=each.name, value="Slett alt." if each.name == "stripped-text" else each.value)
        for each in fields
    ]
    assert receive(house, forged) == WebhookVerdict(accepted=False, verdict="replayed"), "its token is used up"
    assert len(taken(house)) == 2
    kept = str(house.rows("SELECT * FROM webhook"))
    assert "Takk" not in kept
    assert "kari" not in kept


def test_account_may_be_away_and_the_mail_comes_again(house, receiver) -> None:
    fields = reply(house, receiver)
    house.account.failures.append(Unavailable("account is away"))
    with pytest.raises(Unavailable):
        receive(house, fields)
    assert receive(house, fields).verdict == "taken"


@pytest.mark.parametrize(
    ("changes", "word", "proved"),
    [
        ({"spf": "Fail", "dkim": "Fail"}, "taken", False),
        ({"sender": "x@evil.example", "from": "kari@firma.example", "dkim-domain": "evil.example"}, "taken", False),
        ({"recipient": "post@other.example"}, "not_for_us", None),
    ],
)
def test_account_is_told_whether_the_author_is_proved(house, receiver, changes, word, proved) -> None:
    assert receive(house, reply(house, receiver, **changes)).verdict == word
    assert [each["is_proved"] for each in taken(house)] == ([] if proved is None else [proved])


def test_what_mailgun_did_not_send_is_refused(house, receiver) -> None:
    fields = reply(house, receiver)
    assert receive(house, fields, path_secret="guess").verdict == "wrong_path"
    forged = [
        MailField(name=each.name, value="0" * 64 if each.name == "signature" else each.value) for each in fields
    ]
    assert receive(house, forged).verdict == "wrong_signature"
    assert taken(house) == []
