"""What stands behind each clause: docs/terms.md for people, enforcement.json for whoever shows the promises."""

from __future__ import annotations

from shared.terms import enforcement, listing
from shared.terms.discovery import ROOT, load_rules
from shared.terms.registry import registered
from shared.terms.status import status


def page() -> dict[str, str]:
    """Both by their paths. What tests and probes said last stands in neither."""
    load_rules()
    behind = enforcement.to_json(registered(), {})
    return {
        str(enforcement.FILE.relative_to(ROOT)): behind,
        "docs/terms.md": listing.as_markdown(status(by_clause=enforcement.from_json(behind))),
    }
