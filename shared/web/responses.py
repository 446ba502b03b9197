"""Responses that are no pages: they lead to one."""

from __future__ import annotations

from typing import Final

from flask import Response

DONE: Final = "done"
"""What the address of a page says where one comes to it from something that one did."""


def redirect(address: str) -> Response:
    """Go on to another page by reading it."""
    return Response(status=303, headers={"Location": address})


def done(address: str, what: str = "done") -> Response:
    """Go on to another page, which says that it is done, or another of the words it knows for it."""
    return redirect(f"{address}{'&' if '?' in address else '?'}{DONE}={what}")
