"""`docs/cookies.md`: every cookie that either host sets, and why."""

from __future__ import annotations

from services.desk.web.cookies import COOKIES
from shared.web.cookies import PATH, SAME_SITE, Cookie

DAY_SECONDS = 24 * 60 * 60


def page() -> dict[str, str]:
    """The page by its path."""
    lines = [
        "# Cookies",
        "",
        "Generated from `services/desk/web/cookies.py`. The customers' host sets no cookie and reads none: a",
        "session there is a token in a header, and pages that a letter leads to have theirs in the address.",
        "The desk's host, which staff alone use, sets those below. None says who a customer is, and none is",
        "there to count or to follow anybody.",
        "",
        "| cookie | it holds | the browser keeps it | why |",
        "|---|---|---|---|",
        *map(_row, COOKIES),
        "",
        f"All of them are of this host alone (`__Host-`, `Path={PATH}`, no `Domain`), travel over TLS only",
        "(`Secure`), cannot be read by scripts (`HttpOnly`) and are not sent along with forms of other sites",
        f"(`SameSite={SAME_SITE}`). Nothing else is kept in a browser: no local storage, no databases.",
    ]
    return {"docs/cookies.md": "\n".join([*lines, ""])}


def _row(cookie: Cookie) -> str:
    age = "until it is closed" if cookie.seconds is None else f"{cookie.seconds // DAY_SECONDS} days"
    return f"| `{cookie.name}` | {cookie.holds} | {age} | {cookie.why} |"
