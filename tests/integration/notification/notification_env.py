"""The notification service on a real database and Mailgun's stand-in over HTTP; account is played by a fake."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from deploy.letter_gallery import notice
from sandbox.settings import DEFAULT_KEYS
from services.account.letters.calls import LetterFactsShown, Recipient
from services.account.login.calls import Authenticated
from services.notification.alarms.calls import Alarms
from services.notification.delivery.feature import Delivery
from services.notification.duty_alerts.hook import DutyHook
from services.notification.inbound_mail.rules import parse_senders
from services.notification.inbound_mail.values import AlarmMailbox
from services.notification.letters.rendering import Renderer
from services.notification.mailgun.client import Mailgun
from services.notification.service import NotificationService
from services.notification.webhooks.calls import ReceiveWebhook, WebhookVerdict
from services.retention.erasure.events import ErasureScheduled
from services.retention.monitoring.calls import ErasureShown
from shared import errors, vendor_imprint
from shared.calls import Call, Caller
from shared.config import load
from shared.database import Database
from shared.events import Event, Received
from shared.identifiers import new_id
from shared.privacy import BlindIndex
from shared.records import Record
from tests.examples import example
from tests.in_process import ask, feature, hear, run

if TYPE_CHECKING:
    from sandbox.server import RunningSandbox
    from shared.clock import Clock

R = TypeVar("R", bound=Record)

DOMAIN = "mg.example.no"
IMPRINT = vendor_imprint.read(load({"VILKAR_ENVIRONMENT": "test"}))
PATH_SECRET = DEFAULT_KEYS["mailgun_webhook_path_secret"]
KEY = DEFAULT_KEYS["mailgun_webhook_signing_key"]
UNSUBSCRIBE_KEY = b"unsubscribe-key-for-tests"
INDEX = BlindIndex(b"i" * 32)
TABLES = (
    "mailing, letter, cancelled_clock, address_cleanup, farewell, suppression, opt_out, objection, consent, "
    "person_task, webhook, letter_class, letter_class_change, mail_purpose, campaign, refused_address, "
    "duty_alert, alarm, outbox, inbox, command_reply"
)


@dataclass
class FakeAccount(Caller):
    """Answers like account, for retention and staff too: every user has an address made of its id."""

    people: dict[UUID, list[dict[str, str]]] = field(default_factory=dict)
    addresses: dict[UUID, str] = field(default_factory=dict)
    name: str = "Kari Nordmann"
    company_name: str = "Fjord AS"
    unconfirmed: set[UUID] = field(default_factory=set)
    blocked: set[UUID] = field(default_factory=set)
    """Users whose company staff have closed."""
    verdict: str = "taken"
    """What account says of a reply to support."""
    unlisted: set[UUID] = field(default_factory=set)
    """Companies that a breach does not concern."""
    gone: set[UUID] = field(default_factory=set)
    """Companies that were erased."""
    staff: dict[str, str] = field(default_factory=dict)
    """The addresses of people on duty, by their codes."""
    former: dict[str, str] = field(default_factory=dict)
    """Those that were replaced lately."""
    erasures: dict[UUID, list[dict[str, Any]]] = field(default_factory=dict)
    records: list[dict[str, Any]] = field(default_factory=list)
    """What counts in the register of classes of letters."""
    purposes: list[dict[str, Any]] = field(default_factory=list)
    """What counts in the register of purposes of Mailgun."""
    sessions: dict[str, tuple[UUID, UUID]] = field(default_factory=dict)
    """Whose a session is: of which company, and which user."""
    failures: list[Exception] = field(default_factory=list)
    lasting: dict[UUID, Exception] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    tokens: int = 0

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        known = {
            "authenticate": ("account", self._authenticated),
            "contact_of": ("staff", self._contact),
            "counting_records": ("registers", self._counting),
            "notice_facts": ("cases", self._notice),
            "recipients": ("account", self._recipients),
            "take_support_mail": ("account", self._take_reply),
            "timeline": ("retention", self._timeline),
            "unknown_subjects": ("account", self._unknown),
        }
        asked, answer = known.get(method, ("account", self._letter_facts))
        assert service == asked
        assert timeout_seconds
        self.asked.append((method, fields))
        if self.failures:
            raise self.failures.pop(0)
        return answer(**fields)

    def _counting(self, kind: str, **_: Any) -> dict[str, Any]:
        known = {"letter_class": self.records, "processor_purpose": self.purposes}
        return {"records": known[kind], "next_after": None}

    def _contact(self, code: str) -> dict[str, Any]:
        if code not in self.staff:
            raise errors.NotFound
        return {"email": self.staff[code], "former_email": self.former.get(code), "language": "nb"}

    def _timeline(self, account_id: str, **_: Any) -> dict[str, Any]:
        known = self.erasures.get(UUID(account_id), [])
        return {"erasures": [example(ErasureShown, **each) for each in known]}

    def _notice(self, account_id: str, **_: Any) -> dict[str, Any]:
        if UUID(account_id) in self.unlisted:
            raise errors.NotFound
        return notice("complete").to_json()

    def _recipients(self, account_id: str) -> dict[str, Any]:
        if UUID(account_id) in self.gone:
            raise errors.NotFound
        known = self.people.get(UUID(account_id), [])
        return {"recipients": [example(Recipient, **{"confirmed": True} | each) for each in known]}

    def _authenticated(self, token: str) -> dict[str, Any]:
        if token not in self.sessions:
            raise errors.Unauthenticated
        account_id, user_id = self.sessions[token]
        return example(Authenticated, account_id=str(account_id), user_id=str(user_id), role="user")

    def _unknown(self, subjects: list[dict[str, Any]]) -> dict[str, Any]:
        return {"subjects": [each for each in subjects if not self._is_there(**each)]}

    def _is_there(self, account_id: str, user_id: str | None) -> bool:
        users = {each["user_id"] for each in self.people.get(UUID(account_id), [])}
        return UUID(account_id) not in self.gone and (user_id is None or user_id in users)

    def _letter_facts(
        self, user_id: str, ticket_id: str | None, thread_id: str | None = None, **_: Any
    ) -> dict[str, Any]:
        reply_name = f"reply+{UUID(thread_id).hex}" if thread_id else None
        return self._facts(UUID(user_id), ticket_id) | {"reply_name": reply_name}

    def _take_reply(self, **_: Any) -> dict[str, Any]:
        return {"verdict": self.verdict}

    def _facts(self, user_id: UUID, ticket_id: str | None) -> dict[str, Any]:
        if user_id in self.lasting:
            raise self.lasting[user_id]
        self.tokens += 1
        return example(
            LetterFactsShown,
            email=self.addresses.get(user_id, f"{user_id.hex}@readers.example"),
            name=self.name,
            language="nb",
            company_name=self.company_name,
            company_is_blocked=user_id in self.blocked,
            link_token=f"token-{self.tokens}" if ticket_id else None,
            link_ends_at="2027-03-01T08:30:00+00:00" if ticket_id else None,
            confirmed=user_id not in self.unconfirmed,
        )


def build(
    *,
    database: Database,
    clock: Clock,
    caller: Any,
    mailgun_url: str,
    rate: float = 500.0,
    workers: int = 3,
    hook: DutyHook | None = None,
) -> NotificationService:
    """The service as `__main__` wires it, with these parts."""
    mailgun = Mailgun(
        url=mailgun_url,
        domain=DOMAIN,
        api_key=DEFAULT_KEYS["mailgun_api_key"],
        sender=f"Semje Software <nogd@{DOMAIN}>",
        reply_to=IMPRINT.contact,
        replies_to=DOMAIN,
    )
    return NotificationService(
        database=database,
        clock=clock,
        caller=caller,
        mailgun=mailgun,
        renderer=Renderer(base_url="https://nogd.example", imprint=IMPRINT),
        index=INDEX,
        unsubscribe_key=UNSUBSCRIBE_KEY,
        public_url="https://nogd.example",
        desk_url="https://desk.example",
        webhook_signing_key=DEFAULT_KEYS["mailgun_webhook_signing_key"],
        webhook_path_secret=PATH_SECRET,
        mailbox=AlarmMailbox(address=f"alarm@{DOMAIN}", senders=parse_senders("host.example=host:traffic")),
        letters_per_second=rate,
        burst=rate,
        workers=workers,
        duty_hook=hook,
    )


@dataclass
class House:
    service: NotificationService
    database: Database
    owner_dsn: str
    clock: Clock
    sandbox: RunningSandbox
    account: FakeAccount

    def hear(self, event: Event, *, event_id: UUID | None = None) -> UUID:
        """Let the service take an event in, as the bus does; returns the event's id."""
        message = Received(
            id=event_id or new_id(),
            event=event,
            source=event.source or "test",
            time=self.clock.now(),
            subject=event.subject,
            correlation_id=new_id(),
        )
        hear(self.service, message)
        return message.id

    def run(self, *names: str) -> None:
        """Do once what the service does on time under these names."""
        for name in names:
            run(self.service, name)

    @property
    def delivery(self) -> Delivery:
        return feature(self.service, Delivery)

    def ask(self, call: Call[R]) -> R:
        return ask(self.service, call)

    def alarms(self) -> list[str]:
        """The kinds of alarms that are open."""
        return [each.kind for each in self.ask(Alarms()).alarms]

    def deliver(self) -> None:
        """One round of what the service does all the time."""
        self.run("split_mailings", "deliver_letters")

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        with psycopg.connect(self.owner_dsn, row_factory=dict_row, autocommit=True) as connection:
            return connection.execute(query, values).fetchall()

    def change(self, statement: str, *values: Any) -> None:
        with psycopg.connect(self.owner_dsn, autocommit=True) as connection:
            connection.execute(statement, values)

    def letters(self) -> list[dict[str, Any]]:
        return self.rows("SELECT * FROM letter ORDER BY requested_at, id")

    def letter(self) -> dict[str, Any]:
        (row,) = self.letters()
        return row

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        """Events published so far, oldest first: type and data."""
        bodies = [json.loads(bytes(row["body"])) for row in self.rows("SELECT body FROM outbox ORDER BY id")]
        return [(body["type"], body["data"]) for body in bodies]

    def types(self) -> list[str]:
        return [kind for kind, _ in self.told()]

    def sent(self) -> list[dict[str, Any]]:
        return self.sandbox.letters()

    def form(self) -> list[tuple[str, str]]:
        """The fields of the last letter as Mailgun got them."""
        letter = self.sandbox.letters()[-1]
        return [tuple(pair) for pair in letter["options"]] + [(f"h:{n}", v) for n, v in letter["headers"]]


