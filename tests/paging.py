"""Reads a list one row a page, as whoever follows the links to the next page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

PAGES_MOST = 1000


def page_by_page(read: Callable[[dict[str, Any]], Mapping[str, Any]], name: str) -> list[Any]:
    """The rows under `name` of all pages; `read` is given what a page is asked with, and answers with its JSON."""
    rows: list[Any] = []
    after = None
    for _ in range(PAGES_MOST):
        page = read({"limit": 1} | ({} if after is None else {"after": after}))
        assert len(page[name]) <= 1, "a page holds no more than it was asked for"
        rows += page[name]
        after = page["next_after"]
        if after is None:
            return rows
    raise AssertionError(f"there are more than {PAGES_MOST} pages")
