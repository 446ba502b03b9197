"""`docs/links.md`: which link and session ends by what, as the account service does it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from services.account.authentication.rules import SESSION_IDLE, SESSION_LONGEST
from services.account.tickets.link_endings import KEPT_ELSEWHERE, LIFE, OUTLIVES, Change, Link, ends

WORDS: Mapping[Change, str] = {
    Change.USED: "used",
    Change.NEWER: "a newer one",
    Change.AGE: "its age",
    Change.PASSWORD: "password changed",
    Change.ADDRESS: "address changed",
    Change.ROLE: "role changed",
    Change.USER_INACTIVE: "user inactive",
    Change.ACCOUNT_INACTIVE: "account inactive",
    Change.ACCOUNT_BACK: "account active again",
    Change.ACCOUNT_BLOCKED: "account blocked by staff",
    Change.ADDRESS_PROVED: "address proved by another sign-up",
    Change.ERASED: "erased",
    Change.NOTICE: "notice given",
    Change.RESTRICTED: "restricted or held",
}


def page() -> dict[str, str]:
    """The page by its path."""
    lines = [
        "# What ends a link or a session",
        "",
        "Generated from `services/account/tickets/link_endings.py`. A change of password, address, role or state",
        "ends every link and session made before it; `stays` marks an exception, whose reason stands below.",
        "",
        "| | " + " | ".join(link.value for link in Link) + " |",
        "|---|" + "---|" * len(Link),
    ]
    for change in Change:
        cells = [_cell(link, change) for link in Link]
        lines.append(f"| {WORDS[change]} | " + " | ".join(cells) + " |")
    lines += ["", "## Why some outlive a change", ""]
    for reason in dict.fromkeys(OUTLIVES.values()):
        pairs = [pair for pair, why_not in OUTLIVES.items() if why_not == reason]
        changes = ", ".join(dict.fromkeys(WORDS[change] for _, change in pairs))
        kinds = "all" if len(pairs) == len(Link) else ", ".join(link.value for link, _ in pairs)
        lines.append(f"- {kinds}, {changes}: {reason}.")
    lines += [f"- {what}: {why}." for what, why in KEPT_ELSEWHERE.items()]
    return {"docs/links.md": "\n".join([*lines, ""])}


def _cell(link: Link, change: Change) -> str:
    if not ends(link, change):
        return "stays"
    if change is not Change.AGE:
        return "ends"
    if link is Link.SESSION:
        return f"{_span(SESSION_IDLE)} unused, {_span(SESSION_LONGEST)} at most"
    return _span(LIFE[link])


def _span(life: timedelta) -> str:
    hours = int(life.total_seconds() // 3600)
    return f"{hours // 24} d" if hours >= 24 and hours % 24 == 0 else f"{hours} h"  # noqa: PLR2004  # hours of a day