class Doorway:
    """What the gateway does with webhooks: hands them over and answers 200, 406 or 500."""

    def __init__(self, service: NotificationService) -> None:
        self.verdicts: list[str] = []
        verdicts = self.verdicts

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                secret = self.path.rsplit("/", 1)[-1]
                try:
                    reply = ask(service, ReceiveWebhook(path_secret=secret, body=body))
                except errors.Transient:
                    verdicts.append("again")
                    status = 500
                else:
                    verdicts.append(reply.verdict)
                    status = 200 if reply.accepted else 406
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


def write_to(house, address=None):
    event = ErasureScheduled(
        clock_id=new_id(), account_id=new_id(), user_id=new_id(), trigger="user_inactivated",
        started_on=date(2026, 12, 5), due_on=date(2027, 3, 5),
    )  # fmt: skip
    if address:
        house.account.addresses[event.user_id] = address
    house.hear(event)
    house.deliver()
    return event


def signed(house, *, timestamp=None, token=None, key=KEY):
    stamp = str(int(house.clock.now().timestamp())) if timestamp is None else timestamp
    chosen = token or secrets.token_hex(25)
    mac = hmac.new(key.encode(), (stamp + chosen).encode(), hashlib.sha256).hexdigest()
    return {"timestamp": stamp, "token": chosen, "signature": mac}


def told_by_mailgun(house, name, *, letter_id=None, event_id=None, **more):
    return {
        "event": name,
        "id": event_id or secrets.token_hex(8),
        "timestamp": house.clock.now().timestamp(),
        "user-variables": {"notification_id": str(letter_id or house.letter()["id"])},
        "message": {"headers": {"message-id": "x@mg"}},
        **more,
    }


def receive(house, event, *, signature=None, path_secret=PATH_SECRET) -> WebhookVerdict:
    body = json.dumps({"signature": signature or signed(house), "event-data": event})
    return house.ask(ReceiveWebhook(path_secret=path_secret, body=body))


BOUNCE = {"severity": "permanent", "reason": "bounce", "delivery-status": {"code": 550, "message": "a@b.example?"}}
