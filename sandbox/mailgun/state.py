"""What the rooms of the Mailgun stand-in share: its collections, its settings, its clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Final

from sandbox.runtime_settings import RuntimeSettings

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.scheduler import Scheduler
    from sandbox.settings import SandboxSettings
    from sandbox.store import Collection, Document, Store
    from shared.clock import Clock

MAX_LETTERS: Final = 5_000
MAX_EVENTS: Final = 20_000
TABLES: Final = ("bounces", "unsubscribes", "complaints")

# Mailgun repeats after 5, 10, 15 minutes, 1, 2 and 4 hours; here 1500 times faster.
RETRY_SECONDS: Final = (0.2, 0.4, 0.6, 2.4, 4.8, 9.6)

RUNTIME_SETTINGS: Final[dict[str, Any]] = {
    "default_scenario": "delivered",
    "scenarios": {},
    "delivery_delay_seconds": 0.05,
    "late_event_seconds": 0.3,
    "events_hidden_seconds": 0.0,
    "message_retention_days": 3,
    "event_retention_days": 30,
    "webhook_url": "",
    "webhook_types": [
        "accepted", "delivered", "opened", "clicked", "unsubscribed", "complained", "temporary_fail",
        "permanent_fail",
    ],
    "webhook_twice": False,
    "webhook_out_of_order": False,
    "webhook_fresh_token_on_retry": False,
    "webhook_retry_seconds": list(RETRY_SECONDS),
    "webhook_empty_user_variables": "list",
}  # fmt: skip


@dataclass
class State:
    """Everything the Mailgun stand-in knows."""

    settings: SandboxSettings
    store: Store
    scheduler: Scheduler
    clock: Clock
    runtime: RuntimeSettings = field(init=False)
    letters: Collection = field(init=False)
    messages: Collection = field(init=False)
    events: Collection = field(init=False)
    webhooks: Collection = field(init=False)

    def __post_init__(self) -> None:
        """Open the collections."""
        start = dict(RUNTIME_SETTINGS, webhook_url=self.settings.webhook_target() or "")
        self.runtime = RuntimeSettings(self.store.collection("sandbox.runtime_settings"), "mailgun", start)
        # What arrived in somebody's mailbox is no longer Mailgun's; the stored message is, for some days.
        self.letters = self.store.collection("sandbox.letter", limit=MAX_LETTERS)
        self.messages = self.store.collection("mailgun.message", limit=MAX_LETTERS)
        self.events = self.store.collection("mailgun.event", limit=MAX_EVENTS)
        self.webhooks = self.store.collection("sandbox.webhook", limit=MAX_EVENTS)

    def table(self, name: str) -> Collection:
        """The suppressions of one kind; keys are "domain address"."""
        return self.store.collection(f"mailgun.{name}")

    def suppressed(self, domain: str, address: str, tags: list[str]) -> str | None:
        """The table that keeps a letter of `domain` with `tags` from `address`, if one does."""
        key = suppression_key(domain, address)
        for name in TABLES:
            entry = self.table(name).get(key)
            # Who unsubscribed from one tag still gets the other letters; * means all.
            if entry and (name != "unsubscribes" or {"*", *tags} & set(entry["item"]["tags"])):
                return name
        return None

    def suppress(self, table: str, domain: str, address: str, **details: Any) -> Document:
        """Put `address` into a table, as Mailgun does on its own after a bounce or a complaint."""
        entry: Document = {"address": address.lower(), **details}
        entry.setdefault("created_at", mailgun_date(self.clock.now()))
        return self.table(table).put(suppression_key(domain, address), {"domain": domain.lower(), "item": entry})

    def forget_expired(self) -> None:
        """Drop stored messages and events whose time at Mailgun is over."""
        now = self.clock.now()
        for collection, days in (
            (self.messages, self.runtime["message_retention_days"]),
            (self.events, self.runtime["event_retention_days"]),
        ):
            limit = (now - timedelta(days=days)).timestamp()
            for key, document in collection.items():
                if document["at"] >= limit:
                    break
                collection.delete(key)


def suppression_key(domain: str, address: str) -> str:
    """Addresses are compared without regard to case."""
    return f"{domain.lower()} {address.lower()}"


def mailgun_date(at: datetime) -> str:
    """`at` as Mailgun writes it in suppressions: Thu, 11 Dec 2025 01:49:40 UTC."""
    return format_datetime(at).replace("+0000", "UTC")
