"""The pages a person looks at: letters as a mail program shows them, the books of Tripletex, look-ups, calls.

Plain HTML from the server, no script, nothing from outside. Letters are shown in a frame that may run nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sandbox.tripletex.store import HELD
from sandbox.web import HTTPException, NotFound, Request, Response, Routes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.app import Sandbox
    from sandbox.store import Collection, Document

MAX_SHOWN: Final = 200
MENU: Final = (
    ("/mail", "Letters"),
    ("/books", "Tripletex"),
    ("/lookups", "Register look-ups"),
    ("/pager", "Pager"),
    ("/calls", "Calls"),
    ("/webhooks", "Webhooks"),
)
BAD_STATES: Final = frozenset({"failed", "complained", "rejected"})
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)


@dataclass(frozen=True)
class Row:
    """One line of a table; the first cell leads to `link` when there is one."""

    cells: tuple[Any, ...]
    link: str = ""
    alarm: bool = False


@dataclass(frozen=True)
class Table:
    """A table of the newest `MAX_SHOWN` documents of a collection."""

    title: str
    columns: tuple[str, ...]
    rows: list[Row]
    total: int
    dropped: int = field(default=0)


class Pages:
    """Everything that is neither a vendor nor the control API."""

    def __init__(self, sandbox: Sandbox) -> None:
        """`sandbox` is what is shown."""
        self._sandbox = sandbox
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
        )
        self._templates.filters["instant"] = _instant
        self._routes = Routes(
            [
                ("GET", "/", self._mail),
                ("GET", "/mail", self._mail),
                ("GET", "/mail/<key>", self._mail),
                ("GET", "/books", self._books),
                ("GET", "/books/<kind>/<int:number>", self._object),
                ("GET", "/lookups", self._lookups),
                ("GET", "/pager", self._pager),
                ("GET", "/calls", self._calls),
                ("GET", "/calls/<int:number>", self._call),
                ("GET", "/webhooks", self._webhooks),
            ]
        )

    def handle(self, request: Request) -> Response:
        """Answer a call."""
        try:
            handler, values = self._routes.find(request, request.path)
            return handler(request, **values)
        except HTTPException as error:
            return self._render(
                "table.html",
                "",
                error.code or 500,
                heading=f"{error.code} {error.name}",
                tables=[],
                notes=[],
                texts=[],
            )

    def _render(self, template: str, here: str, status: int = 200, **values: Any) -> Response:
        now = self._sandbox.clock.now().strftime("%Y-%m-%d %H:%M")
        text = self._templates.get_template(template).render(menu=MENU, here=here, now=now, **values)
        headers = {
            "Content-Security-Policy": _POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }
        return Response(text, status=status, mimetype="text/html", headers=headers)

    def _mail(self, request: Request, key: str | None = None) -> Response:
        mailgun = self._sandbox.mailgun
        letter = None
        if key is not None:
            letter = mailgun.letters.get(key)
            if letter is None:
                raise NotFound("This letter is not here (any more).")
        to = request.args.get("to", "").strip()
        matching = [one for one in mailgun.letters.values() if to.lower() in " ".join(one["recipients"]).lower()]
        events = _by_message(entry["event"] for entry in mailgun.state.events.values())
        shown = [{**one, "state": _state(events.get(one["id"], []))} for one in reversed(matching[-MAX_SHOWN:])]
        hooks = mailgun.state.webhooks.values() if letter else []
        return self._render(
            "mail.html",
            "/mail",
            letters=shown,
            count=len(shown),
            total=len(mailgun.letters),
            dropped=mailgun.letters.dropped,
            to=to,
            letter=letter,
            events=[_event_row(event) for event in events.get(letter["id"], [])] if letter else [],
            webhooks=[hook for hook in hooks if letter and hook["message_id"] == letter["id"]],
            bad=BAD_STATES,
        )

    def _books(self, _request: Request) -> Response:
        books = self._sandbox.tripletex.books
        sent = self._sandbox.tripletex.orders.sent
        tables = [
            _table(
                "Invoices that would have been sent to the customer",
                ("When", "Invoice", "To", "How", "Asked for"),
                sent,
                lambda one: Row(
                    (one["at"], one["invoice"], one["address"], one["how"], "yes" if one["explicit"] else "NO"),
                    alarm=not one["explicit"],
                ),
            )
        ]
        columns = {
            "Customer": ("customerNumber", "name", "organizationNumber", "email", "isInactive"),
            "Contact": ("displayName", "email", "customer", "isInactive"),
            "Order": ("number", "customer", "orderDate", "isClosed"),
            "Invoice": ("invoiceNumber", "customer", "invoiceDate", "amount", "amountOutstanding"),
            "Product": ("number", "name", "priceExcludingVatCurrency"),
            "Subscription": ("event", "targetUrl", "status"),
        }
        for kind, names in columns.items():
            tables.append(_table(kind, ("id", "version", *names), books.table(kind), _book_row(kind, names)))
        return self._render("table.html", "/books", heading="Tripletex", tables=tables, notes=[], texts=[])

    def _object(self, _request: Request, kind: str, number: int) -> Response:
        document = self._sandbox.tripletex.books.get(kind, number) if kind in HELD else None
        if document is None:
            raise NotFound
        text = json.dumps(document, ensure_ascii=False, indent=2)
        return self._render(
            "table.html", "/books", heading=f"{kind} {number}", tables=[], notes=[], texts=[("As held", text)]
        )

    def _pager(self, _request: Request) -> Response:
        table = self._call_table("Calls to whoever is on duty", "pager")
        said = [json.dumps(each, ensure_ascii=False, indent=2) for each in self._sandbox.pager.calls.values()]
        texts = [("What it said", text) for text in said[-MAX_SHOWN:]]
        return self._render("table.html", "/pager", heading="Pager", tables=[table], notes=[], texts=texts)

    def _lookups(self, _request: Request) -> Response:
        table = self._call_table("Look-ups", "register")
        return self._render(
            "table.html", "/lookups", heading="Register look-ups", tables=[table], notes=[], texts=[]
        )

    def _calls(self, request: Request) -> Response:
        table = self._call_table("Calls", request.args.get("vendor"))
        waiting = [
            f"Next {fault.calls} calls of {fault.vendor}: {fault.mode}" for fault in self._sandbox.faults.waiting()
        ]
        return self._render("table.html", "/calls", heading="Calls", tables=[table], notes=waiting, texts=[])

    def _call_table(self, title: str, vendor: str | None) -> Table:
        calls = self._sandbox.journal.calls
        found = [call for call in calls.values() if vendor in (None, call["vendor"])]
        rows = [_call_row(call) for call in reversed(found[-MAX_SHOWN:])]
        columns = ("No.", "When", "Vendor", "Method", "Path", "Query", "Status", "Fault")
        return Table(title, columns, rows, len(found), calls.dropped)

    def _call(self, _request: Request, number: int) -> Response:
        call = self._sandbox.journal.calls.get(number)
        if call is None:
            raise NotFound
        heading = f"{call['method']} {call['path']} → {call['status']}"
        texts = [("Request", call["request"]), ("Answer", call["answer"])]
        return self._render(
            "table.html", "/calls", heading=heading, tables=[], notes=[call["at"], call["query"]], texts=texts
        )

    def _webhooks(self, _request: Request) -> Response:
        table = _table(
            "Attempts",
            ("When", "Vendor", "Type", "Attempt", "Answer", "Outcome"),
            self._sandbox.mailgun.state.webhooks,
            lambda one: Row(
                tuple(one[name] for name in ("at", "vendor", "type", "attempt", "answer", "outcome")),
                alarm=one["outcome"] == "given up",
            ),
        )
        return self._render("table.html", "/webhooks", heading="Webhooks", tables=[table], notes=[], texts=[])


def _table(title: str, columns: tuple[str, ...], collection: Collection, row: Any) -> Table:
    rows = [row(document) for document in reversed(collection.values()[-MAX_SHOWN:])]
    return Table(title, columns, rows, len(collection), collection.dropped)


def _book_row(kind: str, names: tuple[str, ...]) -> Any:
    def row(document: Document) -> Row:
        cells = [document[name] for name in ("id", "version", *names)]
        shown = tuple(cell["id"] if isinstance(cell, dict) else cell for cell in cells)
        return Row(shown, link=f"/books/{kind}/{document['id']}")

    return row


def _call_row(call: Document) -> Row:
    cells = tuple(call[n] for n in ("number", "at", "vendor", "method", "path", "query", "status"))
    return Row(
        (*cells, call["fault"] or ""),
        link=f"/calls/{call['number']}",
        alarm=call["status"] >= 400,  # noqa: PLR2004  # HTTP: refused or failed
    )


def _by_message(events: Iterable[Document]) -> dict[str, list[Document]]:
    found: dict[str, list[Document]] = {}
    for event in events:
        found.setdefault(event["message"]["headers"]["message-id"], []).append(event)
    return found


def _event_row(event: Document) -> dict[str, Any]:
    status = event.get("delivery-status", {})
    details = [event.get("reason"), status.get("code"), status.get("message") or status.get("description")]
    return {
        "at": event["timestamp"],
        "kind": " ".join(part for part in (event.get("severity"), event["event"]) if part),
        "bad": event["event"] in BAD_STATES,
        "recipient": event.get("recipient", ""),
        "details": " ".join(str(part) for part in details if part),
    }


def _state(events: list[Document]) -> str:
    return str(events[-1]["event"]) if events else "no events"


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
