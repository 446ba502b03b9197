"""Carries out what was decided: tried until it is confirmed, in whichever process, and once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.cases.effects import calls, rules, store
from services.cases.effects.executor import Executor
from services.cases.effects.values import LATE_AFTER
from services.cases.engine import store as cases
from services.cases.engine.events import CaseEffectConfirmed
from services.cases.engine.values import Effect
from services.cases.kinds.table import EFFECTS
from shared import log
from shared.bus import Feature, answers, every
from shared.bus.alarms import Waiting, alarm
from shared.bus.probes import probe
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import NotFound
from shared.events import Code
from shared.terms.clauses.incidents import CONTROLLERS_ARE_TOLD
from shared.terms.clauses.rights import RIGHT_TO_COMPLAIN

AT_ONCE: Final = 100
"""Tries in one round; what is left follows in the next one."""

logger = log.get("cases.effects")


@dataclass(kw_only=True, eq=False)
class Effects(Feature):
    """Has each effect carried out by its executor, and says what is decided and not carried out."""

    database: Database
    clock: Clock
    executors: Sequence[Executor]

    def __post_init__(self) -> None:
        """Raise `TypeError` where a kind of case names an effect that nobody carries out."""
        self._by_code = {each.code: each for each in self.executors}
        if unknown := set(EFFECTS) - self._by_code.keys():
            raise TypeError(f"nobody carries out {', '.join(sorted(unknown))}")

    @every(seconds=1)
    def carry_out_effects(self) -> None:
        """Try what is to be tried now."""
        for _ in range(AT_ONCE):
            if not self._try_one(self.clock.now()):
                return

    def _try_one(self, now: datetime) -> bool:
        """Try one; whether there was one. What it did and that it was tried are one transaction, or neither is."""
        tried: Effect | None = None
        try:
            with self.database.transaction() as tx:
                tried = store.due(tx, now)
                if tried is None:
                    return False
                outcome = self._by_code[tried.code].carry_out(tx, tried, cases.get(tx, tried.case_id), now)
                self._keep(tx, rules.after(tried, outcome, now), now)
        except Exception as error:  # one effect's trouble must not keep the others waiting
            if tried is None:
                raise
            logger.exception("an effect was not carried out", case_id=tried.case_id, effect=tried.code)
            self._keep_failure(tried, type(error).__name__, now)
        return True

    @staticmethod
    def _keep(tx: Transaction, effect: Effect, now: datetime) -> None:
        cases.save_effect(tx, effect)
        if effect.confirmed_at is not None:
            confirmed = CaseEffectConfirmed(
                case_id=effect.case_id, decision_id=effect.decision_id, effect=Code(effect.code)
            )
            tx.outbox.add(confirmed, now=now, event_id=effect.id_of(CaseEffectConfirmed.type))

    def _keep_failure(self, tried: Effect, error: str, now: datetime) -> None:
        """Keep that the try failed, unless another process has tried it since."""
        with self.database.transaction() as tx:
            found = store.lock(tx, tried.case_id, tried.decision_id, tried.code)
            if found == tried:
                cases.save_effect(tx, rules.after_failure(tried, error, now))

    @answers(calls.RetryEffect)
    def retry_effect(self, call: calls.RetryEffect, tx: Transaction) -> calls.EffectRetried:
        """Have tried again what was given up."""
        found = store.lock(tx, call.case_id, call.decision_id, call.effect)
        if found is None:
            raise NotFound("no such thing was decided")
        cases.save_effect(tx, rules.begun_again(found, self.clock.now()))
        return calls.EffectRetried(case_id=call.case_id)

    @probe(
        CONTROLLERS_ARE_TOLD,
        RIGHT_TO_COMPLAIN,
        nb="det som er avgjort, men ikke gjennomført",
        en="what is decided and not carried out",
    )
    @alarm("cases_not_carried_out", says="decisions that are not carried out", act="vilkar case list")
    def cases_not_carried_out(self, tx: Transaction, now: datetime) -> Waiting | None:
        """It is tried on by itself, or was given up."""
        return Waiting.of(store.late(tx, now - LATE_AFTER))
