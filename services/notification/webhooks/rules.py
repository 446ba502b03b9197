"""Whether a webhook is to be believed: its signature and its instant."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final

from services.notification.mailgun.values import Signature
from shared.terms import enforces
from shared.terms.clauses import protection

WEBHOOK_LATEST: Final = timedelta(hours=9)
"""Mailgun repeats a webhook for about eight hours, perhaps with its first signature."""
WEBHOOK_AHEAD: Final = timedelta(minutes=5)


def signature_is_mailguns(key: str, signature: Signature) -> bool:
    """Whether Mailgun made this signature; compared in constant time."""
    signed = (signature.timestamp + signature.token).encode()
    expected = hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.signature.encode())


@enforces(protection.ONLY_YOUR_OWN)
def webhook_is_timely(timestamp: str, now: datetime) -> bool:
    """Whether a webhook's signed instant (epoch seconds) is near enough: not from the future, not long past."""
    age = now.timestamp() - int(timestamp)
    return -WEBHOOK_AHEAD.total_seconds() <= age <= WEBHOOK_LATEST.total_seconds()
