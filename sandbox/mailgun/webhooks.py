"""Mailgun's webhooks: signed, repeated until taken, at times twice or out of order.

The signature covers timestamp and token and not the body, as at Mailgun.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Any, Final

import requests

if TYPE_CHECKING:
    from sandbox.mailgun.state import State
    from sandbox.scheduler import Job
    from sandbox.store import Document

TIMEOUT_SECONDS: Final = 10.0
OUT_OF_ORDER_STEP_SECONDS: Final = 0.4
TAKEN: Final = 200
REJECTED: Final = 406


def webhook_type(event: Document) -> str:
    """The name under which one subscribes to this event."""
    if event["event"] == "failed":
        return "temporary_fail" if event["severity"] == "temporary" else "permanent_fail"
    return str(event["event"])


def sign(key: str, *, timestamp: str, token: str) -> str:
    """HMAC-SHA256 over timestamp and token, in hexadecimal digits."""
    return hmac.new(key.encode(), (timestamp + token).encode(), hashlib.sha256).hexdigest()


class Webhooks:
    """Posts events to the configured address."""

    def __init__(self, state: State) -> None:
        """Register with the scheduler."""
        self._state = state
        state.scheduler.register("mailgun.webhook", self._post)

    def announce(self, event: Document, place: int, length: int) -> None:
        """Plan the webhook of `event`, the `place`th of `length` in its letter's script."""
        runtime = self._state.runtime
        url = runtime["webhook_url"]
        if not url or webhook_type(event) not in runtime["webhook_types"]:
            return
        delay = (length - 1 - place) * OUT_OF_ORDER_STEP_SECONDS if runtime["webhook_out_of_order"] else 0.0
        job = {"url": url, "event": event, "attempt": 0, "token": secrets.token_hex(25)}
        for copy in range(2 if runtime["webhook_twice"] else 1):
            self._state.scheduler.add("mailgun.webhook", job, delay_seconds=delay + 0.05 * copy)

    def body(self, event: Document, token: str) -> Document:
        """The signed body; empty user-variables become a list, as they do at Mailgun now and then."""
        timestamp = str(int(self._state.clock.now().timestamp()))
        data = dict(event)
        if not data["user-variables"] and self._state.runtime["webhook_empty_user_variables"] == "list":
            data["user-variables"] = []
        signature = sign(self._state.settings.mailgun_webhook_signing_key, timestamp=timestamp, token=token)
        return {
            "signature": {"timestamp": timestamp, "token": token, "signature": signature},
            "event-data": data,
        }

    def _post(self, job: Job) -> None:
        runtime = self._state.runtime
        if job["attempt"] and runtime["webhook_fresh_token_on_retry"]:
            job = {**job, "token": secrets.token_hex(25)}
        status = post_json(job["url"], self.body(job["event"], job["token"]))
        waits = runtime["webhook_retry_seconds"]
        again = status not in (TAKEN, REJECTED) and job["attempt"] < len(waits)
        self._note(job, status, again=again)
        if again:
            self._state.scheduler.add(
                "mailgun.webhook",
                {**job, "attempt": job["attempt"] + 1},
                delay_seconds=waits[job["attempt"]],
            )

    def _note(self, job: Job, status: int | str, *, again: bool) -> None:
        number = self._state.store.next("webhook")
        event = job["event"]
        self._state.webhooks.put(
            number,
            {
                "number": number,
                "vendor": "mailgun",
                "at": self._state.clock.now().isoformat(),
                "type": webhook_type(event),
                "event_id": event["id"],
                "message_id": event["message"]["headers"]["message-id"],
                "token": job["token"],
                "attempt": job["attempt"] + 1,
                "answer": status,
                "outcome": "taken" if status == TAKEN else "again" if again else "given up",
            },
        )


def post_json(url: str, body: Any, headers: dict[str, str] | None = None) -> int | str:
    """POST `body` and return the status, or the name of what went wrong. Proxies are never used."""
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.post(url, json=body, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False)
        except requests.RequestException as error:
            return type(error).__name__
        return answer.status_code
