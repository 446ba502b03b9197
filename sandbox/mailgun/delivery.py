"""What happens to a letter after it was accepted: a script of events per recipient, played by the scheduler."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

from sandbox.mailgun.letters import addresses
from sandbox.scheduler import seconds_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.mailgun.state import State
    from sandbox.scheduler import Job
    from sandbox.store import Document

# Each step is the name of an event written below; the first happens at once, the rest a little later.
SCENARIOS: Final[dict[str, tuple[str, ...]]] = {
    "delivered": ("accepted", "delivered"),
    "bounce": ("accepted", "bounce"),
    "tempfail": ("accepted", "tempfail", "delivered"),
    "complain": ("accepted", "delivered", "complained"),
    "delayed-bounce": ("accepted", "delivered", "delayed_bounce"),
    "suppressed": ("accepted", "suppressed_bounces"),
    "unsubscribe": ("accepted", "delivered", "unsubscribed"),
    "silent": ("accepted",),
    "rejected": ("rejected",),
}
_SUPPRESSED: Final = {
    "bounces": ("suppress-bounce", 605, "Not delivering to previously bounced address"),
    "unsubscribes": ("suppress-unsubscribe", 606, "Not delivering to unsubscribed address"),
    "complaints": ("suppress-complaint", 607, "Not delivering to a user who marked your messages as spam"),
}
_LATE: Final = frozenset({"complained", "delayed_bounce", "unsubscribed"})


def scenario_of(state: State, letter: Document, address: str) -> tuple[str, ...]:
    """The script for `address`: its suppression, else what was configured, else its magic local part."""
    table = state.suppressed(letter["domain"], address, letter["tags"])
    if table is not None:
        return ("accepted", f"suppressed_{table}")
    configured = state.runtime["scenarios"].get(address.lower())
    local = address.partition("@")[0].partition("+")[0].lower()
    name = configured or (local if local in SCENARIOS else state.runtime["default_scenario"])
    return SCENARIOS[name]


class Delivery:
    """Plays the scripts. `announce` is told of every event, its place, and the script's length."""

    def __init__(self, state: State, announce: Callable[[Document, int, int], None]) -> None:
        """Register with the scheduler."""
        self._state = state
        self._announce = announce
        state.scheduler.register("mailgun.step", self._play, quick=True)

    def begin(self, letter: Document) -> None:
        """Let the first event of each recipient happen now and plan the others."""
        for recipient in letter["recipients"]:
            script = scenario_of(self._state, letter, recipient)
            self._step(letter, recipient, script, 0)

    def _play(self, job: Job) -> None:
        with self._state.store.lock:
            letter = self._state.letters.get(job["letter"])
            if letter is not None:
                self._step(letter, job["recipient"], tuple(job["script"]), job["place"])

    def _step(self, letter: Document, recipient: str, script: tuple[str, ...], place: int) -> None:
        name = script[place]
        event = self._event(name, letter, recipient)
        self._consequence(name, letter["domain"], recipient, event)
        self._keep(letter, event)
        self._announce(event, place, len(script))
        if place + 1 < len(script):
            late = script[place + 1] in _LATE
            self._state.scheduler.add(
                "mailgun.step",
                {"letter": letter["key"], "recipient": recipient, "script": list(script), "place": place + 1},
                delay_seconds=self._state.runtime["late_event_seconds" if late else "delivery_delay_seconds"],
            )

    def _keep(self, letter: Document, event: Document) -> None:
        state = self._state
        number = state.store.next("mailgun.event")
        state.events.put(
            number,
            {
                "number": number,
                "domain": letter["domain"],
                "at": event["timestamp"],
                "visible_from": seconds_now() + state.runtime["events_hidden_seconds"],
                "event": event,
            },
        )

    def _consequence(self, name: str, domain: str, recipient: str, event: Document) -> None:
        """What Mailgun enters into its suppressions on its own."""
        if name in ("bounce", "delayed_bounce"):
            status = event["delivery-status"]
            self._state.suppress("bounces", domain, recipient, code=str(status["code"]), error=status["message"])
        elif name == "complained":
            self._state.suppress("complaints", domain, recipient)
        elif name == "unsubscribed":
            self._state.suppress("unsubscribes", domain, recipient, tags=["*"])

    def _event(self, name: str, letter: Document, recipient: str) -> Document:
        event: Document = {
            "id": secrets.token_urlsafe(16),
            "timestamp": self._state.clock.now().timestamp(),
            "recipient": recipient,
            "recipient-domain": recipient.rpartition("@")[2],
            "tags": list(letter["tags"]),
            "user-variables": dict(letter["variables"]),
            "message": _message(letter),
        }
        if name.startswith("suppressed_"):
            return {**event, **_suppressed(letter, recipient, name.removeprefix("suppressed_"))}
        kinds: dict[str, Callable[[Document, str], Document]] = {
            "accepted": _accepted,
            "delivered": _delivered,
            "bounce": _bounce,
            "tempfail": _tempfail,
            "delayed_bounce": _delayed_bounce,
            "complained": _complained,
            "unsubscribed": _unsubscribed,
            "rejected": _rejected,
        }
        made = {**event, **kinds[name](letter, recipient)}
        if name == "rejected":  # the only event without a recipient
            del made["recipient"], made["recipient-domain"]
        return made


