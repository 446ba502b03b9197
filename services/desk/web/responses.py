"""Responses that are no pages: redirects, and the cookies that a browser is to keep."""

from __future__ import annotations

from flask import Response

from services.desk.web.cookies import INVENTORY, PATH, SAME_SITE
from services.desk.web.visit import DONE


def redirect(address: str) -> Response:
    """Go on to another page by reading it."""
    return Response(status=303, headers={"Location": address})


def done(address: str, what: str = "done") -> Response:
    """Go on to another page, which says that it is done, or `asked` for."""
    return redirect(f"{address}{'&' if '?' in address else '?'}{DONE}={what}")


def remember(answer: Response, name: str, value: str) -> None:
    """Set a cookie of the inventory: of this host alone, which no script reads and no other site sends.

    Raises `KeyError` for a cookie that is not in it.
    """
    age = INVENTORY[name].seconds
    answer.set_cookie(name, value, max_age=age, path=PATH, secure=True, httponly=True, samesite=SAME_SITE)


def forget(answer: Response, name: str) -> None:
    """Have the browser forget a cookie of the inventory. Raises `KeyError` for one that is not in it."""
    known = INVENTORY[name].name
    answer.delete_cookie(known, path=PATH, secure=True, httponly=True, samesite=SAME_SITE)
