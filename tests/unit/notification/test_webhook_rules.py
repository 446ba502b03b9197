"""Whether a webhook is believed: Mailgun's signature over instant and token, and how near the instant is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.notification.mailgun.rules import signature_is_mailguns, webhook_is_timely
from services.notification.mailgun.values import Signature

pytestmark = pytest.mark.unit

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)


def test_a_signature_is_checked_over_instant_and_token() -> None:
    good = Signature(
        timestamp="1529006854",
        token="a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0",
        signature="e1281b593baabee342fe70d23cdbdb65a99152722772225aab56e5fccfe31541",
    )
    key = "TEST-http-webhook-signing-key-0123456789abcdef"
    assert signature_is_mailguns(key, good)
    assert not signature_is_mailguns(
        key, Signature(timestamp="1529006855", token=good.token, signature=good.signature)
    )
    assert not signature_is_mailguns("another", good)
    assert not signature_is_mailguns(key, Signature(timestamp="1", token="ø", signature="é" * 64))


@pytest.mark.parametrize(
    ("age_seconds", "timely"), [(0, True), (-300, True), (-301, False), (32400, True), (32401, False)]
)
def test_a_webhook_is_believed_for_as_long_as_mailgun_repeats_it(age_seconds, timely) -> None:
    timestamp = str(int(NOW.timestamp()) - age_seconds)
    assert webhook_is_timely(timestamp, NOW) is timely
