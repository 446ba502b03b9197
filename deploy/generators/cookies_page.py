"""`docs/cookies.md`: every cookie that either host sets, and why."""

from __future__ import annotations

from collections.abc import Iterable

from services.desk.web import cookies as of_desk
from services.gateway.web import cookies as of_customers
from shared.web.cookies import PATH, SAME_SITE, Cookie

DAY_SECONDS = 24 * 60 * 60


def page() -> dict[str, str]:
    """The page by its path."""
    lines = [
        "# Cookies",
        "",
        "Generated from `services/gateway/web/cookies.py` and `services/desk/web/cookies.py`. None says who a",
        "customer is, and none is there to count or to follow anybody. The interface for programs sets none",
        "and reads none: a session there is a token in a header. Pages that a letter leads to have theirs in",
        "the address.",
        "",
        "## The customers' host",
        "",
        *_table(of_customers.COOKIES),
        "",
        "## The desk's host, which staff alone use",
        "",
        *_table(of_desk.COOKIES),
        "",
        f"All of them are of their host alone (`__Host-`, `Path={PATH}`, no `Domain`), travel over TLS only",
        "(`Secure`), cannot be read by scripts (`HttpOnly`) and are not sent along with forms of other sites",
        f"(`SameSite={SAME_SITE}`). Nothing else is kept in a browser: no local storage, no databases.",
    ]
    return {"docs/cookies.md": "\n".join([*lines, ""])}


def _table(cookies: Iterable[Cookie]) -> list[str]:
    return ["| cookie | it holds | the browser keeps it | why |", "|---|---|---|---|", *map(_row, cookies)]


def _row(cookie: Cookie) -> str:
    age = "until it is closed" if cookie.seconds is None else f"{cookie.seconds // DAY_SECONDS} days"
    return f"| `{cookie.name}` | {cookie.holds} | {age} | {cookie.why} |"
