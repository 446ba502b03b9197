"""A breach of very many customers: how long until all letters stand in line, and until they have left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg

from deploy.letter_gallery import notice
from services.account.letters.calls import LetterFactsShown, Recipient
from services.account.letters.events import UserPasswordResetRequested
from services.cases.notices.events import BreachNoticesOrdered
from services.cases.notices.order_letters import PART
from services.notification.service import NotificationService
from shared.calls import Caller
from shared.clock import Clock
from shared.database import Database
from shared.events import Code, Event, Received
from tests.benchmarks.erasing import databases
from tests.benchmarks.figures import Figure, Size, Target
from tests.examples import example
from tests.in_process import hear
from tests.integration.notification import notification_env

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from deploy.native.infrastructure import Infrastructure
PROVIDER_SECONDS = 0.1
QUEUED_WITHIN = 60.0
RESET_EVERY = 0.5
LONGEST = 1100.0
SWEEP = "TRUNCATE mailing, letter, outbox CASCADE"
LEFT = "SELECT count(*) FROM letter WHERE letter = 'breach_notice' AND sent_at IS NOT NULL"
RESETS = (
    "SELECT extract(epoch FROM sent_at - requested_at) FROM letter"
    " WHERE letter = 'password_reset' AND sent_at IS NOT NULL ORDER BY 1"
)

LETTERS_PER_SECOND = 1000.0
"""So many that the provider and the processes are what bounds it, and not the setting."""


class Answering(Caller):
    """Account and cases, answering at once: every company has one owner, whose id is the company's."""

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        del service, timeout_seconds
        if method == "notice_facts":
            return notice("complete").to_json()
        if method == "recipients":
            return {"recipients": [example(Recipient, user_id=fields["account_id"], role="owner", confirmed=True)]}
        return example(
            LetterFactsShown,
            email=f"{UUID(fields['user_id']).hex}@readers.example",
            name="Kari Nordmann",
            language="nb",
            company_name="Fjord AS",
            link_token="token" if fields["ticket_id"] else None,
            link_ends_at="2027-03-01T08:30:00+00:00" if fields["ticket_id"] else None,
            confirmed=True,
        )


def made(database: Database, folder: Path, provider: str) -> NotificationService:
    """The service, with the four workers that a process has."""
    clock = Clock(folder, environment="test")
    return notification_env.build(
        database=database, clock=clock, caller=Answering(), mailgun_url=provider, rate=LETTERS_PER_SECOND, workers=4
    )


def measure(standing: Infrastructure, folder: Path, size: Size) -> list[Figure]:
    """The same fan-out sent by one process and by four."""
    with databases(standing) as access, provider() as url:
        dsn, owner_dsn = access.dsn("notification"), access.owner_dsn("notification")
        database = Database(dsn, source="notification", size=4)
        database.open()
        try:
            service = made(database, folder, url)
            found = {count: sent(service, owner_dsn, [dsn, str(folder), url], count, size) for count in (1, 4)}
        finally:
            database.close()
    queued = [each[0] for each in found.values()]
    figures = [
        Figure(
            name=f"fan-out, {size.told:,} letters stand in line",
            unit="s",
            rounds=queued,
            target=Target(value=QUEUED_WITHIN, at_least=False),
        )
    ]
    for count, (_, rate, delays) in found.items():
        figures += [
            Figure(name=f"fan-out sent, provider of 100 ms, {count} process", unit="letters/s", rounds=[rate]),
            Figure(name=f"a reset meanwhile, {count} process, median", unit="s", rounds=[middle(delays)]),
            Figure(name=f"a reset meanwhile, {count} process, slowest", unit="s", rounds=[max(delays)]),
        ]
    return figures


def middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


@contextmanager
def provider() -> Iterator[str]:
    """A provider that takes every letter after a tenth of a second."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(PROVIDER_SECONDS)
            body = json.dumps({"id": f"<{uuid4()}@mg>", "message": "Queued. Thank you."}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def sent(
    service: NotificationService, owner_dsn: str, arguments: list[str], processes: int, size: Size
) -> tuple[float, float, list[float]]:
    """Seconds until all stand in line, letters a second, and how long each reset took meanwhile."""
    with psycopg.connect(owner_dsn, autocommit=True) as owner:
        owner.execute(SWEEP)
        queued = order(service, size.told)
        command = [sys.executable, "-m", "tests.benchmarks.sending", *arguments]
        environment = os.environ | {"PSYCOPG_WAIT_FUNC": "wait_select"}
        started = [subprocess.Popen(command, env=environment) for _ in range(processes)]
        try:
            until_left(service, owner, 1)
            begun, first = time.monotonic(), left(owner)
            until_left(service, owner, size.told)
            seconds = time.monotonic() - begun
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait(timeout=30)
        delays = [float(row[0]) for row in owner.execute(RESETS).fetchall()]
    return queued, (size.told - first) / seconds, delays


def order(service: NotificationService, count: int) -> float:
    """Order so many letters, as cases does; the seconds until all of them are committed."""
    case_id, notice_id, begun = uuid4(), uuid4(), time.monotonic()
    for done in range(0, count, PART):
        accounts = [uuid4() for _ in range(min(PART, count - done))]
        said = BreachNoticesOrdered(
            case_id=case_id, notice_id=notice_id, letter=Code("breach_notice"), account_ids=accounts, user_ids=[]
        )
        tell(service, said, "cases")
    return time.monotonic() - begun


def tell(service: NotificationService, event: Event, source: str) -> UUID:
    message = Received(
        id=uuid4(),
        event=event,
        source=source,
        time=service.clock.now(),
        subject=event.subject,
        correlation_id=uuid4(),
    )
    hear(service, message)
    return message.id


def left(owner: psycopg.Connection) -> int:
    return int((owner.execute(LEFT).fetchone() or (0,))[0])


def until_left(service: NotificationService, owner: psycopg.Connection, wanted: int) -> None:
    """Wait until so many letters have left, asking for a reset now and then. Raises `TimeoutError`."""
    ends = time.monotonic() + LONGEST
    while left(owner) < wanted:
        if time.monotonic() > ends:
            raise TimeoutError(f"{left(owner)} of {wanted} letters left")
        reset = UserPasswordResetRequested(account_id=uuid4(), user_id=uuid4(), ticket_id=uuid4())
        tell(service, reset, "account")
        time.sleep(RESET_EVERY)