def _message(letter: Document) -> Document:
    return {
        "headers": {
            "to": letter["to"],
            "message-id": letter["id"],
            "from": letter["from"],
            "subject": letter["subject"],
        },
        "attachments": letter["attachments"],
        "recipients": letter["recipients"],
        "size": letter["size"],
    }


def _storage(letter: Document) -> Document:
    url = f"{letter['base']}/v3/domains/{letter['domain']}/messages/{letter['key']}"
    return {"url": url, "key": letter["key"], "region": "europe-west1", "env": "sandbox"}


def _flags(letter: Document) -> dict[str, bool]:
    test = ["o:testmode", "yes"] in letter["options"]
    return {
        "is-routed": False,
        "is-authenticated": True,
        "is-system-test": False,
        "is-test-mode": test,
    }


def _envelope(letter: Document, recipient: str) -> Document:
    sender = (addresses([letter["from"]]) or [""])[0]
    return {"transport": "smtp", "sender": sender, "sending-ip": "192.0.2.25", "targets": recipient}


def _failed(letter: Document, recipient: str, *, severity: str, reason: str, status: dict[str, Any]) -> Document:
    return {
        "event": "failed",
        "severity": severity,
        "reason": reason,
        "log-level": "error" if severity == "permanent" else "warn",
        "flags": _flags(letter),
        "envelope": _envelope(letter, recipient),
        "storage": _storage(letter),
        "delivery-status": status,
    }


def _accepted(letter: Document, recipient: str) -> Document:
    return {
        "event": "accepted",
        "log-level": "info",
        "method": "http",
        "flags": {"is-authenticated": True, "is-test-mode": _flags(letter)["is-test-mode"]},
        "envelope": _envelope(letter, recipient),
        "storage": _storage(letter),
    }


def _delivered(letter: Document, recipient: str) -> Document:
    return {
        "event": "delivered",
        "log-level": "info",
        "flags": _flags(letter),
        "envelope": _envelope(letter, recipient),
        "storage": _storage(letter),
        "delivery-status": {
            "tls": True,
            "mx-host": f"mx.{recipient.rpartition('@')[2]}",
            "code": 250,
            "description": "",
            "session-seconds": 0.4367,
            "utf8": True,
            "attempt-no": 1,
            "message": "OK",
            "certificate-verified": True,
        },
    }


def _bounce(letter: Document, recipient: str) -> Document:
    status = {
        "tls": True,
        "mx-host": f"mx.{recipient.rpartition('@')[2]}",
        "attempt-no": 1,
        "description": "",
        "session-seconds": 2.95,
        "utf8": True,
        "code": 550,
        "message": "5.1.1 No such mailbox here",
        "certificate-verified": True,
    }
    return _failed(letter, recipient, severity="permanent", reason="bounce", status=status)


def _tempfail(letter: Document, recipient: str) -> Document:
    status = {
        "mx-host": f"mx.{recipient.rpartition('@')[2]}",
        "attempt-no": 1,
        "description": "Recipient address rejected: Greylisted",
        "session-seconds": 0.0,
        "retry-seconds": 300,
        "code": 450,
        "message": "Recipient address rejected: Greylisted",
    }
    return _failed(letter, recipient, severity="temporary", reason="greylisted", status=status)


def _delayed_bounce(letter: Document, recipient: str) -> Document:
    status = {
        "bounce-code": "5.1.1",
        "message": "smtp; 550-5.1.1 No such mailbox here",
        "code": 550,
        "description": "The letter was taken at first and returned later.",
        "enhanced-code": "5.1.1",
    }
    event = _failed(letter, recipient, severity="permanent", reason="generic", status=status)
    return {**event, "flags": {"is-delayed-bounce": True}, "envelope": {}}


def _suppressed(letter: Document, recipient: str, table: str) -> Document:
    reason, code, description = _SUPPRESSED[table]
    status = {
        "attempt-no": 1,
        "message": "",
        "code": code,
        "description": description,
        "session-seconds": 0,
    }
    return _failed(letter, recipient, severity="permanent", reason=reason, status=status)


def _complained(letter: Document, _recipient: str) -> Document:
    return {
        "event": "complained",
        "log-level": "warn",
        "flags": {"is-test-mode": False},
        "message": _message(letter),
    }


def _unsubscribed(letter: Document, _recipient: str) -> Document:
    return {
        "event": "unsubscribed",
        "log-level": "info",
        "ip": "192.0.2.77",
        "geolocation": {"country": "NO", "region": "Innlandet", "city": "Kirkenær"},
        "client-info": {
            "client-type": "browser",
            "client-os": "Linux",
            "device-type": "desktop",
            "client-name": "Firefox",
            "user-agent": "Mozilla/5.0",
        },
        # opened, clicked and unsubscribed name the message and nothing more
        "message": {"headers": {"message-id": letter["id"]}},
    }


def _rejected(letter: Document, _recipient: str) -> Document:
    return {
        "event": "rejected",
        "log-level": "warn",
        "flags": {"is-test-mode": False},
        "reject": {"reason": "Rejected by the sandbox as asked.", "description": ""},
        "message": _message(letter),
    }
