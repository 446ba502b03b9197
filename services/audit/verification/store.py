"""Verifications as rows. Methods work in the transaction they are given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID

from services.audit.verification.values import Report
from shared.database import Row, Transaction, load_queries

Q: Final = load_queries(__file__)
WAITS: Final[Mapping[str, timedelta]] = MappingProxyType({"verification.lease_until": timedelta(minutes=10)})
"""How far ahead the instants that something waits for may lie. What lies further ahead has come."""


class VerificationStore:
    """Verifications that were asked for."""

    def ask(self, tx: Transaction, *, id_: UUID, actor: str, now: datetime, from_checkpoint: int) -> None:
        """Ask for a verification."""
        tx.run(Q.ask_verification, id=id_, requested_by=actor, requested_at=now, from_checkpoint=from_checkpoint)

    def ask_in_time(self, tx: Transaction, *, id_: UUID, actor: str, now: datetime, since: datetime) -> None:
        """Ask for a verification of the whole trail, unless somebody did since then."""
        tx.run(Q.ask_in_time, id=id_, requested_by=actor, requested_at=now, since=since)

    def ended_since(self, tx: Transaction, since: datetime) -> bool:
        """Whether a verification of the whole trail ended since then."""
        row = tx.one(Q.ended_since, since=since)
        return bool(row and row["count"])

    def damaged(self, tx: Transaction) -> Row | None:
        """Whether the trail was found damaged, and when, unless as much of it was found whole since."""
        return tx.one(Q.damaged)

    def claim(self, tx: Transaction, *, now: datetime, lease_until: datetime) -> Row | None:
        """The oldest verification nobody works on, now ours until `lease_until`."""
        return tx.one(
            Q.claim_verification, now=now, lease_until=lease_until, lease=WAITS["verification.lease_until"]
        )

    def progress(self, tx: Transaction, id_: UUID, *, done: int, total: int, lease_until: datetime) -> None:
        """Say how far it is."""
        tx.run(Q.progress_verification, id=id_, rows_done=done, rows_total=total, lease_until=lease_until)

    def end(self, tx: Transaction, id_: UUID, report: Report, *, now: datetime) -> None:
        """Keep what was found."""
        tx.run(
            Q.end_verification,
            id=id_,
            state="whole" if report.ok else "damaged",
            now=now,
            rows=report.rows,
            tree_size=report.tree_size,
            unsealed_rows=report.unsealed_rows,
            findings=json.dumps([asdict(finding) for finding in report.findings]),
        )

    def show(self, tx: Transaction, id_: UUID) -> Row | None:
        """One verification."""
        return tx.one(Q.verification, id=id_)

    def purge(self, tx: Transaction, *, before: datetime) -> int:
        """Delete what was asked for before."""
        return tx.run(Q.forget_verifications, before=before)
