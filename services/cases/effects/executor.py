"""How an effect of a decision is carried out: by one executor, in one transaction at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from services.cases.effects.values import Outcome
from services.cases.engine.values import CaseFile, Effect
from shared.database import Transaction


class Executor(Protocol):
    """Carries out the effects of one code."""

    @property
    def code(self) -> str:
        """What steps of kinds name it by."""

    def carry_out(self, tx: Transaction, effect: Effect, file: CaseFile, now: datetime) -> Outcome:
        """Do it, or some of it, or look whether it is confirmed.

        It is called until it is confirmed, and again after a restore. So everything that it does is known by an id
        of `effect.id_of`, and done twice it is done once. It uses the transaction, in which nobody outside is
        asked: others are told by events. What it raises is a try that failed; the transaction is undone.
        """
