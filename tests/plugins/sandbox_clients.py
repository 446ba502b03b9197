"""Small clients that call the sandbox as a test wants, with nothing repeated or hidden."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import requests

from sandbox.settings import DEFAULT_KEYS
from tests.waiting import until

if TYPE_CHECKING:
    from email.message import Message

    from sandbox.server import RunningSandbox

DOMAIN = "mg.example.no"
TIMEOUT_SECONDS = 10


@dataclass(frozen=True)
class Received:
    """One call that the receiver got."""

    path: str
    headers: Message
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Receiver:
    """A small server that takes webhooks and answers as told: the given statuses first, then 200."""

    def __init__(self, *statuses: int) -> None:
        self.received: list[Received] = []
        answers = list(statuses)
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                received.append(Received(self.path, self.headers, body))
                self.send_response(answers.pop(0) if answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                """Stay quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def wait(self, count: int) -> list[Received]:
        """The calls, once there are `count` of them."""
        until(lambda: len(self.received) >= count)
        return self.received

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class MailgunClient:
    """Calls to Mailgun."""

    def __init__(self, running: RunningSandbox) -> None:
        self.url = running.mailgun_url
        self.auth = ("api", DEFAULT_KEYS["mailgun_api_key"])

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        timeout = options.pop("timeout", TIMEOUT_SECONDS)
        return requests.request(method, self.url + path, timeout=timeout, **{"auth": self.auth, **options})

    def send(self, to: str | None = "kari@example.com", **fields: Any) -> requests.Response:
        letter = {
            "from": f"Vilkår <post@{DOMAIN}>",
            "to": to,
            "subject": "Hei på deg",
            "text": "Brødtekst",
            **fields,
        }
        letter = {name: value for name, value in letter.items() if value is not None}
        return self.call("POST", f"/v3/{DOMAIN}/messages", data=letter)

    def events(self, **query: Any) -> list[dict[str, Any]]:
        answer = self.call("GET", f"/v3/{DOMAIN}/events", params=query)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def kinds(self, recipient: str) -> list[str]:
        """The events of one recipient in the order they happened, as webhook types."""
        events = self.events(recipient=recipient, ascending="yes")
        return [f"{e['severity']} {e['event']}" if "severity" in e else e["event"] for e in events]


class TripletexClient:
    """Calls to Tripletex with a session of its own."""

    def __init__(self, running: RunningSandbox, *, expires: str = "2999-01-01") -> None:
        self.url = running.tripletex_url
        answer = requests.post(
            f"{self.url}/token/session/:create",
            json={
                "consumerToken": DEFAULT_KEYS["tripletex_consumer_token"],
                "employeeToken": DEFAULT_KEYS["tripletex_employee_token"],
                "expirationDate": expires,
            },
            timeout=TIMEOUT_SECONDS,
        )
        assert answer.status_code == 201, answer.text
        self.token = answer.json()["value"]["token"]

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        timeout, auth = options.pop("timeout", TIMEOUT_SECONDS), options.pop("auth", ("0", self.token))
        return requests.request(method, self.url + path, auth=auth, timeout=timeout, **options)

    def make(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self.call("POST", path, json=body)
        assert answer.status_code == 201, answer.text
        value: dict[str, Any] = answer.json()["value"]
        return value

    def order(self, customer: int, **more: Any) -> dict[str, Any]:
        line = {"description": "Lisens", "count": 2, "unitPriceExcludingVatCurrency": 100}
        body = {"customer": {"id": customer}, "orderDate": "2026-03-01", "deliveryDate": "2026-03-01"}
        return self.make("/order", **{**body, "orderLines": [line], **more})

    def values(self, path: str, **query: Any) -> list[dict[str, Any]]:
        answer = self.call("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        values: list[dict[str, Any]] = answer.json()["values"]
        return values

    def refused(self, method: str, path: str, **options: Any) -> tuple[int, int, list[tuple[str, str]]]:
        """Status, code, and (field, message) of each validation message."""
        answer = self.call(method, path, **options)
        body = answer.json()
        messages = [(m["field"], m["message"]) for m in body["validationMessages"] or []]
        return answer.status_code, body["code"], messages
