"""What the sandboxed vendors still hold of somebody, why, and until when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from deploy.customers.clients import Vendors

REASONS: Final = {
    "mailgun": {
        "reason": "Mailgun keeps messages and events and offers no erasure of one recipient",
        "until": "its own retention ends: messages 3 to 7 days, events 30 days",
    },
    "tripletex": {
        "reason": "bookkeeping (bokføringsloven § 13); contacts are removed, personal fields blanked",
        "until": "five years after the end of the financial year",
    },
}
UNEXPLAINED: Final = {"reason": "unexplained", "until": "unexplained"}


def held(vendors: Vendors, traces: Iterable[str]) -> list[dict[str, Any]]:
    """By vendor and kind, in how many places one of the traces still stands, with reason and end."""
    counted: Counter[tuple[str, str]] = Counter()
    for trace in traces:
        for hit in vendors.get("/control/holdings", needle=trace)["found"]:
            counted[hit["vendor"], hit["kind"]] += 1
    return [
        {"vendor": vendor, "kind": kind, "places": count, **REASONS.get(vendor, UNEXPLAINED)}
        for (vendor, kind), count in sorted(counted.items())
    ]
