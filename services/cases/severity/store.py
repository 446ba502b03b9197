"""How severe breaches were found, in the database. Functions work in the transaction they are given."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final
from uuid import UUID

from services.cases.severity.values import Assessment
from shared.database import Transaction, load_queries

Q: Final = load_queries(__file__)
ASSESSMENTS_SHOWN: Final = 50


def assess(tx: Transaction, assessment: Assessment) -> bool:
    """Keep an assessment; false where it is kept already, and stays as it is."""
    return tx.run(Q.assess, **asdict(assessment) | {"flags": list(assessment.flags)}) == 1


def is_kept(tx: Transaction, assessment_id: UUID) -> bool:
    """Whether there is this assessment."""
    return tx.one(Q.get, id=assessment_id) is not None


def of_case(tx: Transaction, case_id: UUID) -> list[Assessment]:
    """The assessments of a case and of the one that it came from, the newest first."""
    rows = tx.all(Q.of_case, case_id=case_id, limit=ASSESSMENTS_SHOWN)
    return [Assessment(**row | {"flags": tuple(row["flags"])}) for row in rows]
