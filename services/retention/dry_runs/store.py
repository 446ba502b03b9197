"""Dry runs of an erasure, as rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from shared.database import Row, Transaction, load_queries
from shared.participation.events import ErasureDryRunAnswered

Q = load_queries(__file__)

PURGED_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """A dry run of the erasure of an account, or of one user of it, and what was answered so far."""

    id: UUID
    account_id: UUID
    user_id: UUID | None
    ordered_at: datetime
    held: bool
    with_held: bool
    participants: list[str]
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)


def add(tx: Transaction, run: DryRun, actor: str) -> bool:
    """Keep one that is ordered; False where it was before."""
    columns = asdict(run)
    del columns["answers"]
    return tx.run(Q.insert, **columns, actor=actor) == 1


def find(tx: Transaction, dry_run_id: UUID) -> DryRun | None:
    """One dry run with its answers."""
    row = tx.one(Q.find, id=dry_run_id)
    if row is None:
        return None
    answers = {each["participant"]: each for each in tx.all(Q.answers, id=dry_run_id)}
    return DryRun(**row, answers=answers)


def keep_answer(tx: Transaction, answer: ErasureDryRunAnswered) -> bool:
    """Keep the first word of a participant that was asked; False for any other."""
    counts = Jsonb({str(kind): count for kind, count in answer.counts.items()})
    retained = [str(code) for code in answer.retained]
    named = {"dry_run_id": answer.dry_run_id, "participant": str(answer.participant)}
    return tx.run(Q.keep_answer, **named, counts=counts, retained=retained) == 1


def purge(tx: Transaction, before: datetime) -> int:
    """Forget those ordered before then, in a batch; how many."""
    return tx.run(Q.purge, before=before, limit=PURGED_AT_ONCE)


def silent(tx: Transaction, before: datetime) -> Row | None:
    """How many ordered before then have not been answered by all, and since when."""
    return tx.one(Q.silent, before=before)
