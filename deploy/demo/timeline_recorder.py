"""The timeline of one account, recorded while it happens: after the erasure no service can tell it any more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.desk.client import Desk
from services.desk.queries.timeline import LOOK, happened
from services.retention.monitoring.calls import Timeline
from shared.calendar import oslo_date


@dataclass
class TimelineRecorder:
    """Lines of one account in order of time, as last read."""

    at: Desk
    account_id: UUID
    _lines: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)

    def write(self) -> None:
        """Add what the services tell of the account now; what they have forgotten since stays.

        That somebody looked is one line a day, as on the page: reading this is looking, too.
        """
        for entry in happened(self.at, self.account_id).entries:
            line = entry.line() | {"who": entry.told_by}
            looked = entry.row is not None and entry.row.type == LOOK
            when = oslo_date(entry.at).isoformat() if looked else str(line["at"])
            self._lines[when, str(line["who"]), str(line["what"])] = line

    def lines(self) -> list[dict[str, Any]]:
        """Everything written down, and the end as retention keeps it, which names nobody."""
        return [*sorted(self._lines.values(), key=lambda line: str(line["at"])), *self._end()]

    def _end(self) -> list[dict[str, Any]]:
        lines = []
        for erasure in self.at.ask(Timeline(account_id=self.account_id)).to_json()["erasures"]:
            lines += [
                {
                    "at": erasure["entered_at"],
                    "who": part["participant"],
                    "what": f"erasure {part['state']}",
                    "more": " ".join(f"{kind}={count}" for kind, count in part["counts"].items()),
                }
                for part in erasure["participants"]
            ]
            lines.append(
                {
                    "at": erasure["entered_at"],
                    "who": "retention",
                    "what": f"erasure {erasure['state']}",
                    "more": f"certificate_id={erasure['certificate_id']}" if erasure["certificate_id"] else "",
                }
            )
        return lines
