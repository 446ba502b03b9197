"""A letter arrives at Mailgun and a route forwards it: the signed form post that the receiver gets."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from typing import TYPE_CHECKING, Any, Final

import requests

from sandbox.mailgun.webhooks import TIMEOUT_SECONDS, sign

if TYPE_CHECKING:
    from sandbox.mailgun.state import State

_REQUIRED: Final = ("url", "recipient", "sender", "subject")
_TEXTS: Final = (
    "from", "body-plain", "body-html", "stripped-text", "In-Reply-To", "References", "Message-Id", "spf", "dkim",
    "dkim-domain", "timestamp",
)  # fmt: skip
_OPTIONAL: Final = (*_TEXTS, "attachments")


def post(state: State, asked: dict[str, Any]) -> dict[str, Any]:
    """Post one letter to `asked["url"]`, urlencoded, or multipart when it has attachments.

    `spf` and `dkim` are what Mailgun found (Pass unless told otherwise), `dkim-domain` who signed, `timestamp` the
    instant that is signed. `attachments` is a list of {filename, content_type, content (base64)}. Returns the
    receiver's status and the Message-Id used. Raises `ValueError` for what is missing or unknown.
    """
    missing = [name for name in _REQUIRED if not asked.get(name)]
    unknown = [name for name in asked if name not in (*_REQUIRED, *_OPTIONAL)]
    if missing or unknown:
        raise ValueError(f"missing: {', '.join(missing) or '-'}; unknown: {', '.join(unknown) or '-'}")
    if not all(isinstance(asked.get(name, ""), str) for name in (*_REQUIRED, *_TEXTS)):
        raise ValueError("everything but attachments must be text")
    files = _files(asked.get("attachments", []))
    domain = asked["sender"].rpartition("@")[2]
    message_id = asked.get("Message-Id") or f"<{secrets.token_hex(12)}@{domain}>"
    form = _form(state, asked, message_id, len(files))
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer: int | str = session.post(
                asked["url"], data=form, files=files or None, timeout=TIMEOUT_SECONDS, allow_redirects=False
            ).status_code
        except requests.RequestException as error:
            answer = type(error).__name__
    return {"answer": answer, "message_id": message_id}


def _form(state: State, asked: dict[str, Any], message_id: str, attachments: int) -> dict[str, str]:
    timestamp, token = asked.get("timestamp") or str(int(state.clock.now().timestamp())), secrets.token_hex(25)
    domain = asked["sender"].rpartition("@")[2]
    signed_by = asked.get("dkim-domain", domain)
    shown_from = asked.get("from", asked["sender"])
    found = {
        "X-Mailgun-Spf": asked.get("spf", "Pass"),
        "X-Mailgun-Dkim-Check-Result": asked.get("dkim", "Pass"),
        "Dkim-Signature": f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={signed_by}; s=mx; bh=x; b=x",
    }
    headers = [
        *([name, value] for name, value in found.items()),
        ["X-Mailgun-Incoming", "Yes"],
        ["X-Envelope-From", f"<{asked['sender']}>"],
        ["Received", f"from mail.{domain} by mxa.mailgun.example with ESMTP id {token[:12]}"],
        ["From", shown_from],
        ["Subject", asked["subject"]],
        ["To", asked["recipient"]],
        ["Message-Id", message_id],
    ]
    form = {
        "recipient": asked["recipient"],
        "sender": asked["sender"],
        "from": shown_from,
        "subject": asked["subject"],
        "timestamp": timestamp,
        "token": token,
        "signature": sign(state.settings.mailgun_webhook_signing_key, timestamp=timestamp, token=token),
        "message-headers": json.dumps(headers, ensure_ascii=False),
        "Message-Id": message_id,
        **found,
    }
    for name in ("body-plain", "body-html", "stripped-text", "In-Reply-To", "References"):
        if name in asked:
            form[name] = asked[name]
    if attachments:
        form["attachment-count"] = str(attachments)
    return form


def _files(attachments: Any) -> dict[str, tuple[str, bytes, str]]:
    files = {}
    for number, one in enumerate(attachments, start=1):
        try:
            content = base64.b64decode(one["content"], validate=True)
        except (binascii.Error, KeyError, TypeError):
            raise ValueError("an attachment needs content in base64") from None
        kind = one.get("content_type", "application/octet-stream")
        files[f"attachment-{number}"] = (one["filename"], content, kind)
    return files
