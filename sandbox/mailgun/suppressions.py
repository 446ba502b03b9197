"""Bounces, unsubscribes and complaints: the addresses of a domain that get no more letters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from sandbox.mailgun.state import TABLES, suppression_key
from sandbox.web import Request, Response, json_answer, json_body

if TYPE_CHECKING:
    from sandbox.mailgun.state import State
    from sandbox.store import Document

MAX_BATCH: Final = 1000
MAX_PAGE: Final = 1000
DEFAULT_PAGE: Final = 100

_UNKNOWN: Final = {
    "bounces": "Address not found in bounces table",
    "unsubscribes": "Address not found in unsubscribers table",
    "complaints": "No spam complaints found for this address",
}
_UNKNOWN_TO_DELETE: Final = {**_UNKNOWN, "unsubscribes": "Unsubscribe event for this tag does not exist"}
_DELETED: Final = {
    "bounces": "Bounced addresses for this domain have been removed",
    "unsubscribes": "Unsubscribe event has been removed",
    "complaints": "Complaint addresses for this domain have been removed",
}
_ADDED_MANY: Final = {
    "bounces": "{count} addresses have been added to the bounces table",
    "unsubscribes": "{count} addresses have been added to the unsubscribes table",
    "complaints": "{count} complaint addresses have been added to the complaints table",
}


def complaint(text: str, status: int) -> Response:
    """A refusal in Mailgun's form."""
    return json_answer({"message": text}, status)


class Suppressions:
    """The three tables over HTTP."""

    def __init__(self, state: State) -> None:
        """`state` holds the tables."""
        self._state = state

    def read(self, _request: Request, domain: str, table: str, address: str) -> Response:
        """One entry."""
        entry = self._state.table(table).get(suppression_key(domain, address))
        return json_answer(entry["item"]) if entry else complaint(_UNKNOWN[table], 404)

    def delete(self, _request: Request, domain: str, table: str, address: str) -> Response:
        """Let letters go to `address` again."""
        if self._state.table(table).delete(suppression_key(domain, address)) is None:
            return complaint(_UNKNOWN_TO_DELETE[table], 404)
        return json_answer({"message": _DELETED[table], "address": address})

    def clear(self, _request: Request, domain: str, table: str) -> Response:
        """Empty the table of one domain."""
        collection = self._state.table(table)
        for key, entry in collection.items():
            if entry["domain"] == domain.lower():
                collection.delete(key)
        return json_answer({"message": _DELETED[table]})

    def listing(self, request: Request, domain: str, table: str) -> Response:
        """A page of entries, ordered by address; `address` divides what was seen from what was not."""
        text = request.args.get("limit") or str(DEFAULT_PAGE)
        if not text.isdecimal() or not 1 <= int(text) <= MAX_PAGE:
            return complaint("Invalid 'limit'", 400)
        limit, term = int(text), request.args.get("term", "").lower()
        entries = sorted(
            (
                entry["item"]
                for entry in self._state.table(table).values()
                if entry["domain"] == domain.lower() and entry["item"]["address"].startswith(term)
            ),
            key=_address,
        )
        items = _page(entries, request.args.get("page", ""), request.args.get("address", "").lower(), limit)
        here = f"{request.host_url}mailgun/v3/{domain}/{table}"
        return json_answer({"items": items, "paging": _paging(here, items, limit, term)})

    def add(self, request: Request, domain: str, table: str) -> Response:
        """One entry as a form, or up to a thousand as a JSON list."""
        if request.mimetype == "application/json":
            try:
                entries = json_body(request)
            except json.JSONDecodeError:
                return complaint("Invalid JSON", 400)
            many = isinstance(entries, list)
            entries = entries if many else [entries]
        else:
            entries, many = [{**request.form.to_dict(), "tags": request.form.getlist("tag")}], False
        if len(entries) > MAX_BATCH:
            return complaint("Batch size should be less than 1000", 400)
        if not all(isinstance(entry, dict) and "@" in str(entry.get("address", "")) for entry in entries):
            return complaint("Missing mandatory parameter: address", 400)
        for entry in entries:
            self._put(domain, table, entry)
        if many:
            return json_answer({"message": _ADDED_MANY[table].format(count=len(entries))})
        return json_answer(
            {
                "message": f"Address has been added to the {table} table",
                "address": entries[0]["address"],
            }
        )

    def _put(self, domain: str, table: str, entry: dict[str, Any]) -> None:
        details: Document = {}
        if table == "bounces":
            details = {"code": str(entry.get("code") or "550"), "error": str(entry.get("error") or "")}
        elif table == "unsubscribes":
            tags = entry.get("tags")
            details = {"tags": [str(tag) for tag in tags] if isinstance(tags, list) and tags else ["*"]}
        if entry.get("created_at"):
            details["created_at"] = str(entry["created_at"])
        self._state.suppress(table, domain, str(entry["address"]), **details)


def _address(item: Document) -> str:
    return str(item["address"])


def _page(entries: list[Document], page: str, divider: str, limit: int) -> list[Document]:
    if page == "last":
        return entries[-limit:]
    if page == "next":
        return [entry for entry in entries if entry["address"] > divider][:limit]
    if page == "previous":
        return [entry for entry in entries if entry["address"] < divider][-limit:]
    return entries[:limit]


def _paging(here: str, items: list[Document], limit: int, term: str) -> dict[str, str]:
    common = {"limit": limit, **({"term": term} if term else {})}
    first, last = (items[0]["address"], items[-1]["address"]) if items else ("", "")
    return {
        "first": f"{here}?{urlencode(common)}",
        "next": f"{here}?{urlencode({**common, 'page': 'next', 'address': last})}",
        "previous": f"{here}?{urlencode({**common, 'page': 'previous', 'address': first})}",
        "last": f"{here}?{urlencode({**common, 'page': 'last'})}",
    }


__all__ = ["TABLES", "Suppressions", "complaint"]
