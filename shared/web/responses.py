"""Responses that are no pages: they lead to one."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import Response

DONE: Final = "done"
"""What the address of a page says where one comes to it from something that one did."""
NUMBER: Final = "number"
"""What it says besides where a case was opened: its number."""


def redirect(address: str) -> Response:
    """Go on to another page by reading it."""
    return Response(status=303, headers={"Location": address})


def done(address: str, what: str = "done", *, number: str | None = None) -> Response:
    """Go on to another page, which says that it is done, or another of the words it knows for it."""
    told = {DONE: what} | ({NUMBER: number} if number else {})
    return redirect(f"{address}{'&' if '?' in address else '?'}{urlencode(told)}")


def without_done(address: str) -> str:
    """An address of a page as it is read anew: it says of nothing any more that it was just done."""
    parts = urlsplit(address)
    if DONE not in parts.query and NUMBER not in parts.query:
        return address
    query = urlencode([each for each in parse_qsl(parts.query) if each[0] not in (DONE, NUMBER)])
    return urlunsplit(parts._replace(query=query))
