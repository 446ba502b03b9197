"""The token of an unsubscribe link."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from uuid import UUID

from services.notification.letters.values import LetterClass
from shared import base64url
from shared.errors import Invalid
from shared.terms import enforces
from shared.terms.clauses import messages


@enforces(messages.MARKETING_CAN_BE_DECLINED)
def unsubscribe_token(key: bytes, *, user_id: UUID, account_id: UUID, letter_class: LetterClass) -> str:
    """The token of an unsubscribe link: it names user, company and class, and only we can make one."""
    payload = user_id.bytes + account_id.bytes + letter_class.value.encode()
    return base64url.encode(_mac(key, payload) + payload)


@enforces(messages.MARKETING_CAN_BE_DECLINED)
def read_unsubscribe_token(key: bytes, token: str) -> tuple[UUID, UUID, LetterClass]:
    """The user, company and class that a token names. Raises `Invalid` for one we did not make."""
    try:
        raw = base64.b64decode(token.encode() + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise Invalid("this unsubscribe link is not one of ours") from None
    mac, payload = raw[:32], raw[32:]
    if not hmac.compare_digest(mac, _mac(key, payload)):
        raise Invalid("this unsubscribe link is not one of ours")
    return UUID(bytes=payload[:16]), UUID(bytes=payload[16:32]), LetterClass(payload[32:].decode())


def _mac(key: bytes, payload: bytes) -> bytes:
    return hmac.new(key, b"unsubscribe\x00" + payload, hashlib.sha256).digest()
