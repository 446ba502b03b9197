"""Webhooks as the receiver gets them: signed, repeated until taken, twice, out of order."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sandbox.server import start
from sandbox.settings import DEFAULT_KEYS
from tests.plugins.sandbox_clients import MailgunClient, Received, Receiver
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.server import RunningSandbox

pytestmark = pytest.mark.integration

KEY = DEFAULT_KEYS["mailgun_webhook_signing_key"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.stop()


@pytest.fixture
def mailgun(sandbox: RunningSandbox, receiver: Receiver) -> MailgunClient:
    sandbox.configure(
        "mailgun",
        webhook_url=f"{receiver.url}/hooks",
        delivery_delay_seconds=0.05,
        late_event_seconds=0.1,
        webhook_retry_seconds=[0.05, 0.05, 0.05],
    )
    return MailgunClient(sandbox)


def kinds(received: list[Received]) -> list[str]:
    return [one.json()["event-data"]["event"] for one in received]


def triple(received: Received) -> dict[str, Any]:
    signature: dict[str, Any] = received.json()["signature"]
    return signature


def test_every_event_is_posted_with_a_signature_that_holds(
    mailgun: MailgunClient, receiver: Receiver, sandbox: RunningSandbox
) -> None:
    mailgun.send(**{"v:notification_id": "n-1"})
    received = receiver.wait(2)
    assert kinds(received) == ["accepted", "delivered"]
    for one in received:
        signature = triple(one)
        message = (signature["timestamp"] + signature["token"]).encode()
        assert signature["signature"] == hmac.new(KEY.encode(), message, hashlib.sha256).hexdigest()
        assert len(signature["token"]) == 50
        assert abs(int(signature["timestamp"]) - sandbox.sandbox.clock.now().timestamp()) < 60
        assert one.json()["event-data"]["user-variables"] == {"notification_id": "n-1"}
    assert len({triple(one)["token"] for one in received}) == 2


def test_empty_user_variables_are_a_list_unless_told_otherwise(
    mailgun: MailgunClient, receiver: Receiver, sandbox: RunningSandbox
) -> None:
    mailgun.send("silent@example.com")
    assert receiver.wait(1)[0].json()["event-data"]["user-variables"] == []
    sandbox.configure("mailgun", webhook_empty_user_variables="object")
    mailgun.send("silent+2@example.com")
    assert receiver.wait(2)[1].json()["event-data"]["user-variables"] == {}
    assert mailgun.events()[0]["user-variables"] == {}


def test_anything_but_200_is_repeated_with_the_same_event(sandbox: RunningSandbox) -> None:
    receiver = Receiver(500, 202)
    try:
        sandbox.configure("mailgun", webhook_url=receiver.url, webhook_retry_seconds=[0.05, 0.05, 0.05])
        MailgunClient(sandbox).send("silent@example.com")
        received = receiver.wait(3)
        assert len({one.json()["event-data"]["id"] for one in received}) == 1
        assert len({triple(one)["token"] for one in received}) == 1
        time.sleep(0.2)
        assert len(received) == 3
    finally:
        receiver.stop()


def test_a_repetition_may_carry_a_fresh_token(sandbox: RunningSandbox) -> None:
    receiver = Receiver(500)
    try:
        sandbox.configure(
            "mailgun", webhook_url=receiver.url, webhook_retry_seconds=[0.05], webhook_fresh_token_on_retry=True
        )
        MailgunClient(sandbox).send("silent@example.com")
        assert len({triple(one)["token"] for one in receiver.wait(2)}) == 2
    finally:
        receiver.stop()


def test_406_ends_the_repetitions(sandbox: RunningSandbox) -> None:
    receiver = Receiver(406)
    try:
        sandbox.configure("mailgun", webhook_url=receiver.url, webhook_retry_seconds=[0.05])
        MailgunClient(sandbox).send("silent@example.com")
        receiver.wait(1)
        time.sleep(0.3)
        assert len(receiver.received) == 1
    finally:
        receiver.stop()


def test_after_the_last_repetition_it_gives_up_and_says_so(sandbox: RunningSandbox) -> None:
    receiver = Receiver(500, 500, 500, 500)
    try:
        sandbox.configure("mailgun", webhook_url=receiver.url, webhook_retry_seconds=[0.02, 0.02])
        MailgunClient(sandbox).send("silent@example.com")
        hooks = until(lambda: _hooks(sandbox, 3))
        assert [hook["outcome"] for hook in hooks] == ["again", "again", "given up"]
        assert [hook["attempt"] for hook in hooks] == [1, 2, 3]
    finally:
        receiver.stop()


def test_a_receiver_that_is_not_there_is_tried_again(sandbox: RunningSandbox) -> None:
    gone = Receiver()
    gone.stop()
    sandbox.configure("mailgun", webhook_url=gone.url, webhook_retry_seconds=[0.02])
    MailgunClient(sandbox).send("silent@example.com")
    assert [hook["answer"] for hook in until(lambda: _hooks(sandbox, 2))] == ["ConnectionError"] * 2


def test_webhooks_can_come_twice(mailgun: MailgunClient, receiver: Receiver, sandbox: RunningSandbox) -> None:
    sandbox.configure("mailgun", webhook_twice=True)
    mailgun.send("silent@example.com")
    first, second = receiver.wait(2)
    assert first.json()["event-data"] == second.json()["event-data"]
    assert triple(first)["token"] == triple(second)["token"]


def test_webhooks_can_come_out_of_order(
    mailgun: MailgunClient, receiver: Receiver, sandbox: RunningSandbox
) -> None:
    sandbox.configure("mailgun", webhook_out_of_order=True)
    mailgun.send()
    assert kinds(receiver.wait(2)) == ["delivered", "accepted"]


def test_only_subscribed_types_are_posted(
    mailgun: MailgunClient, receiver: Receiver, sandbox: RunningSandbox
) -> None:
    sandbox.configure("mailgun", webhook_types=["temporary_fail", "permanent_fail"])
    mailgun.send("bounce@example.com")
    assert kinds(receiver.wait(1)) == ["failed"]
    time.sleep(0.1)
    assert len(receiver.received) == 1


def test_the_path_secret_is_put_into_the_address(receiver: Receiver) -> None:
    for url in (f"{receiver.url}/webhooks/mailgun", f"{receiver.url}/webhooks/mailgun/<secret>"):
        running = start(webhook_url=url)
        try:
            MailgunClient(running).send("silent@example.com")
            receiver.wait(1)
        finally:
            running.stop()
        assert receiver.received.pop().path == f"/webhooks/mailgun/{DEFAULT_KEYS['mailgun_webhook_path_secret']}"


def test_an_inbound_letter_is_a_signed_form_and_multipart_with_attachments(
    sandbox: RunningSandbox, receiver: Receiver
) -> None:
    letter = {
        "url": f"{receiver.url}/inbound",
        "recipient": "support+token@mg.example.no",
        "sender": "kari@example.com",
        "subject": "Innsyn",
        "body-plain": "Hva vet dere om meg?",
    }
    plain = requests.post(f"{sandbox.url}/control/inbound", json=letter, timeout=10)
    assert plain.json()["answer"] == 200
    attached = {**letter, "attachments": [{"filename": "a.txt", "content_type": "text/plain", "content": "aGVp"}]}
    requests.post(f"{sandbox.url}/control/inbound", json=attached, timeout=10)
    form, multipart = receiver.wait(2)
    assert form.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert b"recipient=support%2Btoken%40mg.example.no" in form.body
    assert multipart.headers["Content-Type"].startswith("multipart/form-data")
    assert b'name="attachment-1"; filename="a.txt"' in multipart.body
    assert b'name="signature"' in multipart.body
    missing = requests.post(f"{sandbox.url}/control/inbound", json={"url": receiver.url}, timeout=10)
    assert missing.status_code == 400


def _hooks(sandbox: RunningSandbox, count: int) -> list[dict[str, Any]]:
    hooks = sandbox.sandbox.mailgun.state.webhooks.values()
    return hooks if len(hooks) >= count else []
