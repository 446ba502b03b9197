"""Whom a service believes."""

from __future__ import annotations

import pytest

from shared.bus import wire
from shared.bus.sender_check import SenderCheck, SenderNotBelieved

pytestmark = pytest.mark.unit

SENDERS = SenderCheck(service="retention", user="retention", ours=frozenset({"account", "retention"}))
REPLAYED = {wire.HEADER_OUTBOX: "retention"}


@pytest.mark.parametrize(
    ("user_id", "exchange", "headers"),
    [
        ("relay", "account.events", {}),
        ("retention", "", {}),
        ("retention", "returns-retention", {}),
        ("relay", "", REPLAYED),
        (None, "nogd.events", {}),
        ("nogd-user", "nogd.events", {}),
    ],
)
def test_these_are_believed(user_id, exchange, headers):
    SENDERS.check(user_id=user_id, exchange=exchange, headers=headers)


@pytest.mark.parametrize(
    ("user_id", "exchange", "headers"),
    [
        (None, "account.events", {}),
        ("account", "account.events", {}),
        ("retention", "account.events", {}),
        (None, "", {}),
        (None, "returns-retention", {}),
        ("account", "returns-retention", {}),
        ("account", "returns-account", {}),
        (None, "", REPLAYED),
        ("account", "", REPLAYED),
        ("relay", "", {}),
        ("relay", "", {wire.HEADER_OUTBOX: "account"}),
        ("relay", "", {wire.HEADER_OUTBOX: ["retention"]}),
    ],
)
def test_these_are_not(user_id, exchange, headers):
    with pytest.raises(SenderNotBelieved):
        SENDERS.check(user_id=user_id, exchange=exchange, headers=headers)
