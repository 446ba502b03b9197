"""Answers that are no pages: going on elsewhere, and what a browser is to remember."""

from __future__ import annotations

from flask import Response


def redirect(address: str) -> Response:
    """Go on to another page by reading it."""
    return Response(status=303, headers={"Location": address})


def remember(answer: Response, name: str, value: str, *, seconds: int | None = None) -> None:
    """Set a cookie of this host alone, which no script reads and no other site sends; until the browser ends."""
    answer.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="Lax")
