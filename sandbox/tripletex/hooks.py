"""Tripletex's webhooks: signed over key and body, repeated for a while, switched off after too many failures."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from typing import TYPE_CHECKING, Any, Final

import requests

from sandbox.tripletex import fields
from sandbox.tripletex.errors import Problem, invalid
from sandbox.tripletex.mapping import read
from sandbox.tripletex.resources import MODELS

if TYPE_CHECKING:
    from sandbox.scheduler import Job, Scheduler
    from sandbox.store import Document
    from sandbox.tripletex.store import TripletexStore

TIMEOUT_SECONDS: Final = 10.0
_NOUNS: Final = {
    "Customer": "customer", "Contact": "contact", "Order": "order", "Product": "product",
}  # fmt: skip
EVENTS: Final = frozenset(
    {f"{noun}.{verb}" for noun in (*_NOUNS.values(), "supplier", "employee", "account", "project", "voucher",
     "archiverelation") for verb in ("create", "update", "delete")}
    | {"invoice.charged", "notification.sent", "voucherstatus.ready"}
)  # fmt: skip


def signature(secret: str, key: str, body: bytes) -> str:
    """base64 of HMAC-SHA512 over the idempotency key, an ampersand and the raw body."""
    mac = hmac.new(secret.encode(), key.encode() + b"&" + body, hashlib.sha512)
    return base64.b64encode(mac.digest()).decode()


class Hooks:
    """Subscriptions, and the calls they cause."""

    def __init__(self, books: TripletexStore, scheduler: Scheduler, here: str) -> None:
        """`here` stands in the url of objects in bodies, which no request tells us."""
        self._books = books
        self._timetable = scheduler
        self._view = fields.View(here, books.get)
        self._notes = books.store.collection("sandbox.webhook")
        scheduler.register("tripletex.webhook", self._post)

    def listening_on(self, here: str) -> None:
        """From now on `here` stands in the url of objects in bodies."""
        self._view = fields.View(here, self._books.get)

    def create(self, body: Any) -> Document:
        """A new subscription. Raises 422/18000 for an unknown event or an address that is not https."""
        mapped = read(MODELS["Subscription"], body, creating=True)
        problems = [Problem(name, "required") for name in ("event", "targetUrl") if not mapped.values.get(name)]
        if not problems and mapped.values["event"] not in EVENTS:
            problems = [Problem("event", "type")]
        if not problems and not _allowed(mapped.values["targetUrl"]):
            problems = [Problem("targetUrl", "type")]
        if problems:
            raise invalid(*problems)
        fields.check(fields.parse(mapped.values.get("fields") or ""), _model_of(mapped.values["event"]))
        return self._books.insert("Subscription", {**mapped.values, "status": "ACTIVE"})

    def update(self, subscription: Document, body: Any) -> Document:
        """Change or re-enable a subscription."""
        mapped = read(MODELS["Subscription"], body, creating=False)
        changed = {**subscription, **mapped.values}
        if changed["event"] not in EVENTS or not _allowed(changed["targetUrl"]):
            raise invalid(Problem("event" if changed["event"] not in EVENTS else "targetUrl", "type"))
        fields.check(fields.parse(changed["fields"]), _model_of(changed["event"]))
        return self._books.change("Subscription", subscription, mapped.values, version=mapped.version)

    def announce(self, model: str, verb: str, document: Document) -> None:
        """Tell the subscribers that `document` was created, updated or deleted."""
        event = "invoice.charged" if (model, verb) == ("Invoice", "create") else f"{_NOUNS.get(model)}.{verb}"
        if event not in EVENTS:
            return
        runtime = self._books.runtime
        for subscription in self._books.all("Subscription"):
            if subscription["event"] != event or subscription["status"] != "ACTIVE":
                continue
            if runtime["webhook_gap_every"] and not self._books.store.next("hook") % runtime["webhook_gap_every"]:
                continue  # the vendor's own advice is a nightly comparison, for this reason
            job = {
                "subscription": subscription["id"],
                "key": str(uuid.uuid4()),
                "body": self._body(subscription, event, MODELS[model], document, deleted=verb == "delete"),
                "attempt": 0,
            }
            for copy in range(2 if runtime["webhook_twice"] else 1):
                self._timetable.add("tripletex.webhook", job, delay_seconds=0.05 * copy)

    def _body(self, subscription: Document, event: str, model: Any, document: Document, *, deleted: bool) -> str:
        tree = fields.parse(subscription["fields"]) or None
        value = None if deleted else self._view.show(model, document, tree)
        body = {
            "subscriptionId": subscription["id"],
            "event": event,
            "id": document["id"],
            "value": value,
        }
        return json.dumps(body, ensure_ascii=False)

    def _post(self, job: Job) -> None:
        with self._books.store.lock:
            subscription = self._books.get("Subscription", job["subscription"])
        if subscription is None or subscription["status"] != "ACTIVE":
            return
        status = _send(subscription, job["key"], job["body"].encode())
        taken = isinstance(status, int) and 200 <= status < 300  # noqa: PLR2004  # any success
        waits = self._books.runtime["webhook_retry_seconds"]
        again = not taken and job["attempt"] < len(waits)
        with self._books.store.lock:
            self._note(job, subscription, status, "taken" if taken else "again" if again else "given up")
            if again:
                self._timetable.add(
                    "tripletex.webhook",
                    {**job, "attempt": job["attempt"] + 1},
                    delay_seconds=waits[job["attempt"]],
                )
            elif not taken:
                current = self._books.need("Subscription", subscription["id"])
                self._books.change("Subscription", current, {"status": "DISABLED_TOO_MANY_ERRORS"})

    def _note(self, job: Job, subscription: Document, status: int | str, outcome: str) -> None:
        number = self._books.store.next("webhook")
        self._notes.put(
            number,
            {
                "number": number,
                "vendor": "tripletex",
                "at": self._books.clock.now().isoformat(),
                "type": subscription["event"],
                "event_id": job["key"],
                "message_id": "",
                "attempt": job["attempt"] + 1,
                "answer": status,
                "outcome": outcome,
            },
        )


def _send(subscription: Document, key: str, body: bytes) -> int | str:
    headers = {"Content-Type": "application/json", "idempotency-key": key}
    if subscription["hmacSharedSecret"]:
        headers["x-request-signature"] = signature(subscription["hmacSharedSecret"], key, body)
    if subscription["authHeaderName"]:
        headers[subscription["authHeaderName"]] = subscription["authHeaderValue"]
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.post(
                subscription["targetUrl"],
                data=body,
                headers=headers,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            return type(error).__name__
        return answer.status_code


def _allowed(url: str) -> bool:
    """Https as at Tripletex; plain http only to this machine and to a compose neighbour, which has no dot."""
    if url.startswith("https://"):
        return True
    host = url.removeprefix("http://").partition("/")[0].rpartition("@")[2].partition(":")[0]
    return url.startswith("http://") and (host in ("127.0.0.1", "localhost") or "." not in host)


def _model_of(event: str) -> Any:
    noun = event.partition(".")[0]
    names = {noun: name for name, noun in _NOUNS.items()} | {"invoice": "Invoice"}
    return MODELS[names.get(noun, "Customer")]
