"""docs/terms.md: every clause, what enforces it, and where it comes from. Outcomes of checks are not in it."""

from __future__ import annotations

from shared.terms import listing
from shared.terms.discovery import load_rules
from shared.terms.status import status


def page() -> dict[str, str]:
    """The page by its path."""
    load_rules()
    return {"docs/terms.md": listing.as_markdown(status({}))}
